// What both pages share: making elements, asking the service.

/** An element with properties and children; text is always text, never markup. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

/** The service's description, with the key's field shown where it asks for one. */
export async function description() {
  const answer = await fetch("/openapi.json");
  const found = await answer.json();
  byId("key-row").hidden = !found.components.securitySchemes;
  return found;
}

/** Sends a request with the key that was typed in; it is kept nowhere else. */
export async function ask(method, path, body) {
  const headers = {};
  const key = byId("key").value.trim();
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body });
  const text = await answer.text();
  let value = null;
  try { value = JSON.parse(text); } catch { /* a page or lines */ }
  return { status: answer.status, text, value };
}

/** A schema with its references followed. */
export function resolved(document, schema) {
  while (schema && schema.$ref) {
    schema = document.components.schemas[schema.$ref.split("/").pop()];
  }
  return schema;
}
