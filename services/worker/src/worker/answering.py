"""Stored rows to answers: forwards of the right size, and a row that breaks the model alone fails."""

import math
import time
from collections.abc import Callable, Sequence

from slipway.batches.rows import InputRow, RowError, row_error
from slipway.core.errors import InvalidInput
from slipway.model.devices import free_memory, is_out_of_memory
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model
from slipway.model.signature import Instance
from worker.forward_size import ForwardSize
from worker.preparing import PreparedAhead

Answer = Prediction | RowError
UNANSWERED = RowError("InternalError", "The model has no answer for this row.")
# What preprocessing raises for a row that it should not have been given; a device that fails
# raises something else, and then it is not the row's fault.
_ROW_FAULTS = (ValueError, TypeError, LookupError, ArithmeticError, InvalidInput)


def answers(
    model: Model,
    rows: Sequence[InputRow],
    size: ForwardSize,
    between: Callable[[], None] = lambda: None,
) -> list[Answer]:
    """A prediction for each good row and its error for each bad one, in order.

    between: called before each forward; what it raises ends the work.
    """
    good = [row.instance for row in rows if row.instance is not None]
    found = iter(_predictions(model, good, size, between))
    return [row.error if row.error is not None else next(found) for row in rows]


def _predictions(
    model: Model, instances: Sequence[Instance], size: ForwardSize, between: Callable[[], None]
) -> list[Answer]:
    if not model.device.startswith("cuda"):

        def predict(asked: range) -> list[Prediction]:
            return model.predict(instances[asked.start : asked.stop])

        return _in_parts(model, instances, size, between, predict)
    with PreparedAhead(model, instances) as ahead:
        return _in_parts(model, instances, size, between, ahead.predict)


def _in_parts(
    model: Model,
    instances: Sequence[Instance],
    size: ForwardSize,
    between: Callable[[], None],
    predict: Callable[[range], list[Prediction]],
) -> list[Answer]:
    found: list[Answer] = []
    while len(found) < len(instances):
        between()
        asked = range(len(found), min(len(found) + size.rows, len(instances)))
        began = time.perf_counter()
        try:
            found.extend(map(_checked, predict(asked)))
        except _ROW_FAULTS:
            found.extend(_one_by_one(model, instances[asked.start : asked.stop]))
        except (RuntimeError, MemoryError) as wrong:
            if not is_out_of_memory(wrong) or len(asked) == 1:
                raise
            size.halve()
            free_memory(model.device)
        else:
            size.note(len(asked), time.perf_counter() - began)
    return found


def _one_by_one(model: Model, instances: Sequence[Instance]) -> list[Answer]:
    found: list[Answer] = []
    for instance in instances:
        try:
            found.append(_checked(model.predict([instance])[0]))
        except InvalidInput as wrong:
            found.append(row_error(wrong))
        except _ROW_FAULTS:
            found.append(UNANSWERED)
    return found


def _checked(prediction: Prediction) -> Answer:
    """NaN and infinity are no answers, and no JSON either."""
    value = prediction.prediction
    number = prediction.confidence if isinstance(value, str) else value
    return prediction if number is None or math.isfinite(number) else UNANSWERED
