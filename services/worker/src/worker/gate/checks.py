"""The gate's questions about rows: each from what both models said to a check."""

from collections.abc import Callable, Mapping

import numpy as np

from slipway.model.datasets.records import Row
from slipway.model.gate_reports import Check
from worker.gate import limits
from worker.gate.paired import Difference, mcnemar_p, paired_difference
from worker.gate.scored import Scored

ACCURACY, ERROR = "accuracy", "mean absolute error"


def holdout_check(scored: Scored, expected: Mapping[str, float] | None) -> Check:
    """Not worse than the tolerance on rows that neither was trained on.

    expected: the champion's figure from training, where these rows were among its own: then it
    stands for what the champion would say of rows that it has not seen.
    """
    if not len(scored):
        return Check("holdout", True, "The training set has no holdout.")
    found = paired_difference(scored.champion, scored.challenger)
    figures = figures_of(scored, found)
    if expected is not None:
        challenger = figures["challenger"]
        worse = expected["value"] - challenger
        passed = challenger >= expected["low"] - limits.HOLDOUT_TOLERANCE
        figures |= {"champion": expected["value"], "difference": -worse}
        said = (
            f"{_named(scored, challenger)} on {len(scored)} held-back rows; the champion, which "
            f"was trained on them, had {expected['value']:.4g} on rows that it had not seen."
        )
        return Check("holdout", passed, said, figures)
    passed = found.low >= -_tolerance(scored, limits.HOLDOUT_TOLERANCE)
    return Check("holdout", passed, _sentence(scored, found, "frozen held-back rows"), figures)


def newest_check(scored: Scored, *, must_gain: bool) -> Check:
    """On the newest labelled traffic: certainly better where that is why it was trained."""
    if not len(scored):
        return Check("newest", False, "There is no newer labelled traffic to compare on.")
    found = paired_difference(scored.champion, scored.challenger)
    figures = figures_of(scored, found)
    tolerance = _tolerance(scored, limits.HOLDOUT_TOLERANCE)
    passed = found.low > 0 if must_gain else found.low >= -tolerance
    if must_gain and scored.labels:
        passed = passed and figures["p_value"] < 0.05
    return Check("newest", passed, _sentence(scored, found, "newest labelled rows"), figures)


def group_checks(name: str, scored: Scored, group_of: Callable[[Row], str | None]) -> list[Check]:
    """Of each group with rows enough: certainly worse in none. name: what the groups are of."""
    checks = []
    groups = np.array([group_of(row) or "" for row in scored.rows])
    for group in sorted(set(groups.tolist()) - {""}):
        inside = scored.only(groups == group)
        if len(inside) < limits.GROUP_MIN_ROWS:
            continue
        found = paired_difference(inside.champion, inside.challenger, level=limits.GROUP_LEVEL)
        passed = found.high >= -_tolerance(inside, limits.GROUP_TOLERANCE)
        said = _sentence(inside, found, f"rows of {name} {group}")
        checks.append(Check(f"{name}: {group}", passed, said, figures_of(inside, found)))
    return checks


def key_check(scored: Scored) -> Check:
    """The gain may not be one key's alone: whichever is left out, the others must not lose."""
    keys = np.array([row.key_id or "" for row in scored.rows])
    several = sorted(set(keys.tolist()) - {""})
    found = []
    for key in several if len(several) > 1 else []:
        others = scored.only(keys != key)
        if len(others) >= limits.GROUP_MIN_ROWS:
            found.append((paired_difference(others.champion, others.challenger), key, others))
    if not found:
        return Check("without any one key", True, "No key labelled beside another.")
    worst, key, others = min(found, key=lambda one: one[0].value)
    said = _sentence(others, worst, f"rows that key {key} did not label")
    return Check("without any one key", worst.value >= 0, said, figures_of(others, worst))


def figures_of(scored: Scored, found: Difference) -> dict[str, float]:
    sign = 1.0 if scored.labels else -1.0
    figures = {
        "n": float(found.n),
        "champion": sign * float(scored.champion.mean()),
        "challenger": sign * float(scored.challenger.mean()),
        "difference": sign * found.value,
        "low": min(sign * found.low, sign * found.high),
        "high": max(sign * found.low, sign * found.high),
        "disagreement": float(1 - scored.same.mean()),
    }
    if scored.labels:
        figures["p_value"] = mcnemar_p(scored.champion > 0, scored.challenger > 0)
    return figures


def _tolerance(scored: Scored, share: float) -> float:
    """In the unit of the scores: of accuracy as it is, else of the champion's mean error."""
    return share if scored.labels else share * float(-scored.champion.mean())


def _named(scored: Scored, value: float) -> str:
    return f"{ACCURACY if scored.labels else ERROR} {value:.4g}"


def _sentence(scored: Scored, found: Difference, where: str) -> str:
    figures = figures_of(scored, found)
    return (
        f"{_named(scored, figures['challenger'])}, the champion {figures['champion']:.4g} on "
        f"{found.n} {where} (difference {figures['difference']:+.3g}, "
        f"{figures['low']:+.3g} to {figures['high']:+.3g})."
    )
