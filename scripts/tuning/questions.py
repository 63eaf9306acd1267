"""What is asked: golden rows of the version that serves, whose answers are known."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from slipway.core.errors import ModelNotFound
from slipway.core.settings import PredictorSettings
from slipway.model.golden import GOLDEN, TOLERANCE, read_golden
from slipway.model.registry import Registry, open_registry, registry_in_folder


@dataclass(frozen=True)
class Question:
    """A whole request, and the prediction that its answer must hold."""

    request: bytes
    expected: str | float

    def is_answered_by(self, body: bytes) -> bool:
        try:
            said = msgspec.json.decode(body, type=_Answer).prediction
        except msgspec.DecodeError:
            return False
        if isinstance(said, str) or isinstance(self.expected, str):
            return said == self.expected
        return abs(said - self.expected) <= TOLERANCE * max(1.0, abs(self.expected))


class _Answer(msgspec.Struct):
    prediction: str | float


def questions_of(settings: PredictorSettings) -> tuple[str, list[Question]]:
    """The version of the default model that a predictor with these settings serves, and questions to it.

    Raises ModelNotFound, or another SlipwayFact where the store is away or what it holds is refused.
    """
    name = settings.default_model
    for registry in _registries(settings):
        if (alias := registry.newest(name)) is not None:
            golden = read_golden(registry.read(name, alias.champion, GOLDEN))
            bodies = [(msgspec.json.encode(row.instance), row.expected) for row in golden]
            asked = [Question(_request(name, body), said.prediction) for body, said in bodies]
            return alias.champion, asked
    raise ModelNotFound(f"Nothing serves a model {name}: no champion in the store or built in.")


def _registries(settings: PredictorSettings) -> list[Registry]:
    """The store first, as the predictor has it."""
    built_in = Path(settings.builtin_models)
    stores = [open_registry(settings)] if settings.store_url else []
    return stores + ([registry_in_folder(built_in)] if built_in.is_dir() else [])


def _request(name: str, body: bytes) -> bytes:
    head = (
        f"POST /v1/models/{name}/predict HTTP/1.1\r\nHost: tune\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
