"""Each layer of the compose files alone, and each pair, is a stack that compose takes."""

import itertools
import os
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from manifests.conftest import KUBERNETES, ROOT
from support.parts import absent

LAYERS = ("gpu", "postgres", "s3")
PUBLISHED = {"gateway": 8080, "grafana": 3000, "monitor": 8001}
SETS = [(), *((name,) for name in LAYERS), *itertools.combinations(LAYERS, 2), LAYERS]


def composed(*layers: str, profile: str = "") -> dict[str, Any]:
    """What `docker compose config` makes of the files."""
    if not shutil.which("docker"):
        absent("docker", "docker compose is not installed")
    files = [ROOT / "compose.yaml", *(ROOT / "deploy/compose" / f"{name}.yaml" for name in layers)]
    command = ["docker", "compose", *(word for file in files for word in ("-f", str(file)))]
    if profile:
        command += ["--profile", profile]
    environment = os.environ | {"STORE_URL": "s3://models"}
    done = subprocess.run(
        [*command, "config"], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = yaml.safe_load(done.stdout)
    return found


@pytest.mark.parametrize("layers", SETS, ids=lambda names: "+".join(names) or "alone")
def test_layers_go_together_and_publish_nothing_more(layers: tuple[str, ...]) -> None:
    services = composed(*layers)["services"]
    published = {
        name: port["target"] for name, found in services.items() for port in found.get("ports", [])
    }
    assert published == PUBLISHED
    addresses = {p["host_ip"] for found in services.values() for p in found.get("ports", [])}
    assert addresses == {"127.0.0.1"}


@pytest.mark.parametrize("layers", SETS, ids=lambda names: "+".join(names) or "alone")
def test_no_service_may_write_its_image_or_gain_privileges(layers: tuple[str, ...]) -> None:
    for name, found in composed(*layers)["services"].items():
        assert found["read_only"], name
        assert found["cap_drop"] == ["ALL"], name
        assert found["security_opt"] == ["no-new-privileges:true"], name
        assert found["logging"]["options"] == {"max-size": "10m", "max-file": "3"}, name


def test_layers_run_the_versions_that_are_pinned() -> None:
    lines = (ROOT / "deploy/compose/versions.env").read_text().splitlines()
    versions = dict(line.split("=") for line in lines if line and not line.startswith("#"))
    services = composed(*LAYERS)["services"]
    component = yaml.safe_load((KUBERNETES / "components/postgres/kustomization.yaml").read_text())
    assert services["postgres"]["image"] == f"postgres:{versions['POSTGRES_VERSION']}"
    assert component["images"] == [{"name": "postgres", "newTag": versions["POSTGRES_VERSION"]}]
    assert services["worker"]["image"] == f"slipway/worker:{versions['PROJECT_VERSION']}-cuda"


def test_a_bucket_has_to_be_named() -> None:
    if not shutil.which("docker"):
        absent("docker", "docker compose is not installed")
    files = ("-f", "compose.yaml", "-f", "deploy/compose/s3.yaml")
    done = subprocess.run(
        ["docker", "compose", *files, "config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"STORE_URL": ""},
    )
    assert done.returncode != 0
    assert "set STORE_URL" in done.stderr


@pytest.mark.parametrize("layers", SETS, ids=lambda names: "+".join(names) or "alone")
def test_the_log_of_every_container_rotates(layers: tuple[str, ...]) -> None:
    bounded = {"driver": "json-file", "options": {"max-file": "3", "max-size": "10m"}}
    services = composed(*layers)["services"]
    assert {name: service.get("logging") for name, service in services.items()} == dict.fromkeys(
        services, bounded
    )
