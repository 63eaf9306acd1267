"""A body as labels: one, or up to a thousand under `labels`."""

import secrets
from typing import Any

from predictor.request_context import REQUEST_ID
from slipway.core.contracts.labels import SCHEMA, Label
from slipway.core.errors import InvalidInput, Problem, TooLarge
from slipway.core.strict_json import printable
from slipway.model.validation import MAX_PROBLEMS, kind_of

MOST_LABELS = 1000
_LONGEST_LABEL = 256
LARGEST_LABEL = 2**53  # beyond it whole numbers are no longer exact
_FIELDS = ("request_id", "label", "index", "instance")


def read_labels(body: Any, *, key_id: str | None, admin: bool, now: float) -> list[Label]:
    """now: seconds since 1970. Raises InvalidInput that names the field and the row, or TooLarge."""
    if not isinstance(body, dict):
        raise InvalidInput(f"The body must be a JSON object, not {kind_of(body)}.")
    several = "labels" in body
    items = body["labels"] if several else [body]
    if several and (len(body) > 1 or not isinstance(items, list) or not items):
        problem = "must be an array with at least one label, and stand alone"
        raise InvalidInput(f"Field 'labels' {problem}.", problems=(Problem("labels", problem),))
    if len(items) > MOST_LABELS:
        raise TooLarge(f"A request may have {MOST_LABELS} labels, this one has {len(items)}.")
    problems: list[Problem] = []
    for row, item in enumerate(items):
        problems += _problems(item, f"labels[{row}]" if several else "")
    if problems:
        first = problems[0]
        subject = f"Field '{first.field}'" if first.field else "The body"
        raise InvalidInput(f"{subject} {first.problem}.", problems=tuple(problems[:MAX_PROBLEMS]))
    return [_label(item, key_id, admin, now) for item in items]


def _label(item: dict[str, Any], key_id: str | None, admin: bool, now: float) -> Label:
    label = item["label"]
    return Label(
        schema=SCHEMA,
        label_id=secrets.token_hex(16),
        request_id=item["request_id"],
        label=label if isinstance(label, str) else float(label),
        time=now,
        index=int(item.get("index") or 0),
        instance=item.get("instance"),
        key_id=key_id,
        admin=admin,
    )


def _problems(item: Any, path: str) -> list[Problem]:
    if not isinstance(item, dict):
        return [Problem(path, "must be an object with request_id and label")]
    prefix = f"{path}." if path else ""
    found = {
        "request_id": _problem_with_id(item.get("request_id")),
        "label": _problem_with_label(item.get("label")),
        "index": _problem_with_index(item.get("index")),
        "instance": _problem_with_instance(item.get("instance")),
    }
    problems = [Problem(prefix + name, problem) for name, problem in found.items() if problem]
    unknown = [name for name in item if name not in _FIELDS]
    return problems + [Problem(prefix + printable(name), "is not known here") for name in unknown]


def _problem_with_id(value: Any) -> str | None:
    if value is None:
        return "is required"
    if not isinstance(value, str) or not REQUEST_ID.fullmatch(value):
        return "must be a request id, as an answer carries it"
    return None


def _problem_with_label(value: Any) -> str | None:
    if value is None:
        return "is required"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return f"must be a string or a number, not {kind_of(value)}"
    if isinstance(value, str) and not 0 < len(value) <= _LONGEST_LABEL:
        return f"must have 1 to {_LONGEST_LABEL} characters"
    if isinstance(value, int | float) and abs(value) > LARGEST_LABEL:
        return f"must be a number from -{LARGEST_LABEL} to {LARGEST_LABEL}"
    return None


def _problem_with_index(value: Any) -> str | None:
    if value is None:
        return None
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return None if whole and 0 <= value < 2**31 else "must be a whole number from 0 on"


def _problem_with_instance(value: Any) -> str | None:
    if value is None or isinstance(value, dict):
        return None
    return f"must be an object, not {kind_of(value)}"
