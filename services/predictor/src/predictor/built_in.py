"""The image's own models: what is served until the store names a champion."""

from pathlib import Path

from predictor.model_loader import ModelLoader
from predictor.serving import BUILT_IN, CHAMPION, RefusedVersion, Served, ServedModels
from slipway.core.errors import ArtifactRefused
from slipway.model.registry import registry_in_folder, version_directory


def serve_built_in(folder: Path, models: ServedModels, loader: ModelLoader) -> None:
    """Serves every champion of a folder of models; one that is refused leaves the others."""
    if not folder.is_dir():
        return
    registry = registry_in_folder(folder)
    for name in registry.names():
        version = ""
        try:
            alias = registry.newest(name)
            if alias is None:
                continue
            version = alias.champion
            model = loader.load(version_directory(folder, name, version), name, version)
        except ArtifactRefused as wrong:
            loader.refused(name, version, str(wrong))
            models.refuse(name, [RefusedVersion(name, version, str(wrong))])
            continue
        served = Served(model, CHAMPION, BUILT_IN)
        models.put(served)
        loader.show(name, [served])
