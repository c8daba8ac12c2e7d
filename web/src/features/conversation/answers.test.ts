import { afterEach, describe, expect, it, vi } from "vitest";
import type { Permission } from "../../api/types";
import { Chat } from "../../stream/chat";
import { answersOf } from "./answers";

const request: Permission = {
  requestId: "r",
  runId: "run",
  kind: "tool",
  tool: "Bash",
  toolUseId: "t",
  input: {},
  status: "pending",
  requestedAt: "2026-01-31T09:05:00.000000Z",
  expiresAt: "2026-02-01T09:05:00.000000Z",
};

function chatThatAsks(): Chat {
  const chat = new Chat("thread", () => undefined);
  chat.learn({ ...request, type: "permission-request" });
  return chat;
}

function answering(status: number, body: unknown): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(body), { status })));
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("an answer to a request", () => {
  it("ends it here without waiting for the stream", async () => {
    const chat = chatThatAsks();
    answering(200, { ...request, status: "allowed", scope: "once" });
    expect(await answersOf(chat)(request, { behavior: "allow" })).toBeNull();
    const { permissions, consents } = chat.getSnapshot().conversation;
    expect(permissions).toEqual([]);
    expect(consents.t).toMatchObject({ status: "allowed", scope: "once" });
  });

  it("that comes second takes the first one's and makes no noise", async () => {
    const chat = chatThatAsks();
    const first = { ...request, status: "denied" };
    answering(409, { code: "already_answered", detail: "It is no longer pending.", permission: first });
    expect(await answersOf(chat)(request, { behavior: "allow" })).toBeNull();
    expect(chat.getSnapshot().conversation.consents.t).toMatchObject({ status: "denied" });
  });

  it("that does not arrive leaves the request where it is and says why", async () => {
    const chat = chatThatAsks();
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("connection refused")));
    expect(await answersOf(chat)(request, { behavior: "allow" })).toBe("The server cannot be reached.");
    expect(chat.getSnapshot().conversation.permissions).toHaveLength(1);
  });
});
