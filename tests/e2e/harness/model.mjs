// The scripted model, as a test sees it from behind: what it was asked, and the gates (`!hold NAME`) that it waits at.
import { until } from "./until.mjs";

/**
 * One request: the last words of a person that began the turn, what was said since, and how far its answer is.
 * @typedef {{ n: number, userText: string, steered: string[], step: number, state: string, heldBy?: string }} Asked
 */

export class Model {
  /**
   * @param {import("./processes.mjs").Program} program
   * @param {string} base
   */
  constructor(program, base) {
    this.program = program;
    this.base = base;
  }

  /** @returns {Promise<Asked[]>} */
  async requests() {
    const response = await fetch(`${this.base}/practice/requests`);
    return /** @type {Promise<Asked[]>} */ (response.json());
  }

  /** Everything that the model was told with the last request, as text. */
  async lastRequestInFull() {
    const response = await fetch(`${this.base}/practice/requests?full=1`);
    const asked = /** @type {{ body: unknown }[]} */ (await response.json());
    return JSON.stringify(asked.at(-1)?.body);
  }

  /**
   * The request that waits at this gate.
   * @param {string} gate
   * @param {number} [milliseconds]
   * @returns {Promise<Asked>}
   */
  async heldAt(gate, milliseconds) {
    const held = async () =>
      (await this.requests()).find((one) => one.state === "held" && one.heldBy === gate);
    return until(`the model waits at ${gate}`, held, milliseconds);
  }

  /** @param {string} gate */
  async release(gate) {
    const body = JSON.stringify({ name: gate });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.base}/practice/release`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(`release ${gate}: ${response.status} ${await response.text()}`);
  }
}
