"""Resources of other projects are what those projects' published schemas say."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manifests.rendered import Object, Rendered
from manifests.test_components import COMPONENTS, with_components
from support.node_packages import node_with_packages

SCHEMAS = Path(__file__).parent / "published_schemas"
OURS_OF_OTHERS = {"gateway-api", "keda", "service-monitors"}
OF_KUBERNETES = (".k8s.io/", "apps/", "batch/", "policy/", "autoscaling/")

Check = Callable[[list[Object]], list[str]]


@pytest.fixture(scope="module")
def check() -> Check:
    """What the published schemas say against these objects."""
    node = node_with_packages(SCHEMAS, "node")

    def ask(objects: list[Object]) -> list[str]:
        done = subprocess.run(
            [node, str(SCHEMAS / "check.mjs")],
            input=json.dumps(objects),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[str] = json.loads(done.stdout)
        return found

    return ask


def is_custom(found: Object) -> bool:
    version: str = found["apiVersion"]
    if version.startswith("gateway.networking.k8s.io/"):
        return True
    return "/" in version and not any(part in version for part in OF_KUBERNETES)


@pytest.mark.parametrize("component", COMPONENTS)
def test_custom_resources_are_as_published(
    copy: Path, component: str, check: Check, tmp_path: Path
) -> None:
    custom = [
        found for found in Rendered.of(with_components(copy, component)).objects if is_custom(found)
    ]
    assert bool(custom) == (component in OURS_OF_OTHERS)
    assert check(custom) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (
            {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "spec": {"triggers": []}},
            "scaleTargetRef",
        ),
        (
            {
                "apiVersion": "monitoring.coreos.com/v1",
                "kind": "ServiceMonitor",
                "spec": {"selector": {}, "endpoints": [{"port": 9100}]},
            },
            "endpoints/0/port must be string",
        ),
        ({"apiVersion": "example.org/v1", "kind": "Thing"}, "no schema"),
    ],
    ids=["a missing target", "a port that is no name", "an unknown kind"],
)
def test_a_mistake_in_one_is_noticed(wrong: dict[str, Any], complaint: str, check: Check) -> None:
    (said,) = check([wrong | {"metadata": {"name": "wrong"}}])
    assert complaint in said
