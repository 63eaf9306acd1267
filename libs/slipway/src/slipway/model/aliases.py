"""Which version of a model serves: the newest alias generation decides, the list is the history."""

from datetime import datetime
from typing import Literal, Self

import msgspec

SCHEMA = 1


class Challenger(msgspec.Struct, frozen=True, omit_defaults=True):
    """A version beside the champion.

    weight: the share of requests, 0 to 1, that a canary answers, or that are also scored in the
    shadow. shadow_weight: of a canary, the share that it goes on scoring in the shadow where the
    champion answers. expires_at: when every process by itself stops asking it, ISO 8601 with an offset;
    None: when the next alias says so. Raises ValueError for anything else.
    """

    version: str
    mode: Literal["shadow", "canary"]
    weight: float = 0.0
    expires_at: str | None = None
    shadow_weight: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.weight <= 1.0 and 0.0 <= self.shadow_weight <= 1.0):
            raise ValueError("a challenger's weight is a share from 0 to 1")
        if self.expires_at is not None and datetime.fromisoformat(self.expires_at).tzinfo is None:
            raise ValueError("a challenger's expires_at needs an offset from UTC")

    @property
    def ends_at(self) -> datetime | None:
        return None if self.expires_at is None else datetime.fromisoformat(self.expires_at)

    def ended(self, now: datetime) -> bool:
        """Whether its time is over. now: with a time zone."""
        return self.ends_at is not None and now >= self.ends_at


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
