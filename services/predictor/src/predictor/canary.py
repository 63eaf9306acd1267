"""Which requests a challenger takes part in. Pure: the same caller gets the same answer in every process."""

from hashlib import blake2b

from predictor.serving import CANARY, SHADOW, Served

_BYTES = 7  # 56 bits: a fraction of a double, exactly
_SCALE = 1 << (8 * _BYTES)


def place(model: str, version: str, caller: str) -> float:
    """Where a caller stands among all of a model's, from 0 to below 1, evenly.

    It depends on the challenger's version, so that not the same callers are first every time, and
    on nothing that changes while a version is rolled out: who is within 5 % is within 25 % too.
    """
    text = "\0".join((model, version, caller))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES)
    return int.from_bytes(digest.digest(), "big") / _SCALE


def answers(challenger: Served | None, caller: str, now: float) -> bool:
    """Whether a canary answers this caller. now: seconds since 1970."""
    if challenger is None or challenger.role != CANARY:
        return False
    return _takes_part(challenger, challenger.weight, caller, now)


def scores_too(challenger: Served | None, request_id: str, now: float) -> bool:
    """Whether it scores this request beside the champion: a sample of requests, not of callers.

    A canary goes on doing so while it answers a few: harm is seen on many more requests than it does.
    """
    if challenger is None:
        return False
    share = challenger.weight if challenger.role == SHADOW else challenger.shadow_weight
    return _takes_part(challenger, share, request_id, now)


def _takes_part(challenger: Served, share: float, who: str, now: float) -> bool:
    model = challenger.model
    return not challenger.ended(now) and place(model.name, model.version, who) < share
