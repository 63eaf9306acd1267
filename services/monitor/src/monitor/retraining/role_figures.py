"""What the log knows of champion and challenger since a step began."""

from collections import Counter
from typing import Any

import numpy as np
from sqlalchemy import Connection, and_, func, select

from monitor.prediction_log.tables import predictions
from monitor.retraining.health import Health, RoleFigures

# A step looks at so many of its newest rows.
_ROWS = 20_000
SHADOW = "shadow"


def figures_of(
    connection: Connection,
    model: str,
    version: str,
    role: str,
    since: float,
    *,
    computing: bool = False,
    with_shadow: bool = False,
) -> RoleFigures:
    """Requests and errors come from the predictors; here are those that were answered.

    computing: p95 of the forward alone, since nobody waits for a shadow. with_shadow: what it scored
    unseen meanwhile counts where a label came.
    """
    found = (
        select(
            predictions.c.row_index,
            predictions.c.role,
            predictions.c.latency_seconds,
            predictions.c.compute_seconds,
            predictions.c.predicted_label,
            predictions.c.label_id,
            predictions.c.true_label,
        )
        .where(
            predictions.c.model == model,
            predictions.c.version == version,
            predictions.c.role.in_({role, SHADOW} if with_shadow else {role}),
            predictions.c.time >= since,
        )
        .order_by(predictions.c.id.desc())
        .limit(_ROWS)
    )
    rows = connection.execute(found).all()
    unseen = [row for row in rows if row.role != role]
    rows = [row for row in rows if row.role == role]
    firsts = [row for row in rows if row.row_index == 0]
    latencies = [row.compute_seconds if computing else row.latency_seconds for row in firsts]
    latencies = [seconds for seconds in latencies if seconds is not None]
    labels = Counter(row.predicted_label for row in rows if row.predicted_label is not None)
    both = [*rows, *unseen]
    labelled = [row for row in both if row.label_id is not None and row.true_label is not None]
    return RoleFigures(
        requests=len(firsts),
        unseen=sum(row.row_index == 0 for row in unseen),
        rows=len(rows),
        p95=float(np.percentile(latencies, 95)) if latencies else None,
        shares={label: count / len(rows) for label, count in labels.items()},
        labelled=len(labelled),
        right=sum(row.true_label == row.predicted_label for row in labelled),
    )


def agreement(
    connection: Connection, model: str, champion: str, challenger: str, since: float
) -> tuple[int, int]:
    """(rows that both scored, those of them that they answered differently)."""
    one, other = predictions.alias("one"), predictions.alias("other")
    same_row = and_(
        one.c.request_id == other.c.request_id,
        one.c.row_index == other.c.row_index,
        one.c.model == other.c.model,
    )
    differs: Any = one.c.predicted_label != other.c.predicted_label
    found = (
        select(func.count(), func.count().filter(differs))
        .select_from(one.join(other, same_row))
        .where(
            one.c.model == model,
            one.c.version == challenger,
            other.c.version == champion,
            one.c.time >= since,
        )
    )
    compared, differ = connection.execute(found).one()
    return int(compared), int(differ)


def health_of(
    connection: Connection, model: str, champion: str, challenger: str, role: str, since: float
) -> Health:
    """role: `shadow` or `canary`."""
    compared, differ = agreement(connection, model, champion, challenger, since)
    return Health(
        champion=figures_of(
            connection, model, champion, "champion", since, computing=role == SHADOW
        ),
        challenger=figures_of(
            connection,
            model,
            challenger,
            role,
            since,
            computing=role == SHADOW,
            with_shadow=role != SHADOW,
        ),
        compared=compared,
        differ=differ,
    )
