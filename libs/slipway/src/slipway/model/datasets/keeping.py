"""Training sets into the store and out of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from slipway.core.errors import Conflict, DataInvalid, NotFound
from slipway.core.store import Store
from slipway.model.artifact import sha256_of, to_json
from slipway.model.datasets.records import (
    MANIFEST,
    ROOT,
    ROWS,
    DatasetManifest,
    Row,
    rows_from_ndjson,
    rows_to_ndjson,
)
from slipway.model.training.recipe import Recipe


def keep(
    store: Store,
    recipe: Recipe,
    rows: Sequence[Row],
    *,
    made_by: str,
    now: datetime,
    parent: str | None = None,
    holdout_is_new: bool = False,
    data_sha256: str = "",
) -> DatasetManifest:
    """Puts the rows, then the manifest. A set that is there already is left as it is."""
    body = rows_to_ndjson(rows)
    manifest = DatasetManifest(
        digest=sha256_of(to_json(recipe) + body),
        recipe=recipe,
        rows=dict(Counter(row.part for row in rows)),
        size_bytes=len(body),
        created_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        made_by=made_by,
        parent=parent,
        holdout_is_new=holdout_is_new,
        data_sha256=data_sha256,
    )
    for file, content in ((ROWS, body), (MANIFEST, to_json(manifest))):
        try:
            store.create(_key(manifest.digest, file), content)
        except Conflict:
            continue  # the same bytes: the digest is in the key
    return read_manifest(store, manifest.digest)


def read_manifest(store: Store, digest: str) -> DatasetManifest:
    """Raises NotFound, or DataInvalid for one that cannot be read."""
    try:
        return DatasetManifest.from_json(store.read(_key(digest, MANIFEST)))
    except NotFound:
        raise NotFound(f"There is no training set {digest[:12]} in the store.") from None


def read_rows(store: Store, manifest: DatasetManifest) -> list[Row]:
    """Raises DataInvalid where the rows are not those that the digest names."""
    body = store.read(_key(manifest.digest, ROWS))
    if sha256_of(to_json(manifest.recipe) + body) != manifest.digest:
        raise DataInvalid(f"The rows of the training set {manifest.digest[:12]} are damaged.")
    return rows_from_ndjson(body)


def _key(digest: str, file: str) -> str:
    return f"{ROOT}/{digest}/{file}"
