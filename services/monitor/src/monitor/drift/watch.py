"""Closes windows, judges them and raises alarms, round after round."""

import msgspec

from monitor.drift.evaluating import evaluate
from monitor.drift.gauges import DriftGauges
from monitor.drift.judging import judge
from monitor.models import Models
from monitor.prediction_log.happenings import end, open_alarms
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.window_rows import (
    Rows,
    Version,
    add_window,
    last_windows,
    newest_id,
    newest_rows,
    rows_after,
    versions_between,
)
from monitor.promotions import Promotions

# Windows closed in one round and version, so that a flood of one model does not starve another.
_WINDOWS_A_ROUND = 10
# How far a monitor that starts looks back for versions to watch.
_FIRST_LOOK_ROWS = 100_000
# A version without a row for so long after its last window is watched no more; its gauges go.
_FORGOTTEN_AFTER_SECONDS = 3_600.0


class DriftWatch:
    """Looks at every version that has new rows."""

    def __init__(
        self,
        prediction_log: PredictionLog,
        models: Models,
        promotions: Promotions,
        gauges: DriftGauges,
        *,
        window_rows: int,
        window_seconds: float,
    ) -> None:
        self._log = prediction_log
        self._models = models
        self._promotions = promotions
        self._gauges = gauges
        self._window_rows = window_rows
        self._window_seconds = window_seconds
        self._seen_id: int | None = None
        self._active: dict[Version, float] = {}
        self._judged: set[Version] = set()

    @property
    def watched(self) -> list[Version]:
        """Versions that had rows of late."""
        return list(self._active)

    def look(self, now: float) -> None:
        """One round. now: seconds since 1970."""
        with self._log.reading() as connection:
            newest = newest_id(connection)
            seen = newest - _FIRST_LOOK_ROWS if self._seen_id is None else self._seen_id
            fresh = versions_between(connection, seen, newest)
        for changed in self._promotions.look({version.model for version in fresh}):
            self._forget(changed, now)
        self._active.update(dict.fromkeys(fresh, now))
        for version, last_new in list(self._active.items()):
            if now - last_new > self._window_seconds + _FORGOTTEN_AFTER_SECONDS:
                self._forget(version, now)
            else:
                self._close_windows(version, now)
                if version in fresh:
                    self._slide(version, now)
        self._seen_id = newest

    def _close_windows(self, version: Version, now: float) -> None:
        """Closes every tumbling window that is full or old, and judges the alarms anew."""
        start = self._promotions.baseline(version)
        closed = 0
        while closed < _WINDOWS_A_ROUND:
            with self._log.reading() as connection:
                before = last_windows(connection, version, "tumbling", after_id=start)
                after = before[-1].last_id if before else start
                rows = rows_after(connection, version, after, self._window_rows)
            full = len(rows) == self._window_rows
            if not rows or not (full or now - rows[0].time > self._window_seconds):
                break
            self._write_window(version, "tumbling", rows, now)
            closed += 1
        if closed or version not in self._judged:
            self._judged.add(version)
            judge(self._log, self._gauges, version, start, now)

    def _slide(self, version: Version, now: float) -> None:
        start = self._promotions.baseline(version)
        with self._log.reading() as connection:
            rows = newest_rows(connection, version, start, self._window_rows)
        if rows:
            self._write_window(version, "sliding", rows, now)

    def _write_window(self, version: Version, kind: str, rows: Rows, now: float) -> None:
        result = evaluate(self._models.reference(*version), rows)
        with self._log.writing() as connection:
            written = msgspec.to_builtins(result)
            add_window(connection, version, kind, rows, state=result.state, result=written, now=now)
        self._gauges.show(version, kind, result, now)

    def _forget(self, version: Version, now: float) -> None:
        """What was shown and alarming of a version says nothing any more."""
        self._active.pop(version, None)
        self._judged.discard(version)
        self._gauges.forget(version)
        with self._log.writing() as connection:
            for key in open_alarms(connection, *version).values():
                end(connection, key, now)
