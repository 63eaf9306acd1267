"""Which version of a model serves: the newest alias generation decides, the list is the history."""

from typing import Literal, Self

import msgspec

SCHEMA = 1


class Challenger(msgspec.Struct, frozen=True, omit_defaults=True):
    """A version beside the champion. weight: the canary's share of requests, 0 to 1."""

    version: str
    mode: Literal["shadow", "canary"]
    weight: float = 0.0
    expires_at: str | None = None


class Alias(msgspec.Struct, frozen=True, omit_defaults=True):
    """models/<name>/aliases/<generation>.json."""

    generation: int
    champion: str
    who: str
    when: str
    why: str
    schema: int
    previous: str | None = None
    challenger: Challenger | None = None

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises ValueError for anything that is not an alias of a schema that this release reads."""
        alias = msgspec.json.decode(body, type=cls)
        if alias.schema != SCHEMA:
            raise ValueError(f"alias schema {alias.schema}, this release reads {SCHEMA}")
        return alias


def alias_file(generation: int) -> str:
    """The name of a generation's object: eight digits, so that names sort as numbers."""
    return f"{generation:08d}.json"
