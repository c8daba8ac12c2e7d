import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { describe, filesUnder, generate } from "./embed_assets.mjs";

const page = Buffer.from("<!doctype html>" + "<p>the same again</p>".repeat(50));

test("a file is carried as it is and, where that is smaller, compressed", () => {
  const file = describe("index.html", page);
  assert.deepEqual(gunzipSync(file.gzip), page);
  assert.deepEqual(brotliDecompressSync(file.brotli), page);
  assert.ok(file.brotli.length < file.gzip.length && file.gzip.length < page.length);
  assert.equal(file.contentType, "text/html; charset=utf-8");

  const tiny = describe("tiny.txt", Buffer.from("x"));
  assert.equal(tiny.gzip.length, 0);
  assert.equal(tiny.brotli.length, 0);
});

test("the tag follows the content, and only a name made from the content is kept for ever", () => {
  assert.notEqual(describe("a.css", Buffer.from("a{}")).etag, describe("a.css", Buffer.from("b{}")).etag);
  assert.match(describe("a.css", page).etag, /^"[0-9a-f]{16}"$/);
  assert.equal(describe("assets/index-D4fXa_1z.js", page).immutable, true);
  assert.equal(describe("index.html", page).immutable, false);
});

test("a kind of file that browsers would have to guess stops the build", () => {
  assert.throws(() => describe("assets/picture.bmp", page), /no content type is known for \.bmp/);
});

test("files come sorted, from sub-folders too", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "embed-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "roles/coder"), { recursive: true });
  for (const name of ["work.sh", "roles/coder/CLAUDE.md"]) writeFileSync(join(folder, name), name);
  assert.deepEqual(filesUnder(folder), ["roles/coder/CLAUDE.md", "work.sh"]);
});

test("every row points at its own bytes in the blob", () => {
  const files = [describe("a.html", page), describe("b.txt", Buffer.from("b"))];
  const { source, blob } = generate({ web: files, scripts: [] }, "/some where/blob.bin");
  const rows = [...source.matchAll(/bytes \+ (\d+), (\d+)\}/g)].map(([, at, size]) =>
    blob.subarray(+at, +at + +size),
  );
  assert.deepEqual(rows, [files[0].identity, files[0].gzip, files[0].brotli, files[1].identity]);
  assert.match(source, /embedded_scripts\(\) \{\n {2}return \{\};/);
});

test("of the checkout's own files none gets into the product", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "embed-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["README.md", "setup", "work-setup.sh"]) writeFileSync(join(folder, name), name);
  const out = join(folder, "out.cc");
  const program = fileURLToPath(new URL("embed_assets.mjs", import.meta.url));
  execFileSync(process.execPath, [program, "--out", out, "--blob", `${folder}.bin`, "--scripts", folder]);
  t.after(() => rmSync(`${folder}.bin`));
  const source = readFileSync(out, "utf8");
  assert.match(source, /"work-setup\.sh"/);
  assert.doesNotMatch(source, /README|"setup"/);
});
