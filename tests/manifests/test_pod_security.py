"""Every pod keeps Pod Security's `restricted`, which the namespace enforces, and a little more."""

from collections.abc import Iterator

from manifests.rendered import Rendered, containers_of, pod_of, title


def violations(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.workloads():
        pod = pod_of(workload)
        of_pod = pod.get("securityContext", {})
        if not of_pod.get("runAsNonRoot") or not of_pod.get("runAsUser"):
            yield f"{title(workload)} may run as root"
        if of_pod.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{title(workload)} has no seccomp profile"
        if any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{title(workload)} uses the host's namespaces"
        if pod.get("enableServiceLinks", True):
            yield f"{title(workload)} gets an environment full of SLIPWAY_-like service links"
        if any("hostPath" in volume for volume in pod.get("volumes", [])):
            yield f"{title(workload)} mounts the host's files"
        for container in containers_of(workload):
            context = container.get("securityContext", {})
            if context.get("allowPrivilegeEscalation", True) or context.get("privileged"):
                yield f"{title(workload)} may gain privileges"
            if context.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{title(workload)} keeps capabilities"
            if not context.get("readOnlyRootFilesystem"):
                yield f"{title(workload)} may write into its image"


def test_every_pod_is_restricted(rendered: Rendered) -> None:
    assert list(violations(rendered)) == []


def test_the_namespace_enforces_it(rendered: Rendered) -> None:
    labels = rendered.one("Namespace", "slipway")["metadata"]["labels"]
    assert {
        labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")
    } == {"restricted"}


def test_a_privileged_container_is_noticed(rendered: Rendered) -> None:
    containers_of(rendered.one("Deployment", "worker"))[0]["securityContext"] = {"privileged": True}
    assert "Deployment worker may gain privileges" in list(violations(rendered))


def test_a_pod_that_runs_as_root_is_noticed(rendered: Rendered) -> None:
    pod_of(rendered.one("Deployment", "worker"))["securityContext"]["runAsUser"] = 0
    assert "Deployment worker may run as root" in list(violations(rendered))
