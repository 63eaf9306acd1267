"""Every fact that can go wrong, by name; what HTTP makes of them is decided at the edge.

SlipwayFact
├── Refusal                   what a caller is told
│   ├── InvalidJSON           the body is not JSON that we read
│   ├── InvalidInput          the body does not fit the signature or the route
│   ├── UnsupportedMediaType  the body is of a type that the route does not read
│   ├── TooLarge              the body, its inflated size or its number of rows
│   ├── Unauthorized          no key, or one that nobody knows
│   ├── Forbidden             the key lacks the scope
│   ├── NotFound              no such route or thing
│   ├── ModelNotFound         no such model or version is served
│   ├── MethodNotAllowed      the route has other methods
│   ├── RequestTimeout        the body did not arrive in time
│   ├── Conflict              somebody else was first, or the thing is in another state
│   ├── RateLimited           over the key's rate
│   ├── QueueFull             the batch queue is over its bound
│   ├── Overloaded            shed: more is in flight than can be answered in time
│   ├── NotReady              starting, draining, or nothing could be loaded
│   ├── Unavailable           a part that this route needs is away
│   │   └── CacheFull         the folder for copies of models has no room for this one
│   └── DeadlineExceeded      the caller's time ran out
├── ArtifactRefused           a model's files are not what they should be
├── DataInvalid               training data that cannot be read as the recipe says
├── RecipeInvalid             a recipe that names no known family, format or option
├── PackagingRefused          a model, or what is said of it, that cannot be packaged
├── KeysInvalid               a file of API keys that cannot be read, or none at all
└── UnknownSetting            a SLIPWAY_ variable that no process knows
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class SlipwayFact(Exception):
    """The root: something that Slipway states rather than something that broke."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one field, e.g. `instances[3].age` `must be at most 120`."""

    field: str
    problem: str


def first_of(problems: Sequence[Problem], subject: str) -> str:
    """A message: what is wrong with `subject`, and of how many problems that is the first."""
    more = f" (1 of {len(problems)} problems)" if len(problems) > 1 else ""
    return f"{subject} {problems[0].problem}.{more}"


class Refusal(SlipwayFact):
    """A request that is not answered as asked. `name` is what clients match on and never changes."""

    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.name = cls.__name__

    def __init__(
        self,
        message: str,
        *,
        problems: tuple[Problem, ...] = (),
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems
        self.retry_after_seconds = retry_after_seconds


class InvalidJSON(Refusal): ...


class InvalidInput(Refusal): ...


class UnsupportedMediaType(Refusal): ...


class TooLarge(Refusal): ...


class Unauthorized(Refusal): ...


class Forbidden(Refusal): ...


class NotFound(Refusal): ...


class ModelNotFound(Refusal): ...


class MethodNotAllowed(Refusal): ...


class RequestTimeout(Refusal): ...


class Conflict(Refusal): ...


class RateLimited(Refusal): ...


class QueueFull(Refusal): ...


class Overloaded(Refusal): ...


class NotReady(Refusal): ...


class Unavailable(Refusal): ...


class CacheFull(Unavailable): ...


class DeadlineExceeded(Refusal): ...


class ArtifactRefused(SlipwayFact):
    """The files of a model version are damaged, incomplete or not what the manifest says."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


class DataInvalid(SlipwayFact):
    """Training data that cannot be read as the recipe says."""


class RecipeInvalid(SlipwayFact):
    """A recipe that names no known family, format or option."""


class PackagingRefused(SlipwayFact):
    """A model that cannot be packaged as asked; the message says what to do instead."""


class KeysInvalid(SlipwayFact):
    """A file of API keys that cannot be read, or none where one is needed."""


class UnknownSetting(SlipwayFact):
    """A SLIPWAY_ variable that no Slipway process knows: misspelt, it would be ignored in silence."""
