"""Worlds with a known change point: silence before it, the right feature named within two windows after.

Every world is generated here from a seed; the references are what training would have written.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
import pytest

from monitor.drift.alarm import alarming
from monitor.drift.comparing import compare
from monitor.drift.data_quality import check
from monitor.drift.reference import Reference
from support.references import Value, columns, reference_of

Generator = np.random.Generator
WINDOW, REFERENCE_ROWS = 1_000, 3_000
Draw = Callable[[Generator, int], list[Value]]


def numbers(draw: Callable[[Generator, int], object]) -> Draw:
    return lambda g, n: [float(v) for v in np.asarray(draw(g, n))]


def words(names: list[str], shares: list[float]) -> Draw:
    p = np.array(shares) / sum(shares)
    return lambda g, n: [str(v) for v in g.choice(names, n, p=p)]


def some_missing(draw: Draw, share: float) -> Draw:
    return lambda g, n: [None if g.uniform() < share else v for v in draw(g, n)]


def in_town(g: Generator, n: int, steepness: float) -> list[Value]:
    """Thousands of streets, of which most are rare."""
    return [f"street {v}" for v in np.minimum(g.zipf(steepness, n), 20_000)]


NORMAL = numbers(lambda g, n: g.normal(50, 10, n))
# Before the change point.
USUAL: dict[str, Draw] = {
    "normal": NORMAL,
    "heavy": numbers(lambda g, n: g.lognormal(0, 2, n)),
    "wild": numbers(lambda g, n: g.standard_cauchy(n)),
    "zeros": numbers(lambda g, n: np.where(g.uniform(size=n) < 0.9, 0, g.exponential(500, n))),
    "ties": numbers(lambda g, n: g.poisson(2, n)),
    "flag": numbers(lambda g, n: g.uniform(size=n) < 0.02),
    "half": numbers(lambda g, n: g.uniform(size=n) < 0.5),
    "constant": numbers(lambda g, n: np.full(n, 1_234_567.8)),
    "large": numbers(lambda g, n: 1_790_000_000 + g.integers(0, 5, n)),
    "huge": numbers(lambda g, n: g.choice([1.7e308, -1.7e308, 1.0], n)),
    "tiny": numbers(lambda g, n: g.normal(0, 1e-300, n)),
    "two_hills": numbers(lambda g, n: g.normal(g.choice([-5, 5], n), 1)),
    "gaps": some_missing(NORMAL, 0.3),
    "never": lambda g, n: [None] * n,
    "binary": words(["no", "yes"], [0.95, 0.05]),
    "colour": words(["red", "green", "blue"], [5, 3, 2]),
    "one": words(["only"], [1]),
    "street": lambda g, n: in_town(g, n, 1.4),
}


def rows_of(world: dict[str, Draw], generator: Generator, n: int) -> list[dict[str, Value]]:
    drawn = {name: draw(generator, n) for name, draw in world.items()}
    return [{name: values[row] for name, values in drawn.items()} for row in range(n)]


@dataclass
class Watched:
    """A monitor's memory of one version: windows come in, alarms and faults come out."""

    reference: Reference
    states: list[dict[str, str]]
    faults: set[tuple[str, str]]

    def close(self, rows: list[dict[str, Value]]) -> None:
        weights = np.ones(len(rows))
        found = compare(self.reference, columns(rows), weights)
        self.states.append({name: drift.state for name, drift in found.items()})
        checks = check(self.reference, columns(rows), weights)
        self.faults |= {
            (f, c) for f, each in checks.items() for c, one in each.items() if one.fault
        }
        assert_storable(msgspec.to_builtins([found, checks]))

    @property
    def alarms(self) -> set[str]:
        names = {name for states in self.states for name in states}
        return {n for n in names if alarming([s[n] for s in self.states if n in s])}


def assert_storable(value: object) -> None:
    """No infinity and no NaN, which PostgreSQL's JSON has no words for."""
    if isinstance(value, float):
        assert np.isfinite(value)
    elif isinstance(value, dict):
        for each in value.values():
            assert_storable(each)
    elif isinstance(value, list | tuple):
        for each in value:
            assert_storable(each)


def watched(seed: int) -> tuple[Watched, Generator]:
    generator = np.random.default_rng(seed)
    reference = reference_of(rows_of(USUAL, generator, REFERENCE_ROWS))
    return Watched(reference, [], set()), generator


def test_a_world_that_does_not_change_is_silent() -> None:
    """Ten times three windows of eighteen features: heavy tails, ties, constants, gaps, rare categories."""
    alarms: set[str] = set()
    faults: set[tuple[str, str]] = set()
    for seed in range(10):
        world, generator = watched(seed)
        for _ in range(3):
            world.close(rows_of(USUAL, generator, WINDOW))
        alarms |= world.alarms
        faults |= world.faults
    assert (alarms, faults) == (set(), set())


CHANGES: dict[str, tuple[str, Draw]] = {
    "the mean moves by half a deviation": ("normal", numbers(lambda g, n: g.normal(55, 10, n))),
    "the spread doubles": ("normal", numbers(lambda g, n: g.normal(50, 20, n))),
    "the spread halves": ("normal", numbers(lambda g, n: g.normal(50, 5, n))),
    "heavy tails grow threefold": ("heavy", numbers(lambda g, n: 3 * g.lognormal(0, 2, n))),
    "a wild feature moves": ("wild", numbers(lambda g, n: 2 + g.standard_cauchy(n))),
    "zeros become rarer": (
        "zeros",
        numbers(lambda g, n: np.where(g.uniform(size=n) < 0.6, 0, g.exponential(500, n))),
    ),
    "counts rise": ("ties", numbers(lambda g, n: g.poisson(3, n))),
    "a rare flag is set four times as often": (
        "flag",
        numbers(lambda g, n: g.uniform(size=n) < 0.08),
    ),
    "a flag is set more often": ("half", numbers(lambda g, n: g.uniform(size=n) < 0.7)),
    "one hill is left": ("two_hills", numbers(lambda g, n: g.normal(0, 1, n))),
    "the hills keep mean and spread but not their shape": (
        "two_hills",
        numbers(lambda g, n: g.normal(0, np.sqrt(26), n)),
    ),
    "what is there moves, gaps stay": (
        "gaps",
        some_missing(numbers(lambda g, n: g.normal(57, 10, n)), 0.3),
    ),
    "a rare class is frequent": ("binary", words(["no", "yes"], [0.85, 0.15])),
    "colours change places": ("colour", words(["red", "green", "blue"], [2, 3, 5])),
    "a new colour comes": ("colour", words(["red", "green", "blue", "mauve"], [4, 3, 2, 1.5])),
    "other streets": ("street", lambda g, n: in_town(g, n, 2.2)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed_within_two_windows_and_nothing_else_is(change: str) -> None:
    feature, draw = CHANGES[change]
    world, generator = watched(7)
    for _ in range(3):
        world.close(rows_of(USUAL, generator, WINDOW))
    assert world.alarms == set()
    for _ in range(2):
        world.close(rows_of(USUAL | {feature: draw}, generator, WINDOW))
    assert world.alarms == {feature}


def test_a_gradual_change_is_noticed_before_it_is_large() -> None:
    """The mean moves by a tenth of a deviation a window: an alarm before it has moved by one."""
    world, generator = watched(8)
    for step in range(1, 11):
        moved = numbers(lambda g, n, s=step: g.normal(50 + s, 10, n))
        world.close(rows_of(USUAL | {"normal": moved}, generator, WINDOW))
        if world.alarms:
            break
    assert world.alarms == {"normal"}
    assert 3 <= step < 10


def test_a_change_that_goes_away_again_leaves_no_alarm() -> None:
    """A season: two windows are different, the next ones are as before."""
    world, generator = watched(9)
    other = numbers(lambda g, n: g.normal(60, 10, n))
    for draw in (NORMAL, other, other):
        world.close(rows_of(USUAL | {"normal": draw}, generator, WINDOW))
    assert world.alarms == {"normal"}
    for _ in range(2):
        world.close(rows_of(USUAL, generator, WINDOW))
    assert world.alarms == set()


FAULTS: dict[str, tuple[str, Draw, str]] = {
    "metres become millimetres": (
        "normal",
        numbers(lambda g, n: 1_000 * g.normal(50, 10, n)),
        "unit_change",
    ),
    "values are lost": ("normal", some_missing(NORMAL, 0.2), "missing"),
    "nothing is left": ("colour", lambda g, n: [None] * n, "missing"),
    "a sensor stands still": ("two_hills", numbers(lambda g, n: np.full(n, 5.1)), "constant"),
    "a code nobody knows": ("binary", words(["no", "yes", "9"], [8, 1, 1]), "unseen_category"),
    "numbers beyond anything": (
        "half",
        numbers(lambda g, n: np.where(g.uniform(size=n) < 0.1, 99, g.uniform(size=n) < 0.5)),
        "out_of_range",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_broken_data_is_named_with_its_kind(fault: str) -> None:
    feature, draw, kind = FAULTS[fault]
    world, generator = watched(10)
    world.close(rows_of(USUAL | {feature: draw}, generator, WINDOW))
    assert (feature, kind) in world.faults
    assert {name for name, _ in world.faults} == {feature}


@pytest.mark.parametrize("n", [0, 1, 2, 499])
def test_tiny_windows_have_no_verdict(n: int) -> None:
    world, generator = watched(11)
    rows = rows_of(USUAL, generator, n) if n else []
    found = compare(world.reference, columns(rows) if rows else {}, np.ones(n))
    assert {drift.state for drift in found.values()} == {"insufficient_data"}
