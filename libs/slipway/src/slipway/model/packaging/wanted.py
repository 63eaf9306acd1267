"""What the user says of a model that is to be packaged, and what a converter made of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, Literal

from slipway.core.errors import PackagingRefused
from slipway.model.families.base import Scores
from slipway.model.families.imported_config import Feed
from slipway.model.signature import Field, Instance

ScoreKind = Literal["logits", "probabilities", "number"]


@dataclass(frozen=True)
class Wanted:
    """labels: of a classification, in the order of the model's outputs. unit: of a number.

    inputs: what is known of fields beside what the sample tells. target: the sample's column with
    the true answers. module_class, arguments: of a state_dict. output: of an ONNX graph with
    several. trust_code: a file may be read that can carry code.
    """

    name: str
    version: str
    now: datetime
    labels: tuple[str, ...] = ()
    unit: str | None = None
    inputs: Sequence[Mapping[str, Any]] = ()
    target: str = ""
    scores: Literal["auto", "logits", "probabilities"] = "auto"
    output: str = ""
    module_class: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    module_packages: frozenset[str] = frozenset()
    trust_code: bool = False
    golden_rows: int = 5
    seed: int = 20261126
    commit: str | None = None
    why: str = "by hand"


@dataclass(frozen=True)
class Converted:
    """original: the scores of rows, from the model as it was. labels, scores: as far as it knows them.

    fields: which may be more exact than the sample told, since the model says what it takes.
    """

    family: Literal["module", "onnx"]
    weights: bytes
    fields: tuple[Field, ...]
    feeds: tuple[Feed, ...]
    original: Callable[[Sequence[Instance]], Scores]
    output: str = ""
    labels: tuple[str, ...] = ()
    scores: ScoreKind | None = None
    made_with: tuple[str, ...] = ()


def converter(module: str, extra: str, what: str) -> Any:
    """An optional package, imported. Raises PackagingRefused with the command that installs it."""
    try:
        return import_module(module)
    except ImportError as wrong:
        raise PackagingRefused(
            f"Packaging {what} needs {wrong.name or module}, which is not installed here. From a "
            f"checkout of Slipway: pip install -c constraints.txt 'libs/slipway[{extra}]'"
        ) from None
