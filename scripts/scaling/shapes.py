"""Traffic over time: requests a second at each second, as a function."""

import math
from collections.abc import Callable

Shape = Callable[[int], float]

HOUR = 3_600


def spike(base: float, times: float) -> Shape:
    """Ten minutes at `base`, ten at `times` as much from one second to the next, then `base` again."""
    return lambda second: base * times if 600 <= second < 1_200 else base


def ramp(base: float, times: float) -> Shape:
    """From `base` to `times` as much within half an hour, half an hour there, and down again."""

    def shape(second: int) -> float:
        up = min(max((second - 600) / 1_800, 0.0), 1.0)
        down = min(max((second - 4_200) / 1_800, 0.0), 1.0)
        return base * (1 + (times - 1) * (up - down))

    return shape


def bursts(base: float, times: float) -> Shape:
    """`times` as much as `base` for two minutes out of every ten."""
    return lambda second: base * times if second % 600 >= 480 else base


def day(mean: float) -> Shape:
    """A tenth of the mean at four in the morning, almost twice as much at four in the afternoon."""
    return lambda second: (
        mean * (1 - 0.9 * math.cos(2 * math.pi * (second - 4 * HOUR) / (24 * HOUR)))
    )
