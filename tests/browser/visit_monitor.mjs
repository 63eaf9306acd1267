// Visits the monitor's pages on a desk and on a phone; prints what it found as JSON.
// node visit_monitor.mjs URL CHROMIUM SCREENSHOTS PATH…
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [url, executablePath, screenshots, ...paths] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const found = { outside: [], complaints: [], pages: {} };

async function violations(page) {
  await page.evaluate(axe);
  const { violations: all } = await page.evaluate(() => globalThis.axe.run());
  return all.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.html) }));
}

/** What reaches past the right edge of the window, or of the header's own padding. */
async function overflowing(page) {
  return page.evaluate(() => {
    const inside = document.querySelector("header > div");
    const edge = inside.getBoundingClientRect().right - parseFloat(getComputedStyle(inside).paddingRight);
    const wide = [...inside.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > edge + 1);
    if (document.documentElement.scrollWidth > globalThis.innerWidth) wide.push(document.documentElement);
    return wide.map((each) => each.outerHTML.slice(0, 80));
  });
}

/** Sentences of tables that a reader would have to scroll sideways for. */
async function hidden(page) {
  return page.evaluate(() => [...document.querySelectorAll("table.stacked td")]
    .filter((cell) => cell.getBoundingClientRect().right > globalThis.innerWidth)
    .map((cell) => cell.textContent.slice(0, 80)));
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  for (const width of [1200, 390]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    page.on("request", (request) => {
      if (![url, "data:"].some((allowed) => request.url().startsWith(allowed))) found.outside.push(request.url());
    });
    page.on("console", (message) => { if (message.type() === "error") found.complaints.push(message.text()); });
    page.on("pageerror", (error) => found.complaints.push(String(error)));
    for (const path of paths) {
      await page.goto(url + path, { waitUntil: "networkidle" });
      found.pages[`${path} ${width}`] = {
        text: await page.locator("main").innerText(),
        overflowing: await overflowing(page),
        hidden: await hidden(page),
        axe: await violations(page),
      };
      const name = path.replaceAll("/", "-").slice(1) || "overview";
      await page.screenshot({ path: `${screenshots}/monitor-${name}-${width}.png`, fullPage: true });
    }
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(found));
