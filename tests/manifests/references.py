"""What a pod names: is it there, with the keys that the pod reads?"""

from collections.abc import Iterator, Mapping

from manifests.rendered import Object, Rendered, containers_of, pod_of, title

Keys = Mapping[str, frozenset[str]]


def reference_problems(rendered: Rendered, made_before: Keys) -> Iterator[str]:
    """made_before: Secrets that are on the cluster before, or made on it, with their keys."""
    config_maps = {
        c["metadata"]["name"]: frozenset(c.get("data", {})) for c in rendered.kind("ConfigMap")
    }
    own = {s["metadata"]["name"]: frozenset(s.get("data", {})) for s in rendered.kind("Secret")}
    known = {"ConfigMap": config_maps, "Secret": {**made_before, **own}}
    for workload in rendered.workloads():
        for kind, name, key in _named_in(workload):
            if name not in known[kind]:
                yield f"{title(workload)}: there is no {kind} {name}"
            elif key is not None and key not in known[kind][name]:
                yield f"{title(workload)}: {kind} {name} has no key {key}"
        yield from _mount_problems(workload)


def account_problems(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.workloads():
        account = pod_of(workload).get("serviceAccountName", "default")
        if not rendered.named("ServiceAccount", account):
            yield f"{title(workload)}: there is no ServiceAccount {account}"
    for binding in rendered.kind("RoleBinding"):
        role = binding["roleRef"]
        if not rendered.named(role["kind"], role["name"]):
            yield f"{title(binding)}: there is no {role['kind']} {role['name']}"
        for subject in binding["subjects"]:
            if not rendered.named(subject["kind"], subject["name"]):
                yield f"{title(binding)}: there is no {subject['kind']} {subject['name']}"


def _named_in(workload: Object) -> Iterator[tuple[str, str, str | None]]:
    """(kind, name, key) of each ConfigMap and Secret that a pod names; key None: all of it."""
    for volume in pod_of(workload).get("volumes", []):
        for source in (volume, *volume.get("projected", {}).get("sources", [])):
            for kind, field in (("ConfigMap", "configMap"), ("Secret", "secret")):
                if field in source:
                    name = source[field].get("name") or source[field]["secretName"]
                    yield kind, name, None
                    yield from (
                        (kind, name, item["key"]) for item in source[field].get("items", [])
                    )
    for container in containers_of(workload):
        for entry in container.get("env", []):
            for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
                if field in entry.get("valueFrom", {}):
                    reference = entry["valueFrom"][field]
                    yield kind, reference["name"], reference["key"]
        for entry in container.get("envFrom", []):
            for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                if field in entry:
                    yield kind, entry[field]["name"], None


def _mount_problems(workload: Object) -> Iterator[str]:
    claims = workload["spec"].get("volumeClaimTemplates", [])
    volumes = {v["name"] for v in pod_of(workload).get("volumes", [])} | {
        c["metadata"]["name"] for c in claims
    }
    mounted = {m["name"] for c in containers_of(workload) for m in c.get("volumeMounts", [])}
    yield from (
        f"{title(workload)}: it mounts {name}, which is no volume"
        for name in sorted(mounted - volumes)
    )
    yield from (
        f"{title(workload)}: nothing mounts the volume {name}" for name in sorted(volumes - mounted)
    )
