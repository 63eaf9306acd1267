"""One model's loop over a real store, log and queue, a step at a time."""

import time
from datetime import UTC, datetime

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
from monitor.retraining.record import Retraining, find_retraining, steps_of
from monitor.retraining.stepping import Stepping
from slipway.core.contracts.jobs import TrainingJob, training_job_from_payload
from slipway.model.aliases import Alias
from slipway.model.registry import Registry
from slipway.model.retrain_requests import ask
from slipway.model.training.recipe import Recipe
from slipway.queue.training_queue import TrainingQueue
from support.intake import Intake
from support.monitored import an_event
from support.redis_server import RedisServer
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
        self,
        log: PredictionLog,
        registry: Registry,
        redis: RedisServer,
        runner: TrainingRunner | None = None,
    ) -> None:
        """runner: what `work` does the queue's job with; None: a worker of its own does."""
        self.log, self.registry, self._redis, self.runner = log, registry, redis.client(), runner
        self.plan = PLAN
        self._rows = self._asked = 0

    def preparing(self) -> Preparing:
        bounds = Bounds(min_labels=200, newest_ratio=0.3, max_key_ratio=0.5)
        models = Models(self.registry)
        return Preparing(self.log, models, self.registry, Brakes(0, 9), bounds, 0.0, 1_000)

    def begin(self, recipe: Recipe | None = None) -> str:
        request = ask(
            self.registry, "spam", who="anna", why="now", now=datetime.now(UTC), recipe=recipe
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
        assert self.runner is not None
        self.runner.run(self._job())

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
