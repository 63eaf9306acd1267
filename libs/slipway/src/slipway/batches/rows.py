"""Rows between their validation and their answer, one JSON object a line.

Input: {"instance": {…}} for a row that fits the signature, {"error": {…}} for one that does not.
Result: {"index": 7, "prediction": …} or {"index": 7, "error": {…}}: `error` always stands second,
so that failed rows can be counted without parsing.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from slipway.core.errors import Refusal
from slipway.model.prediction import Prediction
from slipway.model.signature import Instance

_FAILED_LINE = re.compile(rb'^\{"index":\d+,"error":', re.MULTILINE)


class RowError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a row has no prediction, named like the errors of requests."""

    error: str
    message: str
    details: list[dict[str, str]] = []


class InputRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the two."""

    instance: dict[str, Any] | None = None
    error: RowError | None = None


class _Answered(msgspec.Struct, frozen=True, omit_defaults=True):
    index: int
    prediction: str | float
    confidence: float | None = None
    probabilities: dict[str, float] | None = None
    interval: tuple[float, float] | None = None


class _Failed(msgspec.Struct, frozen=True):
    index: int
    error: RowError


_ENCODER = msgspec.json.Encoder()
_ROWS = msgspec.json.Decoder(InputRow)


def good_row(instance: Instance) -> bytes:
    return _ENCODER.encode(InputRow(instance=instance))


def bad_row(refusal: Refusal) -> bytes:
    return _ENCODER.encode(InputRow(error=row_error(refusal)))


def row_error(refusal: Refusal) -> RowError:
    details = [{"field": p.field, "problem": p.problem} for p in refusal.problems]
    return RowError(refusal.name, refusal.message, details)


def read_rows(chunk: bytes) -> list[InputRow]:
    """Raises ValueError for what this release did not write."""
    return _ROWS.decode_lines(chunk)


def result_lines(first_index: int, answers: Sequence[Prediction | RowError]) -> bytes:
    """A chunk's result, a line an answer."""
    return _ENCODER.encode_lines(_lines(first_index, answers))


def _lines(
    first_index: int, answers: Iterable[Prediction | RowError]
) -> list["_Answered | _Failed"]:
    return [
        _Failed(index, answer)
        if isinstance(answer, RowError)
        else _Answered(
            index, answer.prediction, answer.confidence, answer.probabilities, answer.interval
        )
        for index, answer in enumerate(answers, first_index)
    ]


def count_lines(result: Iterable[bytes]) -> tuple[int, int]:
    """(rows, failed rows) of a chunk's result, which comes in pieces."""
    rows = failed = 0
    kept = b""
    for piece in result:
        whole, newline, kept = (kept + piece).rpartition(b"\n")
        rows += whole.count(b"\n") + len(newline)
        failed += len(_FAILED_LINE.findall(whole))
    return rows, failed
