"""Events and labels as tests put them on the streams; a builder shows only what matters."""

from typing import Any

from redis import Redis

from slipway.core.contracts.events import Event, event_to_json
from slipway.core.contracts.labels import Label, label_to_json
from slipway.core.contracts.reading import ENTRY_FIELD
from slipway.core.redis_keys import EVENTS, LABELS


def an_event(event_id: str = "p-1", **different: Any) -> Event:
    """A spam prediction of request `request-1`."""
    values: dict[str, Any] = {
        "schema": 1,
        "event_id": event_id,
        "request_id": "request-1",
        "index": 0,
        "time": 1_795_000_000.0,
        "model": "spam",
        "version": "1.0.0",
        "role": "champion",
        "generation": 1,
        "route": "/v1/predict",
        "prediction": "spam",
        "probabilities": {"spam": 0.9, "not_spam": 0.1},
        "features": {"words": 5.0},
        "latency_seconds": 0.01,
    }
    return Event(**(values | different))


def a_label(label_id: str = "label-1", **different: Any) -> Label:
    """Says that request `request-1` was spam."""
    values: dict[str, Any] = {
        "schema": 1,
        "label_id": label_id,
        "request_id": "request-1",
        "label": "spam",
        "time": 1_795_000_100.0,
    }
    return Label(**(values | different))


def bodies_on(redis: Redis, key: str = EVENTS) -> list[bytes]:
    """What the entries of a stream say, in order."""
    entries: Any = redis.xrange(key)
    return [fields[ENTRY_FIELD.encode()] for _, fields in entries]


def put_events(redis: Redis, *events: Event) -> None:
    with redis.pipeline(transaction=False) as pipeline:
        for event in events:
            pipeline.xadd(EVENTS, {ENTRY_FIELD: event_to_json(event)})
        pipeline.execute()


def put_labels(redis: Redis, *labels: Label) -> None:
    with redis.pipeline(transaction=False) as pipeline:
        for label in labels:
            pipeline.xadd(LABELS, {ENTRY_FIELD: label_to_json(label)})
        pipeline.execute()
