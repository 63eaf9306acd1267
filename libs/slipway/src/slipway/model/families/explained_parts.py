"""What an explanation takes a row apart into: fields, the words of a text, the numbers of a tensor.

Each part has its own value or says nothing: a typical value, or no word.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np

from slipway.model.prediction import Contribution
from slipway.model.signature import Field, Instance

# A longer text is taken apart into so many runs of words, a larger tensor into so many blocks.
MOST_WORDS = 32
MOST_NUMBERS = 16
_BLOCKS = {1: 16, 2: 4}  # along each of the dimensions that are cut


class Part(NamedTuple):
    """key: unique in the row. start, end: of a text, in characters; kept: the same with the white
    space around, so that all parts make the text. where: in a tensor, by dimension."""

    key: str
    field: Field
    start: int = 0
    end: int = 0
    kept: slice = slice(0, 0)
    where: tuple[slice, ...] = ()


def parts_of(fields: Sequence[Field], instance: Instance) -> list[Part]:
    """In the order of the fields."""
    found: list[Part] = []
    for field in fields:
        if field.type == "text" and instance[field.name] is not None:
            found += _words(field, instance[field.name])
        elif field.type == "tensor":
            blocks = _blocks(field.shape)
            found += [Part(block_name(field, block), field, where=block) for block in blocks]
        else:
            found.append(Part(field.name, field))
    return found


def mixed(
    parts: Sequence[Part], own: Mapping[str, Any], instance: Instance, typical: Instance
) -> Instance:
    """The row of which only those parts are left whose key is true in `own`."""
    row: Instance = {}
    for part in parts:
        name = part.field.name
        if part.where:
            if name not in row:
                row[name] = np.array(typical[name], dtype=np.float64)
            if own[part.key]:
                row[name][part.where] = np.array(instance[name], dtype=np.float64)[part.where]
        elif part.end:
            row[name] = row.get(name, "") + (instance[name][part.kept] if own[part.key] else "")
        else:
            row[name] = instance[name] if own[part.key] else typical[name]
    return {name: _plain(row.get(name, instance[name])) for name in instance}


def _words(field: Field, text: str) -> list[Part]:
    runs = _runs(text)
    begins = [0, *(start for start, _ in runs[1:]), len(text)]
    return [
        Part(f"{field.name}[{a}:{b}]", field, a, b, slice(begin, until))
        for (a, b), begin, until in zip(runs, begins, begins[1:], strict=False)
    ]


def contribution(part: Part, instance: Instance, added: float) -> Contribution:
    value = instance[part.field.name]
    if part.end:
        word = value[part.start : part.end]
        return Contribution(part.field.name, added, part.start, part.end, word)
    if part.where:
        block = np.array(value, dtype=np.float64)[part.where]
        alone = float(block.item()) if block.size == 1 else None
        return Contribution(part.key, added, value=alone)
    return Contribution(part.field.name, added, value=value)


def block_name(field: Field, block: Sequence[slice]) -> str:
    """`x[3]` or `image[0:7,14:21]`; a dimension that is taken whole is `:`."""
    sizes = zip(block, field.shape, strict=True)
    return f"{field.name}[{','.join(_named(cut, size) for cut, size in sizes)}]"


def _named(cut: slice, size: int) -> str:
    if cut.stop - cut.start == 1:
        return str(cut.start)
    return ":" if (cut.start, cut.stop) == (0, size) else f"{cut.start}:{cut.stop}"


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _runs(text: str) -> list[tuple[int, int]]:
    """Words, or runs of neighbouring words where there are many: (start, end)."""
    inside = np.array([not character.isspace() for character in text], dtype=bool)
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    words = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    cuts = np.linspace(0, len(words), min(MOST_WORDS, len(words)) + 1).astype(int).tolist()
    return [(words[a][0], words[b - 1][1]) for a, b in pairwise(cuts)]


def _blocks(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Each number, or a grid over the two largest dimensions."""
    cut = dict.fromkeys(range(len(shape)), 0)
    if np.prod(shape) <= MOST_NUMBERS:
        pieces = dict(enumerate(shape))
    else:
        largest = sorted(cut, key=lambda axis: -shape[axis])[:2]
        largest = [axis for axis in largest if shape[axis] > 1]
        pieces = dict.fromkeys(cut, 1) | {
            axis: min(shape[axis], _BLOCKS[len(largest)]) for axis in largest
        }
    for place in product(*(range(pieces[axis]) for axis in cut)):
        yield tuple(
            slice(at * shape[axis] // pieces[axis], (at + 1) * shape[axis] // pieces[axis])
            for axis, at in enumerate(place)
        )
