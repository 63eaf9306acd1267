"""What the champion and a challenger answered to the same rows, side by side in the metrics."""

from collections.abc import Sequence

from predictor.challenger_metrics import ChallengerMetrics
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model

# Of many classes the first ones of the signature have a name in the metrics, the rest this one.
MOST_CLASSES = 20
OTHER = "_other"
NUMBER = "number"
# Numbers this much apart, of the larger one, are the same number.
SAME_NUMBER = 1e-6


def compare(
    champions: Sequence[Prediction],
    challengers: Sequence[Prediction],
    challenger: Model,
    metrics: ChallengerMetrics,
) -> None:
    """Counts each row by both answers. Of the same length; both versions have the same labels."""
    named = frozenset(challenger.signature.output.labels[:MOST_CLASSES])
    who = (challenger.name, challenger.version)
    for champion, other in zip(champions, challengers, strict=True):
        classes = (_class_of(champion, named), _class_of(other, named))
        agrees = "yes" if agree(champion, other) else "no"
        metrics.compared.labels(*who, *classes, agrees).inc()
        difference = _difference(champion, other)
        if difference is not None:
            metrics.difference.labels(*who).observe(difference)


def agree(one: Prediction, other: Prediction) -> bool:
    """The same class, or the same number as far as rounding goes."""
    difference = _difference(one, other)
    if difference is None:
        return one.prediction == other.prediction
    size = max(abs(float(one.prediction)), abs(float(other.prediction)))
    return difference <= SAME_NUMBER * size


def _difference(one: Prediction, other: Prediction) -> float | None:
    """Between two numbers; None for classes."""
    if isinstance(one.prediction, str) or isinstance(other.prediction, str):
        return None
    return abs(one.prediction - other.prediction)


def _class_of(prediction: Prediction, named: frozenset[str]) -> str:
    if not isinstance(prediction.prediction, str):
        return NUMBER
    return prediction.prediction if prediction.prediction in named else OTHER
