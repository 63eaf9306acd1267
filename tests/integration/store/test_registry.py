"""Versions and aliases in a folder and in a bucket."""

import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from slipway.core.errors import ArtifactRefused, Conflict, ModelNotFound
from slipway.core.shared_settings import StoreSettings
from slipway.core.store import Store
from slipway.model.aliases import Alias, Challenger
from slipway.model.artifact import write
from slipway.model.cleaning import leftovers, old_versions, remove
from slipway.model.promotion import challenged, promoted, rolled_back
from slipway.model.registry import Registry
from slipway.model.transfer import download, publish, verify_stored
from support.artifacts import trained
from support.processes import RunningProcess
from support.versions import retuned
from support.waiting import wait_until

NOW = datetime(2026, 11, 23, 2, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with version 1.0.0 of `spam`."""
    folder = tmp_path_factory.mktemp("made")
    result = trained(folder)
    write(folder / "version", result.manifest, result.files)
    return folder / "version"


@pytest.fixture
def registry(store: Store) -> Registry:
    return Registry(store)


def promote(registry: Registry, version: str, why: str = "test") -> Alias:
    alias = promoted(registry.newest("spam"), version, who="anna", now=NOW, why=why)
    registry.put("spam", alias)
    return alias


def test_a_published_version_comes_back_byte_for_byte(
    registry: Registry, made: Path, tmp_path: Path
) -> None:
    stored = publish(registry, made)
    download(registry, stored, tmp_path / "copy")
    assert {p.name: p.read_bytes() for p in (tmp_path / "copy").iterdir()} == {
        p.name: p.read_bytes() for p in made.iterdir()
    }
    assert registry.names() == ["spam"]
    assert registry.version_names("spam") == ["1.0.0"]


def test_a_version_is_never_replaced(registry: Registry, made: Path) -> None:
    publish(registry, made)
    with pytest.raises(Conflict, match="never change"):
        publish(registry, made)


def test_a_version_without_its_manifest_does_not_exist(registry: Registry, made: Path) -> None:
    for file in ("config.json", "model.safetensors"):
        registry.store.create(
            registry.version_key("spam", "1.0.0", file), (made / file).read_bytes()
        )
    assert registry.version_names("spam") == []
    with pytest.raises(ModelNotFound):
        registry.version("spam", "1.0.0")


def test_what_an_interrupted_writer_left_is_finished_by_the_next(
    registry: Registry, made: Path
) -> None:
    registry.store.create(
        registry.version_key("spam", "1.0.0", "config.json"), (made / "config.json").read_bytes()
    )
    publish(registry, made)
    assert verify_stored(registry, "spam", "1.0.0").manifest.version == "1.0.0"


def test_another_writers_unfinished_version_is_not_mixed_with(
    registry: Registry, made: Path
) -> None:
    registry.store.create(registry.version_key("spam", "1.0.0", "golden.json"), b"[]")
    with pytest.raises(Conflict, match="slipway models clean"):
        publish(registry, made)
    assert registry.version_names("spam") == []


def test_cleaning_removes_what_was_never_finished_and_nothing_else(
    registry: Registry, made: Path
) -> None:
    publish(registry, made)
    registry.store.create(registry.version_key("spam", "2.0.0", "config.json"), b"{}")
    later = datetime.now(UTC) + timedelta(hours=1)
    assert leftovers(registry, "spam", datetime.now(UTC) - timedelta(hours=1)) == []
    for leftover in leftovers(registry, "spam", later):
        remove(registry, leftover)
    assert registry.files("spam", "2.0.0") == []
    assert registry.version_names("spam") == ["1.0.0"]


def test_old_versions_go_unless_the_alias_names_them(
    registry: Registry, made: Path, tmp_path: Path
) -> None:
    publish(registry, made)
    for number in (1, 2, 10):
        publish(registry, retuned(made, tmp_path / f"v{number}", f"1.{number}.0", 0.1 * number))
    promote(registry, "1.1.0")
    promote(registry, "1.2.0")
    old = old_versions(registry, "spam", keep=1)
    assert [leftover.version for leftover in old] == ["1.0.0"]
    for leftover in old:
        remove(registry, leftover)
    assert registry.version_names("spam") == ["1.1.0", "1.2.0", "1.10.0"]


@pytest.mark.parametrize("damage", ["a byte", "the end", "a file more", "a file less"])
def test_damage_in_the_store_is_named(registry: Registry, made: Path, damage: str) -> None:
    publish(registry, made)
    store, key = registry.store, registry.version_key("spam", "1.0.0", "config.json")
    body = store.read(key)
    if damage == "a file more":
        store.create(registry.version_key("spam", "1.0.0", "extra.py"), b"import os")
    else:
        store.delete(key)
    if damage == "a byte":
        store.create(key, b" " + body[1:])
    if damage == "the end":
        store.create(key, body[:-1])
    with pytest.raises(ArtifactRefused) as refused:
        verify_stored(registry, "spam", "1.0.0")
    assert refused.value.file == ("extra.py" if damage == "a file more" else "config.json")


def test_the_history_says_what_was_live_who_changed_it_and_why(registry: Registry) -> None:
    promote(registry, "1.0.0", "the first")
    promote(registry, "1.1.0", "better recall")
    back = rolled_back(registry.newest("spam"), who="ben", now=NOW, why="complaints")
    registry.put("spam", back)
    told = [(a.generation, a.champion, a.previous, a.who, a.why) for a in registry.history("spam")]
    assert told == [
        (1, "1.0.0", None, "anna", "the first"),
        (2, "1.1.0", "1.0.0", "anna", "better recall"),
        (3, "1.0.0", "1.1.0", "ben", "complaints"),
    ]


def test_a_challenger_stands_beside_the_champion_until_it_wins(registry: Registry) -> None:
    promote(registry, "1.0.0")
    canary = Challenger("1.1.0", "canary", 0.1, "2026-11-24T00:00:00+00:00")
    registry.put("spam", challenged(registry.newest("spam"), canary, who="a", now=NOW, why="try"))
    newest = registry.newest("spam")
    assert newest is not None
    assert (newest.champion, newest.challenger) == ("1.0.0", canary)
    assert promote(registry, "1.1.0").challenger is None


def test_a_rollback_never_leads_to_a_version_that_was_refused() -> None:
    first = promoted(None, "1.0.0", who="a", now=NOW, why="")
    bad = promoted(first, "2.0.0", who="a", now=NOW, why="")
    good = promoted(bad, "3.0.0", who="a", now=NOW, why="", refused={"2.0.0"})
    assert rolled_back(good, who="a", now=NOW, why="").champion == "1.0.0"


def test_the_loser_of_a_generation_is_told_who_won(registry: Registry) -> None:
    newest = registry.newest("spam")
    registry.put("spam", promoted(newest, "1.0.0", who="anna", now=NOW, why="mine"))
    with pytest.raises(Conflict, match=r"anna made 1\.0\.0 the champion .*mine"):
        registry.put("spam", promoted(newest, "2.0.0", who="ben", now=NOW, why="no, mine"))


def test_an_alias_that_cannot_be_read_is_refused(registry: Registry) -> None:
    registry.store.create(registry.key("spam", "aliases", "00000001.json"), b'{"schema": 99}')
    with pytest.raises(ArtifactRefused):
        registry.newest("spam")


@pytest.mark.parametrize("name", ["../etc", "a/b", "", "Spam", "-x"])
def test_a_name_that_is_none_reaches_no_key(registry: Registry, name: str) -> None:
    with pytest.raises(ModelNotFound):
        registry.version(name, "1.0.0")
    with pytest.raises(ModelNotFound):
        registry.read("spam", name, "config.json")


@pytest.mark.slow
def test_a_publisher_killed_at_any_moment_leaves_whole_versions_and_the_next_one_finishes(
    store_settings: StoreSettings, registry: Registry, made: Path, tmp_path: Path
) -> None:
    for number in range(1, 41):
        retuned(made, tmp_path / "versions" / f"{number:03d}", f"1.{number}.0", 0.01 * number)
    for objects in (1, 30, 100, 170, 240):
        publisher = start_publisher(store_settings, tmp_path)
        wait_until(
            partial(has_objects_or_ended, registry, publisher, objects), seconds=60, every=0.001
        )
        publisher.send(signal.SIGKILL)
        publisher.wait()
        publisher.stop()
        for version in registry.version_names("spam"):
            verify_stored(registry, "spam", version)
    last = start_publisher(store_settings, tmp_path)
    assert last.wait(120) == 0, last.output
    last.stop()
    assert len(registry.version_names("spam")) == 40
    for version in registry.version_names("spam"):
        verify_stored(registry, "spam", version)


def start_publisher(settings: StoreSettings, folder: Path) -> RunningProcess:
    program = Path(__file__).with_name("publish_all.py")
    given = settings.model_dump(exclude_none=True).items()
    environment = {f"SLIPWAY_{name.upper()}": str(value) for name, value in given}
    command = [sys.executable, str(program), str(folder / "versions")]
    return RunningProcess(command, folder / "publisher.log", environment)


def has_objects_or_ended(registry: Registry, publisher: RunningProcess, objects: int) -> bool:
    return not publisher.running or len(list(registry.store.list("models"))) >= objects
