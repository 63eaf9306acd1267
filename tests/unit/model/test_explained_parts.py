"""An answer is explained by parts of its inputs, each of which may be left out alone."""

import torch

from slipway.model.families.explained_parts import mixed, parts_of
from slipway.model.signature import Field


def test_long_texts_and_large_tensors_are_explained_by_their_parts() -> None:
    fields = (Field("text", "text"), Field("image", "tensor", shape=(28, 28, 1)))
    text = "  " + " ".join(f"word{n}" for n in range(100)) + " \n"
    row = {"text": text, "image": torch.rand(28, 28, 1).tolist()}
    typical = {"text": "", "image": torch.zeros(28, 28, 1).tolist()}
    parts = parts_of(fields, row)
    assert len(parts) == 32 + 16
    assert len({part.key for part in parts}) == len(parts)
    own = dict.fromkeys((part.key for part in parts), True)
    assert mixed(parts, own, row, typical) == row
    assert mixed(parts, dict.fromkeys(own, False), row, typical) == typical
