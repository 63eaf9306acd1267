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


class Champion(NamedTuple):
    """Who serves. generation: since which one without a break. time: when that one was put."""

    version: str
    generation: int
    time: float


class Models:
    """Small files of versions, kept once read: a version never changes."""

    def __init__(self, registries: Sequence[Registry]) -> None:
        self._registries = registries
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

    def history(self, model: str) -> list[Alias]:
        """Every alias generation, oldest first, of the first place that has any.

        Raises Unavailable when the store is away: what the folder says is then not what serves.
        """
        for registry in self._registries:
            try:
                found = list(registry.history(model))
            except (ArtifactRefused, ModelNotFound, NotFound):
                continue
            if found:
                return found
        return []

    def newest_generation(self, model: str) -> int:
        """Of the first place that has any; 0 where there is none. Raises Unavailable."""
        for registry in self._registries:
            try:
                if found := registry.newest_generation(model):
                    return found
            except (ArtifactRefused, ModelNotFound, NotFound):
                continue
        return 0


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
    registries = [registry_in_folder(settings.builtin_models)]
    if settings.store_url:
        registries.insert(0, open_registry(settings))
    return Models(registries)
