"""What a request for a batch asks for: which model, and the rows, whatever format they come in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from flask import Request

from predictor.batching.body import Body
from slipway.batches.reading.csv_rows import csv_rows
from slipway.batches.reading.json_rows import HEAD, JsonBatch
from slipway.batches.reading.ndjson import ndjson_rows
from slipway.batches.validating import validated_lines
from slipway.core.errors import InvalidInput, Problem, UnsupportedMediaType
from slipway.core.settings import PredictorSettings
from slipway.core.strict_json import parse, printable
from slipway.model.runtime import Model
from slipway.model.validation import kind_of

FindModel = Callable[[str | None, str | None], Model]
NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
CSV = "text/csv"


@dataclass(frozen=True)
class Asked:
    """lines: of the rows as they are stored, validated while they are read."""

    model: Model
    lines: Iterator[bytes]


def read_asked(request: Request, body: Body, settings: PredictorSettings, find: FindModel) -> Asked:
    """Raises what `find` does, UnsupportedMediaType, and whatever is wrong with the body's start."""
    kind = request.mimetype
    named = {name: request.args[name] for name in HEAD if name in request.args}
    longest, deepest = settings.max_body_bytes, settings.max_json_depth
    if not kind or kind == "application/json" or kind.endswith("+json"):
        head, rows = _read_json(body.pieces(), settings)
        model = find(*_names(named | head))
    elif kind in NDJSON:
        model = find(*_names(named))
        rows = ndjson_rows(body.pieces(), max_row_bytes=longest, max_depth=deepest)
    elif kind == CSV:
        model = find(*_names(named))
        rows = csv_rows(body.pieces(), model.signature, max_row_bytes=longest)
    else:
        raise UnsupportedMediaType("Send application/json, application/x-ndjson or text/csv.")
    return Asked(model, validated_lines(model.signature, rows))


def _names(given: dict[str, Any]) -> tuple[str | None, str | None]:
    for name, value in given.items():
        if not isinstance(value, str):
            problem = Problem(name, f"must be a string, not {kind_of(value)}")
            raise InvalidInput(f"Field '{name}' {problem.problem}.", problems=(problem,))
    return given.get("model"), given.get("version")


def _read_json(
    pieces: Iterator[bytes], settings: PredictorSettings
) -> tuple[dict[str, Any], Iterator[Any]]:
    """A body that is not large is parsed whole, so that its keys may stand in any order."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) > settings.max_body_bytes:
            batch = JsonBatch(
                chain((start,), pieces),
                max_row_bytes=settings.max_body_bytes,
                max_depth=settings.max_json_depth,
            )
            return batch.begin(), batch.rows()
    return _parse_whole(start, settings.max_json_depth)


def _parse_whole(text: bytes, max_depth: int) -> tuple[dict[str, Any], Iterator[Any]]:
    value = parse(text, max_depth=max_depth)
    if not isinstance(value, dict):
        raise InvalidInput(f"The body must be a JSON object, not {kind_of(value)}.")
    for name in value.keys() - {"instances", *HEAD}:
        problem = Problem(printable(name), "is not known here")
        raise InvalidInput(f"Field '{problem.field}' {problem.problem}.", problems=(problem,))
    rows = value.pop("instances", None)
    if not isinstance(rows, list):
        problem = Problem("instances", "must be an array with at least one row")
        raise InvalidInput(f"Field 'instances' {problem.problem}.", problems=(problem,))
    return value, iter(rows)
