"""scikit-learn estimators and pipelines to ONNX: from memory, or from a skops file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from slipway.core.errors import PackagingRefused
from slipway.model.families.base import Scores
from slipway.model.families.imported_config import DType
from slipway.model.packaging.matching import Argument, matched
from slipway.model.packaging.onnx_graphs import session_of
from slipway.model.packaging.wanted import Converted, ScoreKind, Wanted, converter
from slipway.model.signature import Field, Instance

_EXTRA, _WHAT = "package-sklearn", "a scikit-learn estimator"
# What skops itself has not looked at yet, of scikit-learn and numpy.
_KNOWN = frozenset(
    {
        "numpy.dtype",
        "sklearn.tree._tree.Tree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    }
)
NO_PROBABILITIES = (
    "{of} has no predict_proba, and its scores are no probabilities: wrap it, for instance in "
    "sklearn.calibration.CalibratedClassifierCV."
)


def convert(path: Path, fields: Sequence[Field], wanted: Wanted) -> Converted:
    """Raises PackagingRefused."""
    return convert_estimator(read(path, wanted.trust_code), fields, wanted)


def read(path: Path, trust_code: bool) -> Any:
    """What a skops file holds. Types that nobody has looked at are refused, unless they are trusted."""
    skops = converter("skops.io", _EXTRA, "a skops file")
    converter("sklearn", _EXTRA, _WHAT)
    unknown = skops.get_untrusted_types(file=path)
    if (foreign := sorted(set(unknown) - _KNOWN)) and not trust_code:
        raise PackagingRefused(
            f"{path} holds {', '.join(foreign)}, which may run code when it is read. If you trust "
            "the file, say so with --trust-code. (The packaged model carries no code.)"
        )
    return skops.load(path, trusted=unknown)


def convert_estimator(estimator: Any, fields: Sequence[Field], wanted: Wanted) -> Converted:
    """Computes in double precision where the converter and the runtime know how."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    base = converter("sklearn.base", _EXTRA, _WHAT)
    converter("skl2onnx", _EXTRA, _WHAT)
    classifier = base.is_classifier(estimator)
    if not classifier and not base.is_regressor(estimator):
        raise PackagingRefused(
            f"{type(estimator).__name__} is neither a classifier nor a regressor."
        )
    if classifier and not hasattr(estimator, "predict_proba"):
        raise PackagingRefused(NO_PROBABILITIES.format(of=type(estimator).__name__))
    fields = _in_order(estimator, fields)
    reasons = []
    for dtype in ("float64", "float32"):
        settled, feeds = matched(_arguments(estimator, fields, dtype), fields)
        try:
            body = _onnx(estimator, _arguments(estimator, fields, dtype), classifier)
            outputs = session_of(body).get_outputs()
            break
        # The converter raises errors of many kinds for what it does not know.
        except Exception as wrong:  # noqa: BLE001
            reasons.append(str(wrong).strip().partition("\n")[0][:300])
    else:
        raise PackagingRefused(f"skl2onnx cannot convert the estimator: {reasons[-1]}")

    def original(instances: Sequence[Instance]) -> Scores:
        rows = _as_fitted(estimator, fields, instances)
        answer = estimator.predict_proba(rows) if classifier else estimator.predict(rows)
        return np.asarray(answer, dtype=np.float64)

    kind: ScoreKind = "probabilities" if classifier else "number"
    return Converted(
        "onnx",
        body,
        settled,
        feeds,
        original,
        outputs[-1].name,
        labels=tuple(map(str, estimator.classes_)) if classifier else (),
        scores=kind,
        made_with=("scikit-learn", "skl2onnx", "onnx"),
    )


def _in_order(estimator: Any, fields: Sequence[Field]) -> tuple[Field, ...]:
    """As the estimator saw its columns in training."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        return tuple(fields)
    by_name = {field.name: field for field in fields}
    if by_name.keys() != set(names):
        raise PackagingRefused(
            f"The estimator was fitted on {', '.join(names)}; the sample has {', '.join(by_name)}."
        )
    return tuple(by_name[name] for name in names)


def _arguments(estimator: Any, fields: Sequence[Field], numbers: DType) -> list[Argument]:
    """One matrix where every column is a number, else a column each."""
    if len(fields) == 1 and fields[0].type == "text" and not _by_column(estimator):
        return [Argument(fields[0].name, "string", ())]
    if len(fields) == 1 and fields[0].type == "tensor":
        return [Argument("X", numbers, fields[0].shape)]
    texts = any(field.type in ("text", "category") for field in fields)
    if not texts and not (_by_column(estimator) and hasattr(estimator, "feature_names_in_")):
        return [Argument("X", numbers, (len(fields),))]
    return [
        Argument(f.name, "string" if f.type in ("text", "category") else numbers, (1,))
        for f in fields
    ]


def _by_column(estimator: Any) -> bool:
    """Whether columns go different ways, so that the first step asks for them by name or number."""
    compose = converter("sklearn.compose", _EXTRA, _WHAT)
    first = estimator
    while hasattr(first, "steps"):
        first = first.steps[0][1]
    return isinstance(first, compose.ColumnTransformer)


def _onnx(estimator: Any, arguments: Sequence[Argument], classifier: bool) -> bytes:
    skl2onnx = converter("skl2onnx", _EXTRA, _WHAT)
    types = converter("skl2onnx.common.data_types", _EXTRA, _WHAT)
    text = converter("sklearn.feature_extraction.text", _EXTRA, _WHAT)
    kinds = {
        "float32": types.FloatTensorType,
        "float64": types.DoubleTensorType,
        "string": types.StringTensorType,
    }
    # Its usual locale is in few images; C lower-cases the letters of ASCII.
    locale = {"locale": "C"}
    options: dict[Any, Any] = {text.CountVectorizer: locale, text.TfidfVectorizer: locale}
    if classifier:
        options[id(estimator)] = {"zipmap": False}
    made = skl2onnx.convert_sklearn(
        estimator,
        initial_types=[(a.name, kinds[a.dtype]([None, *(a.shape or ())])) for a in arguments],
        options=options,
    )
    body: bytes = made.SerializeToString()
    return body


def _as_fitted(estimator: Any, fields: Sequence[Field], instances: Sequence[Instance]) -> Any:
    """Rows as a notebook has them: a table where the estimator knows names, else an array."""
    if len(fields) == 1 and fields[0].type == "text" and not _by_column(estimator):
        return [row[fields[0].name] or "" for row in instances]
    if len(fields) == 1 and fields[0].type == "tensor":
        return np.array([row[fields[0].name] for row in instances], dtype=np.float64)
    cells = [list(_cells(fields, row)) for row in instances]
    if hasattr(estimator, "feature_names_in_"):
        pandas = converter("pandas", "package-sklearn", "an estimator that was fitted on a table")
        return pandas.DataFrame(cells, columns=[field.name for field in fields])
    texts = any(field.type in ("text", "category") for field in fields)
    return np.array(cells, dtype=object if texts else np.float64)


def _cells(fields: Sequence[Field], row: Instance) -> Iterator[Any]:
    for field in fields:
        yield np.nan if row[field.name] is None else row[field.name]
