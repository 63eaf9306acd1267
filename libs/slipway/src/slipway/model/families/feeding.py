"""Validated rows as the arrays that a network's arguments take."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slipway.model.families.imported_config import Feed
from slipway.model.signature import Instance

Array = NDArray[np.generic]
_LARGEST = float(np.finfo(np.float32).max)


def fed(feeds: Sequence[Feed], instances: Sequence[Instance]) -> dict[str, Array]:
    """Arrays by argument, each of shape (rows, *the feed's shape)."""
    return {feed.argument: _array(feed, instances) for feed in feeds}


def _array(feed: Feed, instances: Sequence[Instance]) -> Array:
    """What is missing is NaN, or an empty text."""
    shape = (len(instances), *feed.shape)
    if feed.dtype == "string":
        texts = [row[name] or "" for row in instances for name in feed.fields]
        return np.array(texts, dtype=object).reshape(shape)
    values = np.array([_values(feed, row) for row in instances], dtype=np.float64)
    if feed.dtype == "float32":  # what is beyond it would be infinite
        np.clip(values, -_LARGEST, _LARGEST, out=values)
    return values.astype(feed.dtype).reshape(shape)


def _values(feed: Feed, row: Instance) -> Any:
    values = [row[name] for name in feed.fields]
    return [np.nan if value is None else value for value in values]
