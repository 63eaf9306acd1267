"""Where keys are asked for, their file is mounted: in Kubernetes from a Secret, in compose from a folder."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests.conftest import KUBERNETES, ROOT
from manifests.rendered import Rendered, pod_of

READERS = {"predictor": "Deployment", "monitor": "StatefulSet"}
KEYS = "shop 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8 predict\n"


@pytest.fixture(scope="module")
def production() -> Rendered:
    return Rendered.of(KUBERNETES / "overlays" / "production")


def settings_of(rendered: Rendered) -> Any:
    return next(
        config["data"]
        for config in rendered.kind("ConfigMap")
        if "SLIPWAY_REDIS_URL" in config["data"]
    )


def test_production_asks_for_keys(production: Rendered) -> None:
    assert settings_of(production)["SLIPWAY_AUTH"] == "on"


@pytest.mark.parametrize("reader", READERS)
def test_production_mounts_the_secret_where_the_keys_are_read(
    production: Rendered, reader: str
) -> None:
    pod = pod_of(production.one(READERS[reader], reader))
    volume = next(v for v in pod["volumes"] if v["name"] == "api-keys")
    assert volume["secret"]["secretName"] == "api-keys"
    mount = next(m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "api-keys")
    assert mount["readOnly"]
    assert "subPath" not in mount, "it would never see a changed Secret"
    file = Path(settings_of(production)["SLIPWAY_API_KEYS_FILE"])
    assert file.parent == Path(mount["mountPath"])
    assert file.name in {item["path"] for item in volume["secret"]["items"]}


def test_the_laptop_overlay_says_that_keys_are_off() -> None:
    assert settings_of(Rendered.of(KUBERNETES / "overlays" / "local"))["SLIPWAY_AUTH"] == "off"


class Compose:
    """make-secrets.sh over folders of a test's own."""

    def __init__(self, folder: Path) -> None:
        self.given, self.secrets = folder / "given", folder / "secrets"
        self.given.mkdir()
        for volume in self.volumes():
            (self.secrets / volume).mkdir(parents=True)
        text = (ROOT / "deploy/compose/make-secrets.sh").read_text()
        text = text.replace("/given/", f"{self.given}/").replace("/secrets/", f"{self.secrets}/")
        self.script = folder / "make-secrets.sh"
        self.script.write_text(text)

    @staticmethod
    def services() -> Any:
        return yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())["services"]

    def volumes(self) -> list[str]:
        mounts = [v.split(":")[1] for v in self.services()["secrets"]["volumes"]]
        return [Path(m).name for m in mounts if m.startswith("/secrets/")]

    def start(self) -> None:
        subprocess.run(["sh", str(self.script)], check=True)


@pytest.fixture
def compose(tmp_path: Path) -> Compose:
    return Compose(tmp_path)


@pytest.mark.parametrize("reader", READERS)
def test_compose_lays_the_keys_where_they_are_read(compose: Compose, reader: str) -> None:
    (compose.given / "api_keys").write_text(KEYS)
    compose.start()
    assert (compose.secrets / reader / "api_keys").read_text() == KEYS
    service = compose.services()[reader]
    assert f"secrets-{reader}:/run/secrets:ro" in service["volumes"]
    assert service["environment"]["SLIPWAY_API_KEYS_FILE"] == "/run/secrets/api_keys"


def test_compose_takes_away_the_keys_that_are_no_longer_given(compose: Compose) -> None:
    (compose.given / "api_keys").write_text(KEYS)
    compose.start()
    (compose.given / "api_keys").unlink()
    compose.start()
    assert list(compose.secrets.glob("*/api_keys")) == []


def test_compose_gives_the_keys_to_nobody_else(compose: Compose) -> None:
    (compose.given / "api_keys").write_text(KEYS)
    compose.start()
    assert {f.parent.name for f in compose.secrets.glob("*/api_keys")} == set(READERS)
