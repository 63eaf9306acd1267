"""Publishes each version in a folder, in order, until it is killed; what is there already is passed over."""

import sys
from contextlib import suppress
from pathlib import Path

from slipway.core.errors import Conflict
from slipway.core.settings import CommandSettings
from slipway.model.registry import open_registry
from slipway.model.transfer import publish

registry = open_registry(CommandSettings.read())
for directory in sorted(Path(sys.argv[1]).iterdir()):
    with suppress(Conflict):
        publish(registry, directory)
