"""Parts that a machine may lack: skipped by name and listed, or required by SLIPWAY_REQUIRE."""

import os
from importlib.util import find_spec
from typing import NoReturn

import pytest

ABSENT: dict[str, str] = {}


def absent(part: str, reason: str, *, whole_module: bool = False) -> NoReturn:
    """Skips the test since `part` is not here; fails it where SLIPWAY_REQUIRE names the part."""
    ABSENT[part] = reason
    required = os.environ.get("SLIPWAY_REQUIRE", "").split(",")
    if part in required:
        pytest.fail(f"{part} is required (SLIPWAY_REQUIRE), but absent: {reason}", pytrace=False)
    pytest.skip(f"{part} is absent: {reason}", allow_module_level=whole_module)


def needed(*modules: str) -> None:
    """Skips the test, by name, where an optional package is not installed."""
    for module in modules:
        if find_spec(module) is None:
            absent(module, "the Python package is not installed")
