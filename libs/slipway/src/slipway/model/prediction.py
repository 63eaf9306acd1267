"""What a model answers for one row."""

import msgspec


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row's answer.

    prediction: a label, or a number in the output's unit. confidence: the label's probability.
    probabilities: of every label, in the signature's order. interval: (low, high), same unit.
    """

    prediction: str | float
    confidence: float | None = None
    probabilities: dict[str, float] | None = None
    interval: tuple[float, float] | None = None
