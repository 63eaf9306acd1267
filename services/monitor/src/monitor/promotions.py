"""Who became champion when: marks on the timeline, and where each version's windows begin.

A promotion re-baselines at once: the new champion has its own reference, and windows from
before it became champion, this time, say nothing about it.
"""

from collections.abc import Iterable, Sequence

from monitor.models import Champion, Change, Models, seconds_of
from monitor.prediction_log.happenings import note
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.window_rows import Version, before_first_of
from slipway.core.errors import Unavailable
from slipway.model.aliases import Alias


class Promotions:
    """Follows the aliases of the models that it was told of."""

    def __init__(self, prediction_log: PredictionLog, models: Models) -> None:
        self._log = prediction_log
        self._models = models
        self._followed: set[str] = set()
        self._changes: dict[str, Change] = {}
        self._champions: dict[str, Champion] = {}
        self._baselines: dict[Version, int] = {}

    def look(self, models: Iterable[str]) -> list[Version]:
        """Notes what is new, of these models and of all told before; the versions that a change
        of champion concerns: the one before and the one now."""
        self._followed.update(models)
        return [version for model in sorted(self._followed) for version in self._look_at(model)]

    def champion(self, model: str) -> Champion | None:
        """As far as it is known; None for a model without aliases."""
        return self._champions.get(model)

    def baseline(self, version: Version) -> int:
        """The id of the row behind which the version's windows begin."""
        champion = self._champions.get(version.model)
        if champion is None or champion.version != version.version:
            return 0
        if version not in self._baselines:
            with self._log.reading() as connection:
                found = before_first_of(connection, version, champion.generation)
            if found is None:
                return 2**62  # not one row yet
            self._baselines[version] = found
        return self._baselines[version]

    def _look_at(self, model: str) -> list[Version]:
        try:
            newest = self._models.newest_change(model)
            if newest is None or newest == self._changes.get(model):
                return []
            history, champion = self._models.history(model), self._models.champion(model)
        except Unavailable:
            return []  # what was known stays true until the store says otherwise
        before = self._champions.get(model)
        if champion is None:
            return []
        self._write_down(model, history, "alias" if newest.stored else "built-in")
        self._changes[model] = newest
        self._champions[model] = champion
        self._baselines.pop(Version(model, champion.version), None)
        if before is None or before.version == champion.version:
            return []
        return [Version(model, before.version), Version(model, champion.version)]

    def _write_down(self, model: str, history: Sequence[Alias], whose: str) -> None:
        with self._log.writing() as connection:
            for before, alias in zip((None, *history[:-1]), history, strict=True):
                note(
                    connection,
                    f"{whose}:{model}:{alias.generation}",
                    kind_of_change(before, alias),
                    model=model,
                    version=alias.champion,
                    time=seconds_of(alias.when),
                    details={"generation": alias.generation, "who": alias.who, "why": alias.why},
                )


def kind_of_change(before: Alias | None, now: Alias) -> str:
    """`promotion`, `rollback` (to the previous champion) or `challenger`."""
    if before is None or now.champion != before.champion:
        back = before is not None and now.champion == before.previous
        return "rollback" if back else "promotion"
    return "challenger"
