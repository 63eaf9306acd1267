"""Compose and Kubernetes run the same versions of the same images with the same files."""

from pathlib import Path

import pytest
import yaml

from manifests.conftest import KUBERNETES, ROOT
from manifests.rendered import Rendered, containers_of, pod_of

COMPOSE = ROOT / "deploy" / "compose"
SHARED = {
    "gateway-config": "deploy/gateway/haproxy.cfg",
    "redis-config": "deploy/redis/*.*",
    "prometheus-config": "deploy/prometheus/prometheus.yml",
    "alertmanager-config": "deploy/prometheus/alertmanager.yml",
    "prometheus-rules": "deploy/prometheus/rules/*.yml",
    "grafana-datasources": "grafana/provisioning/datasources/*",
    "grafana-providers": "grafana/provisioning/dashboards/*",
    "grafana-dashboard-": "grafana/dashboards/*.json",
}


def compose_images() -> dict[str, str]:
    """name: version, of every image in the compose file."""
    lines = (COMPOSE / "versions.env").read_text().splitlines()
    versions = dict(line.split("=") for line in lines if line and not line.startswith("#"))
    services = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]
    images = (service["image"].split(":", 1) for service in services.values())
    return {name: versions[variable.strip("${}")] for name, variable in images}


def test_compose_and_kubernetes_run_the_same_versions(rendered: Rendered) -> None:
    images = (
        c["image"].split(":") for workload in rendered.workloads() for c in containers_of(workload)
    )
    in_kubernetes = dict(images)
    only_there = {"versity/versitygw", "python"}
    assert {k: v for k, v in in_kubernetes.items() if k not in only_there} == compose_images()


def test_our_images_have_the_version_of_the_library() -> None:
    said = (ROOT / "libs/slipway/src/slipway/__init__.py").read_text()
    ours = {found for name, found in compose_images().items() if name.startswith("slipway/")}
    assert [f'__version__ = "{version}"' in said for version in ours] == [True]


def test_kubernetes_gets_the_files_that_compose_mounts(rendered: Rendered) -> None:
    for prefix, pattern in SHARED.items():
        files = {
            f.name: f.read_text() for f in ROOT.glob(pattern) if f.name != "kustomization.yaml"
        }
        in_kubernetes: dict[str, str] = {}
        for config in rendered.kind("ConfigMap"):
            if config["metadata"]["name"].startswith(prefix):
                in_kubernetes.update(config["data"])
        assert files, pattern
        assert in_kubernetes == files, prefix


def test_grafana_in_kubernetes_mounts_every_dashboard(rendered: Rendered) -> None:
    volumes = rendered.one("Deployment", "grafana")["spec"]["template"]["spec"]["volumes"]
    sources = next(v for v in volumes if v["name"] == "dashboards")["projected"]["sources"]
    mounted = {source["configMap"]["name"] for source in sources}
    made = {c["metadata"]["name"] for c in rendered.kind("ConfigMap")}
    assert mounted == {name for name in made if name.startswith("grafana-dashboard-")}


@pytest.mark.parametrize("name", ["predictor", "worker"])
def test_copies_of_models_stay_below_the_size_of_their_volume(
    rendered: Rendered, name: str
) -> None:
    settings = next(
        config["data"]
        for config in rendered.kind("ConfigMap")
        if config["metadata"]["name"].startswith("slipway-settings")
    )
    pod = pod_of(rendered.one("Deployment", name))
    volume = next(each for each in pod["volumes"] if each["name"] == "models")
    limit = int(volume["emptyDir"]["sizeLimit"].removesuffix("Gi")) << 30
    assert 0 < int(settings["SLIPWAY_MODEL_CACHE_MAX_BYTES"]) < limit
    mounts = pod["containers"][0]["volumeMounts"]
    folder = next(each["mountPath"] for each in mounts if each["name"] == "models")
    dockerfile = (ROOT / "services" / name / "Dockerfile").read_text()
    assert f"SLIPWAY_MODEL_CACHE={folder}" in dockerfile
    compose = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
    assert folder in compose["services"][name]["volumes"]


def test_production_makes_no_secret_up() -> None:
    production = Rendered.of(KUBERNETES / "overlays" / "production")
    assert list(production.kind("Job", "Role", "Secret")) == []


def test_every_kustomization_lists_files_that_are_there() -> None:
    for kustomization in ROOT.glob("**/kustomization.yaml"):
        for generator in yaml.safe_load(kustomization.read_text()).get("configMapGenerator", []):
            names = [*generator.get("files", []), *generator.get("envs", [])]
            assert all((kustomization.parent / Path(name)).is_file() for name in names)
