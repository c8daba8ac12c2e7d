// What the page shows of an agent's work: every difference between the workspace and the branch it left, and the same as a patch.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { git, greeter, makeRepository } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

const bash = (/** @type {string} */ command) => `!tool Bash ${JSON.stringify({ command })}`;

/**
 * The changes by path.
 * @param {any} changes
 * @returns {Record<string, any>}
 */
const byPath = (changes) =>
  Object.fromEntries(changes.files.map((/** @type {any} */ file) => [file.path, file]));

/**
 * Every file of a folder with its kind, mode, content and times.
 * @param {string} folder
 */
const everything = (folder) =>
  execFileSync(
    "sh",
    ["-c", 'find . -printf "%p %M %l %T@\\n" | sort; find . -type f -exec sha256sum {} + | sort'],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );

/**
 * @param {Session} session
 */
async function download(session) {
  const { base, headers } = session.world.client;
  const response = await fetch(`${base}/api/work-sessions/${session.runId}/diff?format=patch`, { headers });
  return { response, patch: Buffer.from(await response.arrayBuffer()) };
}

test("what the agent changed, added, deleted, renamed and committed is shown, and its patch makes the same of a clone", async (t) => {
  const world = await startWorld(t);
  const files = { ...greeter, "notes.txt": "one\ntwo\nthree\nfour\nfive\n", "old.txt": "gone soon\n" };
  const project = await world.project("greeter", files);
  const commands = [
    "sed -i 's/Hello /Hello, /' greet.sh && git -c user.name=n -c user.email=n@e commit -qam 'Greet with a comma'",
    "printf 'brand new\\n' > 'new file.txt' && rm old.txt && mv notes.txt renamed.txt && chmod +x greet.sh",
    "printf 'a\\0b' > picture.bin && printf 'no newline' > '--odd\"name' && printf 'secret\\n' > ignored && echo ignored > .gitignore",
  ];
  const session = await Session.start(world, project.id, `${commands.map(bash).join("\n")}\n!reply done`);
  await session.answer("done");
  const before = everything(session.workspace);

  const changes = await world.client.get(`/api/work-sessions/${session.runId}/diff`);
  assert.equal(changes.base.ref, "origin/main");
  assert.equal(changes.branch, "main");
  assert.equal(changes.localCommits, 1);
  assert.notEqual(changes.commit, changes.base.commit);
  const changed = byPath(changes);
  const kinds = Object.entries(changed).map(([path, file]) => `${file.status} ${path}`);
  assert.deepEqual(kinds, [
    'added --odd"name',
    "added .gitignore",
    "modified greet.sh",
    "added new file.txt",
    "deleted old.txt",
    "added picture.bin",
    "renamed renamed.txt",
  ]);
  assert.equal(changed["greet.sh"].patch, '@@ -1 +1 @@\n-echo "Hello $1!"\n+echo "Hello, $1!"\n');
  assert.deepEqual([changed["greet.sh"].additions, changed["greet.sh"].deletions], [1, 1]);
  assert.equal(changed["renamed.txt"].oldPath, "notes.txt");
  assert.equal(changed["picture.bin"].binary, true);
  assert.match(changed['--odd"name'].patch, /^\+no newline\n\\ No newline at end of file$/m);
  assert.equal(changes.fileCount, 7);

  const { response, patch } = await download(session);
  assert.match(response.headers.get("content-type") ?? "", /^text\/x-patch/);
  assert.match(response.headers.get("content-disposition") ?? "", /^attachment; filename="[^"]+\.patch"$/);
  const clone = join(mkdtempSync(join(world.folder, "clone-")), "clone");
  git(world.folder, "clone", "-q", project.repoUrl, clone);
  const file = join(world.folder, "session.patch");
  writeFileSync(file, patch);
  git(clone, "apply", file);
  for (const path of Object.keys(changed).filter((one) => one !== "old.txt")) {
    assert.deepEqual(readFileSync(join(clone, path)), readFileSync(join(session.workspace, path)), path);
  }
  assert.equal(statSync(join(clone, "greet.sh")).mode & 0o111, 0o111);
  assert.throws(() => statSync(join(clone, "old.txt")));
  assert.equal(everything(session.workspace), before, "looking changes nothing");

  await session.end();
  const afterwards = await world.client.get(`/api/work-sessions/${session.runId}/diff`);
  assert.deepEqual(byPath(afterwards), changed, "the same when the session has ended");
});

for (const sandbox of ["on", "off"])
  test(`a workspace made to run commands runs none when it is looked at (sandbox ${sandbox})`, async (t) => {
    const world = await startWorld(t, { serve: ["--sandbox", sandbox] });
    const project = await world.project("greeter");
    const session = await Session.start(world, project.id, "!reply here");
    await session.answer("here");
    const trap = join(session.workspace, "trap.sh");
    writeFileSync(
      trap,
      `#!/bin/sh\necho "$0" >> ${session.workspace}/../ran\necho "$0" >> ${session.workspace}/ran\necho TRAPPED\ncat "$@"\n`,
    );
    chmodSync(trap, 0o755);
    for (const key of [
      "core.fsmonitor",
      "core.pager",
      "core.sshCommand",
      "diff.external",
      "diff.trap.command",
      "diff.trap.textconv",
      "filter.trap.clean",
      "filter.trap.process",
      "credential.helper",
    ]) {
      git(session.workspace, "config", key, trap);
    }
    git(session.workspace, "config", "filter.trap.required", "true");
    git(session.workspace, "config", "core.hooksPath", session.workspace);
    git(session.workspace, "config", "color.ui", "always");
    git(session.workspace, "config", "diff.noprefix", "true");
    for (const hook of ["post-index-change", "reference-transaction"])
      symlinkSync(trap, join(session.workspace, hook));
    writeFileSync(join(session.workspace, ".gitattributes"), "* filter=trap diff=trap\n");
    writeFileSync(join(session.workspace, "greet.sh"), 'echo "Changed"\n');
    symlinkSync("/etc/passwd", join(session.workspace, "outside"));
    const before = everything(session.workspace);

    const changes = await world.client.get(`/api/work-sessions/${session.runId}/diff`);
    const changed = byPath(changes);
    assert.equal(changed["greet.sh"].patch, '@@ -1 +1 @@\n-echo "Hello $1!"\n+echo "Changed"\n');
    assert.match(changed["outside"].patch, /^\+\/etc\/passwd$/m, "where the link points, not what is there");
    const { response } = await download(session);
    assert.equal(response.status, 200);
    assert.equal(everything(session.workspace), before, "nothing was written");
    assert.equal(existsSync(join(session.workspace, "../ran")), false, "no command ran");
  });

test("what cannot be compared is said: no such session, another format, no workspace, a broken repository", async (t) => {
  const world = await startWorld(t);
  const unknown = await world.client.call("GET", "/api/work-sessions/unknown/diff");
  assert.deepEqual([unknown.status, unknown.body.code], [404, "session_not_found"]);

  const missing = await world.client.post("/api/projects", {
    name: "missing",
    repoUrl: join(world.folder, "nothing.git"),
  });
  const failed = await Session.start(world, missing.id, "!reply never");
  await failed.stream.next("the run ends", (one) => one.event === "close");
  const early = await world.client.call("GET", `/api/work-sessions/${failed.runId}/diff`);
  assert.deepEqual([early.status, early.body.code], [409, "no_workspace"]);

  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply here");
  await session.answer("here");
  const odd = await world.client.call("GET", `/api/work-sessions/${session.runId}/diff?format=html`);
  assert.deepEqual([odd.status, odd.body.code], [400, "invalid_format"]);
  writeFileSync(join(session.workspace, ".git/config"), "[core\n");
  const broken = await world.client.call("GET", `/api/work-sessions/${session.runId}/diff`);
  assert.deepEqual([broken.status, broken.body.code], [503, "diff_failed"]);
  assert.match(broken.body.detail, /bad config/);
});

test("a repository without a commit shows everything as added", async (t) => {
  const world = await startWorld(t);
  const bare = join(world.folder, "empty.git");
  mkdirSync(bare);
  git(bare, "init", "-q", "--bare", "-b", "main");
  const project = await world.client.post("/api/projects", { name: "empty", repoUrl: bare });
  const session = await Session.start(world, project.id, `${bash("echo first > first.txt")}\n!reply done`);
  await session.answer("done");
  const changes = await world.client.get(`/api/work-sessions/${session.runId}/diff`);
  assert.deepEqual(
    [changes.base, changes.commit, changes.localCommits, changes.branch],
    [null, null, 0, "main"],
  );
  assert.deepEqual(
    changes.files.map((/** @type {any} */ file) => [file.status, file.path, file.patch]),
    [["added", "first.txt", "@@ -0,0 +1 @@\n+first\n"]],
  );
});

test("thousands of new files are counted, and the first thousand shown", async (t) => {
  const world = await startWorld(t);
  const repoUrl = makeRepository(world.folder, "large");
  const project = await world.client.post("/api/projects", { name: "large", repoUrl });
  const session = await Session.start(world, project.id, "!reply here");
  await session.answer("here");
  const many = join(session.workspace, "many");
  mkdirSync(many);
  for (let at = 0; at < 12_000; ++at) writeFileSync(join(many, `file-${at}`), `line ${at}\n`);
  writeFileSync(join(session.workspace, "long.txt"), "a line of a long file\n".repeat(100_000));
  writeFileSync(join(session.workspace, "zeros"), Buffer.alloc(100 << 20));
  const changes = await world.client.get(`/api/work-sessions/${session.runId}/diff`);
  assert.equal(changes.fileCount, 12_002);
  assert.equal(changes.additions, 112_000);
  assert.equal(changes.files.length, 1000);
  const { truncated, patch } = byPath(changes)["long.txt"];
  assert.equal(truncated, true);
  assert.ok(patch.length > 250_000 && patch.length <= 256 << 10, `${patch.length}`);
});

test("a chat is shown the changes of the workspace that it reads, whoever made them, and looking leaves them as they are", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const talk = async (
    /** @type {string} */ agent,
    /** @type {string} */ mode,
    /** @type {string} */ content,
  ) => {
    const { threadId } = await world.client.post(`/api/agents/${agent}/threads`, {
      projectId: project.id,
      mode,
    });
    const { runId } = await world.client.post(`/api/threads/${threadId}/messages`, { content });
    return new Session(world, { projectId: project.id, threadId, runId });
  };
  const diff = async (/** @type {Session} */ { runId }) =>
    world.client.call("GET", `/api/work-sessions/${runId}/diff`);

  const chat = await talk("miso", "chat", "!reply I look");
  await chat.answer("I look");
  const untouched = await diff(chat);
  assert.equal(untouched.status, 200);
  assert.deepEqual([untouched.body.base.ref, untouched.body.files], ["origin/main", []]);

  const work = await talk(
    "nori",
    "work",
    `${bash("echo more >> README.md; echo new > new.txt")}\n!reply done`,
  );
  await work.answer("done");
  const before = everything(work.workspace);
  const seen = await diff(chat);
  assert.deepEqual(Object.keys(byPath(seen.body)), ["README.md", "new.txt"]);
  assert.deepEqual(seen.body, (await diff(work)).body, "the workspace is one");
  const { response, patch } = await download(chat);
  assert.equal(response.status, 200);
  assert.match(String(patch), /^\+more$/m);
  await chat.end();
  assert.deepEqual((await diff(chat)).body, seen.body, "also after its end");
  assert.equal(everything(work.workspace), before);

  const repoUrl = join(world.folder, "gone.git");
  const gone = await world.client.post("/api/projects", { name: "gone", repoUrl });
  const { threadId } = await world.client.post("/api/agents/miso/threads", {
    projectId: gone.id,
    mode: "chat",
  });
  const { runId } = await world.client.post(`/api/threads/${threadId}/messages`, { content: "hello" });
  const failed = new Session(world, { projectId: gone.id, threadId, runId });
  await failed.stream.next("the set-up fails", (one) => one.event === "close");
  const nothing = await diff(failed);
  assert.deepEqual([nothing.status, nothing.body.code], [409, "no_workspace"]);
});
