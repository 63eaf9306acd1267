"""The dashboards are what Grafana's own schema, published as types, says that a dashboard is."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.test_dashboards import DASHBOARDS, dashboard
from rules.tools import ROOT
from support.parts import absent

HERE = Path(__file__).parent / "schema"
OPTIONS = ["--noEmit", "--strict", "--skipLibCheck", "--pretty", "false"]
RESOLUTION = ["--module", "preserve", "--moduleResolution", "bundler"]


@pytest.fixture(scope="module")
def compiler() -> list[str]:
    """TypeScript's, installed beside Grafana's types from schema/package.json."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        absent("grafana schema", "no node and npm")
    if not (HERE / "node_modules").is_dir():
        command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            absent("grafana schema", f"npm cannot install it: {done.stderr[-200:]}")
    return [node, str(HERE / "node_modules/typescript/bin/tsc"), *OPTIONS, *RESOLUTION]


@pytest.fixture
def complaints(compiler: list[str], tmp_path: Path) -> Any:
    """What the compiler says of dashboards by name; they are literals, so that unknown fields count."""

    def check(models: dict[str, Any]) -> str:
        for name in ("dashboard.ts", "package.json"):
            shutil.copy(HERE / name, tmp_path)
        (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
        sources = []
        for name, model in models.items():
            source = tmp_path / f"{name}.ts"
            head = 'import type { File } from "./dashboard";\nexport const file: File = '
            source.write_text(head + json.dumps(model, indent=1))
            sources.append(str(source))
        done = subprocess.run(
            [*compiler, *sources], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode == 0) == (done.stdout == ""), done.stderr
        return done.stdout

    return check


def test_every_dashboard_is_valid(complaints: Any) -> None:
    assert complaints({name: dashboard(name) for name in DASHBOARDS}) == ""


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (["titel"], "Overview"),
        (["refresh"], 15),
        (["panels", 0, "type"], "statistic"),
        (["panels", 0, "options", "colorMode"], "backgrounds"),
        (["panels", 0, "options", "graphMod"], "area"),
        (["panels", 0, "fieldConfig", "defaults", "thresholds", "steps", 0], {"colour": "red"}),
        (["panels", 0, "targets", 0, "expression"], "up"),
        (["panels", 8, "fieldConfig", "defaults", "custom", "thresholdsStyle"], {"mode": "lines"}),
        (["templating", "list", 0, "type"], "queries"),
        (["annotations", "list", 0, "color"], "red"),
        (["links", 0, "asDropdown"], "yes"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, list) else "",
)
def test_a_field_that_grafana_does_not_know_is_found(
    complaints: Any, path: list[str | int], wrong: object
) -> None:
    model: Any = dashboard("overview")
    place = model
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    assert "overview.ts" in complaints({"overview": model})


def test_the_schema_is_of_the_grafana_that_is_deployed() -> None:
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]["@grafana/schema"]
    versions = yaml.safe_load((ROOT / "deploy/compose/versions.env").read_text().replace("=", ": "))
    assert versions["GRAFANA_VERSION"] == wanted
