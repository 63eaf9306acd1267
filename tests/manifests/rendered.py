"""A rendered set of Kubernetes objects, and the few questions that checks ask of it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from support.parts import absent

Object = dict[str, Any]

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")


class Rendered:
    """The objects of one `kubectl kustomize`."""

    def __init__(self, objects: list[Object]) -> None:
        self.objects = objects

    @classmethod
    def of(cls, folder: Path) -> "Rendered":
        if not shutil.which("kubectl"):
            absent("kubectl", "not installed")
        answer = subprocess.run(
            ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr
        return cls([found for found in yaml.safe_load_all(answer.stdout) if found])

    def kind(self, *kinds: str) -> Iterator[Object]:
        return (found for found in self.objects if found["kind"] in kinds)

    def named(self, kind: str, name: str) -> Object | None:
        return next((found for found in self.kind(kind) if found["metadata"]["name"] == name), None)

    def one(self, kind: str, name: str) -> Object:
        found = self.named(kind, name)
        assert found is not None, f"no {kind} {name}"
        return found

    def workloads(self) -> Iterator[Object]:
        return self.kind(*WORKLOADS)

    def selected_by(self, selector: dict[str, str]) -> list[Object]:
        """The workloads whose pods carry all these labels."""
        return [found for found in self.workloads() if selector.items() <= labels_of(found).items()]


def title(found: Object) -> str:
    return f"{found['kind']} {found['metadata']['name']}"


def pod_of(workload: Object) -> Object:
    pod: Object = workload["spec"]["template"]["spec"]
    return pod


def labels_of(workload: Object) -> dict[str, str]:
    labels: dict[str, str] = workload["spec"]["template"]["metadata"].get("labels", {})
    return labels


def containers_of(workload: Object) -> list[Object]:
    pod = pod_of(workload)
    return [*pod.get("initContainers", []), *pod["containers"]]


def ports_of(workload: Object) -> dict[str, int]:
    """The named ports of a pod."""
    return {
        port["name"]: port["containerPort"]
        for container in containers_of(workload)
        for port in container.get("ports", [])
        if "name" in port
    }
