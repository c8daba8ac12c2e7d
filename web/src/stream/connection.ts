// One EventSource with a reconnect policy of our own: the first try at once, then doubling to 30 s with jitter;
// a connect that takes over 10 s counts as failed; a stream that has fallen silent is not believed.
// start() opens, stop() ends for good; a stream that the server will not open again stops it too.

export type ConnectionState =
  | { phase: "connecting"; downSince: number | null }
  | { phase: "open" }
  | { phase: "waiting"; downSince: number; retryAt: number }
  | { phase: "stopped" };

/** What a refused connection means: `retry` when the server may take it later. */
export type Refusal = "retry" | "stop";

export type ConnectionOptions = {
  /** The address to open, asked anew at each try so that it goes on after the last event that was applied. */
  url: () => string;
  /** What an event carries; only pings have a name, and are not handed on. */
  onData: (data: string) => void;
  onState: (state: ConnectionState) => void;
  /** Called when a connection could not be opened or broke: an EventSource does not tell why. */
  explain: () => Promise<Refusal>;
  random?: () => number;
};

const connectTimeoutMs = 10_000;
const longestWaitMs = 30_000;
/** One and a half heartbeats of the server, and some air. */
const silenceMs = 45_000;

export class Connection {
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private downSince: number | null = null;
  private heardAt = 0;
  /** A server that sends pings must go on sending them. */
  private pings = false;
  private stopped = false;

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    this.open();
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.drop();
    this.options.onState({ phase: "stopped" });
  }

  /** Opens the address as it is now in the place of the one that is open. */
  reopen(): void {
    if (!this.stopped) this.open();
  }

  /** Tries now instead of at the end of the wait. */
  retryNow(): void {
    if (!this.stopped && this.source === null) this.open();
  }

  /** Somebody looks again, or the network is back: a wait is over, and a stream that fell silent is not believed. */
  wake(): void {
    if (this.source === null) this.retryNow();
    else if (this.silent()) this.fail(this.source);
  }

  private silent(): boolean {
    return Date.now() - this.heardAt > silenceMs;
  }

  private open(): void {
    this.drop();
    this.options.onState({ phase: "connecting", downSince: this.downSince });
    const source = new EventSource(this.options.url());
    this.source = source;
    this.pings = false;
    this.timer = setTimeout(() => {
      this.fail(source);
    }, connectTimeoutMs);
    source.onopen = () => {
      this.opened(source);
    };
    source.onerror = () => {
      this.fail(source);
    };
    source.addEventListener("message", (event: MessageEvent<string>) => {
      if (source !== this.source) return;
      this.heardAt = Date.now();
      this.options.onData(event.data);
    });
    source.addEventListener("ping", () => {
      if (source !== this.source) return;
      this.heardAt = Date.now();
      this.pings = true;
    });
  }

  private opened(source: EventSource): void {
    if (source !== this.source) return;
    this.failures = 0;
    this.downSince = null;
    this.heardAt = Date.now();
    this.watch(source);
    this.options.onState({ phase: "open" });
  }

  private watch(source: EventSource): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.pings && this.silent()) this.fail(source);
      else this.watch(source);
    }, silenceMs);
  }

  private fail(source: EventSource): void {
    if (source !== this.source) return;
    this.drop();
    this.downSince ??= Date.now();
    this.options.onState({ phase: "connecting", downSince: this.downSince });
    const first = this.failures === 0;
    const wait = first ? 0 : Math.min(longestWaitMs, 500 * 2 ** this.failures);
    this.failures += 1;
    void this.options.explain().then((refusal) => {
      if (this.stopped || this.source !== null) return;
      if (refusal === "stop") this.stop();
      else this.waitFor(wait);
    });
  }

  private waitFor(wait: number): void {
    const jittered = wait * (0.75 + (this.options.random ?? Math.random)() * 0.5);
    const retryAt = Date.now() + jittered;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.open();
    }, jittered);
    this.options.onState({ phase: "waiting", downSince: this.downSince ?? Date.now(), retryAt });
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}
