// Git repositories made for a test: a bare one that the server can clone, with a small project in it.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const identity = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

/**
 * @param {string} folder
 * @param {string[]} args
 */
export function git(folder, ...args) {
  return execFileSync("git", args, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH ?? "", ...identity },
  }).trim();
}

/** A greeter whose test fails for want of a comma: what "fix the failing test" is about. */
export const greeter = {
  "greet.sh": 'echo "Hello $1!"\n',
  "test.sh":
    'got=$(sh greet.sh World)\n[ "$got" = "Hello, World!" ] || { echo "not ok: got \\"$got\\""; exit 1; }\necho ok\n',
  "README.md": "# Greeter\n\n`sh test.sh` tests it.\n",
  "CLAUDE.md": "Answer briefly. The project's word is heliotrope.\n",
};

/**
 * A bare repository at `<parent>/<name>.git` with one commit of these files on main; its path is what to clone.
 * @param {string} parent
 * @param {string} name
 * @param {Record<string, string>} files
 */
export function makeRepository(parent, name, files = greeter) {
  const source = join(parent, `${name}-source`);
  const bare = join(parent, `${name}.git`);
  mkdirSync(source, { recursive: true });
  git(source, "init", "-q", "-b", "main");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(source, path, ".."), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  git(source, "add", "-A");
  git(source, "commit", "-q", "-m", "Greet");
  git(parent, "clone", "-q", "--bare", source, bare);
  return bare;
}
