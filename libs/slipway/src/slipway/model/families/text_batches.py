"""What `text_features` says of one text, for many at once: the same n-grams, bit by bit.

An array operation on a message of 150 characters costs more for being called than for what it does.
Texts stand one behind another here, each between two spaces, as its character n-grams see it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from slipway.model.families.text_features import (
    BASE,
    PAIR,
    Hashes,
    Integers,
    NgramOptions,
    counted,
    is_word,
    lowered,
    mixed,
    powers,
    salt,
)

GROUP_CHARACTERS = 16_384


class CountedBags(NamedTuple):
    """Distinct buckets of each text in order, one text behind the other, and how often each is there.

    buckets, counts: shape (n,). starts: shape (texts + 1,), where each text's begin, and n.
    """

    buckets: Integers
    counts: Integers
    starts: Integers


class _Texts(NamedTuple):
    """points, lower: code points, shape (characters,). rows: which text each is of. ends: where it ends.
    first, lengths: of each text, without its spaces."""

    points: NDArray[np.uint32]
    lower: NDArray[np.uint32]
    rows: Integers
    ends: Integers
    first: Integers
    lengths: Integers


def counted_buckets(texts: Sequence[str], options: NgramOptions) -> CountedBags:
    """Of each text the buckets of its n-grams; none of an empty text."""
    found = [_counted(group, options) for group in _groups(texts)]
    if len(found) == 1:
        return found[0]
    before = np.cumsum([0, *(len(bags.buckets) for bags in found)])
    starts = [bags.starts[:-1] + start for bags, start in zip(found, before, strict=False)]
    return CountedBags(
        np.concatenate([bags.buckets for bags in found]),
        np.concatenate([bags.counts for bags in found]),
        np.concatenate([*starts, before[-1:]]),
    )


def _groups(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many one behind the other that the arrays stay in the processor's cache; one at least."""
    start = characters = 0
    for at, text in enumerate(texts):
        characters += len(text)
        if characters > GROUP_CHARACTERS and at > start:
            yield texts[start:at]
            start, characters = at, len(text)
    yield texts[start:]


def _counted(texts: Sequence[str], options: NgramOptions) -> CountedBags:
    there = [text for text in texts if text]
    if not there:
        none = np.zeros(0, np.int64)
        return CountedBags(none, none, np.zeros(len(texts) + 1, np.int64))
    hashes, rows = _hashes(_laid_out(there), options)
    buckets = (mixed(hashes) & np.uint64(options.buckets - 1)).view(np.int64)
    places = np.flatnonzero([bool(text) for text in texts])
    keys, counts = counted(places[rows] * options.buckets + buckets)
    starts = np.searchsorted(keys, np.arange(len(texts) + 1) * options.buckets)
    return CountedBags(keys & (options.buckets - 1), counts, starts)


def _laid_out(texts: Sequence[str]) -> _Texts:
    text = f" {'  '.join(texts)} "
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.array([len(text) for text in texts])
    padded = lengths + 2
    ends = np.cumsum(padded)
    return _Texts(
        points,
        lowered(points),
        np.repeat(np.arange(len(texts)), padded),
        np.repeat(ends, padded),
        ends - padded + 1,
        lengths,
    )


def _hashes(laid: _Texts, options: NgramOptions) -> tuple[Hashes, Integers]:
    """Every n-gram's hash, salted, and which text it is of."""
    values = laid.lower.astype(np.uint64)
    parts: list[Hashes] = []
    rows: list[Integers] = []
    if options.word_max:
        words, starts = _words(laid, values)
        of_words = laid.rows[starts]
        parts.append(words ^ salt(1))
        rows.append(of_words)
        if options.word_max == 2:
            together = of_words[1:] == of_words[:-1]
            parts.append((words[:-1] * PAIR + words[1:])[together] ^ salt(2))
            rows.append(of_words[1:][together])
    left = laid.ends - np.arange(len(values))
    window = values
    for size in range(2, min(options.char_max, len(values)) + 1):
        window = window[:-1] * BASE + values[size - 1 :]
        if size >= options.char_min:
            inside = left[: len(window)] >= size
            parts.append(window[inside] ^ salt(100 + size))
            rows.append(laid.rows[: len(window)][inside])
    if options.shape:
        parts.append((_shapes(laid) ^ salt(200)).ravel())
        rows.append(np.repeat(np.arange(len(laid.lengths)), 4))
    return np.concatenate(parts), np.concatenate(rows)


def _words(laid: _Texts, values: Hashes) -> tuple[Hashes, Integers]:
    """Runs of letters and digits: hash and start."""
    starts, ends = _runs(is_word(laid.lower))
    rising, inverse = powers(1 << len(values).bit_length())
    sums = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values * rising[: len(values)], out=sums[1:])
    return (sums[ends] - sums[starts]) * inverse[starts], starts


def _shapes(laid: _Texts) -> Hashes:
    """Of each text the four steps of `text_features`: shape (texts, 4)."""
    digits = (laid.points >= ord("0")) & (laid.points <= ord("9"))
    capitals = (laid.points >= ord("A")) & (laid.points <= ord("Z"))
    starts, ends = _runs(digits)
    longest = np.zeros(len(laid.lengths), dtype=np.int64)
    np.maximum.at(longest, laid.rows[starts], ends - starts)
    steps = np.stack(
        (
            (np.log2(laid.lengths) * 2).astype(np.int64),
            (np.log2(1 + np.add.reduceat(digits, laid.first - 1, dtype=np.int64)) * 2).astype(
                np.int64
            ),
            (20 * np.add.reduceat(capitals, laid.first - 1, dtype=np.int64) / laid.lengths).astype(
                np.int64
            ),
            np.minimum(longest, 12),
        ),
        axis=1,
    )
    return (steps + np.arange(4) * 1000).astype(np.uint64)


def _runs(flags: NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """Where each run of true flags begins and ends; none touches either side."""
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    return edges[::2], edges[1::2]
