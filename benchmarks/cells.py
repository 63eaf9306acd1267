"""One cell of the table: a server, a model and a concurrency, measured several times in turn with others."""

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.models import loaded, questions
from benchmarks.running import Running
from benchmarks.servers import MODELS
from benchmarks.wrk import Load, load


class WrongAnswer(Exception):
    """A server answered otherwise than the model does."""


@dataclass(frozen=True)
class Measured:
    """One round. errors: answers other than 2xx, and broken connections. cpu_microseconds: processor
    time of the server for each request, which says most on a machine that others use too."""

    server: str
    model: str
    features: bool
    connections: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_microseconds: float
    pss_megabytes: float
    start_seconds: float


def check_answers(running: Running, expected: list[dict[str, Any]]) -> None:
    """Raises WrongAnswer unless each question is answered as the model alone answers it."""
    for question, right in zip(questions(running.model), expected, strict=True):
        answer = running.ask(question)
        apart = abs(answer["confidence"] - right["confidence"])
        if answer["prediction"] != right["prediction"] or apart > 1e-4:
            raise WrongAnswer(f"{running.server.name}, {running.model}: {answer}, not {right}")


def right_answers(model: str) -> list[dict[str, Any]]:
    """What the model answers without any server."""
    alone = loaded(MODELS, model)
    return [
        {"prediction": p.prediction, "confidence": p.confidence}
        for question in questions(model)
        for p in alone.predict([question])
    ]


def measure(
    running: Running, features: bool, concurrencies: list[int], seconds: float
) -> list[Measured]:
    """Warm-up, then a round at each concurrency; memory is weighed under load's aftermath."""
    body = running.body(questions(running.model, 1)[0])
    load(running.url, body, running.headers, 16, min(2.0, seconds))
    found: list[tuple[int, Load, float]] = []
    for connections in concurrencies:
        before = running.cpu_seconds()
        seen = load(running.url, body, running.headers, connections, seconds)
        found.append((connections, seen, running.cpu_seconds() - before))
    weight = running.pss_megabytes()
    who = running.server.name, running.model, features
    return [
        Measured(
            *who,
            connections,
            *_figures(seen),
            1e6 * cpu / max(1.0, seen.requests_per_second * seen.seconds),
            weight,
            running.start_seconds,
        )
        for connections, seen, cpu in found
    ]


def _figures(seen: Load) -> tuple[float, float, float, int]:
    return seen.requests_per_second, seen.p50_ms, seen.p99_ms, seen.errors


def medians(rounds: list[Measured]) -> list[dict[str, Any]]:
    """The median of each figure over the rounds of a cell; of errors the sum."""
    cells: dict[tuple[Any, ...], list[Measured]] = {}
    for one in rounds:
        cells.setdefault((one.server, one.model, one.features, one.connections), []).append(one)
    loads = ("requests_per_second", "p50_ms", "p99_ms", "cpu_microseconds")
    figures = (*loads, "pss_megabytes", "start_seconds")
    return [
        asdict(several[0])
        | {name: median(getattr(one, name) for one in several) for name in figures}
        | {"errors": sum(one.errors for one in several), "rounds": len(several)}
        for several in cells.values()
    ]
