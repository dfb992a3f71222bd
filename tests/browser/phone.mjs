/**
 * Phones for tests: pages of Debian's Chromium, driven line by line over stdin. Each page is a phone of its
 * own, with its own storage. One answer a line: `ok`, `ok TEXT` or `error …`. Run it from where `install`
 * put it; `--dark` draws the pages by night.
 *
 *   open PAGE URL             opens a page, or loads another address in it
 *   plain PAGE URL            the same on a page that runs no script
 *   see PAGE SECONDS TEXT     waits until the page shows TEXT
 *   gone PAGE SECONDS TEXT    waits until it does not
 *   press PAGE BUTTON         presses the button of that name
 *   follow PAGE LINK          follows the link of that name
 *   pictured PAGE TEXT        waits until the picture of that description is drawn
 *   played PAGE TEXT          waits until a film of that name could play
 *   fill PAGE LABEL=TEXT      writes into the field of that label
 *   text PAGE                 what the page shows, line breaks as ⏎
 *   shot PAGE FILE.png        draws the page from its top
 *   offline PAGE yes|no       takes the page off the network, or back
 *   tab PAGE OTHER            opens OTHER as a second tab of the same browser, at PAGE's first address
 *   close PAGE
 *   quit
 */

import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const VIEWPORT = { width: 390, height: 844 };
/** The tallest picture, in pixels of the page: a long address book is not drawn to its end. */
const TALLEST = 3000;
/** How long a button or a field may take to be there, in ms. */
const PATIENCE = 10_000;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @typedef {{ page: import("playwright-core").Page, url: string }} Phone */

/** @type {Map<string, Phone>} */
const phones = new Map();
const colorScheme = process.argv.includes("--dark") ? "dark" : "light";

/** @param {string} name */
function phone(name) {
  const found = phones.get(name);
  if (!found) throw new Error(`no page ${name}`);
  return found.page;
}

/**
 * What a page shows: its words, and what stands in its fields.
 * @param {import("playwright-core").Page} page
 */
function shown(page) {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll("input")].map((it) => it.value);
    return [document.body.innerText, ...fields].join("\n").replaceAll(/[\u00a0\u202f]/g, " ");
  });
}

/**
 * @param {string} name
 * @param {string} seconds
 * @param {(text: string) => boolean} holds
 */
async function until(name, seconds, holds) {
  const end = Date.now() + Number(seconds) * 1000;
  for (;;) {
    const text = await shown(phone(name)).catch(() => "");
    if (holds(text)) return;
    if (Date.now() > end) throw new Error(`not within ${seconds} s; the page shows: ${line(text)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Opens an address, on a new page if there is none of that name.
 * @param {import("playwright-core").Browser} browser
 * @param {string} name
 * @param {string} url
 * @param {boolean} javaScriptEnabled
 */
async function open(browser, name, url, javaScriptEnabled) {
  let page = phones.get(name)?.page;
  if (!page) {
    const context = await browser.newContext({
      viewport: VIEWPORT,
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
      colorScheme,
      reducedMotion: "reduce",
      javaScriptEnabled,
    });
    page = await context.newPage();
  }
  phones.set(name, { page, url });
  // An address that differs in its fragment alone would not be loaded again.
  await page.goto("about:blank");
  await page.goto(url);
}

/** @param {string} text */
function line(text) {
  return text.trim().replaceAll(/\s*\n\s*/g, "⏎");
}

/**
 * Each command gets as many words as it names, the last one with the rest of the line.
 * @param {import("playwright-core").Browser} browser
 * @returns {Record<string, (...words: string[]) => Promise<string | void>>}
 */
function commands(browser) {
  return {
    async open(name, url) {
      await open(browser, name, url, true);
    },
    async plain(name, url) {
      await open(browser, name, url, false);
    },
    async see(name, seconds, text) {
      await until(name, seconds, (it) => it.includes(text));
    },
    async gone(name, seconds, text) {
      await until(name, seconds, (it) => !it.includes(text));
    },
    async press(name, label) {
      const button = phone(name).getByRole("button", { name: label, exact: true });
      await button.click({ timeout: PATIENCE });
    },
    async follow(name, label) {
      const link = phone(name).getByRole("link", { name: label, exact: true });
      await link.click({ timeout: PATIENCE });
    },
    async pictured(name, label) {
      const picture = phone(name).getByAltText(label, { exact: true }).first();
      await picture.waitFor({ timeout: PATIENCE });
      const drawn = await picture.evaluate((it) => it instanceof HTMLImageElement && it.naturalWidth > 0);
      if (!drawn) throw new Error(`${label} is broken`);
    },
    async played(name, label) {
      const film = phone(name).locator(`video[aria-label="${label}"]`).first();
      await film.waitFor({ timeout: PATIENCE });
      const size = await film.evaluate(async (it) => {
        it.preload = "auto";
        it.muted = true;
        await it.play();
        return [it.videoWidth, it.videoHeight];
      });
      if (!size.every(Boolean)) throw new Error(`${label} has no pictures`);
    },
    async fill(name, rest) {
      const [label, ...text] = rest.split("=");
      const field = phone(name).getByLabel(label, { exact: true });
      await field.fill(text.join("="), { timeout: PATIENCE });
    },
    async text(name) {
      return line(await shown(phone(name)));
    },
    async shot(name, path) {
      const height = await phone(name).evaluate(() => document.documentElement.scrollHeight);
      const clip = { x: 0, y: 0, width: VIEWPORT.width, height: Math.min(height, TALLEST) };
      await phone(name).screenshot({ path, fullPage: true, clip });
    },
    async offline(name, answer) {
      await phone(name).context().setOffline(answer === "yes");
    },
    async tab(name, other) {
      const page = await phone(name).context().newPage();
      const url = phones.get(name)?.url ?? "";
      phones.set(other, { page, url });
      await page.goto(url);
    },
    async close(name) {
      await phone(name).close();
      phones.delete(name);
    },
  };
}

/**
 * @param {ReturnType<typeof commands>} known
 * @param {string} input
 */
async function obey(known, input) {
  const [verb, ...words] = input.split(" ");
  const command = known[verb];
  if (!command) throw new Error(`unknown command ${verb}`);
  const n = command.length;
  const given = [...words.slice(0, n - 1), words.slice(n - 1).join(" ")];
  if (words.length < n) throw new Error(`${verb} needs ${n} words`);
  return command(...given);
}

/**
 * What went wrong, without the tokens that addresses carry.
 * @param {unknown} error
 */
function told(error) {
  const text = error instanceof Error ? error.message : String(error);
  return line(text.split("\nCall log:")[0].replaceAll(/#token=[^\s"]*/g, ""));
}

// Each start gets a profile folder of its own, which goes with the browser.
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, headless: true });
const known = commands(browser);
for await (const input of createInterface({ input: process.stdin })) {
  if (input.trim() === "quit") break;
  const answer = await obey(known, input.trim()).then(
    (text) => (text ? `ok ${text}` : "ok"),
    (error) => `error ${told(error)}`,
  );
  process.stdout.write(`${answer}\n`);
}
await browser.close();
process.stdout.write("ok\n");
// The input may still be open, and would keep this program alive.
process.stdin.destroy();
