"""The models of this process: which versions are loaded, and which one a name means."""

import logging
from dataclasses import dataclass
from pathlib import Path

from predictor.metrics import PredictorMetrics
from slipway.core.contracts.events import Role
from slipway.core.errors import ArtifactRefused, ModelNotFound, NotReady
from slipway.model.aliases import Alias
from slipway.model.loading import load
from slipway.model.local_store import champions, version_directory
from slipway.model.runtime import Model

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """A loaded version, the role it has and the alias generation that gave it."""

    model: Model
    role: Role
    generation: int


@dataclass(frozen=True)
class RefusedVersion:
    """A version that was not loaded, and why."""

    name: str
    version: str
    reason: str


class ServedModels:
    """Champions by name. Replaced whole when something changes, so that readers need no lock."""

    def __init__(self, default: str) -> None:
        self._default = default
        self._champions: dict[str, Served] = {}
        self.refused: tuple[RefusedVersion, ...] = ()

    @property
    def default_name(self) -> str:
        return self._default

    @property
    def ready(self) -> bool:
        """Whether the default model can answer."""
        return self._default in self._champions

    def champions(self) -> dict[str, Served]:
        return self._champions

    def find(self, name: str | None = None, version: str | None = None) -> Served:
        """The version that answers for a name. Raises ModelNotFound, or NotReady for the default."""
        wanted = self._default if name is None else name
        found = self._champions.get(wanted)
        if found is None:
            if wanted == self._default:
                raise NotReady("The default model is not loaded.", retry_after_seconds=5)
            raise ModelNotFound(f"No model {wanted!r} is served here.")
        if version is not None and version != found.model.version:
            raise ModelNotFound(f"Model {wanted!r} has no version {version!r} served here.")
        return found

    def put(self, served: Served) -> None:
        """Serves this version under its model's name from now on."""
        self._champions = {**self._champions, served.model.name: served}

    def load_from(self, folder: Path, device: str, metrics: PredictorMetrics) -> None:
        """Loads every champion of a folder that is laid out like the store.

        A version that is refused is named in `refused`, logged and counted; the others serve.
        """
        loaded, refused = dict(self._champions), list(self.refused)
        for name, alias in champions(folder).items():
            try:
                loaded[name] = _serve(folder, name, alias, device, metrics)
            except ArtifactRefused as wrong:
                refused.append(RefusedVersion(name, alias.champion, str(wrong)))
                metrics.model_load_failures.labels(name, alias.champion).inc()
                log.error(
                    "model refused",
                    extra={"model": name, "version": alias.champion, "reason": str(wrong)},
                )
        self._champions, self.refused = loaded, tuple(refused)


def _serve(folder: Path, name: str, alias: Alias, device: str, metrics: PredictorMetrics) -> Served:
    model = load(version_directory(folder, name, alias.champion), device)
    if (model.name, model.version) != (name, alias.champion):
        raise ArtifactRefused("manifest.json", f"is of {model.name} {model.version}")
    labels = (name, model.version, "champion", model.digest, str(alias.generation))
    metrics.model_info.labels(*labels).set(1)
    fields = {"model": name, "version": model.version, "digest": model.digest, "device": device}
    log.info("model loaded", extra=fields)
    return Served(model, "champion", alias.generation)
