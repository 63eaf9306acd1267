// The API's description for people, with a way to send each request.
import { ask, byId, description, element, resolved } from "/pages/page.js";

const PREDICTIONS = "Predictions, labels, batches";
const STATE = "State and description";
const PROTOCOL = "Open Inference Protocol";
const GROUPS = [PREDICTIONS, STATE, PROTOCOL];

function pretty(value) {
  return JSON.stringify(value, null, 2);
}

/** A schema with every reference replaced, up to a depth that people still read. */
function expanded(document, schema, depth = 0) {
  const found = resolved(document, schema);
  if (depth > 6 || typeof found !== "object" || found === null) return found;
  if (Array.isArray(found)) return found.map((each) => expanded(document, each, depth + 1));
  return Object.fromEntries(Object.entries(found).map(([key, value]) =>
    [key, typeof value === "object" ? expanded(document, value, depth + 1) : value]));
}

function answers(document, operation) {
  const rows = Object.entries(operation.responses).map(([status, answer]) => element("tr", {},
    element("th", { scope: "row", textContent: status }),
    element("td", { textContent: answer.description })));
  return element("table", {}, element("caption", { textContent: "Answers" }), element("tbody", {}, ...rows));
}

/** The path with what is known to be there in place of its parameters. */
function filled(path, operation) {
  const given = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
  return given.reduce((made, { name, schema }) => {
    const known = schema.enum?.[0] ?? schema.examples?.[0];
    return known === undefined ? made : made.replace(`{${name}}`, encodeURIComponent(known));
  }, path);
}

function sender(document, method, path, operation, number) {
  const content = operation.requestBody?.content["application/json"];
  const made = [];
  const address = element("input", { id: `path-${number}`, value: filled(path, operation) });
  made.push(element("label", { htmlFor: address.id, textContent: "Path" }), address);
  let body = null;
  if (content) {
    const example = content.example ?? resolved(document, content.schema).examples?.[0] ?? {};
    body = element("textarea", { id: `body-${number}`, className: "code", value: pretty(example) });
    made.push(element("label", { htmlFor: body.id, textContent: "Body" }), body);
  }
  const button = element("button", { type: "button", textContent: `Send ${method.toUpperCase()} ${path}` });
  const shown = element("pre", { tabIndex: 0, "aria-label": "Answer", "aria-live": "polite", hidden: true });
  button.addEventListener("click", async () => {
    const { status, text, value } = await ask(method.toUpperCase(), address.value, body?.value);
    shown.hidden = false;
    shown.textContent = `${status}\n${value === null ? text : pretty(value)}`;
  });
  made.push(element("p", {}, button), shown);
  return made;
}

function operationOf(document, method, path, operation, number) {
  const content = operation.requestBody?.content["application/json"];
  const made = [element("summary", {},
    element("span", { className: "method", textContent: method.toUpperCase() }),
    element("code", { textContent: path }), ` ${operation.summary}`)];
  if (operation.description) made.push(element("p", { textContent: operation.description }));
  if (content) {
    made.push(element("h3", { textContent: "Body" }),
      element("pre", { tabIndex: 0, "aria-label": `Schema of the body of ${path}`, textContent: pretty(expanded(document, content.schema)) }));
  }
  made.push(answers(document, operation), ...sender(document, method, path, operation, number));
  return element("details", { id: operation.operationId }, ...made);
}

async function start() {
  const found = await description();
  byId("about").textContent = found.info.description;
  let number = 0;
  const groups = new Map(GROUPS.map((group) => [group, []]));
  for (const [path, methods] of Object.entries(found.paths)) {
    const group = path.startsWith("/v2") ? PROTOCOL
      : path.startsWith("/v1") || path === "/predict" ? PREDICTIONS : STATE;
    for (const [method, operation] of Object.entries(methods)) {
      groups.get(group).push(operationOf(found, method, path, operation, number++));
    }
  }
  for (const [group, made] of groups) {
    byId("operations").append(element("h2", { textContent: group }), ...made);
  }
}

start();
