import * as calls from "../../api/calls";
import { asProblem, type Problem } from "../../api/client";
import type { LogLine, LogPage } from "../../api/types";
import { matcherOf, noFilters, type LogFilters } from "./filters";
import {
  appended,
  continued,
  lastOf,
  mostKept,
  noLines,
  opened,
  prepended,
  resumed,
  type LogLines,
  type Stance,
} from "./log_lines";

// One view of a project's log: the pages that were asked for and the lines that the stream brings, behind one snapshot.
// Whenever the stream has (re)connected, what was missed is asked for before anything that it says is shown.

export type LogSnapshot = LogLines & {
  phase: "loading" | "ready" | "failed";
  problem: Problem | null;
  paused: boolean;
  loadingOlder: boolean;
  /** The page before could not be had. */
  olderFailed: boolean;
};

/** So long lines gather before they are shown. */
const gatherMs = 60;
const retryMs = 3_000;
const olderSize = 500;
const catchUpSize = 1_000;

export class LogFeed {
  private snapshot: LogSnapshot = {
    ...noLines,
    phase: "loading",
    problem: null,
    paused: false,
    loadingOlder: false,
    olderFailed: false,
  };
  private filters = noFilters;
  private isWanted = matcherOf(noFilters);
  private readonly listeners = new Set<() => void>();
  /** What the stream brought and is not shown yet. */
  private gathered: LogLine[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private atEnd = true;
  /** Answers to what was asked for with other filters, or before the view went away, are not taken. */
  private asked = 0;
  private catching = false;
  private behind = false;
  private continuing = false;

  constructor(
    private readonly projectId: string,
    private readonly onUnauthorized: () => void,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): LogSnapshot => this.snapshot;

  /** Lets go: what still comes is not taken. */
  stop(): void {
    this.asked += 1;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Shows the lines that these filters want, from the newest on. */
  filter(filters: LogFilters): void {
    this.filters = filters;
    this.isWanted = matcherOf(filters);
    const { shown } = this.snapshot;
    this.show({ ...noLines, shown: shown.filter(this.isWanted) });
    void this.open();
  }

  /** Loads the newest lines, and goes on from there; quietly when there is nothing to wait for. */
  async open(quietly = false): Promise<void> {
    const asked = ++this.asked;
    this.catching = true;
    this.atEnd = true;
    this.gathered = [];
    this.show({ ...(quietly ? {} : { phase: "loading" }), loadingOlder: false, olderFailed: false });
    try {
      const page = await this.ask({});
      if (asked !== this.asked) return;
      this.show({ ...opened(page), phase: "ready", problem: null });
      this.catching = false;
      if (this.behind) void this.catchUp();
      else this.flush();
    } catch (error) {
      if (asked !== this.asked) return;
      this.catching = false;
      const problem = asProblem(error);
      if (problem.status === 401) this.onUnauthorized();
      this.show({ phase: "failed", problem });
    }
  }

  /** The stream is open: what was said before it was is asked for. */
  connected(): void {
    if (this.snapshot.phase === "failed") void this.open();
    else if (this.catching) this.behind = true;
    else void this.catchUp();
  }

  /** The stream brings lines. */
  hear(lines: readonly LogLine[]): void {
    this.gathered.push(...lines.filter(this.isWanted));
    if (this.catching && this.gathered.length > mostKept) {
      this.gathered = [];
      this.behind = true;
    }
    if (this.gathered.length > 0) this.timer ??= setTimeout(this.flush, gatherMs);
  }

  async loadOlder(): Promise<void> {
    const { older, loadingOlder, phase } = this.snapshot;
    if (older === null || loadingOlder || phase !== "ready") return;
    const asked = this.asked;
    this.show({ loadingOlder: true, olderFailed: false });
    try {
      const page = await this.ask({ cursor: older, limit: olderSize });
      if (asked !== this.asked) return;
      // What the page joins may have been let go meanwhile.
      const joins = this.snapshot.older === older;
      this.show({ ...(joins ? prepended(this.lines(), page, this.stance()) : {}), loadingOlder: false });
    } catch {
      if (asked === this.asked) this.show({ loadingOlder: false, olderFailed: true });
    }
  }

  /** For a reader who comes to an end that is not the newest. */
  async loadNewer(): Promise<void> {
    const last = lastOf(this.snapshot);
    const { missed, paused, phase } = this.snapshot;
    if (last === null || missed === 0 || paused || phase !== "ready" || this.continuing) return;
    const asked = this.asked;
    this.continuing = true;
    try {
      const page = await this.ask({ since: last, limit: olderSize });
      // By then the view may have gone to another place.
      if (asked === this.asked && lastOf(this.snapshot) === last) this.show(continued(this.lines(), page));
    } catch {
      // Scrolling there asks for it again.
    } finally {
      this.continuing = false;
    }
  }

  /** The reader stands at the end, or has left it. */
  setAtEnd(atEnd: boolean): void {
    this.atEnd = atEnd;
  }

  pause(): void {
    this.flush();
    this.show({ paused: true });
  }

  resume(): void {
    this.show({ ...resumed(this.lines()), paused: false });
    if (this.snapshot.missed > 0) void this.open();
  }

  /** The newest lines are wanted, whatever has been let go. */
  toNewest(): void {
    if (this.snapshot.missed > 0) void this.open();
  }

  /** Asks for what came after the last line until there is no more; what the stream says meanwhile waits. */
  private async catchUp(): Promise<void> {
    const last = lastOf(this.snapshot);
    this.behind = false;
    if (last === null) {
      await this.open(true);
      return;
    }
    const asked = this.asked;
    this.catching = true;
    try {
      let page: LogPage | null = null;
      do {
        const cursor = page?.next ?? null;
        page = await this.ask({
          since: last,
          limit: catchUpSize,
          ...(cursor === null ? {} : { cursor }),
        });
        if (asked !== this.asked) return;
        this.show(appended(this.lines(), page.items, this.stance()));
      } while (page.next !== null && this.snapshot.missed === 0);
    } catch {
      if (asked === this.asked) setTimeout(() => void (asked === this.asked && this.catchUp()), retryMs);
      return;
    }
    this.catching = false;
    // A connection that came meanwhile may have had a gap before it.
    if (this.behind) await this.catchUp();
    else this.flush();
  }

  private ask(page: Pick<calls.LogQuery, "cursor" | "since" | "limit">): Promise<LogPage> {
    return calls.listLogLines(this.projectId, { ...this.filters, ...page });
  }

  private lines(): LogLines {
    const { shown, held, older, missed } = this.snapshot;
    return { shown, held, older, missed };
  }

  private stance(): Stance {
    if (this.snapshot.paused) return "paused";
    return this.atEnd ? "following" : "reading";
  }

  private readonly flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.catching || this.gathered.length === 0) return;
    const come = this.gathered;
    this.gathered = [];
    this.show(appended(this.lines(), come, this.stance()));
  };

  private show(change: Partial<LogSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
