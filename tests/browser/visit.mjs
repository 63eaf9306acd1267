// Visits the predictor's pages as a person with a keyboard does; prints what it found as JSON.
// node visit.mjs URL CHROMIUM SCREENSHOTS
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [url, executablePath, screenshots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const found = { outside: [], complaints: [], axe: {} };

async function violations(page) {
  await page.evaluate(axe);
  const { violations: all } = await page.evaluate(() => globalThis.axe.run());
  return all.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.html) }));
}

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return presses;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no way to ${selector} by keyboard`);
}

async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

async function text(page, selector) {
  return page.locator(selector).allInnerTexts();
}

async function tryPage(page) {
  const answer = await page.goto(url);
  found.policy = answer.headers()["content-security-policy"];
  await page.waitForSelector("#field-message");
  found.axe.empty = await violations(page);
  await type(page, "#field-message", "🙂 Congratulations! You have won a free iPhone. See you at lunch.");
  await tabTo(page, "button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#prediction");
  found.prediction = await text(page, "#prediction");
  found.labels = await text(page, "#probabilities th");
  found.shares = await text(page, "#probabilities td.number");
  found.widths = await page.locator("#probabilities .fill").evaluateAll((all) =>
    all.map((fill) => fill.getBoundingClientRect().width / fill.parentElement.getBoundingClientRect().width));
  found.highlighted = await text(page, "#highlighted");
  found.marks = await page.locator("#highlighted mark").evaluateAll((all) =>
    all.map((mark) => [mark.textContent, mark.className]));
  found.contributions = (await text(page, "#contributions tr")).length;
  found.axe.answered = await violations(page);
  await page.screenshot({ path: `${screenshots}/try.png`, fullPage: true });
  await page.keyboard.press("Shift+Tab");
  await type(page, "#field-message", "");
  await tabTo(page, "button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#refusal");
  found.refusal = await text(page, "#refusal");
  found.problem = await text(page, "#field-message-problem");
  found.focused = await page.evaluate(() => document.activeElement.id);
  found.axe.refused = await violations(page);
  await page.screenshot({ path: `${screenshots}/refused.png`, fullPage: true });
}

async function tablePage(page) {
  await page.goto(`${url}/?model=houses`);
  await page.waitForSelector("#field-age");
  found.fields = await text(page, "#fields label");
  await type(page, "#field-age", "200");
  await tabTo(page, "button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#refusal");
  found.table_problem = await text(page, "#field-age-problem");
  await type(page, "#field-age", "41");
  await tabTo(page, "button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#prediction");
  found.number = await text(page, "#prediction");
  found.interval = await text(page, "#interval");
  found.axe.table = await violations(page);
  await page.screenshot({ path: `${screenshots}/table.png`, fullPage: true });
}

async function docsPage(page) {
  await page.goto(`${url}/docs`);
  await page.waitForSelector("#predict_default");
  found.operations = await page.locator("details").count();
  found.filled = await page.locator("#v2_infer_version input").inputValue();
  await tabTo(page, "#predict_default summary");
  await page.keyboard.press("Enter");
  await tabTo(page, "#predict_default button");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#predict_default pre[aria-live]").textContent);
  found.sent = await text(page, "#predict_default pre[aria-live]");
  found.axe.docs = await violations(page);
  await page.screenshot({ path: `${screenshots}/docs.png`, fullPage: true });
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  page.on("request", (request) => { if (!request.url().startsWith(url)) found.outside.push(request.url()); });
  page.on("console", (message) => { if (message.type() === "error") found.complaints.push(message.text()); });
  page.on("pageerror", (error) => found.complaints.push(String(error)));
  await tryPage(page);
  await tablePage(page);
  await docsPage(page);
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(found));
