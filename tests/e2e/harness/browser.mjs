// Debian's Chromium, headless, driven by Playwright: its own profile, no network but the server under test.
import assert from "node:assert/strict";
import { join } from "node:path";

import { chromium } from "playwright-core";

/** @typedef {import("playwright-core").Page} Page */

export const sizes = {
  desk: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

export class Browser {
  /** Addresses outside the server that a page asked for: there should be none. @type {string[]} */
  foreign = [];
  /** What pages complained about on their console. @type {string[]} */
  complaints = [];

  /**
   * @param {import("playwright-core").Browser} chromium
   * @param {import("./world.mjs").World} world
   */
  constructor(chromium, world) {
    this.chromium = chromium;
    this.world = world;
  }

  /** @param {import("./world.mjs").World} world */
  static async launch(world) {
    const started = await chromium.launch({
      executablePath: process.env.OMAKASE_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-dev-shm-usage"],
      env: world.environment,
    });
    return new Browser(started, world);
  }

  /**
   * A person with a browser of their own, not yet logged in.
   * @param {{ size?: { width: number, height: number }, theme?: "light" | "dark", touch?: boolean }} [options]
   * @returns {Promise<Page>}
   */
  async page({ size = sizes.desk, theme = "dark", touch = false } = {}) {
    const context = await this.chromium.newContext({ viewport: size, locale: "en-GB", hasTouch: touch });
    // What the page's own switch leaves behind; it does not follow the system.
    await context.addInitScript((chosen) => localStorage.setItem("omakase.theme", chosen), theme);
    context.setDefaultTimeout(20_000);
    await context.route(
      (url) => url.origin !== this.world.base && url.protocol.startsWith("http"),
      (route) => {
        this.foreign.push(route.request().url());
        return route.abort();
      },
    );
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (line) => {
      if (line.type() === "error") this.complaints.push(line.text());
    });
    return page;
  }

  /** A page that has used a fresh login link and stands at `path`. */
  async login(path = "/", /** @type {Parameters<Browser["page"]>[0]} */ options = {}) {
    const page = await this.page(options);
    const { lines } = await this.world.omakase("login-link");
    const code = lines.join("\n").match(/#login=(\S+)/)?.[1];
    assert.ok(code, `omakase login-link printed: ${lines.join("\n")}`);
    const answered = page.waitForResponse((response) => response.url().endsWith("/api/login"));
    await page.goto(`${this.world.base}${path}#login=${code}`);
    await answered;
    await page.waitForURL((url) => !url.hash.includes("login"));
    return page;
  }

  /**
   * A picture for people to look at, in the artifacts of this test.
   * @param {Page} page
   * @param {string} name
   */
  async screenshot(page, name) {
    await page.screenshot({ path: join(this.world.artifacts, `${name}.png`), animations: "disabled" });
  }

  /** Every page that is open. */
  pages() {
    return this.chromium.contexts().flatMap((context) => context.pages());
  }

  async close() {
    await this.chromium.close();
    assert.deepEqual(this.foreign, [], "the page asked for nothing outside the server");
  }
}
