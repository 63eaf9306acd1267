"""Large uploads whose right answers are known: few distinct rows, many times over."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from slipway.model.loading import load
from slipway.model.prediction import Prediction
from slipway.model.registry import version_directory
from support.predictor_process import MODELS

_WORDS = ("free", "prize", "call", "lunch", "tomorrow", "win", "keys", "station", "meeting", "0906")


def distinct_messages(count: int, characters: int, seed: int = 1) -> list[str]:
    """Each of about so many characters."""
    generator = random.Random(seed)
    return [
        f"{n} "
        + " ".join(
            f"{generator.choice(_WORDS)}{generator.randint(0, 999)}" for _ in range(characters // 9)
        )
        for n in range(count)
    ]


def ndjson(messages: Sequence[str], rows: int) -> Iterator[bytes]:
    """The messages in turn, in pieces of about a hundred rows."""
    lines = [msgspec.json.encode({"message": message}) + b"\n" for message in messages]
    for start in range(0, rows, 100):
        yield b"".join(lines[n % len(lines)] for n in range(start, min(start + 100, rows)))


def right_answers(messages: Sequence[str]) -> list[Prediction]:
    """What the shipped model says, computed in this process."""
    (version,) = sorted(path.name for path in (MODELS / "spam" / "versions").iterdir())[-1:]
    model = load(version_directory(Path(MODELS), "spam", version))
    return model.predict([{"message": message} for message in messages])
