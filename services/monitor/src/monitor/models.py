"""What the monitor knows of models: references, signatures and who is champion, from the store first,
from the folder that came with the image where the store has nothing."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from monitor.drift.reference import Reference
from slipway.core.errors import ArtifactRefused, ModelNotFound, NotFound, Refusal
from slipway.core.settings import MonitorSettings
from slipway.model.aliases import Alias
from slipway.model.registry import Registry, open_registry, registry_in_folder
from slipway.model.signature import Signature

log = logging.getLogger(__name__)
Found = TypeVar("Found")

_KEPT = 32
# The generation that predictors give the models that came with the image.
BUILT_IN = 0


class Champion(NamedTuple):
    """Who serves. generation: since which one without a break. time: when that one was put."""

    version: str
    generation: int
    time: float


class Change(NamedTuple):
    """Which alias decides. stored: it is the store's, not the one that came with the image."""

    stored: bool
    generation: int


class Models:
    """Small files of versions, kept once read: a version never changes."""

    def __init__(self, stored: Registry | None, built_in: Registry | None = None) -> None:
        self._built_in = built_in
        self._registries = [registry for registry in (stored, built_in) if registry is not None]
        self._references: OrderedDict[tuple[str, str], Reference] = OrderedDict()
        self._signatures: OrderedDict[tuple[str, str], Signature] = OrderedDict()
        self._metrics: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()

    def reference(self, model: str, version: str) -> Reference | None:
        """None where no place has one that can be read."""
        return self._file(self._references, model, version, "reference.json", Reference.from_json)

    def signature(self, model: str, version: str) -> Signature | None:
        return self._file(self._signatures, model, version, "signature.json", Signature.from_json)

    def metrics(self, model: str, version: str) -> dict[str, Any] | None:
        """The figures on rows held back in training."""
        return self._file(self._metrics, model, version, "metrics.json", _json_object)

    def _file(
        self,
        kept: "OrderedDict[tuple[str, str], Found]",
        model: str,
        version: str,
        file: str,
        read: Callable[[bytes], Found],
    ) -> Found | None:
        key = (model, version)
        if key in kept:
            return kept[key]
        for registry in self._registries:
            try:
                kept[key] = read(registry.read(model, version, file))
            except (Refusal, ValueError) as wrong:
                if not isinstance(wrong, ModelNotFound):
                    extra = {"model": model, "version": version, "file": file}
                    log.debug("file not read", extra=extra | {"reason": type(wrong).__name__})
                continue
            if len(kept) > _KEPT:
                kept.popitem(last=False)
            return kept[key]
        return None

    def newest_change(self, model: str) -> Change | None:
        """What decides now, cheaply; None for a model that nobody ever promoted. Raises Unavailable."""
        for registry in self._registries:
            try:
                generation = registry.newest_generation(model)
            except (ArtifactRefused, ModelNotFound, NotFound):
                continue
            if generation:
                return Change(registry is not self._built_in, generation)
        return None

    def champion(self, model: str) -> Champion | None:
        """Raises Unavailable."""
        history = self.history(model)
        found = champion_of(history)
        change = self.newest_change(model)
        if found is not None and change is not None and not change.stored:
            return found._replace(generation=BUILT_IN)
        return found

    def history(self, model: str) -> list[Alias]:
        """Every alias generation, oldest first, of the store, or of the image where that has none.

        Raises Unavailable when the store is away: what the image says is then not what serves.
        """
        change = self.newest_change(model)
        if change is None:
            return []
        registry = self._registries[0 if change.stored else -1]
        try:
            return list(registry.history(model))
        except (ArtifactRefused, ModelNotFound, NotFound):
            return []


def _json_object(body: bytes) -> dict[str, Any]:
    return msgspec.json.decode(body, type=dict[str, Any])


def champion_of(history: Sequence[Alias]) -> Champion | None:
    """The champion that the newest generation names, and since when it has been one."""
    if not history:
        return None
    first = history[-1]
    for alias in reversed(history):
        if alias.champion != first.champion:
            break
        first = alias
    return Champion(first.champion, first.generation, seconds_of(first.when))


def seconds_of(when: str) -> float:
    """An alias's time as seconds since 1970; 0 for one that cannot be read."""
    try:
        return datetime.fromisoformat(when).timestamp()
    except ValueError:
        return 0.0


def open_models(settings: MonitorSettings) -> Models:
    """The store's models where one is set, then those that came with the image."""
    stored = open_registry(settings) if settings.store_url else None
    return Models(stored, registry_in_folder(settings.builtin_models))
