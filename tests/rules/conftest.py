import pytest

from tests.rules.tools import find_tool


@pytest.fixture(scope="session")
def promtool() -> list[str]:
    return find_tool("promtool") or pytest.skip(
        "there is no promtool, and no docker with its image"
    )


@pytest.fixture(scope="session")
def amtool() -> list[str]:
    return find_tool("amtool") or pytest.skip("there is no amtool, and no docker with its image")
