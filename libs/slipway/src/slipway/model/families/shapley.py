"""What each field adds to a score, for any model that can be asked: Shapley values.

Fields are set, one after the other, from a typical row's value to the row's own; a field's
contribution is the mean change of the score over the orders in which that can be done
(Strumbelj and Kononenko 2010). Up to eight fields all coalitions are asked, above that some
orders and their reverses. Either way contributions add up to the score minus the typical one's.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from slipway.model.signature import Instance

Floats = NDArray[np.float64]
Scores = Callable[[Sequence[Instance]], Floats]
EXACT_UP_TO = 8
ORDERS = 16
_SEED = 20261123


def shapley_values(
    instance: Instance, typical: Mapping[str, object], scores: Scores
) -> tuple[Floats, float, float, str]:
    """Contributions in the order of the instance's fields, the typical row's score, the row's own,
    and the method's name. scores: of rows, shape (rows,)."""
    fields = list(instance)
    if len(fields) <= EXACT_UP_TO:
        return (*_exact(fields, instance, typical, scores), "Shapley values of every coalition")
    return (
        *_sampled(fields, instance, typical, scores),
        f"Shapley values of {ORDERS} orders",
    )


def _mixed(
    fields: Sequence[str], own: Sequence[int], instance: Instance, typical: Mapping[str, object]
) -> Instance:
    chosen = set(own)
    return {
        name: instance[name] if index in chosen else typical[name]
        for index, name in enumerate(fields)
    }


def _exact(
    fields: Sequence[str], instance: Instance, typical: Mapping[str, object], scores: Scores
) -> tuple[Floats, float, float]:
    count = len(fields)
    coalitions = list(
        chain.from_iterable(combinations(range(count), size) for size in range(count + 1))
    )
    asked = scores([_mixed(fields, own, instance, typical) for own in coalitions])
    score_of = dict(zip(coalitions, asked.tolist(), strict=True))
    found = np.zeros(count)
    for own in coalitions:
        weight = factorial(len(own)) * factorial(count - len(own) - 1) if len(own) < count else 0
        for field in set(range(count)) - set(own):
            joined = tuple(sorted((*own, field)))
            found[field] += weight / factorial(count) * (score_of[joined] - score_of[own])
    return found, float(asked[0]), float(asked[-1])


def _sampled(
    fields: Sequence[str], instance: Instance, typical: Mapping[str, object], scores: Scores
) -> tuple[Floats, float, float]:
    generator = np.random.default_rng(_SEED)
    half = [generator.permutation(len(fields)) for _ in range(ORDERS // 2)]
    orders = [*half, *(order[::-1] for order in half)]
    rows = [
        _mixed(fields, order[:reached].tolist(), instance, typical)
        for order in orders
        for reached in range(len(fields) + 1)
    ]
    along = scores(rows).reshape(len(orders), len(fields) + 1)
    found = np.zeros(len(fields))
    for order, values in zip(orders, along, strict=True):
        found[order] += np.diff(values) / len(orders)
    return found, float(along[0, 0]), float(along[0, -1])
