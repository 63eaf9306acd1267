"""A real predictor follows the aliases in a store: it changes versions, and never for the worse."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from slipway.core.settings import StoreSettings
from slipway.core.store import open_store
from slipway.model.aliases import Challenger
from slipway.model.promotion import challenged, promoted, rolled_back
from slipway.model.refusals import refusals
from slipway.model.registry import Registry
from slipway.model.transfer import publish
from support.artifacts import put, trained
from support.predictor_process import RunningPredictor
from support.versions import remanifested, retuned
from support.waiting import wait_until

NOW = datetime(2026, 11, 23, tzinfo=UTC)
Start = Callable[..., RunningPredictor]


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with version 1.0.0 of `spam`."""
    folder = tmp_path_factory.mktemp("built-in")
    put(folder / "models", trained(folder))
    return folder / "models"


class Team:
    """A store, a predictor that follows it, and somebody who changes things."""

    def __init__(self, folder: Path, built_in: Path, start: Start) -> None:
        self.folder = folder / "store"
        self.folder.mkdir()
        self.source = built_in / "spam" / "versions" / "1.0.0"
        self.scratch = folder / "scratch"
        self.settings = {"store_url": self.folder.as_uri(), "follow_seconds": "0.2"}
        self.registry = Registry(open_store(StoreSettings(store_url=self.folder.as_uri())))
        self._builtin = built_in
        self._start = start

    def start(self) -> RunningPredictor:
        self.predictor = self._start(
            builtin_models=str(self._builtin),
            model_cache=str(self.scratch.with_name("cache")),
            auth="off",
            **self.settings,
        )
        wait_until(lambda: self.processes_with("spam") == 2, what="both processes have loaded")
        return self.predictor

    def processes_with(self, name: str) -> int:
        """How many processes have a champion of this name."""
        found = loaded(self.predictor.metrics())
        return len({x["pid"] for x in found if (x["model"], x["role"]) == (name, "champion")})

    def publish(self, version: str, shift: float = 0.5, spoil: Any = None) -> None:
        directory = retuned(self.source, self.scratch, version, shift)
        if spoil is not None:
            spoil(directory)
        publish(self.registry, directory)

    def promote(self, version: str) -> int:
        newest = self.registry.newest("spam")
        alias = promoted(newest, version, who="test", now=NOW, why="test")
        self.registry.put("spam", alias)
        return alias.generation

    def serving(self) -> set[str]:
        """The champion's version in each process, from the metrics."""
        return {
            labels["version"]
            for labels in loaded(self.predictor.metrics())
            if labels["role"] == "champion"
        }

    def metadata(self) -> Any:
        return self.predictor.get("/metadata").json()


def loaded(metrics: str) -> list[dict[str, str]]:
    return [
        dict(sample.labels)
        for family in text_string_to_metric_families(metrics)
        if family.name == "slipway_predictor_model_info"
        for sample in family.samples
    ]


@pytest.fixture
def team(tmp_path: Path, built_in: Path, start_predictor: Start) -> Team:
    return Team(tmp_path, built_in, start_predictor)


def test_the_images_own_model_serves_until_the_store_names_a_champion(team: Team) -> None:
    team.start()
    assert team.serving() == {"1.0.0"}
    assert team.predictor.get("/ready").json()["store"] == "ok"
    team.publish("2.0.0")
    team.promote("2.0.0")
    wait_until(lambda: team.serving() == {"2.0.0"})
    answer = team.predictor.post("/predict", {"message": "hi"}).json()
    assert answer["model_version"] == "2.0.0"


def test_a_new_process_starts_with_the_champion(team: Team) -> None:
    team.publish("2.0.0")
    team.promote("2.0.0")
    team.start()
    assert team.serving() == {"2.0.0"}


def test_the_previous_champion_stays_loaded_and_answers_by_its_version(team: Team) -> None:
    team.publish("2.0.0")
    team.publish("3.0.0")
    team.promote("2.0.0")
    team.promote("3.0.0")
    team.start()
    url = "/v1/models/spam/versions/{}/predict"
    for version, status in (("2.0.0", 200), ("3.0.0", 200), ("1.0.0", 404)):
        assert team.predictor.post(url.format(version), {"message": "hi"}).status_code == status
    shutil.rmtree(team.folder / "models" / "spam" / "versions" / "2.0.0")
    shutil.rmtree(team.predictor.folder.parent / "cache")
    back = rolled_back(team.registry.newest("spam"), who="test", now=NOW, why="needs no load")
    team.registry.put("spam", back)
    wait_until(lambda: team.serving() == {"2.0.0"})


def test_a_challenger_is_loaded_with_its_role(team: Team) -> None:
    team.publish("2.0.0")
    team.publish("3.0.0")
    team.promote("2.0.0")
    team.start()
    canary = Challenger("3.0.0", "canary", 0.1)
    newest = team.registry.newest("spam")
    team.registry.put("spam", challenged(newest, canary, who="test", now=NOW, why="try"))
    wait_until(
        lambda: (
            {("2.0.0", "champion"), ("3.0.0", "canary")}
            == {(each["version"], each["role"]) for each in loaded(team.predictor.metrics())}
        )
    )


def flip_a_byte(directory: Path) -> None:
    """With digests to match: only the golden rows can tell."""
    golden = msgspec.json.decode((directory / "golden.json").read_bytes())
    golden[0]["expected"]["probabilities"]["spam"] = 0.123
    (directory / "golden.json").write_bytes(msgspec.json.encode(golden))
    remanifested(directory)


def test_a_version_that_answers_otherwise_than_it_should_leaves_the_old_one_serving(
    team: Team,
) -> None:
    team.publish("2.0.0")
    team.publish("3.0.0", spoil=flip_a_byte)
    team.promote("2.0.0")
    team.start()
    generation = team.promote("3.0.0")
    wait_until(lambda: team.metadata()["refused"])
    assert team.serving() == {"2.0.0"}
    refused = team.metadata()["models"]["spam"]["refused"][0]
    assert refused["model_version"] == "3.0.0"
    assert "golden.json: row 0" in refused["reason"]
    failures = 'slipway_predictor_model_load_failures_total{model="spam",version="3.0.0"}'
    wait_until(lambda: f"{failures} 2.0" in team.predictor.metrics(), what="both processes say so")
    noted = refusals(team.registry, "spam")
    assert [(r.version, r.generation) for r in noted] == [("3.0.0", generation)]
    team.publish("4.0.0")
    team.promote("4.0.0")
    wait_until(lambda: team.serving() == {"4.0.0"})
    assert team.metadata()["models"]["spam"]["versions"][0]["generation"] == generation + 1


def test_a_process_that_starts_under_a_bad_champion_serves_the_last_good_one(team: Team) -> None:
    team.publish("2.0.0")
    team.publish("3.0.0", spoil=flip_a_byte)
    team.promote("2.0.0")
    team.promote("3.0.0")
    team.start()
    assert team.serving() == {"2.0.0"}


def test_an_alias_of_a_later_release_is_passed_over(team: Team) -> None:
    team.publish("2.0.0")
    team.publish("3.0.0")
    team.promote("2.0.0")
    team.start()
    key = team.registry.key("spam", "aliases", "00000002.json")
    team.registry.store.create(key, b'{"schema": 99, "generation": 2}')
    alias = msgspec.structs.replace(
        promoted(team.registry.generation("spam", 1), "3.0.0", who="t", now=NOW, why="t"),
        generation=3,
    )
    team.registry.put("spam", alias)
    wait_until(lambda: team.serving() == {"3.0.0"})


def test_the_store_away_changes_nothing_and_is_said(team: Team) -> None:
    team.publish("2.0.0")
    team.promote("2.0.0")
    team.start()
    away = team.folder.with_name("away")
    team.folder.rename(away)
    wait_until(lambda: team.predictor.get("/ready").json()["store"] == "away")
    assert team.predictor.get("/ready").status_code == 200
    assert team.predictor.post("/predict", {"message": "hi"}).json()["model_version"] == "2.0.0"
    away.rename(team.folder)
    team.publish("3.0.0")
    team.promote("3.0.0")
    wait_until(lambda: team.serving() == {"3.0.0"})


def test_a_predictor_starts_while_the_store_is_away(team: Team) -> None:
    away = team.folder.with_name("away")
    team.folder.rename(away)
    team.start()
    assert team.serving() == {"1.0.0"}
    away.rename(team.folder)
    team.publish("2.0.0")
    team.promote("2.0.0")
    wait_until(lambda: team.serving() == {"2.0.0"})


def test_a_model_that_is_new_in_the_store_is_served_by_its_name(team: Team) -> None:
    team.start()
    directory = retuned(team.source, team.scratch, "1.0.0", 0.1)
    manifest = (directory / "manifest.json").read_bytes().replace(b'"spam"', b'"other"', 1)
    (directory / "manifest.json").write_bytes(manifest)
    publish(team.registry, directory)
    alias = promoted(None, "1.0.0", who="test", now=NOW, why="test")
    team.registry.put("other", alias)

    wait_until(lambda: team.processes_with("other") == 2)
    answer = team.predictor.post("/v1/models/other/predict", {"message": "hi"})
    assert answer.json()["model_name"] == "other"
