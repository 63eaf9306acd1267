import pytest

from rules.tools import find_tool
from support.parts import absent


@pytest.fixture(scope="session")
def promtool() -> list[str]:
    return find_tool("promtool") or absent(
        "promtool", "neither installed nor to be had as an image"
    )


@pytest.fixture(scope="session")
def amtool() -> list[str]:
    return find_tool("amtool") or absent("amtool", "neither installed nor to be had as an image")
