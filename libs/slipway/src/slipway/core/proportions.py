"""Intervals of shares, for whoever gives a share: trainings and the monitor alike."""

import math

Z_95 = 1.959963984540054


def wilson_interval(share: float, n: float, z: float = Z_95) -> tuple[float, float]:
    """The 95 % interval of a share (0 to 1) of n rows, whole or not; (0, 1) where n is 0 or the share NaN.

    Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference.
    """
    if n <= 0 or math.isnan(share):
        return 0.0, 1.0
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # Rounding could leave the share itself outside, at the ends of the range.
    low, high = (centre - half) / scale, (centre + half) / scale
    return max(0.0, min(share, low)), min(1.0, max(share, high))
