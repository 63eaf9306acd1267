"""What is not there or does not answer is Unavailable, in bounded time; what is no object is not found."""

import socket
import time
from pathlib import Path

import pytest

from slipway.core.errors import NotFound, Unavailable, UnknownSetting
from slipway.core.shared_settings import StoreSettings
from slipway.core.store import Store, open_store
from support.s3_server import S3Server
from support.waiting import free_port


def s3_at(port: int, folder: Path, timeout_seconds: float = 1.0) -> Store:
    credentials = folder / "credentials"
    credentials.write_text("key\nsecret\n")
    return open_store(
        StoreSettings(
            store_url="s3://slipway-test",
            store_endpoint_url=f"http://127.0.0.1:{port}",
            store_credentials_file=credentials,
            store_timeout_seconds=timeout_seconds,
        )
    )


def each_operation_is_unavailable(store: Store) -> None:
    for operation in (
        lambda: store.read("a"),
        lambda: store.stream("a"),
        lambda: store.exists("a"),
        lambda: store.create("a", b"1"),
        lambda: list(store.list("a")),
        lambda: store.delete("a"),
        store.check_reachable,
    ):
        with pytest.raises(Unavailable):
            operation()


def test_no_url_means_no_store() -> None:
    with pytest.raises(Unavailable, match="SLIPWAY_STORE_URL"):
        open_store(StoreSettings())


@pytest.mark.parametrize("url", ["gs://bucket", "file://host/folder", "s3:", "models"])
def test_another_kind_of_url_is_refused(url: str) -> None:
    with pytest.raises(UnknownSetting):
        open_store(StoreSettings(store_url=url))


def test_a_folder_that_is_not_mounted_is_away_and_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    each_operation_is_unavailable(open_store(StoreSettings(store_url=folder.as_uri())))
    assert not folder.exists()


def test_a_folder_that_comes_back_is_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    store = open_store(StoreSettings(store_url=folder.as_uri()))
    with pytest.raises(Unavailable):
        store.check_reachable()
    folder.mkdir()
    store.create("a", b"1")
    assert store.read("a") == b"1"


def test_a_server_that_is_down_is_away(tmp_path: Path) -> None:
    each_operation_is_unavailable(s3_at(free_port(), tmp_path))


def test_a_server_that_never_answers_is_away_in_bounded_time(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        store = s3_at(silent.getsockname()[1], tmp_path, timeout_seconds=0.5)
        began = time.monotonic()
        with pytest.raises(Unavailable):
            store.read("a")
        with pytest.raises(Unavailable):
            store.create("a", b"1")
        # One repeat of the read, none of the create.
        assert time.monotonic() - began < 5 * 3 * 0.5


def test_a_server_that_was_there_and_is_stopped_is_away(tmp_path: Path) -> None:
    server = S3Server(tmp_path)
    store = s3_at(server.port, tmp_path)
    store.create("a", b"1")
    server.stop()
    each_operation_is_unavailable(store)


def test_links_in_a_folder_are_listed_as_links_and_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "store", tmp_path / "outside"
    (folder / "v").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (folder / "v" / "file").symlink_to(outside / "secret")
    (folder / "v" / "directory").symlink_to(outside)
    store = open_store(StoreSettings(store_url=folder.as_uri()))
    assert [(entry.key, entry.is_link) for entry in store.list("v")] == [
        ("v/directory/secret", True),
        ("v/file", True),
    ]
    for key in ("v/file", "v/directory/secret", "v"):
        assert not store.exists(key)
        with pytest.raises(NotFound):
            store.read(key)


def test_credentials_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    settings = {"store_url": "s3://bucket", "store_credentials_file": str(tmp_path / "none")}
    with pytest.raises(UnknownSetting, match="cannot be read"):
        open_store(StoreSettings.model_validate(settings))
    (tmp_path / "none").write_text("only-one-line\n")
    with pytest.raises(UnknownSetting, match="two lines"):
        open_store(StoreSettings.model_validate(settings))
