// An answer for people: the prediction, its probabilities as bars, and what it is made of.
import { element } from "/pages/page.js";

const percent = (share) => `${(100 * share).toFixed(1)} %`;

function bar(share, className) {
  const fill = element("div", { className: `fill ${className}` });
  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return element("div", { className: "track", "aria-hidden": "true" }, fill);
}

function row(label, share, words, className = "") {
  return element("tr", {},
    element("th", { scope: "row", textContent: label }),
    element("td", { className: "bar" }, bar(share, className)),
    element("td", { className: "number", textContent: words }));
}

function probabilities(shares) {
  const ordered = Object.entries(shares).sort((a, b) => b[1] - a[1]);
  return element("table", { id: "probabilities" },
    element("caption", { textContent: "Probabilities" }),
    element("tbody", {}, ...ordered.map(([label, share]) => row(label, share, percent(share)))));
}

/** The text with each part marked by what it adds; positions are of characters, not of UTF-16 units. */
function highlighted(text, parts, largest) {
  const characters = Array.from(text);
  const target = element("p", { className: "text", id: "highlighted" });
  let at = 0;
  for (const part of parts.filter((each) => each.start !== undefined).sort((a, b) => a.start - b.start)) {
    if (part.start < at) continue;
    target.append(characters.slice(at, part.start).join(""));
    const strength = Math.abs(part.contribution) / largest;
    const side = part.contribution >= 0 ? "for" : "against";
    target.append(element("mark", {
      className: strength < 0.05 ? "" : `${side}${strength < 0.4 ? " weak" : ""}`,
      title: part.contribution.toPrecision(3),
      textContent: characters.slice(part.start, part.end).join(""),
    }));
    at = part.end;
  }
  target.append(characters.slice(at).join(""));
  return target;
}

/** What a part is called: its words, its value, or its field where it is none of both. */
function nameOf(part) {
  if (part.text !== undefined) return part.text;
  return part.value === undefined ? `${part.field} as a whole` : `${part.field} = ${part.value}`;
}

function explanation(found, instance) {
  const parts = found.contributions;
  const largest = Math.max(1e-12, ...parts.map((part) => Math.abs(part.contribution)));
  const made = [element("h3", { textContent: "Why" })];
  const texts = Object.entries(instance).filter(([name]) =>
    parts.some((part) => part.field === name && part.start !== undefined));
  for (const [name, text] of texts) {
    made.push(highlighted(text, parts.filter((part) => part.field === name), largest));
  }
  const strongest = [...parts].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, 8);
  made.push(element("table", { id: "contributions" },
    element("caption", { textContent: `What speaks for it and against it (${found.method})` }),
    element("tbody", {}, ...strongest.map((part) => row(
      nameOf(part),
      Math.abs(part.contribution) / largest,
      `${part.contribution >= 0 ? "+" : "−"}${Math.abs(part.contribution).toPrecision(3)}`,
      part.contribution >= 0 ? "for" : "against")))));
  return made;
}

/** Replaces what `target` shows by an answer. */
export function showAnswer(target, body, instance, unit) {
  const words = typeof body.prediction === "number"
    ? `${body.prediction.toLocaleString("en")} ${unit}` : body.prediction;
  const shown = [element("p", { className: "prediction", id: "prediction", textContent: words })];
  if (body.interval) {
    const [low, high] = body.interval.map((bound) => bound.toLocaleString("en"));
    shown.push(element("p", { id: "interval", textContent: `between ${low} and ${high} ${unit}` }));
  }
  if (body.probabilities) shown.push(probabilities(body.probabilities));
  if (body.explanation) shown.push(...explanation(body.explanation, instance));
  shown.push(element("p", {
    className: "hint",
    textContent: `${body.model_name} ${body.model_version}, request ${body.request_id}`,
  }));
  target.replaceChildren(...shown);
}

export function showRefusal(target, status, body) {
  const words = body ? `${body.error}: ${body.message}` : "The service gave no answer.";
  const id = body && body.request_id ? ` Request ${body.request_id}.` : "";
  target.replaceChildren(
    element("p", { className: "problem", id: "refusal", textContent: words }),
    element("p", { className: "hint", textContent: `Status ${status}.${id}` }));
}
