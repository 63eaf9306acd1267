"""Models that stay loaded from one chunk to the next."""

from collections import OrderedDict
from pathlib import Path

from slipway.core.errors import ModelNotFound
from slipway.model.loading import load
from slipway.model.registry import version_directory
from slipway.model.runtime import Model

KEPT = 2


class WarmModels:
    """The last few versions that were asked for, on one device."""

    def __init__(self, folders: tuple[Path, ...], device: str) -> None:
        self._folders = folders
        self._device = device
        self._loaded: OrderedDict[tuple[str, str], Model] = OrderedDict()

    def get(self, name: str, version: str) -> Model:
        """Raises ModelNotFound where no folder has the version, ArtifactRefused for a damaged one."""
        key = (name, version)
        if key not in self._loaded:
            while len(self._loaded) >= KEPT:
                self._loaded.popitem(last=False)
            self._loaded[key] = load(self._find(name, version), self._device)
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def _find(self, name: str, version: str) -> Path:
        for folder in self._folders:
            directory = version_directory(folder, name, version)
            if directory.is_dir():
                return directory
        raise ModelNotFound(f"There is no version {version} of {name} here.")
