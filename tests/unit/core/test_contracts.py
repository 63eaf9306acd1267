"""Contracts cross releases: what a reader must take, and what it must keep aside."""

import msgspec
import pytest

from slipway.core.contracts.events import (
    REST,
    Event,
    event_from_json,
    event_to_json,
    top_probabilities,
)
from slipway.core.contracts.labels import Label, label_from_json, label_to_json
from slipway.core.contracts.reading import UnknownSchema

EVENT = Event(
    schema=1,
    event_id="a-0",
    request_id="r",
    index=0,
    time=1.5,
    model="spam",
    version="1.0.0",
    role="champion",
    generation=1,
    route="/v1/predict",
    prediction="spam",
    latency_seconds=0.01,
    probabilities={"spam": 0.9, "not_spam": 0.1},
    features={"words": 3.0, "colour": "red", "age": None},
)
LABEL = Label(schema=1, label_id="l", request_id="r", label="spam", time=2.0)


def test_an_event_survives_the_stream() -> None:
    assert event_from_json(event_to_json(EVENT)) == EVENT


def test_a_label_survives_the_stream() -> None:
    assert label_from_json(label_to_json(LABEL)) == LABEL


def test_a_field_that_a_reader_does_not_know_is_ignored() -> None:
    body = msgspec.to_builtins(EVENT) | {"colour_of_the_sky": "blue"}
    assert event_from_json(msgspec.json.encode(body)) == EVENT


@pytest.mark.parametrize("schema", [0, 2, 99])
def test_an_unknown_schema_is_told_apart_from_rubbish(schema: int) -> None:
    body = msgspec.to_builtins(EVENT) | {"schema": schema}
    with pytest.raises(UnknownSchema):
        event_from_json(msgspec.json.encode(body))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": "one"}', b"\xff"]
)
def test_what_is_no_label_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        label_from_json(body)


def test_the_confidence_is_the_predicted_labels_probability() -> None:
    assert EVENT.confidence == 0.9


def test_of_many_classes_ten_are_named_and_the_rest_is_summed() -> None:
    shares = {f"class {i}": i / 78 for i in range(13)}
    kept = top_probabilities(shares)
    assert list(kept) == [*(f"class {i}" for i in range(12, 2, -1)), REST]
    assert kept[REST] == pytest.approx((0 + 1 + 2) / 78)


def test_few_classes_are_named_in_their_own_order() -> None:
    assert list(top_probabilities({"a": 0.1, "b": 0.9})) == ["a", "b"]
