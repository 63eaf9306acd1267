"""Labels and numbers as the log keeps them: text or number, never both."""

from sqlalchemy import Row


def as_columns(value: str | float) -> tuple[str | None, float | None]:
    """(text, number) of a prediction or a label."""
    return (value, None) if isinstance(value, str) else (None, float(value))


def as_label(text: str | None, number: float | None) -> str | float | None:
    """The reverse; None where there is neither."""
    return text if text is not None else number


def in_the_models_words(
    label: str | float, predicted: Row[tuple[object, ...]]
) -> str | float | None:
    """A label as the predicted model would say it; None for a class that the model does not know.

    predicted: a row with predicted_label and probabilities. A regression takes numbers only.
    Labels that look like numbers may come as numbers: 1 is the class "1".
    """
    if predicted.predicted_label is None:
        return None if isinstance(label, str) else float(label)
    text = label if isinstance(label, str) else f"{label:.15g}"
    known = predicted.probabilities
    if known and "_rest" not in known and text not in known:
        return None
    return text
