"""The Open Inference Protocol's messages, without HTTP."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from predictor.inference_protocol.binary import bytes_of, values_from_bytes
from predictor.inference_protocol.infer_request import read_request
from predictor.inference_protocol.infer_response import chosen_outputs, encode
from predictor.inference_protocol.json_data import values_from_json
from predictor.inference_protocol.metadata import describe
from predictor.inference_protocol.rows import instances_of, tensors_of
from predictor.inference_protocol.tensors import NUMBERS
from slipway.core.errors import InvalidInput, TooLarge
from slipway.model.prediction import Prediction
from support.fake_model import TABLE, TEXT, fake_model


def text_input(**changes: Any) -> dict[str, Any]:
    given = {"name": "message", "datatype": "BYTES", "shape": [1], "data": ["hello"]}
    return {name: value for name, value in (given | changes).items() if value is not None}


def body_of(*inputs: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"inputs": list(inputs), **more}).encode()


def rows_of(
    *inputs: dict[str, Any], signature: Any = TEXT, limit: int = 10
) -> list[dict[str, Any]]:
    request = read_request(body_of(*inputs), None, max_depth=16)
    return instances_of(request, signature, limit)


@pytest.mark.parametrize("datatype", sorted(NUMBERS))
def test_each_number_type_survives_the_wire(datatype: str) -> None:
    values = [True, False] if datatype == "BOOL" else [0, 1, 100]
    raw = bytes_of(datatype, values)
    assert values_from_bytes("x", datatype, len(values), raw) == values


def test_a_brain_float_is_the_upper_half_of_a_float() -> None:
    raw = np.array([1.5, -2.0], "<f4").view("<u2")[1::2].tobytes()
    assert values_from_bytes("x", "BF16", 2, raw) == [1.5, -2.0]


def test_texts_stand_behind_their_lengths() -> None:
    raw = bytes_of("BYTES", ["", "Köln", "🙂"])
    assert (
        raw
        == struct.pack("<I", 0)
        + struct.pack("<I", 5)
        + "Köln".encode()
        + struct.pack("<I", 4)
        + "🙂".encode()
    )
    assert values_from_bytes("x", "BYTES", 3, raw) == ["", "Köln", "🙂"]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"\x05\x00\x00\x00abc", "longer than the bytes"),
        (b"\x01\x00", "ends inside a length"),
        (b"\x01\x00\x00\x00\xff", "is not UTF-8"),
        (b"", "has 0 values"),
        (b"\x00\x00\x00\x00" * 2, "has 2 values"),
    ],
)
def test_bytes_that_are_no_text_are_refused(raw: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        values_from_bytes("x", "BYTES", 1, raw)


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_json_data_may_be_flat_or_nested(data: list[Any]) -> None:
    assert values_from_json("x", "INT32", (2, 2), data) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("datatype", "shape", "data"),
    [
        ("INT32", (2,), [1]),
        ("INT32", (2, 2), [[1, 2], [3]]),
        ("INT32", (2, 2), [[1, 2], 3]),
        ("INT32", (4,), [[1, 2], [3, 4]]),
        ("INT32", (), [[1]]),
        ("INT32", (1,), 1),
        ("INT32", (1,), [1.5]),
        ("INT8", (1,), [128]),
        ("UINT8", (1,), [-1]),
        ("INT32", (1,), [True]),
        ("BOOL", (1,), [1]),
        ("FP32", (1,), ["1"]),
        ("BYTES", (1,), [1]),
        ("BYTES", (1,), [{}]),
    ],
)
def test_json_data_that_does_not_fit_its_type_or_shape_is_refused(
    datatype: str, shape: tuple[int, ...], data: Any
) -> None:
    with pytest.raises(InvalidInput, match=r"Input 'x"):
        values_from_json("x", datatype, shape, data)


def test_json_and_bytes_may_stand_in_one_request() -> None:
    raw = bytes_of("FP32", [37.5, 1.0])
    described: dict[str, Any] = {"name": "hours", "datatype": "FP32", "shape": [2]}
    described["parameters"] = {"binary_data_size": len(raw)}
    front = body_of(
        {"name": "age", "datatype": "INT64", "shape": [2], "data": [41, 20]},
        described,
        {"name": "work", "datatype": "BYTES", "shape": [2, 1], "data": [["public"], ["private"]]},
    )
    request = read_request(front + raw, str(len(front)), max_depth=16)
    rows = instances_of(request, TABLE, limit=10)
    assert [(row["age"], row["hours"], row["work"]) for row in rows] == [
        (41, 37.5, "public"),
        (20, 1.0, "private"),
    ]
    assert [row["town"] for row in rows] == [None, None]


@pytest.mark.parametrize("length", ["-1", "x", "", "1.5", "999999", "9" * 30])
def test_a_header_length_that_is_none_is_refused(length: str) -> None:
    with pytest.raises(InvalidInput, match="Inference-Header-Content-Length"):
        read_request(body_of(text_input()), length, max_depth=16)


@pytest.mark.parametrize(
    ("size", "rest"), [(9, b"12345678"), (4, b"12345678"), (-1, b""), (True, b""), ("4", b"1234")]
)
def test_bytes_that_are_not_where_the_request_says_are_refused(size: Any, rest: bytes) -> None:
    front = body_of(text_input(data=None, parameters={"binary_data_size": size}))
    with pytest.raises(InvalidInput):
        read_request(front + rest, str(len(front)), max_depth=16)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"datatype": "INT32", "data": [1]}, "is INT32, the model takes BYTES"),
        ({"datatype": "TEXT"}, "has no datatype of the protocol's"),
        ({"datatype": ["BYTES"]}, "has no datatype of the protocol's"),
        ({"shape": [1, 1, 1], "data": [[["a"]]]}, r"the model takes \[rows\] or \[rows, 1\]"),
        ({"shape": [1, 2], "data": ["a", "b"]}, r"the model takes \[rows\] or \[rows, 1\]"),
        ({"shape": [], "data": ["a"]}, r"the model takes \[rows\] or \[rows, 1\]"),
        ({"shape": [-1]}, "needs a shape"),
        ({"shape": "1"}, "needs a shape"),
        ({"shape": [2]}, "has 1 values, but the shape"),
        ({"name": "massage"}, "is not an input of this model"),
        ({"name": 3}, "must be an object with a name"),
        ({"data": [""]}, r"'message\[0\]' must not be empty"),
        ({"parameters": {"shared_memory_region": "r"}}, "shared memory"),
        ({"parameters": []}, "must be an object"),
    ],
)
def test_an_input_that_does_not_fit_the_model_is_named(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        rows_of(text_input(**change))


def test_a_request_without_inputs_names_what_is_missing() -> None:
    with pytest.raises(InvalidInput, match="Input 'message' is required"):
        rows_of()


def test_inputs_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidInput, match="differ in their first dimension"):
        rows_of(
            {"name": "age", "datatype": "INT64", "shape": [2], "data": [41, 20]},
            {"name": "work", "datatype": "BYTES", "shape": [1], "data": ["public"]},
            signature=TABLE,
        )


def test_a_problem_names_the_tensor_and_its_row() -> None:
    with pytest.raises(InvalidInput) as refusal:
        rows_of(
            {"name": "age", "datatype": "INT64", "shape": [2], "data": [41, 200]},
            {"name": "work", "datatype": "BYTES", "shape": [2], "data": ["x", "public"]},
            signature=TABLE,
        )
    assert [problem.field for problem in refusal.value.problems] == ["work[0]", "age[1]"]


def test_an_optional_value_is_missing_where_it_is_nan_or_empty_and_infinity_is_never_one() -> None:
    def table(hours: float) -> dict[str, Any]:
        raw = bytes_of("FP64", [hours])
        front = body_of(
            {"name": "age", "datatype": "INT64", "shape": [1], "data": [41]},
            {"name": "work", "datatype": "BYTES", "shape": [1], "data": ["public"]},
            {"name": "town", "datatype": "BYTES", "shape": [1], "data": [""]},
            {
                "name": "hours",
                "datatype": "FP64",
                "shape": [1],
                "parameters": {"binary_data_size": 8},
            },
        )
        request = read_request(front + raw, str(len(front)), max_depth=16)
        (row,) = instances_of(request, TABLE, limit=10)
        return row

    assert table(float("nan")) == {"age": 41, "hours": None, "work": "public", "town": None}
    with pytest.raises(InvalidInput, match=r"'hours\[0\]' must be a finite number"):
        table(float("inf"))


def test_more_rows_than_are_taken_are_too_many() -> None:
    with pytest.raises(TooLarge, match="has 11"):
        rows_of(text_input(shape=[11], data=["a"] * 11))


def test_no_rows_are_no_rows() -> None:
    assert rows_of(text_input(shape=[0], data=[])) == []
    assert [t.shape for t in tensors_of([], TEXT.output)] == [(0,), (0,), (0, 2)]


PREDICTIONS = [
    Prediction("spam", 0.9, {"not_spam": 0.1, "spam": 0.9}),
    Prediction("not_spam", 0.8, {"not_spam": 0.8, "spam": 0.2}),
]


def test_outputs_come_as_asked_for_and_in_that_order() -> None:
    wanted = [
        {"name": "probabilities", "parameters": {"binary_data": True}},
        {"name": "prediction", "parameters": {"binary_data": False}},
    ]
    request = read_request(body_of(text_input(), outputs=wanted), None, max_depth=16)
    tensors = tensors_of(PREDICTIONS, TEXT.output)
    body, length = encode({"id": "7"}, chosen_outputs(request, tensors, TEXT.output.labels))
    assert length is not None
    front = json.loads(body[:length])
    assert front["id"] == "7"
    assert [output["name"] for output in front["outputs"]] == ["probabilities", "prediction"]
    assert front["outputs"][0]["parameters"]["binary_data_size"] == 32
    assert np.frombuffer(body[length:]).tolist() == [0.1, 0.9, 0.8, 0.2]
    assert front["outputs"][1]["data"] == ["spam", "not_spam"]


def test_an_output_that_the_model_has_not_is_refused() -> None:
    request = read_request(body_of(text_input(), outputs=[{"name": "x"}]), None, max_depth=16)
    with pytest.raises(InvalidInput, match="the model gives prediction, confidence, probabilities"):
        chosen_outputs(request, tensors_of(PREDICTIONS, TEXT.output), TEXT.output.labels)


def test_the_likeliest_classes_come_as_share_index_and_label() -> None:
    wanted = [{"name": "probabilities", "parameters": {"classification": 1}}]
    request = read_request(body_of(text_input(), outputs=wanted), None, max_depth=16)
    ((tensor, _),) = chosen_outputs(
        request, tensors_of(PREDICTIONS, TEXT.output), TEXT.output.labels
    )
    assert (tensor.shape, tensor.values) == ((2, 1), ["0.900000:1:spam", "0.800000:0:not_spam"])


def test_a_regression_gives_its_numbers_and_intervals() -> None:
    tensors = tensors_of([Prediction(90.0, interval=(80.0, 110.0))] * 2, TABLE.output)
    assert [(t.name, t.shape) for t in tensors] == [("prediction", (2,)), ("interval", (2, 2))]


def test_a_model_is_described_by_a_tensor_for_each_field() -> None:
    described = describe(fake_model("houses", signature=TABLE), ["1.0.0"])
    assert [(i["name"], i["datatype"]) for i in described["inputs"]] == [
        ("age", "INT64"),
        ("hours", "FP64"),
        ("work", "BYTES"),
        ("town", "BYTES"),
    ]
