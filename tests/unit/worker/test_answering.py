"""Rows to answers: what a row breaks stays with the row, what a device breaks does not."""

from typing import Any

import pytest

from slipway.batches.rows import InputRow, RowError
from slipway.model.prediction import Prediction
from support.fake_model import fake_model
from worker.answering import UNANSWERED, answers
from worker.forward_size import ForwardSize


class ScriptedModel:
    """Answers each message with itself; `refuse` says what it raises instead."""

    device = "cpu"

    def __init__(self, refuse: Any = None) -> None:
        self.refuse = refuse
        self.sizes: list[int] = []

    def predict(self, instances: list[dict[str, Any]]) -> list[Prediction]:
        self.sizes.append(len(instances))
        if self.refuse is not None and (wrong := self.refuse(instances)) is not None:
            raise wrong
        return [Prediction(instance["message"], 0.5) for instance in instances]


def rows(count: int) -> list[InputRow]:
    return [InputRow(instance={"message": f"row {n}"}) for n in range(count)]


def texts(found: list[Prediction | RowError]) -> list[object]:
    return [a.prediction if isinstance(a, Prediction) else a.error for a in found]


def test_answers_stand_where_their_rows_stood() -> None:
    bad = InputRow(error=RowError("InvalidInput", "no"))
    given = [bad, *rows(2), bad, *rows(1)]
    found = answers(ScriptedModel(), given, ForwardSize(1))  # type: ignore[arg-type]
    assert texts(found) == ["InvalidInput", "row 0", "row 1", "InvalidInput", "row 0"]


def test_a_row_that_breaks_the_model_fails_alone() -> None:
    def refuse(instances: list[dict[str, Any]]) -> Exception | None:
        return ValueError() if any(i["message"] == "row 3" for i in instances) else None

    found = answers(ScriptedModel(refuse), rows(6), ForwardSize(4))  # type: ignore[arg-type]
    assert found[3] == UNANSWERED
    assert [a for a in texts(found) if a != "InternalError"] == [
        f"row {n}" for n in (0, 1, 2, 4, 5)
    ]


def test_when_memory_runs_out_the_size_is_halved_and_kept() -> None:
    model = ScriptedModel(lambda instances: MemoryError() if len(instances) > 4 else None)
    size = ForwardSize(16)
    found = answers(model, rows(20), size)  # type: ignore[arg-type]
    assert texts(found) == [f"row {n}" for n in range(20)]
    assert (model.sizes[:3], size.rows) == ([16, 8, 4], 4)
    assert max(model.sizes[2:]) == 4


def test_a_device_that_fails_is_not_the_rows_fault() -> None:
    model = ScriptedModel(lambda _: RuntimeError("CUDA error: device-side assert triggered"))
    with pytest.raises(RuntimeError):
        answers(model, rows(2), ForwardSize(4))  # type: ignore[arg-type]


def test_a_number_that_is_none_is_no_answer() -> None:
    class Broken(ScriptedModel):
        def predict(self, instances: list[dict[str, Any]]) -> list[Prediction]:
            return [Prediction(float("nan")) for _ in instances]

    assert answers(Broken(), rows(1), ForwardSize(4)) == [UNANSWERED]  # type: ignore[arg-type]


def test_a_real_model_answers_as_it_does_in_one_piece() -> None:
    model = fake_model()
    whole = model.predict([row.instance for row in rows(50) if row.instance])
    assert answers(model, rows(50), ForwardSize(16)) == whole


def test_rows_for_a_cuda_device_are_answered_as_on_the_cpu_in_spite_of_halving() -> None:
    class SmallDevice(ScriptedModel):
        device = "cuda:0"

        def preprocess(self, instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return instances

        def forward(self, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
            if len(inputs) > 4:
                raise MemoryError
            return inputs

        def postprocess(self, scores: list[dict[str, Any]]) -> list[Prediction]:
            return self.predict(scores)

    size = ForwardSize(16)
    found = answers(SmallDevice(), rows(20), size)  # type: ignore[arg-type]
    assert texts(found) == [f"row {n}" for n in range(20)]
    assert size.rows == 4
