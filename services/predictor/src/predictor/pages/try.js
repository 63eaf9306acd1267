// The page to try a model by hand.
import { showAnswer, showRefusal } from "/pages/answer.js";
import { instanceOf, showFields, showProblems } from "/pages/form.js";
import { ask, byId, description, resolved } from "/pages/page.js";

const EXPLAIN = /^\/v1\/models\/([^/]+)\/explain$/;

const requestOf = (methods) => methods.post.requestBody.content["application/json"].schema;

/** What may be asked, by the model's name; the default model first. */
function modelsOf(found) {
  const models = {};
  const usual = found.paths["/v1/explain"] && requestOf(found.paths["/v1/explain"]).$ref;
  for (const [path, methods] of Object.entries(found.paths)) {
    const match = EXPLAIN.exec(path);
    if (!match) continue;
    const body = requestOf(methods);
    const instance = resolved(found, resolved(found, body).oneOf[0]);
    const name = resolved(found, body).oneOf[0].$ref.split("/").pop().replace(/Instance$/, "Prediction");
    const number = found.components.schemas[name].properties.prediction.description ?? "";
    const unit = (/ In (.+)\.$/.exec(number) ?? ["", ""])[1];
    models[match[1]] = { path, instance, unit, usual: body.$ref === usual };
  }
  return Object.fromEntries(Object.entries(models).sort((a, b) => b[1].usual - a[1].usual));
}

async function start() {
  const models = modelsOf(await description());
  const choice = byId("model");
  const form = byId("form");
  choice.replaceChildren(...Object.keys(models).map((name) => new Option(name, name)));
  const wanted = new URLSearchParams(location.search).get("model");
  if (wanted in models) choice.value = wanted;
  const show = () => showFields(byId("fields"), models[choice.value].instance);
  choice.addEventListener("change", show);
  show();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { path, instance: schema, unit } = models[choice.value];
    const instance = instanceOf(form, schema);
    const { status, value } = await ask("POST", path, JSON.stringify(instance));
    showProblems(form, schema, (status === 400 && value && value.details) || []);
    if (status === 200) showAnswer(byId("answer"), value, instance, unit);
    else showRefusal(byId("answer"), status, value);
  });
}

start();
