"""How a challenger does beside the champion, and whether that is good enough. Pure."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from monitor.quality.measures import newcombe_interval
from slipway.core.proportions import wilson_interval

Verdict = Literal["bad", "too_few", "good"]

# Failed requests under which nothing is said: one may be anybody's fault.
MIN_ERRORS = 3
# Requests that a p95 needs, and milliseconds that nobody minds.
MIN_LATENCIES = 40
LATENCY_FLOOR_SECONDS = 0.01
# Rows that a comparison of answers needs, and labels that one of quality does.
MIN_ROWS = 30
MIN_LABELLED = 20


@dataclass(frozen=True)
class RoleFigures:
    """One version since a step began. p95 in seconds, None of no request. shares: of each predicted
    label among its rows. labelled, right: rows with a label, and how many of them were right.

    requests: those that it answered; of a shadow, scored. unseen: those that a canary scored in the
    shadow meanwhile, whose failures and labelled rows count as well.
    """

    requests: int = 0
    unseen: int = 0
    errors: int = 0
    rows: int = 0
    p95: float | None = None
    shares: dict[str, float] = field(default_factory=dict)
    labelled: int = 0
    right: int = 0


@dataclass(frozen=True)
class Health:
    """compared, differ: rows that both scored, and how many of them they answered differently."""

    champion: RoleFigures
    challenger: RoleFigures
    compared: int = 0
    differ: int = 0

    def figures(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Limits:
    """How much worse the challenger may be. expected_disagreement: what the gate found. needed:
    requests that it answered, or rows that it scored."""

    errors_ratio: float
    latency_ratio: float
    disagreement_ratio: float
    expected_disagreement: float
    needed: int
    needed_of: Literal["requests", "rows"] = "requests"


def judge_health(health: Health, limits: Limits) -> tuple[Verdict, str]:
    """The verdict and why: the first thing that is certainly too bad, else whether there is enough."""
    for question in (_errors, _latency, _disagreement, _shares, _quality):
        if problem := question(health, limits):
            return "bad", problem
    mine = health.challenger
    seen = max(mine.rows, health.compared) if limits.needed_of == "rows" else mine.requests
    if seen < limits.needed:
        return "too_few", f"{seen} {limits.needed_of} so far, {limits.needed} are needed."
    return "good", _well(health)


def _errors(health: Health, limits: Limits) -> str | None:
    mine, theirs = health.challenger, health.champion
    asked = mine.requests + mine.unseen
    if mine.errors < MIN_ERRORS or not asked:
        return None
    n = max(theirs.requests, 1)
    low, _ = newcombe_interval(mine.errors / asked, asked, theirs.errors / n, n)
    if low <= limits.errors_ratio:
        return None
    return (
        f"{mine.errors} of {asked} requests failed, {theirs.errors} of {theirs.requests} of "
        "the champion's (SLIPWAY_CANARY_MAX_ERRORS_RATIO)."
    )


def _latency(health: Health, limits: Limits) -> str | None:
    mine, theirs = health.challenger, health.champion
    if mine.p95 is None or theirs.p95 is None:
        return None
    if min(mine.requests, theirs.requests) < MIN_LATENCIES:
        return None
    if mine.p95 <= limits.latency_ratio * theirs.p95 + LATENCY_FLOOR_SECONDS:
        return None
    return (
        f"95 % of its requests take up to {1000 * mine.p95:.1f} ms, of the champion's "
        f"{1000 * theirs.p95:.1f} ms (SLIPWAY_CANARY_MAX_LATENCY_RATIO)."
    )


def _disagreement(health: Health, limits: Limits) -> str | None:
    if health.compared < MIN_ROWS:
        return None
    share = health.differ / health.compared
    low, _ = wilson_interval(share, health.compared)
    allowed = limits.expected_disagreement + limits.disagreement_ratio
    if low <= allowed:
        return None
    return (
        f"It answers {health.differ} of {health.compared} rows otherwise than the champion; at the gate "
        f"it was {limits.expected_disagreement:.1%} (SLIPWAY_CANARY_MAX_DISAGREEMENT_RATIO)."
    )


def _shares(health: Health, limits: Limits) -> str | None:
    """Where hardly a row is scored by both, what they answer on the whole is compared.

    The canary's callers may ask about other things than everybody else's: answers to the same rows
    say more, wherever there are any.
    """
    mine, theirs = health.challenger, health.champion
    if health.compared >= MIN_ROWS or min(mine.rows, theirs.rows) < MIN_ROWS:
        return None
    allowed = limits.expected_disagreement + limits.disagreement_ratio
    for label in sorted(mine.shares.keys() | theirs.shares.keys()):
        own, others = mine.shares.get(label, 0.0), theirs.shares.get(label, 0.0)
        low, high = newcombe_interval(own, mine.rows, others, theirs.rows)
        if low > allowed or high < -allowed:
            return (
                f"It answers {label} in {own:.1%} of {mine.rows} rows, the champion in {others:.1%} "
                f"of {theirs.rows} (SLIPWAY_CANARY_MAX_DISAGREEMENT_RATIO)."
            )
    return None


def _quality(health: Health, limits: Limits) -> str | None:
    mine, theirs = health.challenger, health.champion
    if min(mine.labelled, theirs.labelled) < MIN_LABELLED:
        return None
    own, others = mine.right / mine.labelled, theirs.right / theirs.labelled
    _, high = newcombe_interval(own, mine.labelled, others, theirs.labelled)
    if high >= 0:
        return None
    return (
        f"Labels say {own:.1%} right of {mine.labelled} rows, the champion {others:.1%} of "
        f"{theirs.labelled}."
    )


def _well(health: Health) -> str:
    mine, theirs = health.challenger, health.champion
    said = [f"{mine.errors} of {mine.requests} requests failed"]
    if mine.unseen:
        said = [
            f"{mine.errors} of {mine.requests} answered and {mine.unseen} scored requests failed"
        ]
    if mine.p95 is not None and theirs.p95 is not None:
        said.append(f"p95 {1000 * mine.p95:.1f} ms, the champion's {1000 * theirs.p95:.1f} ms")
    if health.compared:
        said.append(f"{health.differ} of {health.compared} rows answered otherwise")
    if mine.labelled:
        said.append(f"{mine.right} of {mine.labelled} labelled rows right")
    return "; ".join(said) + "."
