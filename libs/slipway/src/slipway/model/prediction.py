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


class Contribution(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one part of the input adds to the score, in the score's unit.

    field: the input. start, end, text: the part of a text, in characters. value: the input's own.
    """

    field: str
    contribution: float
    start: int | None = None
    end: int | None = None
    text: str | None = None
    value: str | float | None = None


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a row is answered so: contributions add up to score - base.

    score: the confidence of a classification (of `label`), the number of a regression.
    base: the score of an input that says nothing.
    """

    method: str
    base: float
    score: float
    contributions: tuple[Contribution, ...]
    label: str | None = None
