"""Drift through the real path: a trained model, a predictor, Redis, the monitor and its log."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import read_recipe
from slipway.model.training.splits import stratified_holdout
from support.monitor_process import RunningMonitor
from support.predictor_process import REPOSITORY, RunningPredictor
from support.redis_server import RedisServer
from support.waiting import wait_until

SEED = 20261123
WINDOW = 1_000
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The spam recipe, but a fifth of the rows is held back for good."""
    text = (REPOSITORY / "recipes/spam.toml").read_text()
    path = tmp_path_factory.mktemp("recipe") / "spam.toml"
    path.write_text(text.replace("folds = 5", "folds = 0\nholdout = 0.2"))
    return path


@pytest.fixture(scope="module")
def models(recipe: Path, data_folder: Path) -> Path:
    folder = recipe.parent / "models"
    command = [sys.executable, "-m", "slipway", "train", str(recipe), "--data", str(data_folder)]
    options = ["--models", str(folder), "--seed", str(SEED), "--promote"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    return folder


class Stack:
    """A predictor and a monitor on one Redis."""

    def __init__(self, folder: Path, models: Path, redis_server: RedisServer) -> None:
        common = {
            "SLIPWAY_REDIS_URL": redis_server.url,
            "SLIPWAY_BUILTIN_MODELS": str(models),
        }
        open_to_all = {"SLIPWAY_AUTH": "off", "SLIPWAY_WORKERS": "1"}
        often = {"SLIPWAY_EVALUATION_INTERVAL_SECONDS": "0.5"}
        self.predictor = RunningPredictor(folder / "predictor", common | open_to_all)
        self.monitor = RunningMonitor(folder / "monitor", common | often)
        self.predictor.wait_until_ready()
        self.monitor.wait_until_ready()

    def ask(self, texts: Sequence[str]) -> None:
        """A window's texts, in requests of 250."""
        for start in range(0, len(texts), 250):
            rows = [{"message": text} for text in texts[start : start + 250]]
            answer = self.predictor.post("/v1/models/spam/predict", {"instances": rows})
            assert answer.status_code == 200, answer.text

    def closed(self) -> dict[str, object] | None:
        answer = self.monitor.get("/v1/models/spam/drift")
        window = answer.json()["windows"]["tumbling"] if answer.status_code == 200 else None
        return answer.json() if window else None

    def stored(self) -> float:
        return self.monitor.sample("slipway_monitor_events_total", outcome="stored") or 0

    def alarms_after(self, windows: Sequence[Sequence[str]]) -> set[str]:
        """The alarming features once these windows are closed."""
        for number, texts in enumerate(windows, start=1):
            self.ask(texts)
            wait_until(lambda n=number: self.stored() == n * WINDOW, seconds=60)  # type: ignore[misc]
        rounds = self._rounds()
        wait_until(lambda: self._rounds() >= rounds + 2, seconds=60, what="two more looks")
        found = self.closed()
        assert found is not None
        alarms = found["alarms"]
        assert isinstance(alarms, list)
        return set(alarms)

    def _rounds(self) -> float:
        name = "slipway_monitor_round_duration_seconds_count"
        return self.monitor.sample(name, round="versions") or 0

    def stop(self) -> None:
        self.predictor.stop()
        self.monitor.stop()


@pytest.fixture
def stack(tmp_path: Path, models: Path, redis_server: RedisServer) -> Iterator[Stack]:
    made = Stack(tmp_path, models, redis_server)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def held_back(recipe: Path, data_folder: Path) -> list[str]:
    plan = read_recipe(recipe)
    rows = read_rows(plan, data_folder)
    split = stratified_holdout([str(target) for target in rows.targets], 0.2, SEED)
    return [str(rows.instances[place]["message"]) for place in split.held_back]


def drawn(texts: Sequence[str], windows: int) -> list[list[str]]:
    generator = np.random.default_rng(SEED)
    kept = [text for text in texts if text.strip()]
    return [[kept[p] for p in generator.choice(len(kept), WINDOW)] for _ in range(windows)]


def test_messages_that_were_held_back_raise_no_alarm(stack: Stack, held_back: list[str]) -> None:
    assert stack.alarms_after(drawn(held_back, 3)) == set()


def test_film_reviews_raise_alarms_within_two_windows(
    stack: Stack, data_folder: Path, held_back: Callable[[], list[str]]
) -> None:
    folder = data_folder / "movie_polarity"
    texts = [
        line
        for kind in ("pos", "neg")
        for line in (folder / f"rt-polarity.{kind}").read_text("utf-8").split("\n")
    ]
    found = stack.alarms_after(drawn(texts, 2))
    assert found >= {"characters", "words", "capital_share", "digit_share"}
    assert found >= {"unknown_word_share", "embedding_length"}
