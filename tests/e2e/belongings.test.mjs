// What a person left in a workspace is theirs: however a session starts there, every file stays as it is, byte for byte.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { processesNaming } from "./harness/processes.mjs";
import { git, greeter } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

/** Changes of every kind in a workspace. @param {string} workspace */
function leaveWork(workspace) {
  const at = (/** @type {string} */ path) => join(workspace, path);
  appendFileSync(at("README.md"), "changed, not staged, no newline");
  appendFileSync(at("CLAUDE.md"), "A rule of mine.\n");
  writeFileSync(at("staged.txt"), "staged\n");
  git(workspace, "add", "staged.txt");
  writeFileSync(at("staged.txt"), "staged, and changed since\n");
  git(workspace, "rm", "-q", "test.sh");
  mkdirSync(at("new folder/deep"), { recursive: true });
  writeFileSync(at("new folder/deep/untracked é.bin"), Buffer.from([0, 1, 255, 10, 13]));
  chmodSync(at("new folder/deep/untracked é.bin"), 0o640);
  writeFileSync(at("my.log"), "ignored\n");
  mkdirSync(at("node_modules/mine"), { recursive: true });
  writeFileSync(at("node_modules/mine/index.js"), "ignored, too\n");
  mkdirSync(at(".claude"));
  writeFileSync(at(".claude/settings.local.json"), "{}\n");
  symlinkSync("README.md", at("link to a file"));
  symlinkSync("/etc", at("link out of here"));
  symlinkSync("nowhere", at("link to nothing"));
  git(workspace, "stash", "push", "-q", "greet.sh");
}

/**
 * Everything of a person's: each file's kind, mode, link and hash, the index byte for byte, branches, stashes and what git says of it.
 * @param {string} workspace
 */
function belongings(workspace) {
  const look = [
    "find . -path ./.git -prune -o -printf '%p %y %m %l\\n' | sort",
    "find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum",
    "sha256sum .git/index .git/config .git/HEAD",
    "git show-ref --heads; git stash list",
    "git --no-optional-locks status --porcelain=v2 --ignored",
  ];
  return execFileSync("sh", ["-ec", look.join("\n")], { cwd: workspace, encoding: "utf8" });
}

/** Ends server, runners and agents at once, as a power cut does. @param {World} world */
async function killEverything(world) {
  await world.killServer();
  const left = () => processesNaming(world.folder).filter((line) => !line.includes("practice-model"));
  await until("everything is dead", () => {
    const lines = left();
    spawnSync("kill", ["-9", ...lines.map((line) => String(Number.parseInt(line, 10)))]);
    return lines.length === 0;
  });
}

/**
 * A person's words into a thread, with or without a session there, until they are answered; that session.
 * @param {World} world
 * @param {{ projectId: string, threadId: string }} place
 * @param {string} word
 */
async function talk(world, place, word) {
  const content = `!reply ${word}`;
  const { runId } = await world.client.post(`/api/threads/${place.threadId}/messages`, { content });
  const session = new Session(world, { ...place, runId });
  await session.idle(await session.answer(word));
  return session;
}

/** @type {Record<string, (world: World, session: Session) => Promise<unknown>>} */
const starts = {
  "another session starts": async (world, session) => {
    await session.end();
    const again = await Session.start(world, session.projectId, "!reply second");
    await again.answer("second");
  },
  "everything was killed": async (world, session) => {
    await killEverything(world);
    await world.startServer();
    await talk(world, session, "after the power cut");
  },
  "a set-up is killed and begins again": async (world, session) => {
    await session.end();
    const again = await Session.start(world, session.projectId, "!reply begun again");
    await again.stream.message("the set-up has begun", (one) => one.setup?.step === "fetch");
    await killEverything(world);
    await world.startServer();
    again.follow();
    await again.answer("begun again");
  },
  "a chat begins beside the session": async (world, { projectId }) => {
    const thread = await world.client.post("/api/agents/miso/threads", { projectId, mode: "chat" });
    await talk(world, { projectId, threadId: thread.threadId }, "only looking");
  },
  "the mode is switched, there and back": async (world, session) => {
    const path = `/api/agents/nori/threads/${session.threadId}`;
    for (const mode of ["chat", "work"]) {
      assert.equal((await world.client.call("PATCH", path, { mode })).status, 200);
      await talk(world, session, `now ${mode}`);
    }
  },
};

for (const [how, startAgain] of Object.entries(starts)) {
  test(`all that a person left is there, byte for byte: ${how}`, async (t) => {
    const world = await startWorld(t);
    const files = { ...greeter, ".gitignore": "*.log\nnode_modules/\n" };
    const project = await world.project("greeter", files);
    const session = await Session.start(world, project.id, "!reply first");
    await session.idle(await session.answer("first"));
    appendFileSync(join(session.workspace, "greet.sh"), "echo stashed\n");
    leaveWork(session.workspace);
    const before = belongings(session.workspace);

    await startAgain(world, session);
    assert.equal(belongings(session.workspace), before);
  });
}
