// node check.mjs < objects as a JSON array: prints what their projects' published schemas say against
// each, as a JSON array of sentences.
import { readFileSync } from "node:fs";
import * as gateway from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import * as keda from "@kubernetes-models/keda/keda.sh/v1alpha1";
import * as operator from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";

const published = {
  "gateway.networking.k8s.io/v1": gateway,
  "keda.sh/v1alpha1": keda,
  "monitoring.coreos.com/v1": operator,
};

function problem({ apiVersion, kind, ...rest }) {
  const model = published[apiVersion]?.[kind];
  if (model === undefined) return `${kind} ${rest.metadata.name}: no schema of ${apiVersion} is known`;
  try {
    new model(rest).validate();
  } catch (wrong) {
    return `${kind} ${rest.metadata.name}: ${wrong.message}`;
  }
}

const objects = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(objects.map(problem).filter(Boolean)));
