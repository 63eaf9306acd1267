"""config.json of the families `module` and `onnx`: how fields reach a network that we did not make."""

from typing import Any, Literal

import msgspec

DType = Literal["float32", "float64", "int32", "int64", "string"]


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One argument of the network. fields: whose values it takes, side by side where there are several.

    shape: of one row; () for a network that takes a plain value a row.
    """

    argument: str
    fields: tuple[str, ...]
    dtype: DType
    shape: tuple[int, ...] = ()


class ImportedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """feeds: none where the module's own class makes its arguments of the rows.

    scores: what the network gives, a row: a logit or a probability for each label (of two labels
    also one, of the second), or a number. typical: an instance of medians and commonest values,
    which explanations start from. categories: of each such field the values that the sample had.
    """

    feeds: tuple[Feed, ...]
    scores: Literal["logits", "probabilities", "number"]
    typical: dict[str, Any]
    categories: dict[str, tuple[str, ...]] = {}


class ModuleConfig(ImportedConfig, frozen=True, forbid_unknown_fields=True):
    """module_class: `package.module:Class`. arguments: of its constructor, by name."""

    module_class: str = ""
    arguments: dict[str, Any] = {}


class OnnxConfig(ImportedConfig, frozen=True, forbid_unknown_fields=True):
    """output: which of the graph's outputs holds the scores."""

    output: str = ""
