"""Every host:port that a container or Prometheus is told of: is there such a Service?"""

import re
from collections.abc import Iterator

import yaml

from tests.manifests.rendered import Rendered, containers_of, title

NAMED = re.compile(r"(?:^|//)(?P<host>[a-z][a-z0-9.-]*):(?P<port>\d+)(?:/|$)")


def address_problems(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.workloads():
        for container in containers_of(workload):
            for entry in container.get("env", []):
                for found in NAMED.finditer(entry.get("value", "")):
                    yield from _unknown(
                        rendered,
                        f"{title(workload)}: {entry['name']}",
                        found["host"],
                        found["port"],
                    )
    for config in rendered.kind("ConfigMap"):
        if "prometheus.yml" in config["data"]:
            for job in yaml.safe_load(config["data"]["prometheus.yml"])["scrape_configs"]:
                where = f"Prometheus job {job['job_name']}"
                for lookup in job.get("dns_sd_configs", []):
                    for name in lookup["names"]:
                        yield from _unknown(rendered, where, name, str(lookup["port"]))
                for static in job.get("static_configs", []):
                    for target in static["targets"]:
                        yield from _unknown(rendered, where, *target.split(":"))


def _unknown(rendered: Rendered, where: str, host: str, port: str) -> Iterator[str]:
    if host == "localhost":
        return
    name, _, rest = host.partition(".")
    service = rendered.named("Service", name)
    namespaces = {found["metadata"]["namespace"] for found in rendered.kind("Service")}
    if service is None or int(port) not in {p["port"] for p in service["spec"]["ports"]}:
        yield f"{where}: there is no Service {name} with port {port}"
    elif rest and rest not in {f"{namespace}.svc.cluster.local" for namespace in namespaces}:
        yield f"{where}: {host} is outside the namespace"
