"""A text as a bag of hashed word and character n-grams, with the place of each in the text.

Everything is computed on arrays of code points, so that a message of 150 characters costs
tens of microseconds. Lower-casing maps one character to one, which keeps positions true.

Hashing trick: Weinberger et al. (2009), Feature Hashing for Large Scale Multitask Learning.
The hash is a polynomial over code points modulo 2^64, finished as in MurmurHash3's fmix64.
"""

from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

BASE = np.uint64(0x9E3779B97F4A7C15)
PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_PLANE = 0x10000  # code points beyond the first plane stay as they are
_SPACE = np.array([ord(" ")], dtype=np.uint64)
_SHAPES = 4

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class NgramOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which n-grams are made: words up to word_max, characters from char_min to char_max.

    buckets: how many rows the table has, a power of two. shape: four coarse steps beside
    the n-grams (length, digits, capitals, longest number).
    """

    buckets: int = 65536
    word_max: int = 2
    char_min: int = 2
    char_max: int = 5
    shape: bool = True

    def __post_init__(self) -> None:
        if self.buckets < 2 or self.buckets & (self.buckets - 1):
            raise ValueError("buckets must be a power of two")
        if not 2 <= self.char_min <= self.char_max <= 8 or not 0 <= self.word_max <= 2:
            raise ValueError("n-gram sizes are out of range")


class Ngrams(NamedTuple):
    """bucket, start and end of each n-gram; each of shape (n,). Positions are of characters."""

    buckets: Integers
    starts: Integers
    ends: Integers


def ngrams(text: str, options: NgramOptions) -> Ngrams:
    """The n-grams of `text`, in a fixed order; none for an empty text."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if not len(points):
        none = np.zeros(0, np.int64)
        return Ngrams(none, none, none)
    lower = lowered(points)
    values = lower.astype(np.uint64)
    parts = _word_ngrams(lower, values, options.word_max)
    parts += _char_ngrams(values, options.char_min, options.char_max)
    if options.shape:
        nowhere = np.zeros(_SHAPES, np.int64)
        parts.append((_salted(_shape(points), 200), nowhere, nowhere))
    hashes = np.concatenate([part[0] for part in parts])
    return Ngrams(
        (hashes & np.uint64(options.buckets - 1)).astype(np.int64),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
    )


Part = tuple[Hashes, Integers, Integers]


def _word_ngrams(lower: NDArray[np.uint32], values: Hashes, longest: int) -> list[Part]:
    if longest == 0:
        return []
    words, starts, ends = _words(lower, values)
    parts = [(_salted(words, 1), starts, ends)]
    if longest == 2 and len(words) > 1:
        parts.append((_salted(words[:-1] * PAIR + words[1:], 2), starts[:-1], ends[1:]))
    return parts


def _char_ngrams(values: Hashes, shortest: int, longest: int) -> list[Part]:
    """Of the text between two spaces, each window of so many characters."""
    padded = np.concatenate((_SPACE, values, _SPACE))
    window, parts = padded, []
    for size in range(2, min(longest, len(padded)) + 1):
        window = window[:-1] * BASE + padded[size - 1 :]
        if size >= shortest:
            first = np.arange(-1, len(window) - 1, dtype=np.int64)
            starts, ends = np.maximum(first, 0), np.minimum(first + size, len(values))
            parts.append((_salted(window, 100 + size), starts, ends))
    return parts


def _shape(points: NDArray[np.uint32]) -> Hashes:
    """Four coarse steps: how long a text is, how many digits and capitals, and its longest number."""
    digits = (points >= ord("0")) & (points <= ord("9"))
    capitals = (points >= ord("A")) & (points <= ord("Z"))
    longest = _longest_run(digits) if digits.any() else 0
    steps = (
        int(np.log2(len(points)) * 2),
        int(np.log2(1 + int(digits.sum())) * 2),
        int(20 * capitals.sum() / len(points)),
        min(longest, 12),
    )
    return np.array([kind * 1000 + step for kind, step in enumerate(steps)], dtype=np.uint64)


def _longest_run(flags: NDArray[np.bool_]) -> int:
    framed = np.zeros(len(flags) + 2, dtype=bool)
    framed[1:-1] = flags
    edges = np.flatnonzero(framed[1:] != framed[:-1])
    return int((edges[1::2] - edges[::2]).max())


def _words(lower: NDArray[np.uint32], values: Hashes) -> tuple[Hashes, Integers, Integers]:
    """Runs of letters and digits: hash, start, end."""
    inside = np.zeros(len(lower) + 2, dtype=bool)
    inside[1:-1] = is_word(lower)
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    rising, inverse = powers(1 << len(values).bit_length())
    sums = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values * rising[: len(values)], out=sums[1:])
    return (sums[ends] - sums[starts]) * inverse[starts], starts, ends


def ngram_buckets(text: str, options: NgramOptions) -> Integers:
    """The buckets alone of what `ngrams` gives, in the same order; a third of its time."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if not len(points):
        return np.zeros(0, np.int64)
    lower = lowered(points)
    values = lower.astype(np.uint64)
    parts: list[Hashes] = []
    if options.word_max:
        words = _words(lower, values)[0]
        parts.append(words ^ salt(1))
        if options.word_max == 2 and len(words) > 1:
            parts.append((words[:-1] * PAIR + words[1:]) ^ salt(2))
    window = padded = np.concatenate((_SPACE, values, _SPACE))
    for size in range(2, min(options.char_max, len(padded)) + 1):
        window = window[:-1] * BASE + padded[size - 1 :]
        if size >= options.char_min:
            parts.append(window ^ salt(100 + size))
    if options.shape:
        parts.append(_shape(points) ^ salt(200))
    hashes = mixed(np.concatenate(parts) if parts else np.zeros(0, np.uint64))
    return (hashes & np.uint64(options.buckets - 1)).view(np.int64)


def counted(found: Integers) -> tuple[Integers, Integers]:
    """Each distinct value in order, and how often it is there; what np.unique says, sooner."""
    found.sort()
    first = np.empty(len(found), dtype=bool)
    first[:1] = True
    np.not_equal(found[1:], found[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    counts = np.empty(len(starts), np.int64)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1:] = len(found) - starts[-1:]
    return found[starts], counts


def _salted(hashes: Hashes, number: int) -> Hashes:
    return mixed(hashes ^ salt(number))


@cache
def salt(number: int) -> np.uint64:
    return np.uint64(number * 0x9E3779B97F4A7C15 % (1 << 64))


def mixed(hashes: Hashes) -> Hashes:
    """Changes the array in place."""
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX_1
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX_2
    hashes ^= hashes >> _SHIFT
    return hashes


def lowered(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
    table, _ = _tables()
    if int(points.max()) >= _PLANE:
        return np.where(points < _PLANE, table[np.minimum(points, _PLANE - 1)], points)
    return table[points]


def is_word(lower: NDArray[np.uint32]) -> NDArray[np.bool_]:
    _, words = _tables()
    return words[np.minimum(lower, _PLANE - 1)] & (lower < _PLANE)


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Of each code point of the first plane: its lower case, and whether words are made of it."""
    characters = [chr(point) for point in range(_PLANE)]
    lower = [ord(c.lower()) if len(c.lower()) == 1 else ord(c) for c in characters]
    return np.array(lower, dtype=np.uint32), np.array([c.isalnum() for c in characters])


@cache
def powers(size: int) -> tuple[Hashes, Hashes]:
    """The first `size` powers of the base, and of its inverse, modulo 2^64."""
    rising = np.full(size, BASE, dtype=np.uint64)
    falling = np.full(size, pow(int(BASE), -1, 1 << 64), dtype=np.uint64)
    rising[0] = falling[0] = 1
    return np.multiply.accumulate(rising), np.multiply.accumulate(falling)
