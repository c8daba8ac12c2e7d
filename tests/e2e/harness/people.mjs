// People beside the first administrator: invited as a page would, and calling with their own cookie or token.
import assert from "node:assert/strict";

import { Api } from "./api.mjs";

/** @typedef {import("./world.mjs").World} World */

/**
 * Signs in with a login link's code; a caller with the cookie.
 * @param {World} world
 * @param {string} code
 */
export async function signIn(world, code) {
  const response = await fetch(`${world.base}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  const api = new Api(world.base, "");
  api.headers = /** @type {any} */ ({ cookie });
  return api;
}

/**
 * A person with a role, who has followed their invitation and is a member of these projects.
 * @param {World} world
 * @param {string} name
 * @param {"admin" | "developer" | "viewer"} role
 * @param {string[]} [projectIds]
 */
export async function invite(world, name, role, projectIds = []) {
  const user = await world.client.post("/api/users", { name, role });
  for (const id of projectIds) await world.client.post(`/api/projects/${id}/members`, { userId: user.id });
  const { code } = await world.client.post(`/api/users/${user.id}/invite`, {});
  const api = await signIn(world, code);
  const program = async (/** @type {object} */ more = {}) => {
    const { token, secret } = await api.post("/api/tokens", { name: `${name}'s program`, ...more });
    return { token, secret, api: new Api(world.base, secret) };
  };
  return { id: /** @type {string} */ (user.id), code, api, program };
}
