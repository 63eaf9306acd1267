"""The KServe SDK's client against the predictor.

The SDK brings some eighty packages, so that it has a Python of its own: SLIPWAY_TEST_KSERVE_PYTHON.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.application import make_parts
from support.parts import absent
from support.running_application import RunningApplication

CALLS = Path(__file__).with_name("kserve_calls.py")


def python_with_kserve() -> str:
    if named := os.environ.get("SLIPWAY_TEST_KSERVE_PYTHON"):
        return named
    if importlib.util.find_spec("kserve") is None:
        absent("kserve", "SLIPWAY_TEST_KSERVE_PYTHON names no Python with the kserve package")
    return sys.executable


@pytest.fixture(scope="module")
def found() -> Any:
    """What the client got, from one run."""
    command = [python_with_kserve(), str(CALLS)]
    application = RunningApplication(make_parts())
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(
            [*command, application.url],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=kept,
        )
    finally:
        application.stop()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_it_finds_the_server_and_the_model_alive_and_ready(found: Any) -> None:
    assert (found["live"], found["ready"], found["model_ready"]) == (True, True, True)
    assert not found["nobody_ready"]


@pytest.mark.parametrize("way", ["json", "binary"])
def test_it_gets_the_same_answers_as_json_and_as_bytes(found: Any, way: str) -> None:
    assert found[way]["id"] == "caller-7"
    outputs = found[way]["outputs"]
    assert outputs["prediction"] == ["spam", "not_spam"]
    assert outputs["confidence"] == pytest.approx([0.9, 0.8])
    assert outputs["probabilities"] == [pytest.approx([0.1, 0.9]), pytest.approx([0.8, 0.2])]


def test_it_shows_what_is_wrong(found: Any) -> None:
    assert "ModelNotFound: No model 'nobody' is served here." in found["error"]
