"""Twenty commands that promote at once: one winner a generation, a clear Conflict for the others."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from slipway.core.shared_settings import StoreSettings
from slipway.core.store import Store
from slipway.model.registry import Registry
from slipway.model.transfer import publish
from support.artifacts import put, trained
from support.versions import retuned

COMMAND = [sys.executable, "-c", "from slipway.cli.main import app; app()"]
RACERS = 20


@pytest.mark.slow
def test_of_twenty_commands_one_wins_each_generation(
    store: Store, store_settings: StoreSettings, tmp_path: Path
) -> None:
    source = put(tmp_path / "models", trained(tmp_path))
    registry = Registry(store)
    for number in range(RACERS):
        publish(registry, retuned(source, tmp_path / "v", f"1.{number}.0", 0.01 * number))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")} | {
        f"SLIPWAY_{name.upper()}": str(value)
        for name, value in store_settings.model_dump(exclude_none=True).items()
    }
    racers = [
        subprocess.Popen(
            [*COMMAND, "models", "promote", "spam", f"1.{n}.0", "--who", f"racer-{n}"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(RACERS)
    ]
    told = [(racer.communicate(timeout=120)[1], racer.returncode) for racer in racers]
    history = list(registry.history("spam"))
    winners = [alias.who for alias in history]
    assert [alias.generation for alias in history] == list(range(1, len(history) + 1))
    assert sorted(winners) == sorted(f"racer-{n}" for n, (_, rc) in enumerate(told) if rc == 0)
    losers = [message for message, status in told if status != 0]
    assert all("is taken: racer-" in message for message in losers), losers
    assert len(losers) + len(winners) == RACERS
    for before, after in pairwise(history):
        assert after.previous == before.champion
