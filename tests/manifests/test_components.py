"""Every overlay, every component alone and every pair that goes together renders without a mistake."""

import itertools
import subprocess
from pathlib import Path

import pytest

from manifests.checks import problems
from manifests.conftest import KUBERNETES
from manifests.rendered import Rendered

Keys = dict[str, frozenset[str]]

OVERLAYS = sorted(folder.name for folder in (KUBERNETES / "overlays").iterdir())
COMPONENTS = sorted(folder.name for folder in (KUBERNETES / "components").iterdir())
EXCLUSIVE = {frozenset({"keda", "prometheus-adapter"})}
TOGETHER = [
    pair for pair in itertools.combinations(COMPONENTS, 2) if frozenset(pair) not in EXCLUSIVE
]


def with_components(copy: Path, *names: str) -> Path:
    """An overlay of the base with these components."""
    overlay = copy / "overlays" / "-".join(("with", *names))
    overlay.mkdir(exist_ok=True)
    lines = [
        "kind: Kustomization",
        "apiVersion: kustomize.config.k8s.io/v1beta1",
        "resources: [../../base]",
    ]
    lines.append(f"components: [{', '.join(f'../../components/{name}' for name in names)}]")
    (overlay / "kustomization.yaml").write_text("\n".join(lines) + "\n")
    return overlay


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_names_only_what_is_there(overlay: str, made_before: Keys) -> None:
    assert problems(Rendered.of(KUBERNETES / "overlays" / overlay), made_before) == []


@pytest.mark.parametrize("names", [*zip(COMPONENTS), *TOGETHER], ids="+".join)
def test_components_name_only_what_is_there(
    copy: Path, names: tuple[str, ...], made_before: Keys
) -> None:
    assert problems(Rendered.of(with_components(copy, *names)), made_before) == []


@pytest.mark.parametrize("names", sorted(map(sorted, EXCLUSIVE)), ids="+".join)
def test_components_that_exclude_each_other_do_not_render(copy: Path, names: list[str]) -> None:
    overlay = with_components(copy, *names)
    assert (
        subprocess.run(
            ["kubectl", "kustomize", overlay], capture_output=True, check=False
        ).returncode
        != 0
    )
