// A form made from a model's schema, and what was typed into it as an instance.
import { element } from "/pages/page.js";

function kindOf(schema) {
  const types = [].concat(schema.type);
  return types.find((type) => type !== "null");
}

function inputFor(name, schema, example) {
  const id = `field-${name}`;
  const value = example[name] ?? "";
  const common = { id, name, "aria-describedby": `${id}-hint ${id}-problem` };
  if (schema.enum) {
    const options = schema.enum.filter((each) => each !== null);
    const choices = options.map((each) =>
      element("option", { value: each, textContent: each, selected: each === value }));
    return element("select", common, ...choices);
  }
  if (kindOf(schema) === "string") {
    const long = (schema.maxLength ?? 0) > 200;
    return element(long ? "textarea" : "input", { ...common, value });
  }
  if (kindOf(schema) === "array") {
    return element("textarea", { ...common, value: value === "" ? "" : JSON.stringify(value) });
  }
  return element("input", { ...common, value, inputMode: "decimal" });
}

function sizesOf(schema) {
  return schema.items ? [schema.maxItems, ...sizesOf(schema.items)] : [];
}

function hintFor(schema, required) {
  const words = [schema.description ?? ""];
  if (kindOf(schema) === "array") words.push(`Numbers as JSON: ${sizesOf(schema).join(" × ")}.`);
  if (schema.minimum !== undefined && Math.abs(schema.minimum) < 2 ** 53) words.push(`At least ${schema.minimum}.`);
  if (schema.maximum !== undefined && Math.abs(schema.maximum) < 2 ** 53) words.push(`At most ${schema.maximum}.`);
  if (!required) words.push("May be left empty.");
  return words.filter(Boolean).join(" ");
}

/** Fills `target` with a labelled input for each field. */
export function showFields(target, schema) {
  const example = (schema.examples ?? [{}])[0];
  const required = new Set(schema.required ?? []);
  target.replaceChildren(...Object.entries(schema.properties).map(([name, field]) => {
    const input = inputFor(name, field, example);
    if (required.has(name)) input.setAttribute("aria-required", "true");
    return element("div", {},
      element("label", { htmlFor: input.id, textContent: name }),
      input,
      element("p", { id: `${input.id}-hint`, className: "hint", textContent: hintFor(field, required.has(name)) }),
      element("p", { id: `${input.id}-problem`, className: "problem" }));
  }));
}

function parsed(typed) {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

/** The instance that the form holds; what is no number stays text, so that the service says so. */
export function instanceOf(form, schema) {
  const instance = {};
  for (const [name, field] of Object.entries(schema.properties)) {
    const typed = form.elements[name].value;
    if (kindOf(field) === "string") {
      if (typed !== "" || (schema.required ?? []).includes(name)) instance[name] = typed;
    } else if (kindOf(field) === "array") {
      if (typed.trim() !== "") instance[name] = parsed(typed);
    } else if (typed.trim() !== "") {
      instance[name] = Number.isFinite(Number(typed)) ? Number(typed) : typed;
    }
  }
  return instance;
}

/** Puts each problem beside its field, and the keyboard on the first. */
export function showProblems(form, schema, details) {
  let first = null;
  for (const name of Object.keys(schema.properties)) {
    const found = details.find((detail) => detail.field === name);
    const input = form.elements[name];
    document.getElementById(`${input.id}-problem`).textContent = found ? found.problem : "";
    input.setAttribute("aria-invalid", String(Boolean(found)));
    if (found && !first) first = input;
  }
  if (first) first.focus();
}
