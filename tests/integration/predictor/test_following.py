"""A real predictor follows the aliases in a store: it changes versions, and never for the worse."""

import shutil

import msgspec

from slipway.model.aliases import Challenger
from slipway.model.promotion import challenged, promoted, rolled_back
from slipway.model.refusals import refusals
from slipway.model.transfer import publish
from support.spoiling import golden_answer_changed
from support.team import NOW, Team, loaded, samples
from support.versions import retuned
from support.waiting import wait_until


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
    team.start()  # which waits for one process to be ready, and for any model in the other
    wait_until(lambda: team.serving() == {"2.0.0"})


def test_the_previous_champion_stays_loaded_and_answers_by_its_version(team: Team) -> None:
    team.publish("2.0.0")
    team.publish("3.0.0")
    team.promote("2.0.0")
    team.promote("3.0.0")
    team.start()
    url = "/v1/models/spam/versions/{}/predict"
    for version, status in (("2.0.0", 200), ("3.0.0", 200), ("1.0.0", 404)):
        assert team.predictor.post(url.format(version), {"message": "hi"}).status_code == status
    both = ["2.0.0", "2.0.0", "3.0.0", "3.0.0"]
    wait_until(
        lambda: sorted(each["version"] for each in loaded(team.predictor.metrics())) == both,
        what="both processes have loaded both",
    )
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


def test_a_version_that_answers_otherwise_than_it_should_leaves_the_old_one_serving(
    team: Team,
) -> None:
    team.publish("2.0.0")
    team.publish("3.0.0", spoil=golden_answer_changed)
    team.promote("2.0.0")
    team.start()
    generation = team.promote("3.0.0")
    refused = wait_until(lambda: team.metadata()["models"]["spam"]["refused"])[0]
    assert team.serving() == {"2.0.0"}
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
    team.publish("3.0.0", spoil=golden_answer_changed)
    team.promote("2.0.0")
    team.promote("3.0.0")
    team.start()  # which waits for one process to be ready, and for any model in the other
    wait_until(lambda: team.serving() == {"2.0.0"})


def test_a_version_for_which_the_cache_has_no_room_is_refused_with_that_reason(team: Team) -> None:
    team.publish("2.0.0")
    team.start(model_cache_max_bytes="1000")
    team.promote("2.0.0")
    wait_until(lambda: team.processes_that_refused("2.0.0") == 2)
    assert team.serving() == {"1.0.0"}
    (refused,) = team.metadata()["refused"]
    assert "SLIPWAY_MODEL_CACHE_MAX_BYTES" in refused["reason"]


def test_the_size_of_the_cache_is_measured(team: Team) -> None:
    team.publish("2.0.0")
    team.promote("2.0.0")
    team.start()
    size = team.registry.version("spam", "2.0.0").size_bytes
    (measured,) = samples(team.predictor.metrics(), "slipway_predictor_model_cache_bytes")
    assert measured[1] == size


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
