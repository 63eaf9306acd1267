"""A true label as the predictor passes it on to the monitor: an entry of the stream of labels."""

from typing import Any

import msgspec

from slipway.core.contracts.reading import decode

SCHEMA = 1
READABLE = range(1, SCHEMA + 1)


class Label(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one row truly was.

    label_id: made by whoever puts it on the stream, unique. request_id and index: which
    prediction. time: when it was accepted, seconds since 1970, UTC. instance: the input itself,
    where it may be kept. key_id: of the caller, None where no keys are configured; it joins
    predictions of the same key, or of any where `admin`.
    """

    schema: int
    label_id: str
    request_id: str
    label: str | float
    time: float
    index: int = 0
    instance: dict[str, Any] | None = None
    key_id: str | None = None
    admin: bool = False


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Label)


def label_to_json(label: Label) -> bytes:
    return _ENCODER.encode(label)


def label_from_json(body: bytes) -> Label:
    """Raises UnknownSchema, or ValueError for what is no label."""
    return decode(body, _DECODER, READABLE)
