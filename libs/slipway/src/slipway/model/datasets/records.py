"""A training set: its rows, and the manifest that says what they are and how to train on them.

datasets/<digest>/rows.ndjson, then datasets/<digest>/manifest.json: a set without a manifest does
not exist. The digest is that of recipe and rows, so that the same set is stored once.
"""

from collections.abc import Iterable
from typing import Any, Literal, Self

import msgspec

from slipway.core.errors import DataInvalid
from slipway.model.training.recipe import Recipe

SCHEMA = 1
ROOT = "datasets"
ROWS = "rows.ndjson"
MANIFEST = "manifest.json"

Part = Literal["training", "holdout", "newest"]


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row. target: as answers name it.

    part: `training`; `holdout` (never trained on, so that versions stay comparable) or `newest`
    (the last labelled traffic, held back from this training alone). time: of its prediction,
    seconds since 1970; None for a row of the original data. source: which prediction it was.
    key_id: of whoever labelled it. group: the column `evaluation.by`.
    """

    instance: dict[str, Any]
    target: str | float
    part: Part = "training"
    time: float | None = None
    source: str | None = None
    key_id: str | None = None
    group: str = ""

    @property
    def live(self) -> bool:
        """From traffic, not from the original data."""
        return self.time is not None


class DatasetManifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """manifest.json. rows: how many of each part. parent: the set that traffic was added to.

    holdout_is_new: versions from before this set may have been trained on its holdout.
    data_sha256: of the files that the original rows were read from.
    """

    digest: str
    recipe: Recipe
    rows: dict[str, int]
    size_bytes: int
    created_at: str
    made_by: str
    schema: int = SCHEMA
    parent: str | None = None
    holdout_is_new: bool = False
    data_sha256: str = ""

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises DataInvalid for anything that is not a manifest that this release reads."""
        try:
            manifest = msgspec.json.decode(body, type=cls)
        except msgspec.DecodeError as wrong:
            raise DataInvalid(f"The training set's manifest cannot be read: {wrong}") from None
        if manifest.schema != SCHEMA:
            raise DataInvalid(
                f"The training set has schema {manifest.schema}, this release reads {SCHEMA}."
            )
        return manifest


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(Row)


def rows_to_ndjson(rows: Iterable[Row]) -> bytes:
    """A line a row; the same rows give the same bytes."""
    return _ENCODER.encode_lines(list(rows))


def rows_from_ndjson(body: bytes) -> list[Row]:
    """Raises DataInvalid with the line number."""
    rows = []
    for number, line in enumerate(body.splitlines(), start=1):
        try:
            rows.append(_DECODER.decode(line))
        except msgspec.DecodeError as wrong:
            raise DataInvalid(f"{ROWS}, line {number}: {wrong}") from None
    return rows
