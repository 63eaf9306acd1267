"""The store in both its places: a folder and an S3-speaking server process."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.core.shared_settings import StoreSettings
from slipway.core.store import Store, open_store
from support.s3_server import S3Server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    """An empty store of the test's own."""
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        return StoreSettings.model_validate(server.settings(secrets.token_hex(4)))
    folder = tmp_path / "store"
    folder.mkdir()
    return StoreSettings(store_url=folder.as_uri())


@pytest.fixture
def store(store_settings: StoreSettings) -> Store:
    return open_store(store_settings)
