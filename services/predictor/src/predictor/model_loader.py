"""Loading a version for this process: what is refused is counted and logged, never raised further up."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from predictor.metrics import PredictorMetrics
from predictor.serving import SHADOW, Served
from slipway.core.errors import ArtifactRefused
from slipway.model.loading import load
from slipway.model.runtime import Model

log = logging.getLogger(__name__)


class ModelLoader:
    """Loads onto one device, and keeps the metrics of what is loaded."""

    def __init__(
        self,
        device: str,
        metrics: PredictorMetrics,
        module_packages: Collection[str] = (),
        forward_rows: int = 0,
    ) -> None:
        """module_packages: whose nn.Module classes a version may name. forward_rows: how many share
        a forward; 0: what is measured at each load."""
        self._device = device
        self._forward_rows = forward_rows
        self._module_packages = module_packages
        self._metrics = metrics
        self._shown: dict[str, set[tuple[str, ...]]] = {}
        self._challengers: dict[str, set[tuple[str, ...]]] = {}

    def load(self, directory: Path, name: str, version: str) -> Model:
        """A verified and warmed model. Raises ArtifactRefused, whatever it is that is wrong."""
        try:
            model = load(directory, self._device, self._module_packages)
        except ArtifactRefused:
            raise
        # Whatever bytes may make a library raise: a bad version must not take the process down.
        except Exception as wrong:
            log.exception("model failed to load", extra={"model": name, "version": version})
            raise ArtifactRefused(version, f"cannot be loaded: {type(wrong).__name__}") from wrong
        if (model.name, model.version) != (name, version):
            raise ArtifactRefused("manifest.json", f"is of {model.name} {model.version}")
        fields = {"digest": model.digest, "device": self._device}
        log.info("model loaded", extra={"model": name, "version": version, **fields})
        if self._forward_rows:
            return replace(model, capacity=model.capacity.together(self._forward_rows))
        return model

    def refused(self, name: str, version: str, reason: str) -> None:
        """Counts and logs a version that this process does not serve."""
        self._metrics.model_load_failures.labels(name, version).inc()
        log.error("model refused", extra={"model": name, "version": version, "reason": reason})

    def show_cache(self, size_bytes: int) -> None:
        """How much the copies of versions take on this machine's disk."""
        self._metrics.model_cache_bytes.set(size_bytes)

    def show(self, name: str, versions: Sequence[Served]) -> None:
        """The model's loaded versions in the metrics: 1 for each, 0 for what was there before."""
        now: set[tuple[str, ...]] = {
            (name, served.model.version, served.role, served.model.digest, str(served.generation))
            for served in versions
        }
        for labels in now:
            self._metrics.model_info.labels(*labels).set(1)
        for labels in self._shown.get(name, set()) - now:
            self._metrics.model_info.labels(*labels).set(0)
        self._shown[name] = now
        self._show_challenger(name, versions)

    def _show_challenger(self, name: str, versions: Sequence[Served]) -> None:
        """Its share and its end; 0 for one that there was before."""
        challengers = self._metrics.challenger
        now = {
            (name, s.model.version, role): (share, s.ends_at or 0)
            for s in versions
            for role, share in _shares(s).items()
        }
        for labels in self._challengers.get(name, set()) - now.keys():
            challengers.weight.labels(*labels).set(0)
            challengers.end.labels(*labels).set(0)
        for labels, (share, end) in now.items():
            challengers.expect(*labels)
            challengers.weight.labels(*labels).set(share)
            challengers.end.labels(*labels).set(end)
        self._challengers[name] = set(now)


def _shares(served: Served) -> dict[str, float]:
    """Of the requests, by the role in which a challenger takes part."""
    if not served.challenges:
        return {}
    unseen = {SHADOW: served.shadow_weight} if served.shadow_weight else {}
    return {served.role: served.weight, **unseen}
