"""Every host:port that a container or Prometheus is told of: is there such a Service, and a way to it?"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from manifests.rendered import Object, Rendered, containers_of, labels_of, ports_of, title

NAMED = re.compile(r"(?:^|//)(?P<host>[a-z][a-z0-9.-]*):(?P<port>\d+)(?:/|$)")


class Address(NamedTuple):
    """What `workload` is told, and where that is said."""

    where: str
    workload: Object
    host: str
    port: int


def address_problems(rendered: Rendered) -> Iterator[str]:
    namespaces = {found["metadata"]["namespace"] for found in rendered.kind("Service")}
    for where, _, host, port in addresses(rendered):
        if host == "localhost":
            continue
        name, _, rest = host.partition(".")
        service = rendered.named("Service", name)
        if service is None or port not in {p["port"] for p in service["spec"]["ports"]}:
            yield f"{where}: there is no Service {name} with port {port}"
        elif rest and rest not in {f"{namespace}.svc.cluster.local" for namespace in namespaces}:
            yield f"{where}: {host} is outside the namespace"


def network_problems(rendered: Rendered) -> Iterator[str]:
    """NetworkPolicies that stand between a workload and an address that it is told of."""
    for where, workload, host, port in addresses(rendered):
        service = rendered.named("Service", host.partition(".")[0])
        for target in rendered.selected_by(service["spec"]["selector"]) if service else []:
            at_pod = ports_of(target).get(_target_port(service, port), port)
            if not _allows(rendered, target, "ingress", "from", workload, at_pod):
                yield f"{where}: no policy lets {title(workload)} into {title(target)} at {at_pod}"
            if not _allows(rendered, workload, "egress", "to", target, at_pod):
                yield f"{where}: no policy lets {title(workload)} out to {title(target)} at {at_pod}"


def addresses(rendered: Rendered) -> Iterator[Address]:
    for workload in rendered.workloads():
        for name, value in _environment(rendered, workload):
            for found in NAMED.finditer(value):
                where = f"{title(workload)}: {name}"
                yield Address(where, workload, found["host"], int(found["port"]))
    yield from _scraped(rendered)


def _environment(rendered: Rendered, workload: Object) -> Iterator[tuple[str, str]]:
    for container in containers_of(workload):
        for source in container.get("envFrom", []):
            found = rendered.named("ConfigMap", source["configMapRef"]["name"])
            yield from found["data"].items() if found else ()
        for entry in container.get("env", []):
            yield entry["name"], entry.get("value", "")


def _scraped(rendered: Rendered) -> Iterator[Address]:
    prometheus = rendered.one("StatefulSet", "prometheus")
    for config in rendered.kind("ConfigMap"):
        for job in yaml.safe_load(config["data"].get("prometheus.yml", "scrape_configs: []"))[
            "scrape_configs"
        ]:
            where = f"Prometheus job {job['job_name']}"
            for lookup in job.get("dns_sd_configs", []):
                yield from (
                    Address(where, prometheus, name, lookup["port"]) for name in lookup["names"]
                )
            for static in job.get("static_configs", []):
                for host, port in (target.split(":") for target in static["targets"]):
                    yield Address(where, prometheus, host, int(port))


def _target_port(service: Object | None, port: int) -> str:
    assert service
    return str(next((p["targetPort"] for p in service["spec"]["ports"] if p["port"] == port), port))


def _allows(
    rendered: Rendered, owner: Object, direction: str, side: str, other: Object, port: int
) -> bool:
    """Whether some rule for `owner` names that port and `other`, or everybody."""
    rules = [
        rule
        for policy in rendered.kind("NetworkPolicy")
        if _selects(policy["spec"]["podSelector"], labels_of(owner))
        for rule in policy["spec"].get(direction, [])
    ]
    return any(
        port in {p["port"] for p in rule.get("ports", [{"port": port}])}
        and any(
            "namespaceSelector" not in peer and _selects(peer["podSelector"], labels_of(other))
            for peer in rule.get(side, [{"podSelector": {}}])
        )
        for rule in rules
    )


def _selects(selector: Object, labels: dict[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(wanted["key"]) in wanted["values"]
        for wanted in selector.get("matchExpressions", [])
    )
