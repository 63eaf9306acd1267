"""Requests that are in flight together share one forward, without waiting for one another.

Each request parks its rows and its greenlet. Once every socket that was ready has been served
(the loop is idle), or the model's best batch is full, one forward answers all that are parked; a
single request at rest is answered at once. What would keep the loop for more than a few
milliseconds runs on a native thread beside it, and whatever parks meanwhile is the next batch.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gevent.hub import Hub, Waiter

from predictor.forwards import Computed
from predictor.pace import Pace
from predictor.shared_forward import Parked, Results, compute_together
from slipway.model.runtime import Model
from slipway.model.signature import Instance

# What may be computed on the loop itself: /health and new connections wait no longer than this.
INLINE_SECONDS = 0.004
# What a forward takes is measured with ordinary rows; texts that are far longer take longer.
INLINE_LETTERS = 20_000
# Sockets that never fall silent must not keep what is parked from being computed.
LONGEST_PARKED_SECONDS = 0.005


class GreenletParked(Parked):
    """Rows whose greenlet waits on the loop."""

    def __init__(self, model: Model, instances: Sequence[Instance], deadline: float | None) -> None:
        super().__init__(model, instances, deadline)
        self.waiter: Any = Waiter()

    def finish(self, outcome: Computed | BaseException) -> None:
        if isinstance(outcome, BaseException):
            self.waiter.throw(outcome)
        else:
            self.waiter.switch(outcome)


class ThreadParked(Parked):
    """Rows whose native thread waits."""

    def __init__(self, model: Model, instances: Sequence[Instance], deadline: float | None) -> None:
        super().__init__(model, instances, deadline)
        self._outcome: Computed | BaseException = RuntimeError("not computed yet")
        self._done = threading.Event()

    def finish(self, outcome: Computed | BaseException) -> None:
        self._outcome = outcome
        self._done.set()

    def answer(self) -> Computed:
        """Waits for it."""
        self._done.wait()
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome


class ParkedForwards:
    """Made on the loop's thread; `predict` may be called from there and from any other thread."""

    def __init__(self, hub: Hub) -> None:
        self._loop = hub.loop
        self._here = threading.get_ident()
        self._pace = Pace()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="forward")
        self._parked: list[Parked] = []
        self._computing: set[str] = set()  # digests of models whose forward runs on the thread
        self._idle = self._loop.idle()
        self._at_latest = self._loop.timer(LONGEST_PARKED_SECONDS)
        self._scheduled = self._full = False
        self._awake = self._loop.async_()  # a loop that waits for the thread alone is not done
        self._awake.start(lambda: None)

    def predict(
        self, model: Model, instances: Sequence[Instance], deadline: float | None
    ) -> Computed:
        if threading.get_ident() == self._here:
            mine = GreenletParked(model, instances, deadline)
            self._park(mine)
            computed: Computed = mine.waiter.get()
            return computed
        other = ThreadParked(model, instances, deadline)
        self._loop.run_callback_threadsafe(self._park, other)
        return other.answer()

    def stop(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._awake.stop()

    def _park(self, parked: Parked) -> None:
        self._parked.append(parked)
        if parked.model.digest in self._computing:
            return  # its turn is when the thread comes back
        if len(self._parked) >= parked.model.capacity.best_rows and not self._full:
            self._full = True
            self._loop.run_callback(self._flush)
        elif not self._scheduled:
            self._schedule()

    def _schedule(self) -> None:
        self._scheduled = True
        self._idle.start(self._flush)
        self._at_latest.start(self._flush)

    def _flush(self) -> None:
        """Computes what was parked when it began; what parks meanwhile has its own turn."""
        self._idle.stop()
        self._at_latest.stop()
        self._scheduled = self._full = False
        waiting, self._parked = self._parked, []
        by_model: dict[str, list[Parked]] = {}
        for parked in waiting:
            by_model.setdefault(parked.model.digest, []).append(parked)
        for digest, several in by_model.items():
            if digest in self._computing:  # its turn is when the thread comes back
                self._parked += several
            else:
                self._compute(digest, several)
        if not self._scheduled and any(p.model.digest not in self._computing for p in self._parked):
            self._schedule()

    def _compute(self, digest: str, several: list[Parked]) -> None:
        batch, rest = _cut(several)
        self._parked += rest
        if self._is_quick(batch):
            _finish(self._computed(batch))
            return
        self._computing.add(digest)
        self._thread.submit(self._compute_beside, digest, batch)

    def _is_quick(self, batch: list[Parked]) -> bool:
        if sum(parked.letters for parked in batch) > INLINE_LETTERS:
            return False
        return self._pace.seconds_for(batch[0].model, _rows(batch)) <= INLINE_SECONDS

    def _compute_beside(self, digest: str, batch: list[Parked]) -> None:
        results = self._computed(batch)
        self._loop.run_callback_threadsafe(self._return_from_thread, digest, results)

    def _computed(self, batch: list[Parked]) -> Results:
        began = time.perf_counter()
        results = compute_together(batch)
        if all(isinstance(outcome, Computed) for _, outcome in results):
            self._pace.note(batch[0].model, _rows(batch), time.perf_counter() - began)
        return results

    def _return_from_thread(self, digest: str, results: Results) -> None:
        """Answers first: who was answered may ask again at once, and be part of the next forward."""
        self._computing.discard(digest)
        _finish(results)
        if self._parked and not self._scheduled:
            self._schedule()


def _finish(results: Results) -> None:
    for parked, outcome in results:
        parked.finish(outcome)


def _cut(several: list[Parked]) -> tuple[list[Parked], list[Parked]]:
    """As many as the model's best batch takes, one at least; and the rest, in order."""
    best = several[0].model.capacity.best_rows
    rows = count = 0
    for parked in several:
        rows += len(parked.instances)
        if count and rows > best:
            break
        count += 1
    return several[:count], several[count:]


def _rows(batch: list[Parked]) -> int:
    return sum(len(parked.instances) for parked in batch)
