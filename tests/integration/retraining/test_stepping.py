"""A retraining's steps over a real store, log and queue; the monitor is a new one at every look."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from monitor.models import Models
from monitor.prediction_log.opening import PredictionLog
from monitor.retraining.beginning import Beginning
from monitor.retraining.brakes import Brakes
from monitor.retraining.counters import PredictorCounters
from monitor.retraining.making_set import Bounds
from monitor.retraining.moves import Plan
from monitor.retraining.preparing import Preparing
from monitor.retraining.record import Retraining, find_retraining, retrainings_of, steps_of
from monitor.retraining.stepping import Stepping
from slipway.core.contracts.jobs import TrainingJob, training_job_from_payload
from slipway.model import rollout
from slipway.model.aliases import Alias
from slipway.model.registry import Registry
from slipway.model.retrain_requests import ask, requests_for
from slipway.queue.training_queue import TrainingQueue
from support.intake import Intake
from support.monitored import an_event
from support.redis_server import RedisServer
from support.retraining import labelled_traffic
from worker.training import TrainingRunner

PLAN = Plan(
    auto_promote="on",
    promote_within_seconds=1_000,
    shadow_ratio=0.5,
    shadow_seconds=1.0,
    shadow_min_rows=20,
    canary_ratios=(0.1, 0.5),
    canary_step_seconds=1.0,
    canary_min_requests=20,
    errors_ratio=0.005,
    latency_ratio=1.5,
    disagreement_ratio=0.1,
)


class Loop:
    """One model's loop; `look` is a monitor that has just been started."""

    def __init__(
        self, log: PredictionLog, registry: Registry, redis: RedisServer, runner: TrainingRunner
    ) -> None:
        self.log, self.registry, self._redis, self.runner = log, registry, redis.client(), runner
        self.plan = PLAN
        self._rows = self._asked = 0

    def preparing(self) -> Preparing:
        bounds = Bounds(min_labels=200, newest_ratio=0.3, max_key_ratio=0.5)
        models = Models(self.registry)
        return Preparing(self.log, models, self.registry, Brakes(0, 9), bounds, 0.0, 1_000)

    def begin(self) -> str:
        request = ask(
            self.registry, "spam", who="anna", why="now", now=datetime.now(UTC), recipe=None
        )
        Beginning(self.preparing(), automatic=False).look("spam", time.time())
        return request.request_id

    def look(self) -> None:
        Stepping(
            log=self.log,
            registry=self.registry,
            queue=TrainingQueue(self._redis),
            counters=PredictorCounters([], 9100, 1.0),
            plan=self.plan,
            warm=False,
        ).look()

    def work(self) -> None:
        """What the worker would do with the job in the queue."""
        job = self._job()
        self.runner.run(job)

    def _job(self) -> TrainingJob:
        queue = Queue("training", connection=self._redis, serializer=JSONSerializer)
        [payload] = queue.get_jobs()[0].args
        return training_job_from_payload(payload)

    def record(self, retraining_id: str) -> Retraining:
        with self.log.reading() as connection:
            found = find_retraining(connection, retraining_id)
        assert found is not None
        return found

    def states(self, retraining_id: str) -> list[str]:
        with self.log.reading() as connection:
            return [s.outcome or s.state for s in steps_of(connection, retraining_id)]

    def newest(self) -> Alias:
        found = self.registry.newest("spam")
        assert found is not None
        return found

    def answer(self, role: str, version: str, rows: int = 60, said: str = "not_spam") -> None:
        """Live rows of one version; the champion's are of the requests that a shadow scored last."""
        self._rows += rows
        self._asked += role != "champion"
        of = "canary" if role == "canary" else "asked"
        events = [
            an_event(
                f"x-{version}-{role}-{self._rows}-{n}",
                request_id=f"{of}-{self._asked}-{n}",
                time=time.time(),
                role=role,
                version=version,
                prediction=said,
            )
            for n in range(rows)
        ]
        Intake(self.log).events(*events)

    def until(self, retraining_id: str, state: str) -> Retraining:
        """Looks until the step is reached, while both versions answer well."""
        deadline = time.monotonic() + 30
        while (found := self.record(retraining_id)).state != state:
            assert time.monotonic() < deadline and found.open, self.states(retraining_id)
            if found.state == "canary":
                self.answer("canary", found.version)
                self.answer("champion", found.champion)
            if found.state == "shadow":
                self.answer("shadow", found.version)
                self.answer("champion", found.champion)
            self.look()
            time.sleep(0.1)
        return found


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
