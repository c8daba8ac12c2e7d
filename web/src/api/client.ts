// The one place that talks HTTP to the server. A refusal becomes a Problem, with words that a person can use.

export class Problem extends Error {
  override name = "Problem";
  constructor(
    /** 0 when no answer came at all. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, unknown> = {},
    readonly requestId: string | null = null,
  ) {
    super(message);
  }

  get field(): string | null {
    return typeof this.fields.field === "string" ? this.fields.field : null;
  }
}

const timeoutMs = 30_000;

async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get("X-Request-Id");
  let body: Record<string, unknown> = {};
  try {
    body = (await response.json()) as Record<string, unknown>;
  } catch {
    // A proxy's page in between is no problem document; the status says enough.
  }
  const text = (key: string) => (typeof body[key] === "string" ? body[key] : null);
  const message = text("detail") ?? text("title") ?? `The server answered with ${String(response.status)}.`;
  return new Problem(response.status, text("code") ?? "unknown", message, body, requestId);
}

/** What is sent and how it is named: a file as it is, everything else as JSON. */
function bodyOf(body: unknown): RequestInit {
  if (body === undefined) return {};
  if (body instanceof Blob) return { headers: { "Content-Type": "application/octet-stream" }, body };
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

async function ask(method: string, path: string, body: unknown, limitMs: number): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      signal: AbortSignal.timeout(limitMs),
      ...bodyOf(body),
    });
  } catch {
    throw new Problem(0, "unreachable", "The server cannot be reached.");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** A text as it is. Throws a Problem, and nothing else. */
export async function requestText(path: string): Promise<string> {
  const response = await ask("GET", path, undefined, timeoutMs);
  try {
    return await response.text();
  } catch {
    throw new Problem(response.status, "unreadable", "The server's answer could not be read.");
  }
}

/** Sends one request and gives the decoded answer. Throws a Problem, and nothing else. */
export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  limitMs: number = timeoutMs,
): Promise<T> {
  const response = await ask(method, path, body, limitMs);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem(response.status, "unreadable", "The server's answer could not be read.");
  }
}

/** A path with its parts encoded: path`/api/projects/${id}`. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((text, part, index) => text + part + encodeURIComponent(values[index] ?? ""), "");
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem
    ? error
    : new Problem(0, "unexpected", error instanceof Error ? error.message : String(error));
}
