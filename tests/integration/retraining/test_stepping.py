"""A retraining's steps over a real store, log and queue; the monitor is a new one at every look."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.prediction_log.opening import PredictionLog
from monitor.retraining.record import retrainings_of, steps_of
from slipway.model import rollout
from slipway.model.aliases import Alias
from slipway.model.registry import Registry
from slipway.model.retrain_requests import requests_for
from support.redis_server import RedisServer
from support.retraining import labelled_traffic
from support.retraining_loop import PLAN, Loop
from worker.training import TrainingRunner


@pytest.fixture
def loop(
    log: PredictionLog, registry: Registry, redis_server: RedisServer, runner: TrainingRunner
) -> Iterator[Loop]:
    labelled_traffic(log, start=time.time() - 1000)
    yield Loop(log, registry, redis_server, runner)


def trained(loop: Loop) -> str:
    retraining_id = loop.begin()
    loop.look()
    loop.work()
    return retraining_id


def test_a_challenger_goes_all_the_way_with_a_new_monitor_at_every_look(loop: Loop) -> None:
    retraining_id = trained(loop)
    loop.until(retraining_id, "done")
    assert loop.states(retraining_id)[-4:] == ["shadow", "canary", "canary", "promoted"]
    loop.look()
    newest = loop.newest()
    assert newest.champion == "1.1.0" and newest.challenger is None
    said = [alias.challenger for alias in loop.registry.history("spam")]
    modes = [(c.mode, c.weight, c.shadow_weight) for c in said if c is not None]
    assert modes == [("shadow", 0.5, 0), ("canary", 0.1, 0.5), ("canary", 0.5, 0.5)]
    assert all(c.expires_at for c in said if c is not None)


def test_the_request_is_answered_once_and_leaves_the_store(loop: Loop) -> None:
    retraining_id = loop.begin()
    assert loop.record(retraining_id).reason == "Asked for by anna: now"
    assert list(requests_for(loop.registry, "spam")) == []


def test_a_second_one_is_refused_while_the_first_is_open(loop: Loop) -> None:
    loop.begin()
    second = loop.begin()
    assert loop.record(second).outcome == "refused"
    with loop.log.reading() as connection:
        assert "open already" in steps_of(connection, second)[0].reason


def test_harm_in_the_canary_leaves_the_champion_alone(loop: Loop) -> None:
    retraining_id = trained(loop)
    loop.until(retraining_id, "canary")
    loop.answer("champion", "1.0.0", 200)
    loop.answer("canary", "1.1.0", 60, said="spam")
    loop.look()
    loop.look()
    assert loop.record(retraining_id).outcome == "rolled_back"
    assert loop.newest().challenger is None and loop.newest().champion == "1.0.0"


def test_harm_that_only_the_shadow_of_a_canary_saw_is_enough(loop: Loop) -> None:
    retraining_id = trained(loop)
    loop.until(retraining_id, "canary")
    loop.answer("shadow", "1.1.0", 60, said="spam")
    loop.answer("champion", "1.0.0", 60)
    loop.look()
    with loop.log.reading() as connection:
        last = steps_of(connection, retraining_id)[-1]
    assert last.outcome == "rolled_back" and "60 of 60 rows otherwise" in last.reason
    assert last.figures["challenger"]["requests"] == 0


def test_a_step_that_was_written_but_not_applied_is_applied_by_the_next_monitor(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    retraining_id = trained(loop)
    monkeypatch.setattr("monitor.retraining.stepping.apply", _killed)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            for _ in range(3):
                loop.look()
    assert loop.record(retraining_id).state == "shadow" and loop.newest().challenger is None
    monkeypatch.undo()
    loop.look()
    challenger = loop.newest().challenger
    assert challenger is not None and challenger.mode == "shadow"
    before = loop.newest().generation
    loop.look()
    assert loop.newest().generation == before


def _killed(*_: object) -> Alias:
    raise KeyboardInterrupt


def test_what_a_person_puts_meanwhile_counts(loop: Loop) -> None:
    retraining_id = trained(loop)
    loop.until(retraining_id, "canary")
    rollout.promote(loop.registry, "spam", "1.1.0", who="ben", why="enough", now=datetime.now(UTC))
    loop.look()
    found = loop.record(retraining_id)
    assert (found.state, found.outcome) == ("done", "promoted")
    assert loop.newest().who == "ben"


def test_without_leave_a_person_promotes(loop: Loop) -> None:
    loop.plan = replace(PLAN, auto_promote="off")
    retraining_id = trained(loop)
    loop.until(retraining_id, "waiting")
    loop.look()
    assert loop.newest().challenger is None and loop.newest().champion == "1.0.0"
    rollout.promote(loop.registry, "spam", "1.1.0", who="ben", why="good", now=datetime.now(UTC))
    loop.look()
    assert loop.record(retraining_id).outcome == "promoted"


def test_poisoned_labels_train_nothing_and_the_reason_names_the_key(loop: Loop) -> None:
    labelled_traffic(
        loop.log, 300, start=time.time() - 400, seed=9, keys=("mallory",), poison="mallory"
    )
    retraining_id = loop.begin()
    assert loop.record(retraining_id).outcome == "refused"
    with loop.log.reading() as connection:
        assert "Labels of key mallory" in steps_of(connection, retraining_id)[0].reason
        assert len(retrainings_of(connection, "spam")) == 1
    assert loop.registry.version_names("spam") == ["1.0.0"]
