"""Golden rows: inputs whose answers are known, replayed at every load."""

from collections.abc import Callable, Sequence

import msgspec

from slipway.core.errors import ArtifactRefused, InvalidInput
from slipway.model.prediction import Prediction
from slipway.model.signature import Instance, Signature
from slipway.model.validation import checked_instance

TOLERANCE = 1e-4
GOLDEN = "golden.json"


class GoldenRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An instance and what the model answered when it was made."""

    instance: Instance
    expected: Prediction


def read_golden(body: bytes) -> list[GoldenRow]:
    """Raises ArtifactRefused for anything but a list of one golden row or more."""
    try:
        rows = msgspec.json.decode(body, type=list[GoldenRow])
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise ArtifactRefused(GOLDEN, f"cannot be read: {wrong}") from None
    if not rows:
        raise ArtifactRefused(GOLDEN, "holds no row")
    return rows


def replay(
    rows: Sequence[GoldenRow],
    signature: Signature,
    predict: Callable[[list[Instance]], list[Prediction]],
) -> None:
    """Raises ArtifactRefused for the first row that is answered otherwise than before.

    Labels must be equal, scores within 1e-4 (of a regression: relative to the number).
    """
    try:
        instances = [checked_instance(signature, row.instance) for row in rows]
    except InvalidInput as wrong:
        raise ArtifactRefused(GOLDEN, f"does not fit the signature: {wrong}") from None
    answers = predict(instances)
    for index, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        if difference := _difference(row.expected, answer):
            raise ArtifactRefused(GOLDEN, f"row {index} {difference}")


def _difference(expected: Prediction, answer: Prediction) -> str | None:
    if isinstance(expected.prediction, str) or isinstance(answer.prediction, str):
        if expected.prediction != answer.prediction:
            return f"is answered {answer.prediction!r}, not {expected.prediction!r}"
        before, after = expected.probabilities or {}, answer.probabilities or {}
        if before.keys() != after.keys():
            return "is answered with other labels"
        apart = max((abs(before[k] - after[k]) for k in before), default=0.0)
    else:
        apart = abs(expected.prediction - answer.prediction) / max(1.0, abs(expected.prediction))
    # Written so that NaN is a difference.
    return None if apart <= TOLERANCE else f"differs by {apart:.2g}"
