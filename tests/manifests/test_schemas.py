"""The API server of each of the newest three versions of Kubernetes would take what we render."""

import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from manifests.conftest import KUBERNETES
from manifests.rendered import Rendered

SETS = [".", "overlays/local", "overlays/production"]


def newest_versions(count: int) -> list[str]:
    schemas = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    found = {
        tuple(map(int, folder.name.split("-")[0][1:].split(".")))
        for folder in schemas.glob("v*-strict")
    }
    return [".".join(map(str, version)) for version in sorted(found)[-count:]]


@pytest.mark.parametrize("version", newest_versions(3))
@pytest.mark.parametrize("folder", SETS)
def test_it_is_valid_without_a_warning(folder: str, version: str, tmp_path: Path) -> None:
    manifest = tmp_path / "rendered.yaml"
    manifest.write_text(yaml.safe_dump_all(Rendered.of(KUBERNETES / folder).objects))
    command = [
        sys.executable,
        "-m",
        "kubernetes_validate",
        "--strict",
        "--quiet",
        "-k",
        version,
        str(manifest),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    manifest = tmp_path / "wrong.yaml"
    manifest.write_text(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nautomountToken: false\n"
    )
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", str(manifest)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
