"""How a version goes live, on real processes: in the shadow, as a canary, promoted, rolled back."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from predictor.canary import place
from slipway.model import rollout
from slipway.model.aliases import Challenger
from slipway.model.promotion import challenged
from slipway.model.refusals import refusals
from support.constant_load import ConstantLoad
from support.team import Team, loaded, samples
from support.versions import remanifested
from support.waiting import wait_until

MESSAGE = {"message": "win a phone"}
HOW = {"who": "test", "why": "test"}
ROLLBACK_SECONDS = 5.0


def start_canary(team: Team, version: str, weight: float, seconds: float = 600.0) -> None:
    """As the command does, for times that a person would not type."""
    now = datetime.now(UTC)
    ends = now + timedelta(seconds=seconds)
    rollout.canary(team.registry, "spam", version, weight=weight, expires_at=ends, now=now, **HOW)


@pytest.fixture
def two_versions(team: Team) -> Team:
    """1.5.0 was champion before 2.0.0 is; 3.0.0 is there."""
    team.publish("1.5.0", shift=-0.5)
    team.publish("2.0.0")
    team.publish("3.0.0", shift=-3.0)
    team.promote("1.5.0")
    team.promote("2.0.0")
    return team


def ask(team: Team, client: str) -> str:
    answer = team.predictor.post("/predict", MESSAGE, headers={"X-Client-ID": client})
    assert answer.status_code == 200
    version: str = answer.json()["model_version"]
    return version


def test_a_canary_answers_its_share_of_the_clients_and_each_client_every_time(
    two_versions: Team,
) -> None:
    team = two_versions
    team.start()
    start_canary(team, "3.0.0", 0.25)
    wait_until(lambda: team.processes_as("3.0.0", "canary") == 2)
    clients = [f"client-{number}" for number in range(300)]
    first = {client: ask(team, client) for client in clients}
    assert {client: ask(team, client) for client in clients} == first
    theirs = [client for client in clients if first[client] == "3.0.0"]
    assert theirs == [client for client in clients if place("spam", "3.0.0", client) < 0.25]
    assert 45 <= len(theirs) <= 105  # 75 expected; four deviations


def test_a_canary_ends_by_itself_with_nobody_alive_who_could_end_it(two_versions: Team) -> None:
    team = two_versions
    team.start()
    start_canary(team, "3.0.0", 1.0, seconds=3.0)
    wait_until(lambda: team.processes_as("3.0.0", "canary") == 2)
    assert ask(team, "anybody") == "3.0.0"
    team.folder.rename(team.folder.with_name("gone"))  # neither a monitor nor a store
    wait_until(lambda: ask(team, "anybody") == "2.0.0", seconds=15.0)
    assert {ask(team, f"client-{number}") for number in range(50)} == {"2.0.0"}
    wait_until(lambda: team.processes_as("3.0.0", "canary") == 0, what="it is let go of")
    assert not samples(team.predictor.metrics(), "slipway_predictor_challenger_weight")


def test_a_process_that_starts_while_a_canary_runs_takes_part(two_versions: Team) -> None:
    team = two_versions
    start_canary(team, "3.0.0", 1.0)
    team.start()
    wait_until(lambda: team.processes_as("3.0.0", "canary") == 2)
    assert ask(team, "anybody") == "3.0.0"
    weights = samples(team.predictor.metrics(), "slipway_predictor_challenger_weight")
    assert {value for _, value in weights} == {1.0}


def test_a_challenger_that_is_refused_leaves_the_champion_alone(two_versions: Team) -> None:
    team = two_versions

    def other_answers(directory: Path) -> None:
        golden = msgspec.json.decode((directory / "golden.json").read_bytes())
        golden[0]["expected"]["probabilities"]["spam"] = 0.123
        (directory / "golden.json").write_bytes(msgspec.json.encode(golden))
        remanifested(directory)

    team.publish("4.0.0", spoil=other_answers)
    team.start()
    start_canary(team, "4.0.0", 1.0)
    wait_until(lambda: team.metadata()["refused"])
    assert {ask(team, f"client-{number}") for number in range(20)} == {"2.0.0"}
    assert team.serving() == {"2.0.0"}
    refused = samples(team.predictor.metrics(), "slipway_predictor_model_load_failures_total")
    assert [labels["version"] for labels, _ in refused] == ["4.0.0"]
    assert [each.version for each in refusals(team.registry, "spam")] == ["4.0.0"]


def test_what_the_shadow_says_is_compared_and_told_to_nobody(two_versions: Team) -> None:
    team = two_versions
    team.start()
    team.command("shadow", "spam", "3.0.0", "--share", "1.0")
    wait_until(lambda: team.processes_as("3.0.0", "shadow") == 2)
    assert {ask(team, f"client-{number}") for number in range(40)} == {"2.0.0"}

    def compared() -> float:
        found = samples(team.predictor.metrics(), "slipway_predictor_shadow_rows_total")
        return sum(value for _, value in found)

    wait_until(lambda: compared() == 40, what="all are scored")
    predictions = samples(team.predictor.metrics(), "slipway_predictor_predictions_total")
    roles = {labels["role"] for labels, value in predictions if value}
    assert roles == {"champion", "shadow"}


def until_all_are(team: Team, version: str, began: float) -> float:
    """Seconds until every process says, in its own metric, that the version is its champion."""

    def all_are() -> bool:
        found = loaded(team.predictor.metrics())
        champions = [x for x in found if x["role"] == "champion" and x["model"] == "spam"]
        return len(champions) == 4 and {x["version"] for x in champions} == {version}

    wait_until(all_are, seconds=30.0, every=0.02)
    return time.monotonic() - began


@pytest.mark.parametrize("running", ["nothing", "shadow", "canary"])
def test_one_command_rolls_back_every_process_within_seconds(
    two_versions: Team, running: str
) -> None:
    team = two_versions
    team.settings["follow_seconds"] = "1"  # as it is by default
    team.start(workers=4)
    if running == "shadow":
        team.command("shadow", "spam", "3.0.0")
    if running == "canary":
        team.command("canary", "spam", "3.0.0", "--weight", "0.5")
    if running != "nothing":
        wait_until(lambda: team.processes_as("3.0.0", running) == 4)
    began = time.monotonic()
    team.command("rollback", "spam", "--why", "complaints")
    assert until_all_are(team, "1.5.0", began) < ROLLBACK_SECONDS
    assert {ask(team, f"client-{number}") for number in range(20)} == {"1.5.0"}
    if running != "nothing":
        wait_until(lambda: team.processes_as("3.0.0", running) == 0)


@pytest.mark.slow
def test_no_prediction_fails_from_the_shadow_to_the_promotion_and_back(two_versions: Team) -> None:
    team = two_versions
    team.start(workers=4)

    def distinct(number: int) -> dict[str, str]:
        return {"message": f"win phone number {number}"}

    with ConstantLoad(f"{team.predictor.url}/predict", 6, distinct) as load:
        wait_until(lambda: load.answers["2.0.0"] > 200)
        team.command("shadow", "spam", "3.0.0", "--share", "0.5", "--expires-in", "10m")
        wait_until(lambda: team.processes_as("3.0.0", "shadow") == 4)
        assert set(load.taken()) == {"2.0.0"}
        for weight in (0.05, 0.25, 1.0):
            start_canary(team, "3.0.0", weight)
            wait_until(everybody_has(team, weight))
            load.taken()
            wait_until(lambda: load.answers.total() > 800, seconds=60.0)
            answers = load.taken()
            asked, share = answers.total(), answers["3.0.0"] / answers.total()
            assert abs(share - weight) <= 4 * (weight * (1 - weight) / asked) ** 0.5 + 0.01
        team.command("promote", "spam", "3.0.0", "--why", "better")
        wait_until(lambda: team.processes_as("3.0.0", "champion") == 4)
        assert set(load.taken()) == {"3.0.0"}
        began = time.monotonic()
        team.command("rollback", "spam", "--why", "complaints")
        assert until_all_are(team, "2.0.0", began) < ROLLBACK_SECONDS
        for _ in range(2):  # what was under way then is answered by what it had found
            load.taken()
            wait_until(lambda: load.answers.total() > 200)
        assert set(load.taken()) == {"2.0.0"}
    assert load.failures == []


def everybody_has(team: Team, weight: float) -> Callable[[], bool]:
    def look() -> bool:
        found = samples(team.predictor.metrics(), "slipway_predictor_challenger_weight")
        return [value for _, value in found] == [weight] * 4

    return look


def test_a_challenger_that_takes_less_than_the_champion_never_takes_part(
    two_versions: Team,
) -> None:
    """The command refuses it; an alias that was put by other means does not make it answer."""
    team = two_versions

    def shorter(directory: Path) -> None:
        signature = msgspec.json.decode((directory / "signature.json").read_bytes())
        signature["inputs"][0]["max_length"] = 80
        (directory / "signature.json").write_bytes(msgspec.json.encode(signature))
        remanifested(directory)

    team.publish("4.0.0", spoil=shorter)
    team.start()
    challenger = Challenger("4.0.0", "canary", 1.0)
    newest = team.registry.newest("spam")
    team.registry.put("spam", challenged(newest, challenger, now=datetime.now(UTC), **HOW))
    refused = wait_until(lambda: team.metadata()["refused"])
    assert "narrower bounds" in refused[0]["reason"]
    assert {ask(team, f"client-{number}") for number in range(20)} == {"2.0.0"}
