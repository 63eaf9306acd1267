"""ONNX files as they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from slipway.model.families.base import Scores
from slipway.model.families.feeding import fed
from slipway.model.families.imported_config import Feed
from slipway.model.packaging.matching import matched
from slipway.model.packaging.onnx_graphs import (
    arguments_of,
    checked_graph,
    scores_output,
    session_of,
)
from slipway.model.packaging.wanted import Converted, Wanted
from slipway.model.signature import Field, Instance


def convert(path: Path, fields: Sequence[Field], wanted: Wanted) -> Converted:
    """Raises PackagingRefused."""
    body = path.read_bytes()
    checked_graph(body, str(path))
    session = session_of(body)
    settled, feeds = matched(arguments_of(session), fields)
    output = scores_output(session, wanted.output)

    def original(instances: Sequence[Instance]) -> Scores:
        return answered(session, output, feeds, instances)

    return Converted(
        "onnx", body, settled, feeds, original, output, made_with=("onnx", "onnxruntime")
    )


def answered(
    session: Any, output: str, feeds: Sequence[Feed], instances: Sequence[Instance]
) -> Scores:
    return np.asarray(session.run([output], fed(feeds, instances))[0])
