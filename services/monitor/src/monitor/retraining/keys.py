"""Are the labels of one key unlike everybody else's? Poisoned or broken, they train nothing.

A key is held against all others on rows that the model answered alike: where it is a different
mixture of rows that one key asks for, both still mean the same by a label.
"""

from collections.abc import Sequence

from monitor.quality.measures import newcombe_interval
from monitor.retraining.brakes import Refused
from monitor.retraining.labelled import Labelled

# Labels of one key, and of all others, that a comparison needs.
MIN_LABELS = 20
# How much seldomer a key may agree than the others do, certainly, before its labels are suspect.
APART = 0.3


def check_keys(rows: Sequence[Labelled]) -> None:
    """Raises Refused that names the key whose labels contradict what the others say."""
    keys = sorted({row.key_id for row in rows if row.key_id is not None})
    for key in keys if len(keys) > 1 else []:
        own = [row for row in rows if row.key_id == key]
        others = [row for row in rows if row.key_id != key]
        for answer in sorted({row.predicted for row in own if isinstance(row.predicted, str)}):
            _compare(key, answer, own, others)


def _compare(key: str, answer: str, own: Sequence[Labelled], others: Sequence[Labelled]) -> None:
    mine = [row.target == answer for row in own if row.predicted == answer]
    theirs = [row.target == answer for row in others if row.predicted == answer]
    if min(len(mine), len(theirs)) < MIN_LABELS:
        return
    agrees, others_agree = sum(mine) / len(mine), sum(theirs) / len(theirs)
    low, _ = newcombe_interval(others_agree, len(theirs), agrees, len(mine))
    if low > APART:
        raise Refused(
            "suspect_key",
            f"Labels of key {key} contradict the others': of {len(mine)} rows answered {answer} it "
            f"calls {sum(mine)} so, the other keys {sum(theirs)} of {len(theirs)}. "
            "Nothing is trained on them.",
        )


def limited(rows: Sequence[Labelled], ratio: float) -> tuple[list[Labelled], dict[str, int]]:
    """The rows with at most this share of any one key, its newest kept; and how many of a key were
    left out. Where one key alone labels there is nobody to outweigh, and nothing is left out."""
    counts: dict[str | None, int] = {}
    for row in rows:
        counts[row.key_id] = counts.get(row.key_id, 0) + 1
    if len(counts) < 2:
        return list(rows), {}
    left_out = {}
    kept = list(rows)
    for key, count in counts.items():
        # n of the key among n + others is the ratio.
        allowed = int(ratio / (1 - ratio) * (len(rows) - count)) if ratio < 1 else count
        if key is not None and count > allowed:
            left_out[key] = count - allowed
            surplus = {
                row.source for row in [r for r in rows if r.key_id == key][: count - allowed]
            }
            kept = [row for row in kept if row.source not in surplus]
    return kept, left_out
