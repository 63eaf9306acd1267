"""A field of many numbers, everywhere that a signature reaches."""

import json
from typing import Any

import jsonschema
import numpy as np
import pytest

from predictor.inference_protocol.infer_request import read_request
from predictor.inference_protocol.metadata import describe
from predictor.inference_protocol.rows import instances_of
from predictor.openapi.schemas import instance_schema
from slipway.batches.reading.csv_rows import csv_rows
from slipway.core.errors import InvalidInput
from slipway.model.signature import Field, Output, Signature
from slipway.model.validation import checked_instance
from support.fake_model import fake_model

IMAGE = Signature(
    (Field("image", "tensor", shape=(2, 3), minimum=0, maximum=1),),
    Output("regression"),
)
ROW = [[0, 0.5, 1], [1, 0, 0.25]]


def test_numbers_are_nested_as_the_shape_says_and_become_floats() -> None:
    checked = checked_instance(IMAGE, {"image": ROW})
    assert repr(checked["image"]) == "[[0.0, 0.5, 1.0], [1.0, 0.0, 0.25]]"


BAD = {
    "no array": (3, "must be an array of 2 × 3 numbers; where 2 belong, there is a number"),
    "a row too few": ([[0, 0, 0]], "where 2 belong, there are 1"),
    "a column too many": ([[0, 0, 0], [0, 0, 0, 0]], "where 3 belong, there are 4"),
    "a flat array": ([0, 0, 0, 0, 0, 0], "where 2 belong, there are 6"),
    "a text among them": ([[0, 0, 0], [0, "1", 0]], "must be a number, not a string"),
    "a boolean among them": ([[0, 0, 0], [0, True, 0]], "must be a number, not a boolean"),
    "out of range": ([[0, 0, 0], [0, 2, 0]], "must be at most 1"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_does_not_fit_is_named(kind: str) -> None:
    value, problem = BAD[kind]
    with pytest.raises(InvalidInput) as refusal:
        checked_instance(IMAGE, {"image": value})
    assert problem in refusal.value.problems[0].problem


@pytest.mark.parametrize("kind", BAD)
def test_the_schema_refuses_what_validation_refuses(kind: str) -> None:
    schema = instance_schema(IMAGE)
    jsonschema.validate({"image": ROW}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"image": BAD[kind][0]}, schema)


@pytest.mark.parametrize("shape", [(), (0,), (2, -1)])
def test_a_tensor_has_a_shape_and_nothing_else_has(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        Signature((Field("image", "tensor", shape=shape),), Output("regression"))
    with pytest.raises(ValueError, match="shape"):
        Signature((Field("age", "number", shape=(2,)),), Output("regression"))


def test_a_cell_of_a_csv_holds_a_tensor_as_json() -> None:
    body = [b'image\n"[[0,0.5,1],[1,0,0.25]]"\nnothing\n"[[[[1]]]]"\n']
    good, bad, deep = list(csv_rows(iter(body), IMAGE, max_row_bytes=1000))
    assert good == {"image": ROW}
    assert bad == {"image": "nothing"}
    assert deep == {"image": "[[[[1]]]]"}


def infer(shape: list[int], data: Any, datatype: str = "FP32") -> list[dict[str, Any]]:
    tensor = {"name": "image", "datatype": datatype, "shape": shape, "data": data}
    request = read_request(json.dumps({"inputs": [tensor]}).encode(), None, max_depth=16)
    return instances_of(request, IMAGE, 10)


@pytest.mark.parametrize("data", [np.ravel([ROW, ROW]).tolist(), [ROW, ROW]])
def test_a_tensor_of_the_protocol_is_a_row_for_each_of_its_first_dimension(data: Any) -> None:
    assert infer([2, 2, 3], data) == [{"image": ROW}, {"image": ROW}]
    assert infer([0, 2, 3], []) == []


@pytest.mark.parametrize("shape", [[1, 6], [6], [1, 3, 2], [1, 1, 2, 3]])
def test_another_shape_is_refused_with_the_right_one(shape: list[int]) -> None:
    with pytest.raises(InvalidInput, match=r"the model takes \[rows, 2, 3\]"):
        infer(shape, np.zeros(6).tolist())


def test_the_protocol_describes_the_shape() -> None:
    (given,) = describe(fake_model(signature=IMAGE), ["1.0.0"])["inputs"]
    assert given == {"name": "image", "datatype": "FP32", "shape": [-1, 2, 3]}
