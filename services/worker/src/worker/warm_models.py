"""Models that stay loaded from one chunk to the next."""

import logging
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from slipway.core.errors import ArtifactRefused, ModelNotFound
from slipway.model.artifact import MANIFEST, sha256_of
from slipway.model.cache import ModelCache
from slipway.model.devices import in_mixed_precision
from slipway.model.loading import load
from slipway.model.registry import version_directory
from slipway.model.runtime import Model
from worker.forward_size import LARGEST_ON_CPU, LARGEST_ON_CUDA, ForwardSize

log = logging.getLogger(__name__)

KEPT = 2


@dataclass(frozen=True)
class Warm:
    """A loaded version and what was found out about it."""

    model: Model
    size: ForwardSize


@dataclass(frozen=True)
class ModelSources:
    """The image's own folder of models, and the store's by way of a cache."""

    builtin: Path
    cache: ModelCache

    @contextmanager
    def held(self, name: str, version: str, digest: str) -> Iterator[Path]:
        """A directory with exactly this version. Raises ModelNotFound, ArtifactRefused, Unavailable."""
        directory = version_directory(self.builtin, name, version)
        with ExitStack() as stack:
            if not _is(directory, digest):
                directory = stack.enter_context(self.cache.held(name, version))
                if not _is(directory, digest):
                    raise ModelNotFound(f"{name} {version} is another one than was asked for.")
            yield directory


def _is(directory: Path, digest: str) -> bool:
    """A version's digest is its manifest's."""
    manifest = directory / MANIFEST
    return manifest.is_file() and sha256_of(manifest.read_bytes()) == digest


class WarmModels:
    """The last few versions that were asked for, on one device."""

    def __init__(
        self,
        sources: ModelSources,
        device: str,
        module_packages: Collection[str] = (),
        *,
        mixed_precision: bool = False,
    ) -> None:
        """module_packages: whose nn.Module classes a version may name."""
        self._module_packages = module_packages
        self._sources = sources
        self._device = device
        self._mixed_precision = mixed_precision
        self._warm: OrderedDict[str, Warm] = OrderedDict()

    def get(self, name: str, version: str, digest: str) -> Warm:
        """Raises ModelNotFound, ArtifactRefused for a damaged version, Unavailable."""
        if digest not in self._warm:
            while len(self._warm) >= KEPT:
                self._warm.popitem(last=False)
            self._warm[digest] = self._load(name, version, digest)
            fields = {"model": name, "version": version, "device": self._device}
            log.info("model loaded", extra=fields)
        self._warm.move_to_end(digest)
        return self._warm[digest]

    def all(self) -> list[Warm]:
        return list(self._warm.values())

    def _load(self, name: str, version: str, digest: str) -> Warm:
        with self._sources.held(name, version, digest) as directory:
            model = load(directory, self._device, self._module_packages)
        if model.digest != digest:
            raise ArtifactRefused(MANIFEST, "changed while it was loaded")
        if self._mixed_precision:
            model = replace(model, network=in_mixed_precision(model.network, self._device))
        largest = LARGEST_ON_CUDA if self._device.startswith("cuda") else LARGEST_ON_CPU
        return Warm(model, ForwardSize(largest))
