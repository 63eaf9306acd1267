"""python -m predictor.openapi FILE: writes the description of the built-in models.

Refuses to overwrite one that clients were written to, where they would break, unless VERSION in
document.py was raised.
"""

import json
import sys
from pathlib import Path

from predictor.openapi.compatibility import Document, breaking_changes
from predictor.openapi.document import make_document
from slipway.core.settings import PredictorSettings
from slipway.model.loading import load
from slipway.model.registry import registry_in_folder, version_directory


def built_in_document(models: Path) -> Document:
    """What the image's own models make of it, with keys on and every setting at its default."""
    registry = registry_in_folder(models)
    found = {name: registry.newest(name) for name in registry.names()}
    loaded = {
        name: load(version_directory(models, name, alias.champion))
        for name, alias in found.items()
        if alias is not None
    }
    return make_document(loaded, PredictorSettings())


def major(document: Document) -> str:
    version: str = document["info"]["version"]
    return version.split(".", maxsplit=1)[0]


def main() -> None:
    target = Path(sys.argv[1])
    document = built_in_document(Path("models"))
    if target.exists():
        promised = json.loads(target.read_text("utf-8"))
        broken = breaking_changes(promised, document)
        if broken and major(document) == major(promised):
            sys.exit("This breaks clients; raise the version first:\n  " + "\n  ".join(broken))
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
