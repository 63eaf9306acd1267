"""Copies of versions on a disk: one download for all processes, and no more than there is room for."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from slipway.core.errors import CacheFull
from slipway.core.shared_settings import StoreSettings
from slipway.core.store import Store, open_store
from slipway.model.cache import ModelCache
from slipway.model.registry import Registry
from slipway.model.transfer import publish
from support.artifacts import put, trained
from support.versions import retuned


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Holds spam 1.0.0, 1.1.0 and 1.2.0, all of one size."""
    folder = tmp_path_factory.mktemp("stored")
    source = put(folder / "models", trained(folder), promote=False)
    (folder / "store").mkdir()
    found = Registry(open_store(StoreSettings(store_url=(folder / "store").as_uri())))
    for minor in range(3):
        publish(found, retuned(source, folder / "v", f"1.{minor}.0", 0.1))
    return found


def names(folder: Path) -> set[str]:
    """The versions that are in the cache."""
    return {path.name.partition("-")[0] for path in (folder / "spam").iterdir()}


def test_what_was_used_longest_ago_makes_room(registry: Registry, tmp_path: Path) -> None:
    size = max(registry.version("spam", f"1.{n}.0").size_bytes for n in range(3))
    cache = ModelCache(registry, tmp_path, max_bytes=5 * size // 2)
    for version, used_at in (("1.0.0", 200), ("1.1.0", 100)):
        with cache.held("spam", version) as directory:
            pass
        os.utime(directory, (used_at, used_at))
    with cache.held("spam", "1.2.0"):
        assert names(tmp_path) == {"1.0.0", "1.2.0"}
        assert cache.size_bytes() <= 5 * size // 2


def test_what_is_held_is_not_removed_and_the_cache_says_that_it_is_full(
    registry: Registry, tmp_path: Path
) -> None:
    size = registry.version("spam", "1.0.0").size_bytes
    cache = ModelCache(registry, tmp_path, max_bytes=3 * size // 2)
    with (
        cache.held("spam", "1.0.0"),
        pytest.raises(CacheFull, match="SLIPWAY_MODEL_CACHE_MAX_BYTES"),
        cache.held("spam", "1.1.0"),
    ):
        pass
    assert names(tmp_path) == {"1.0.0"}


def test_a_version_larger_than_the_cache_drives_nothing_out(
    registry: Registry, tmp_path: Path
) -> None:
    with ModelCache(registry, tmp_path).held("spam", "1.0.0"):
        pass
    with (
        pytest.raises(CacheFull),
        ModelCache(registry, tmp_path, max_bytes=1000).held("spam", "1.1.0"),
    ):
        pass
    assert names(tmp_path) == {"1.0.0"}


class CountingStore:
    """A store that notes which objects are read as streams."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.streamed: list[str] = []

    def stream(self, key: str) -> Iterator[bytes]:
        self.streamed.append(key)
        return self._store.stream(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_of_several_that_want_a_version_one_downloads_it(
    registry: Registry, tmp_path: Path
) -> None:
    store = CountingStore(registry.store)
    cache = ModelCache(Registry(cast(Store, store)), tmp_path)
    found: list[Path] = []

    def hold() -> None:
        with cache.held("spam", "1.0.0") as directory:
            found.append(directory)

    threads = [threading.Thread(target=hold) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(store.streamed) == len(set(store.streamed)) > 0


def test_what_a_killed_process_left_is_removed(registry: Registry, tmp_path: Path) -> None:
    left = tmp_path / "spam" / ".1.0.0-half.0123"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half")
    with ModelCache(registry, tmp_path).held("spam", "1.0.0"):
        assert not left.exists()
