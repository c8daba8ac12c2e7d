// A work session as a program drives it: a thread, its run, the run's stream.

/** @typedef {import("./world.mjs").World} World */

export class Session {
  /**
   * @param {World} world
   * @param {{ projectId: string, threadId: string, runId: string }} ids
   */
  constructor(world, { projectId, threadId, runId }) {
    this.world = world;
    this.projectId = projectId;
    this.threadId = threadId;
    this.runId = runId;
    this.workspace = world.workspace(projectId);
    this.stream = world.client.follow(runId);
  }

  /**
   * Starts one with nori in a project, in a thread of its own.
   * @param {World} world
   * @param {string} projectId
   * @param {string} prompt
   * @param {{ permissionMode?: string }} [settings]
   */
  static async start(world, projectId, prompt, settings = {}) {
    const { threadId } = await world.client.post("/api/agents/nori/threads", { projectId, mode: "work" });
    const body = { projectId, threadId, prompt, ...settings };
    const { runId } = await world.client.post("/api/agents/nori/work-sessions", body);
    return new Session(world, { projectId, threadId, runId });
  }

  /**
   * What a person writes into the thread; the stored message.
   * @param {string} content
   */
  async say(content) {
    const { message } = await this.world.client.post(`/api/threads/${this.threadId}/messages`, { content });
    return message;
  }

  /**
   * The receipt of a message: the agent has it.
   * @param {string} messageId
   */
  async received(messageId) {
    const receipt = (/** @type {import("./api.mjs").StreamEvent} */ one) =>
      one.event === "message-updated" && one.data.id === messageId && Boolean(one.data.deliveredAt);
    return this.stream.next(`a receipt for ${messageId}`, receipt);
  }

  /**
   * The agent's stored words that begin so; the scripted model may add what it heard meanwhile.
   * @param {string} content
   * @param {{ milliseconds?: number }} [options]
   */
  async answer(content, options) {
    return this.stream.message(
      `the agent answers "${content}"`,
      (one) => one.sender === "agent" && one.content.startsWith(content),
      options,
    );
  }

  /**
   * The end of the turn that goes on, or the next one after an event.
   * @param {import("./api.mjs").StreamEvent} [after]
   */
  async idle(after) {
    const ended = (/** @type {import("./api.mjs").StreamEvent} */ one) =>
      (one.event === "state" || one.event === "run-status") && one.data.busy === false;
    return this.stream.next("the turn is over", ended, { after });
  }

  /** The stored conversation, from the server that runs now. */
  async history() {
    return this.world.client.get(`/api/threads/${this.threadId}/messages`);
  }

  /** What the stored conversation says went wrong. */
  async errors() {
    return (await this.history()).filter((/** @type {any} */ one) => one.type === "error");
  }

  /** Reads on where the stream broke off: a server was restarted. */
  follow() {
    const since = this.stream.events.findLast((one) => one.id)?.id;
    this.stream = this.world.client.follow(this.runId, since ? { since } : {});
  }

  async end() {
    await this.world.client.delete(`/api/work-sessions/${this.runId}`);
    await this.stream.next("the run ends", (one) => one.event === "close");
  }
}
