"""What was asked, to be asked again of another version: only where inputs are kept."""

import math
import re
from typing import Any

from flask import Blueprint, Response, request

from monitor.answers import json_response
from monitor.parts import parts
from monitor.prediction_log.captured_rows import Place, captured_rows
from slipway.core.errors import InvalidInput, Problem

bp = Blueprint("inputs", __name__)

MOST_ROWS = 1_000
_PLACE = re.compile(r"(\d{1,12}\.\d{1,9})-(\d{1,18})")


@bp.get("/v1/models/<name>/inputs")
def inputs(name: str) -> Response:
    """Answered rows with what was asked (?from=…&to=…, seconds since 1970; &limit=…&after=…).

    `next` is the `after` of the next page; null on the last one.
    """
    since, until = _seconds("from"), _seconds("to")
    limit = _limit(request.args.get("limit", str(MOST_ROWS)))
    after = _place(request.args.get("after"))
    with parts().log.reading() as connection:
        rows = captured_rows(connection, name, since, until, after, limit)
    last = rows[-1] if len(rows) == limit else None
    following = None if last is None else f"{last.time:.9f}-{last.id}"
    return json_response({"model": name, "rows": [_row(row) for row in rows], "next": following})


def _row(row: Any) -> dict[str, Any]:
    label = row.predicted_label
    return {
        "request_id": row.request_id,
        "index": row.row_index,
        "time": row.time,
        "version": row.version,
        "role": row.role,
        "prediction": row.predicted_number if label is None else label,
        "confidence": row.confidence,
        "compute_seconds": row.compute_seconds,
        "inputs": row.inputs,
    }


def _seconds(name: str) -> float:
    try:
        value = float(request.args.get(name, ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _wrong(name, "must be seconds since 1970")
    return value


def _limit(given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= MOST_ROWS:
        raise _wrong("limit", f"must be a whole number from 1 to {MOST_ROWS}")
    return int(given)


def _place(given: str | None) -> Place | None:
    if given is None:
        return None
    found = _PLACE.fullmatch(given)
    if found is None:
        raise _wrong("after", "must be the 'next' of the page before")
    return Place(float(found[1]), int(found[2]))


def _wrong(field: str, problem: str) -> InvalidInput:
    return InvalidInput(f"'{field}' {problem}.", problems=(Problem(field, problem),))
