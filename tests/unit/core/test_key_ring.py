"""The keys file while a process runs."""

import logging
import os
from pathlib import Path

import pytest

from slipway.core.api_keys import ApiKey, Scope, digest_of, line_of
from slipway.core.errors import KeysInvalid
from slipway.core.key_ring import KeyRing, key_ring
from slipway.core.settings import PredictorSettings
from support.application import write_keys


def test_a_key_that_is_added_is_known_at_once_and_one_that_is_removed_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "keys"
    old = write_keys(path, old="predict")["old"]
    ring = KeyRing(path)
    assert ring.find(old)

    new = write_keys(path, newcomer="predict")["newcomer"]
    assert ring.find(new)
    assert ring.find(old) is None


def test_a_key_that_was_found_has_its_new_scopes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    key = write_keys(path, a="predict")["a"]
    ring = KeyRing(path)
    assert not ring.find(key).may(Scope.BATCH)  # type: ignore[union-attr]
    path.write_text(line_of(ApiKey("a", digest_of(key), frozenset({Scope.BATCH}))))
    assert ring.find(key).may(Scope.BATCH)  # type: ignore[union-attr]
    assert not ring.find(key).may(Scope.PREDICT)  # type: ignore[union-attr]


def test_several_keys_live_at_once_so_that_one_can_follow_another(tmp_path: Path) -> None:
    keys = write_keys(tmp_path / "keys", old="predict", new="predict")
    ring = KeyRing(tmp_path / "keys")
    assert {ring.find(key).key_id for key in keys.values()} == {"old", "new"}  # type: ignore[union-attr]


def test_a_secret_that_is_swapped_by_its_link_is_read_again(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    write_keys(tmp_path / "first" / "keys", a="predict")
    second = write_keys(tmp_path / "second" / "keys", b="predict")["b"]
    link = tmp_path / "mounted"
    link.symlink_to("first")
    ring = KeyRing(link / "keys")

    fresh = tmp_path / "fresh"
    fresh.symlink_to("second")
    fresh.rename(link)
    assert ring.find(second)


def test_a_file_that_becomes_wrong_keeps_the_keys_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys"
    key = write_keys(path, a="predict")["a"]
    ring = KeyRing(path)
    path.write_text("half a li")
    with caplog.at_level(logging.ERROR):
        assert ring.find(key)
        assert ring.find(key)
        path.unlink()
        assert ring.find(key)
    assert len(caplog.records) == 2  # wrong, then gone
    write_keys(path, b="predict")
    assert ring.find(key) is None


def test_an_emptied_file_locks_everybody_out(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    key = write_keys(path, a="predict")["a"]
    ring = KeyRing(path)
    os.truncate(path, 0)
    assert ring.find(key) is None


def test_without_keys_a_process_starts_only_where_somebody_said_so() -> None:
    with pytest.raises(KeysInvalid, match="SLIPWAY_AUTH=off"):
        key_ring(PredictorSettings.read({}))
    assert key_ring(PredictorSettings.read({"SLIPWAY_AUTH": "off"})) is None


def test_a_keys_file_that_is_not_there_is_told_of_at_start(tmp_path: Path) -> None:
    with pytest.raises(KeysInvalid, match="No such file"):
        KeyRing(tmp_path / "none")
