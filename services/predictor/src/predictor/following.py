"""Following the store: each process looks for a model's next alias, loads what it names, then swaps.

Nothing is taken away from requests: a version is fetched, verified, loaded and warmed beside the
running one; then what the name means is replaced at once. Whatever fails leaves things as they are,
and whatever takes long does not keep a later alias, such as a rollback, waiting.
"""

import logging
import socket
import threading
import time
from datetime import UTC, datetime

from predictor.loading_beside import LoadsBeside, Superseded
from predictor.model_loader import ModelLoader
from predictor.roles import beside_champion, in_roles
from predictor.serving import (
    BUILT_IN,
    CHAMPION,
    PREVIOUS,
    RefusedVersion,
    Served,
    ServedModels,
)
from slipway.core.errors import ArtifactRefused, CacheFull, ModelNotFound, SlipwayFact, Unavailable
from slipway.core.machine import return_free_memory
from slipway.model import refusals
from slipway.model.aliases import Alias
from slipway.model.cache import ModelCache
from slipway.model.compatibility import incompatibilities
from slipway.model.registry import Registry
from slipway.model.runtime import Model

log = logging.getLogger(__name__)

# New models are looked for less often than changes of known ones: it is a listing, not one object.
DISCOVER_EVERY = 5
# How far back a new process looks for a champion that it can load, when the newest is refused.
LOOK_BACK = 10


class ModelFollower:
    """Keeps one process's models as the store's aliases say."""

    def __init__(
        self, registry: Registry, models: ServedModels, loader: ModelLoader, cache: ModelCache
    ) -> None:
        self._registry = registry
        self._models = models
        self._loader = loader
        self._cache = cache
        self._generations: dict[str, int] = {}
        self._aliases: dict[str, Alias] = {}
        self._loads = LoadsBeside()
        self._rounds = 0
        self._stopped = threading.Event()
        self.away: str | None = None

    def start(self, every_seconds: float) -> None:
        """Follows in a thread of its own until the process ends or stop() is called."""
        arguments = (every_seconds,)
        threading.Thread(
            target=self._follow, args=arguments, name="model-follower", daemon=True
        ).start()

    def stop(self) -> None:
        self._stopped.set()

    def _follow(self, every_seconds: float) -> None:
        while not self._stopped.wait(every_seconds):
            try:
                self.follow_once()
            except Exception:  # the thread's top: it must outlive whatever one round meets
                log.exception("following the store failed")

    def follow_once(self) -> None:
        """One look at the store; loads and swaps what changed. A store that is away changes nothing."""
        self.end_challenges()
        try:
            for name in self._names():
                self._follow_model(name)
        except (Unavailable, OSError) as wrong:
            if self.away is None:
                log.warning("store away", extra={"reason": str(wrong)})
            self.away = str(wrong)
        else:
            if self.away is not None:
                log.info("store back")
            self.away = None

    def _names(self) -> list[str]:
        known = self._generations.keys() | self._models.champions().keys()
        if self._rounds % DISCOVER_EVERY == 0:
            known |= set(self._registry.names())
        self._rounds += 1
        return sorted(known)

    def _follow_model(self, name: str) -> None:
        """Applies the newest alias that can be read, if it is another than the one in force."""
        while True:
            newest, seen = self._newest(name)
            try:
                if newest is not None:
                    self._apply(name, newest)
            except Superseded:
                log.info("alias superseded", extra={"model": name, "generation": seen})
                continue
            self._generations[name] = seen
            return

    def _newest(self, name: str) -> tuple[Alias | None, int]:
        """The newest alias behind the one in force, if there is one, and the last generation seen."""
        newest, seen = None, self._seen(name)
        while True:
            try:
                alias = self._registry.generation(name, seen + 1)
            except ArtifactRefused as wrong:  # perhaps of a later release
                fields = {"model": name, "generation": seen + 1, "reason": str(wrong)}
                log.error("alias refused", extra=fields)
            else:
                if alias is None:
                    return newest, seen
                newest = alias
            seen += 1

    def _seen(self, name: str) -> int:
        """The generation in force; of a model seen for the first time one that is shortly before it."""
        if name in self._generations:
            return self._generations[name]
        return max(0, self._registry.newest_generation(name) - LOOK_BACK)

    def _apply(self, name: str, alias: Alias) -> None:
        """Loads what the alias names and is not loaded yet, then swaps.

        What is loaded already has its new role at once: a rollback waits for no load. Raises
        Superseded where a later alias came while something was loading.
        """
        refused: list[RefusedVersion] = []
        beside = beside_champion(alias, datetime.now(UTC))
        self._loads.forget(name, {alias.champion, *beside})
        champion = self._load(name, alias.champion, alias, refused)
        served = [Served(champion, CHAMPION, alias.generation)] if champion else []
        served = served or list(self._fallback(name, alias))
        self._aliases[name] = alias
        loaded = {version: self._loaded(name, version) for version in beside}
        self._refuse_misfit(name, alias, served, loaded, refused)
        self._swap(name, [*served, *in_roles(loaded, beside, alias, served)])
        known = {served[0].model.version} if served else set(beside)
        known |= {each.version for each in refused}
        for version in beside:
            if version not in known and loaded[version] is None:
                loaded[version] = self._load(name, version, alias, refused)
        self._refuse_misfit(name, alias, served, loaded, refused)
        self._swap(name, [*served, *in_roles(loaded, beside, alias, served)])
        self._models.refuse(name, refused)
        self._cache.tidy(name, [served.model.digest for served in self._models.versions(name)])
        self._loader.show_cache(self._cache.size_bytes())
        return_free_memory()

    def _refuse_misfit(
        self,
        name: str,
        alias: Alias,
        served: list[Served],
        loaded: dict[str, Model | None],
        refused: list[RefusedVersion],
    ) -> None:
        """A challenger that may not answer what the champion is asked does not take part."""
        version = alias.challenger.version if alias.challenger is not None else ""
        model = loaded.get(version)
        if model is None or not served:
            return
        problems = incompatibilities(served[0].model.signature, model.signature)
        if problems:
            loaded[version] = None
            self._refuse(name, version, alias, "; ".join(problems), refused)

    def end_challenges(self) -> None:
        """Lets go of challengers whose time is over, whatever the store says or does not say.

        Requests have not asked them since: each looks at the time itself.
        """
        now = time.time()
        for name in self._models.champions():
            versions = self._models.versions(name)
            if not any(served.ended(now) for served in versions):
                continue
            previous = self._aliases[name].previous
            kept = [
                Served(served.model, PREVIOUS, served.generation) if served.ended(now) else served
                for served in versions
                if not served.ended(now) or served.model.version == previous
            ]
            log.info("challenge over", extra={"model": name})
            self._swap(name, kept)

    def _swap(self, name: str, served: list[Served]) -> None:
        if served:
            self._models.replace(name, served)
            self._loader.show(name, served)

    def _fallback(self, name: str, alias: Alias) -> tuple[Served, ...]:
        """What goes on serving when the champion is refused: what does now, else the last good one."""
        now = self._models.versions(name)
        if now and name in self._generations:
            return now[:1]
        for generation in range(alias.generation - 1, max(0, alias.generation - LOOK_BACK), -1):
            before = self._registry.generation(name, generation)
            if before is not None and before.champion != alias.champion:
                model = self._load(name, before.champion, before, [])
                if model is not None:
                    return (Served(model, CHAMPION, generation),)
        return now[:1]

    def _load(
        self, name: str, version: str, alias: Alias, refused: list[RefusedVersion]
    ) -> Model | None:
        """The version, loaded before or now; None, with the reason in `refused`, where it is no good.

        Raises Superseded.
        """
        loaded = self._loaded(name, version)
        if loaded is not None:
            return loaded

        def load() -> Model:
            with self._cache.held(name, version) as directory:
                return self._loader.load(directory, name, version)

        def superseded() -> bool:
            self.end_challenges()
            return self._is_superseded(name, alias)

        try:
            return self._loads.load(name, version, load, superseded)
        except (ArtifactRefused, ModelNotFound, CacheFull) as wrong:
            self._refuse(name, version, alias, str(wrong), refused)
            return None

    def _is_superseded(self, name: str, alias: Alias) -> bool:
        try:
            return self._registry.generation(name, alias.generation + 1) is not None
        except ArtifactRefused:  # not for us
            return False
        except (Unavailable, OSError):  # then nobody can say
            return False

    def _refuse(
        self, name: str, version: str, alias: Alias, reason: str, refused: list[RefusedVersion]
    ) -> None:
        self._loader.refused(name, version, reason)
        refused.append(RefusedVersion(name, version, reason))
        self._note(name, version, alias.generation, reason)

    def _loaded(self, name: str, version: str) -> Model | None:
        for served in self._models.versions(name):
            if served.model.version == version and (
                # The image's own model may bear a version that the store has with other bytes.
                served.generation != BUILT_IN or self._is_stored(served.model)
            ):
                return served.model
        return None

    def _is_stored(self, model: Model) -> bool:
        try:
            return self._registry.version(model.name, model.version).digest == model.digest
        except (ArtifactRefused, ModelNotFound):
            return False

    def _note(self, name: str, version: str, generation: int, reason: str) -> None:
        """For people at the store: why the version is not served."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        note = refusals.RefusedVersion(version, generation, reason, now, socket.gethostname())
        try:
            refusals.note_refusal(self._registry, name, note)
        except SlipwayFact as cannot:
            log.warning("refusal not noted", extra={"model": name, "reason": str(cannot)})
