"""Fixtures of the contract tests."""

import shutil
from pathlib import Path

import pytest

from support.predictor_process import MODELS


@pytest.fixture
def damaged_models(tmp_path: Path) -> Path:
    """The shipped models, with one bit of the weights flipped."""
    copy = tmp_path / "models"
    shutil.copytree(MODELS, copy)
    weights = next(copy.glob("spam/versions/*/model.safetensors"))
    body = bytearray(weights.read_bytes())
    body[-1] ^= 1
    weights.write_bytes(bytes(body))
    return copy
