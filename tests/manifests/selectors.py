"""What selects, targets or limits pods: does it meet any, at a port that they have?"""

from collections.abc import Iterator

from manifests.rendered import Rendered, containers_of, labels_of, ports_of, title


def selector_problems(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.kind("Deployment", "StatefulSet", "DaemonSet"):
        if not workload["spec"]["selector"]["matchLabels"].items() <= labels_of(workload).items():
            yield f"{title(workload)}: its selector does not match its own pods"
    for service in rendered.kind("Service"):
        pods = rendered.selected_by(service["spec"]["selector"])
        if not pods:
            yield f"{title(service)}: its selector matches no pods"
        for port in service["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            for workload in pods:
                known = ports_of(workload)
                if target not in known and target not in known.values():
                    yield f"{title(service)}: {title(workload)} has no port {target}"
    for workload in rendered.kind("StatefulSet"):
        if not rendered.named("Service", workload["spec"]["serviceName"]):
            yield f"{title(workload)}: there is no Service {workload['spec']['serviceName']}"


def probe_problems(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.workloads():
        for container in containers_of(workload):
            named = {port.get("name") for port in container.get("ports", [])}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                port = container.get(probe, {}).get("httpGet", {}).get("port")
                if port is not None and port not in named:
                    yield f"{title(workload)}: its {probe} asks at port {port}, which it has not"


def autoscaler_problems(rendered: Rendered) -> Iterator[str]:
    scaled: set[str] = set()
    for autoscaler in rendered.kind("HorizontalPodAutoscaler", "ScaledObject"):
        target = {"kind": "Deployment"} | autoscaler["spec"]["scaleTargetRef"]
        workload = rendered.named(target["kind"], target["name"])
        if target["name"] in scaled:
            yield f"{title(autoscaler)}: something else scales {target['name']} already"
        scaled.add(target["name"])
        if workload is None:
            yield f"{title(autoscaler)}: there is no {target['kind']} {target['name']}"
        elif "replicas" in workload["spec"]:
            yield f"{title(autoscaler)}: {title(workload)} sets replicas, so each apply scales"
        elif any(
            "cpu" not in c.get("resources", {}).get("requests", {}) for c in containers_of(workload)
        ):
            yield f"{title(autoscaler)}: {title(workload)} requests no cpu, so there is no utilization"


def scraper_problems(rendered: Rendered) -> Iterator[str]:
    for monitor in rendered.kind("ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        services = [
            s for s in rendered.kind("Service") if wanted <= s["metadata"]["labels"].items()
        ]
        if not services:
            yield f"{title(monitor)}: its selector matches no Service"
        for port in (endpoint["port"] for endpoint in monitor["spec"]["endpoints"]):
            if any(port not in {p["name"] for p in s["spec"]["ports"]} for s in services):
                yield f"{title(monitor)}: its Service has no port {port}"


def disruption_problems(rendered: Rendered) -> Iterator[str]:
    for budget in rendered.kind("PodDisruptionBudget"):
        spec = budget["spec"]
        workloads = rendered.selected_by(spec["selector"]["matchLabels"])
        if not workloads:
            yield f"{title(budget)}: its selector matches no pods"
        for workload in workloads:
            replicas = _least_replicas(
                rendered, workload["metadata"]["name"], workload["spec"].get("replicas", 1)
            )
            if (
                spec.get("maxUnavailable") in (0, "0%")
                or _as_pods(spec.get("minAvailable", 0), replicas) >= replicas
            ):
                yield f"{title(budget)}: it lets no pod of {title(workload)} go, so no node can be drained"


def _least_replicas(rendered: Rendered, name: str, otherwise: int) -> int:
    for autoscaler in rendered.kind("HorizontalPodAutoscaler"):
        if autoscaler["spec"]["scaleTargetRef"]["name"] == name:
            return int(autoscaler["spec"]["minReplicas"])
    return otherwise


def _as_pods(amount: int | str, replicas: int) -> float:
    return replicas * int(amount[:-1]) / 100 if isinstance(amount, str) else amount
