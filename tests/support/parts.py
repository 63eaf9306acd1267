"""Parts that a machine may lack: skipped by name and listed, or required by SLIPWAY_REQUIRE."""

import os
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
