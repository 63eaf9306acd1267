"""Training rows to the rows of a stored training set, and back."""

from collections.abc import Sequence

from slipway.model.datasets.records import DatasetManifest, Row
from slipway.model.training.readers import Rows
from slipway.model.training.trainers import Integers


def as_dataset(rows: Rows, held_back: Integers) -> list[Row]:
    """held_back: row numbers that no training ever sees."""
    holdout = set(held_back.tolist())
    groups = rows.groups or [""] * len(rows)
    targets: Sequence[str | float] = rows.targets
    return [
        Row(
            instance=dict(instance),
            target=target,
            part="holdout" if number in holdout else "training",
            group=group,
        )
        for number, (instance, target, group) in enumerate(
            zip(rows.instances, targets, groups, strict=True)
        )
    ]


def for_training(manifest: DatasetManifest, found: Sequence[Row]) -> Rows:
    """All rows but the holdout; the newest traffic is what the training is evaluated on."""
    kept = [row for row in found if row.part != "holdout"]
    by_group = bool(manifest.recipe.evaluation.by)
    return Rows(
        instances=[row.instance for row in kept],
        targets=[row.target for row in kept],  # type: ignore[arg-type]  # of one kind, as the recipe says
        digest=manifest.digest,
        repeats=0,
        groups=[row.group for row in kept] if by_group else (),
        held_back=[number for number, row in enumerate(kept) if row.part == "newest"],
    )
