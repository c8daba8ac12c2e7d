// No page has a serious fault that axe can find, in either theme, at the desk and on the phone.
import assert from "node:assert/strict";
import { test } from "node:test";

import axe from "axe-core";

import { sizes } from "./harness/browser.mjs";
import { invite } from "./harness/people.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./harness/world.mjs").World} World */

/**
 * What axe finds on a page: "rule: where, why".
 * @param {Page} page
 */
async function faults(page) {
  // A fade that is not over would be measured as faint text.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
        .map((one) => one.finished.catch(() => {})),
    ),
  );
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const run = /** @type {typeof import("axe-core")} */ (/** @type {any} */ (window).axe).run;
    return (await run(document, { resultTypes: ["violations"] })).violations;
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
    );
}

/**
 * Every page that a person comes to, with what must stand there first.
 * @param {{ projectId: string, threadId: string }} ids
 * @returns {[string, (page: Page) => import("playwright-core").Locator][]}
 */
const placesOf = ({ projectId, threadId }) => [
  ["/", (page) => page.getByRole("region", { name: "Projects" })],
  ["/settings", (page) => page.getByRole("region", { name: "Server" }).getByText("Ready")],
  [
    `/projects/${projectId}?chat=${threadId}`,
    (page) => page.getByRole("complementary").getByText("touch one.txt"),
  ],
  [`/projects/${projectId}/agents/nori`, (page) => page.getByText(/brisk, cheerful and practical/)],
  [`/projects/${projectId}/features`, (page) => page.getByRole("heading", { name: "No board yet" })],
  [`/projects/${projectId}/logs`, (page) => page.getByRole("log").getByText("a warning of toro’s")],
  [`/projects/${projectId}/logs?q=warn&level=warn`, (page) => page.getByRole("log").locator("mark")],
  [`/projects/${projectId}/logs?q=nowhere`, (page) => page.getByRole("button", { name: "Clear filters" })],
  [`/projects/${projectId}/settings`, (page) => page.getByRole("region", { name: "Always allowed" })],
  [`/projects/${projectId}/threads`, (page) => page.getByRole("complementary", { name: "Threads" })],
  [`/projects/${projectId}/threads/${threadId}`, (page) => page.getByRole("region", { name: /^Nori asks/ })],
  [
    `/projects/${projectId}/threads?compose=true`,
    (page) => page.getByRole("heading", { name: /What should/ }),
  ],
];

for (const theme of /** @type {const} */ (["dark", "light"])) {
  test(`axe finds nothing serious on any page, ${theme}`, async (t) => {
    const world = await startWorld(t);
    const browser = await world.browser();
    /** @type {string[]} */
    const found = [];
    const look = async (/** @type {Page} */ page, /** @type {string} */ place) => {
      found.push(...(await faults(page)).map((fault) => `${place}: ${fault}`));
    };
    const stranger = await browser.page({ theme });
    await stranger.goto(world.base);
    await stranger.getByRole("heading", { name: "Sign in to Omakase" }).waitFor();
    await look(stranger, "signing in");
    const newcomer = await browser.login("/", { theme });
    await newcomer.getByRole("heading", { name: "Four cooks, an empty counter" }).waitFor();
    await look(newcomer, "no projects yet");

    const project = await world.project("greeter");
    for (const name of ["Ana", "Ben"]) await invite(world, name, "viewer", [project.id]);
    const prompt =
      '!tool Bash {"command": "ls"}\n' +
      "!reply # A heading\\n\\nA [link](https://example.com), `code` and a list:\\n\\n- one\\n\\n```js\\nlet a = 1;\\n```\n" +
      '!tool Bash {"command": "touch one.txt"}';
    const { runId, threadId } = await world.client.post("/api/agents/nori/work-sessions", {
      projectId: project.id,
      prompt,
      permissionMode: "ask",
    });
    const session = new Session(world, { projectId: project.id, threadId, runId });
    await session.stream.next("the agent asks", (one) => one.event === "permission-request");
    const outside = await world.client.post("/api/agent-runs", {
      projectId: project.id,
      agentName: "toro",
      threadId: (await world.client.post("/api/agents/toro/threads", { projectId: project.id })).threadId,
    });
    await world.client.post(`/api/agent-runs/${outside.run.id}/log`, [
      { message: "a warning of toro’s", level: "warn", source: "pytest" },
      { message: `a warning that is long, ${"very ".repeat(100)}long`, level: "error" },
      { message: "and nothing else" },
    ]);
    for (const size of [sizes.desk, sizes.phone]) {
      const page = await browser.login("/", { theme, size });
      for (const [place, ready] of placesOf({ projectId: project.id, threadId })) {
        if (size === sizes.phone && place.endsWith("/threads")) continue;
        await page.goto(world.base + place);
        await ready(page).first().waitFor();
        await look(page, `${place} at ${size.width}`);
      }
      if (size === sizes.phone) continue;
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
      await look(page, "the keyboard sheet");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").getByRole("option").first().waitFor();
      await look(page, "the palette");
    }
    assert.deepEqual(found, []);
  });
}
