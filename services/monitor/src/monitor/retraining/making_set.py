"""The next training set: the champion's own, and labelled traffic since. Pure.

Deduplicated by what was asked, the newest label counting. Split by time: of the newest traffic every
second slice is held back and the others are trained on, so that a kind of row that appeared an
hour ago is on both sides. The holdout stays what it was, so that versions can be compared over years.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from monitor.retraining.brakes import Refused
from monitor.retraining.keys import check_keys, limited
from monitor.retraining.labelled import Labelled
from slipway.core.errors import InvalidInput
from slipway.model.datasets.records import Row
from slipway.model.signature import Instance, Signature
from slipway.model.validation import checked_instance

# So many rows in a row of time go to the same side.
SLICE_ROWS = 10
# Rows to compare champion and challenger on: fewer say nothing.
MIN_NEWEST = 100
# Of an original set without a holdout, one row in so many becomes one.
HOLDOUT_ONE_IN = 5


@dataclass(frozen=True)
class Bounds:
    """What a training set has to be. The settings of the same names."""

    min_labels: int
    newest_ratio: float
    max_key_ratio: float


@dataclass(frozen=True)
class MadeSet:
    """rows: of the whole set. live: how many are labelled traffic of now. left_out: by reason.
    holdout_is_new: the champion was trained on what is now held out."""

    rows: list[Row]
    live: int
    left_out: dict[str, int]
    holdout_is_new: bool


def make_set(
    parent: Sequence[Row], labelled: Sequence[Labelled], signature: Signature, bounds: Bounds
) -> MadeSet:
    """parent: the champion's training set. labelled: oldest first. Raises Refused."""
    if labelled and all(row.instance is None for row in labelled):
        raise Refused(
            "no_inputs",
            f"{len(labelled)} labels, but what was asked was not kept: set SLIPWAY_CAPTURE_INPUTS=true "
            "on predictors and monitor, and send the instance with the label or let it be captured.",
        )
    check_keys(labelled)
    check_keys(labelled[-round(bounds.newest_ratio * len(labelled)) :])  # what began of late
    usable, left_out = _usable(labelled, signature)
    known = [row for row in parent if row.part == "holdout"]
    holdout_is_new = not known
    original = _with_holdout(parent) if holdout_is_new else list(parent)
    held_out = _identities([row for row in original if row.part == "holdout"], signature)
    fresh = [row for row in usable if _identity(row.instance or {}, signature) not in held_out]
    left_out["in_holdout"] = len(usable) - len(fresh)
    balanced, of_keys = limited(fresh, bounds.max_key_ratio)
    left_out |= {f"key {key}": count for key, count in of_keys.items()}
    _check_enough(labelled, balanced, of_keys, bounds)
    held_back = newest_places(len(balanced), bounds.newest_ratio)
    live = [
        Row(
            instance=dict(row.instance or {}),
            target=row.target,
            part="newest" if place in held_back else "training",
            time=row.time,
            source=row.source,
            key_id=row.key_id,
        )
        for place, row in enumerate(balanced)
    ]
    _check_labels(live)
    again = _identities(live, signature)
    sources = {row.source for row in live}
    before = [
        msgspec.structs.replace(row, part="training" if row.part == "newest" else row.part)
        for row in original
        if (row.source is None or row.source not in sources)
        and _identity(row.instance, signature) not in again
    ]
    return MadeSet([*before, *live], len(live), left_out, holdout_is_new)


def newest_places(rows: int, ratio: float) -> set[int]:
    """Which of so many rows, oldest first, are held back: the last slice, and every second before it,
    until there are enough."""
    wanted = min(rows, max(MIN_NEWEST, round(ratio * rows)))
    held_back: set[int] = set()
    for distance in range(rows):
        if len(held_back) >= wanted:
            break
        if distance // SLICE_ROWS % 2 == 0:
            held_back.add(rows - 1 - distance)
    return held_back


def _usable(
    labelled: Sequence[Labelled], signature: Signature
) -> tuple[list[Labelled], dict[str, int]]:
    """Rows whose input was kept and fits the signature, each input once, with its last label."""
    left_out = {"no_input": 0, "not_valid": 0, "repeated": 0}
    found: dict[str, Labelled] = {}
    for row in labelled:
        if row.instance is None:
            left_out["no_input"] += 1
            continue
        try:
            instance = checked_instance(signature, row.instance)
        except InvalidInput:
            left_out["not_valid"] += 1
            continue
        if signature.output.labels and row.target not in signature.output.labels:
            left_out["not_valid"] += 1
            continue
        identity = _identity(instance, signature) or row.source
        left_out["repeated"] += identity in found
        found.pop(identity, None)
        found[identity] = row._replace(instance=instance)
    return list(found.values()), left_out


def _identity(instance: Instance, signature: Signature) -> str | None:
    """Equal for texts that differ only in case and white space, as in reading the original data;
    None where rows without a text may repeat by chance."""
    texts = [field.name for field in signature.inputs if field.type == "text"]
    words = [" ".join(str(instance.get(name) or "").split()).casefold() for name in texts]
    return "\0".join(words) if texts else None


def _identities(rows: Sequence[Row], signature: Signature) -> set[str]:
    return {same for row in rows if (same := _identity(row.instance, signature)) is not None}


def _with_holdout(rows: Sequence[Row]) -> list[Row]:
    """One in five, by what the row is: the same rows whenever it is asked."""
    return [
        msgspec.structs.replace(row, part="holdout") if not row.live and _drawn(row) else row
        for row in rows
    ]


def _drawn(row: Row) -> bool:
    body = json.dumps([row.instance, row.target], sort_keys=True).encode()
    return hashlib.sha256(body).digest()[0] % HOLDOUT_ONE_IN == 0


def _check_enough(
    labelled: Sequence[Labelled],
    balanced: Sequence[Labelled],
    of_keys: dict[str, int],
    bounds: Bounds,
) -> None:
    if len(balanced) >= bounds.min_labels:
        return
    keys = "".join(
        f" Key {key} gave most of them: {count} are left out (SLIPWAY_RETRAIN_MAX_KEY_RATIO)."
        for key, count in of_keys.items()
    )
    raise Refused(
        "few_labels",
        f"{len(balanced)} usable labelled rows of {len(labelled)}; SLIPWAY_RETRAIN_MIN_LABELS asks "
        f"for {bounds.min_labels}.{keys}",
    )


def _check_labels(live: Sequence[Row]) -> None:
    """One label alone teaches nothing, whoever gave it."""
    labels = {row.target for row in live}
    if len(labels) == 1 and isinstance(label := labels.pop(), str):
        keys = sorted({row.key_id for row in live if row.key_id is not None})
        whose = f" Key {keys[0]} gave all of them." if len(keys) == 1 else ""
        raise Refused(
            "one_label", f"All {len(live)} labelled rows are {label}: nothing to learn.{whose}"
        )
