"""The gate's questions about what callers would notice beside the answers."""

import time
from collections.abc import Sequence

import numpy as np

from slipway.model.compatibility import incompatibilities
from slipway.model.datasets.records import Row
from slipway.model.gate_reports import Check
from slipway.model.golden import GoldenRow
from slipway.model.runtime import Model
from worker.gate import limits


def signature_check(champion: Model, challenger: Model) -> Check:
    """It takes whatever the champion takes, and answers in the same kind."""
    problems = incompatibilities(champion.signature, challenger.signature)
    return Check("signature", not problems, "; ".join(problems) or "It takes the same requests.")


def golden_check(challenger: Model, rows: Sequence[GoldenRow]) -> Check:
    """The champion's golden rows keep their labels; its own were replayed when it was loaded."""
    answers = challenger.predict([dict(row.instance) for row in rows])
    changed = [
        f"{index} ({row.expected.prediction} before, now {answer.prediction})"
        for index, (row, answer) in enumerate(zip(rows, answers, strict=True))
        if isinstance(row.expected.prediction, str) and row.expected.prediction != answer.prediction
    ]
    said = f"Of the champion's golden rows, {', '.join(changed)} changed." if changed else ""
    return Check("golden rows", not changed, said or f"{len(rows)} golden rows are answered alike.")


def latency_check(champion: Model, challenger: Model, rows: Sequence[Row]) -> Check:
    """Medians of one row alone, taken in turns so that both meet the same machine."""
    instances = [row.instance for row in rows[: limits.LATENCY_ROWS]]
    times: list[list[float]] = [[], []]
    for instance in instances:
        for which, model in enumerate((champion, challenger)):
            began = time.perf_counter()
            model.predict([instance])
            times[which].append(time.perf_counter() - began)
    if not instances:
        return Check("latency", True, "There are no rows to time.")
    before, now = (float(np.median(taken)) for taken in times)
    allowed = limits.LATENCY_RATIO * before + limits.LATENCY_FLOOR_SECONDS
    said = f"A row takes {1000 * now:.2f} ms, the champion {1000 * before:.2f} ms."
    figures = {"champion_seconds": before, "challenger_seconds": now, "allowed_seconds": allowed}
    return Check("latency", now <= allowed, said, figures)


def size_check(champion: int, challenger: int) -> Check:
    """Bytes of all files."""
    allowed = limits.SIZE_RATIO * champion + limits.SIZE_FLOOR_BYTES
    said = f"It has {challenger / 1e6:.2f} MB, the champion {champion / 1e6:.2f} MB."
    figures = {
        "champion_bytes": float(champion),
        "challenger_bytes": float(challenger),
        "allowed_bytes": allowed,
    }
    return Check("size", challenger <= allowed, said, figures)
