"""The models of this process: which versions are loaded, and which one a name means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from slipway.core.contracts.events import Role
from slipway.core.errors import ModelNotFound, NotReady
from slipway.model.runtime import Model

LoadedRole = Literal["champion", "previous", "canary", "shadow"]
CHAMPION: Final = "champion"
PREVIOUS: Final = "previous"
CANARY: Final = "canary"
SHADOW: Final = "shadow"
# The generation of the image's own models, which no alias in the store gave.
BUILT_IN = 0


@dataclass(frozen=True)
class Served:
    """A loaded version, the role it has and the alias generation that gave it.

    weight: a challenger's share of the requests, 0 to 1. shadow_weight: of a canary, the share that
    it scores in the shadow where the champion answers. ends_at: when it stops being one, in
    seconds since 1970; None: when the next alias says so.
    """

    model: Model
    role: LoadedRole
    generation: int
    weight: float = 0.0
    ends_at: float | None = None
    shadow_weight: float = 0.0

    @property
    def answering_role(self) -> Role:
        """What a version that answers counts as.

        A previous champion answers only who asks for its version, as what it was; a shadow that is
        asked by its version answers like a canary: its answer reaches a caller.
        """
        if self.role == PREVIOUS:
            return CHAMPION
        return CANARY if self.role == SHADOW else self.role

    @property
    def challenges(self) -> bool:
        return self.role in (CANARY, SHADOW)

    def ended(self, now: float) -> bool:
        """Whether its time is over, whatever the store says. now: seconds since 1970."""
        return self.ends_at is not None and now >= self.ends_at


@dataclass(frozen=True)
class RefusedVersion:
    """A version that was not loaded, and why."""

    name: str
    version: str
    reason: str


class ServedModels:
    """Every loaded version by model. What a name means is replaced whole, so that readers need no lock."""

    def __init__(self, default: str) -> None:
        self._default = default
        self._versions: dict[str, tuple[Served, ...]] = {}
        self._refused: dict[str, tuple[RefusedVersion, ...]] = {}

    @property
    def default_name(self) -> str:
        return self._default

    @property
    def ready(self) -> bool:
        """Whether the default model can answer."""
        return self._default in self._versions

    @property
    def refused(self) -> tuple[RefusedVersion, ...]:
        """What the newest alias of each model names and this process would not load."""
        return tuple(refused for each in self._refused.values() for refused in each)

    def champions(self) -> dict[str, Served]:
        return {name: versions[0] for name, versions in self._versions.items()}

    def versions(self, name: str) -> tuple[Served, ...]:
        """The champion first, then what else of the model is loaded."""
        return self._versions.get(name, ())

    def challenger(self, name: str) -> Served | None:
        """The version that challenges a model's champion, if one is loaded."""
        return next((served for served in self.versions(name) if served.challenges), None)

    def find(self, name: str | None = None, version: str | None = None) -> Served:
        """The version that answers for a name. Raises ModelNotFound, or NotReady for the default."""
        wanted = self._default if name is None else name
        found = self._versions.get(wanted)
        if found is None:
            if wanted == self._default:
                raise NotReady("The default model is not loaded.", retry_after_seconds=5)
            raise ModelNotFound(f"No model {wanted!r} is served here.")
        for served in found:
            if version is None or served.model.version == version:
                return served
        raise ModelNotFound(f"Model {wanted!r} has no version {version!r} served here.")

    def put(self, served: Served) -> None:
        """Serves this version, and no other, under its model's name from now on."""
        self.replace(served.model.name, (served,))

    def replace(self, name: str, versions: Sequence[Served]) -> None:
        """From now on these are the model's loaded versions, the champion first."""
        self._versions = {**self._versions, name: tuple(versions)}

    def refuse(self, name: str, refused: Sequence[RefusedVersion]) -> None:
        """These, instead of what was refused of the model before."""
        self._refused = {**self._refused, name: tuple(refused)}
