"""A prediction as the predictor tells the monitor of it: an entry of the stream of events."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from slipway.core.contracts.reading import decode

SCHEMA = 1
READABLE = range(1, SCHEMA + 1)
# Of many classes an event names the likeliest; the rest is one sum under this name.
TOP_PROBABILITIES = 10
REST = "_rest"

Role = Literal["champion", "canary", "shadow", "batch"]
FeatureValue = float | str | None


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row's prediction. Never raw text, except in `inputs` where capturing is switched on.

    event_id: made by the predictor, unique. index: the row's place in its request. time: seconds
    since 1970, UTC. generation: of the alias that made this version serve. features: the
    monitored values by name. latency_seconds: of the whole request. weight: how many rows this
    one stands for, 1 unless sampled. digest: of the version's manifest.
    """

    schema: int
    event_id: str
    request_id: str
    index: int
    time: float
    model: str
    version: str
    role: Role
    generation: int
    route: str
    prediction: str | float
    latency_seconds: float
    key_id: str | None = None
    probabilities: dict[str, float] | None = None
    interval: tuple[float, float] | None = None
    features: dict[str, FeatureValue] = {}
    weight: float = 1.0
    digest: str = ""
    queue_seconds: float | None = None
    compute_seconds: float | None = None
    inputs: dict[str, Any] | None = None

    @property
    def confidence(self) -> float | None:
        """The predicted label's probability; None for a regression."""
        if self.probabilities is None or not isinstance(self.prediction, str):
            return None
        return self.probabilities.get(self.prediction)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Event)


def event_to_json(event: Event) -> bytes:
    return _ENCODER.encode(event)


def event_from_json(body: bytes) -> Event:
    """Raises UnknownSchema, or ValueError for what is no event."""
    return decode(body, _DECODER, READABLE)


def top_probabilities(probabilities: Mapping[str, float]) -> dict[str, float]:
    """The likeliest classes in falling order, and the sum of all others under `_rest`."""
    if len(probabilities) <= TOP_PROBABILITIES:
        return dict(probabilities)
    ordered = sorted(probabilities.items(), key=lambda item: -item[1])
    kept = dict(ordered[:TOP_PROBABILITIES])
    kept[REST] = sum(share for _, share in ordered[TOP_PROBABILITIES:])
    return kept
