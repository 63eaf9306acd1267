"""What the commit before this one left behind, read by today's code: an upgrade in place."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from support.batches import ended, results, status, submit
from support.earlier_code import EarlierCode
from support.messages import recipe_file, write_messages
from support.monitor_process import RunningMonitor
from support.predictor_process import MODELS, RunningPredictor
from support.redis_server import RedisServer
from support.waiting import wait_until
from support.worker_process import RunningWorker

ROWS = [{"message": f"See you at lunch at {hour}"} for hour in range(35)]
PROMOTED = "0.0.9"


@dataclass
class Left:
    """What is on the disks once the earlier processes are gone."""

    settings: dict[str, str]
    monitor_folder: Path
    finished: str = ""
    finished_rows: list[dict[str, object]] = field(default_factory=list)
    queued: str = ""
    logged: str = ""
    unread: str = ""


@pytest.fixture
def earlier(tmp_path: Path) -> EarlierCode:
    return EarlierCode(tmp_path / "earlier")


@pytest.fixture
def left(earlier: EarlierCode, tmp_path: Path) -> Iterator[Left]:
    """One batch done and one queued, one prediction in the log with its label and one only on the
    stream, and an alias that says which version serves; Redis was stopped and started."""
    for name in ("redis", "store", "monitor"):
        (tmp_path / name).mkdir()
    _promote(earlier, tmp_path, tmp_path / "store")
    redis = RedisServer(tmp_path / "redis")
    settings = {
        "SLIPWAY_REDIS_URL": redis.url,
        "SLIPWAY_STORE_URL": (tmp_path / "store").as_uri(),
        "SLIPWAY_AUTH": "off",
    }
    found = Left(settings, tmp_path / "monitor")
    old = settings | earlier.settings
    predictor = RunningPredictor(
        tmp_path / "old-predictor", old | {"SLIPWAY_BATCH_CHUNK_ROWS": "10"}
    )
    monitor = RunningMonitor(found.monitor_folder, old | {"SLIPWAY_BUILTIN_MODELS": str(MODELS)})
    worker = RunningWorker(tmp_path / "old-worker", _for_worker(old))
    try:
        predictor.wait_until_ready()
        wait_until(lambda: _version(predictor) == PROMOTED, what="the promoted version serves")
        found.finished = submit(predictor, ROWS)
        ended(predictor, found.finished)
        found.finished_rows = results(predictor, found.finished)
        worker.stop()
        found.logged = _predicted(predictor, "logged")
        _labelled(predictor, found.logged)
        monitor.wait_until_ready()
        wait_until(lambda: _label_in(monitor, found.logged), seconds=60, what="a label is joined")
        monitor.stop()
        found.unread = _predicted(predictor, "unread")
        _labelled(predictor, found.unread)
        found.queued = submit(predictor, ROWS)
        assert status(predictor, found.queued)["status"] == "queued"
    finally:
        for process in (predictor, monitor, worker):
            process.stop()
    redis.stop()
    redis.start()
    yield found
    redis.stop()


def test_an_upgrade_in_place_loses_no_batch_no_event_no_label_and_no_alias(
    left: Left, tmp_path: Path
) -> None:
    predictor = RunningPredictor(tmp_path / "new-predictor", left.settings)
    monitor = RunningMonitor(
        left.monitor_folder, left.settings | {"SLIPWAY_BUILTIN_MODELS": str(MODELS)}
    )
    worker = RunningWorker(tmp_path / "new-worker", _for_worker(left.settings))
    try:
        predictor.wait_until_ready()
        wait_until(lambda: _version(predictor) == PROMOTED, what="the promoted version serves")
        assert results(predictor, left.finished) == left.finished_rows
        done = ended(predictor, left.queued)
        assert (done["status"], done["rows_done"]) == ("succeeded", len(ROWS))
        assert results(predictor, left.queued) == left.finished_rows
        monitor.wait_until_ready()
        for request_id in (left.logged, left.unread):
            wait_until(
                partial(_label_in, monitor, request_id),
                seconds=60,
                what=f"{request_id} has its label",
            )
        stored = monitor.sample("slipway_monitor_events_total", outcome="stored")
        assert stored == 1, "only what the earlier monitor had not read"
        for page in ("/", "/models/spam", "/models/spam/quality", f"/requests/{left.logged}"):
            assert monitor.get(page).status_code == 200, page
    finally:
        for process in (predictor, monitor, worker):
            process.stop()


def test_the_earlier_code_is_what_ran(earlier: EarlierCode, tmp_path: Path) -> None:
    for module in ("slipway", "predictor", "worker", "monitor"):
        assert earlier.place_of(module).is_relative_to(tmp_path), module


def _promote(earlier: EarlierCode, folder: Path, store: Path) -> None:
    """A version that the earlier command trained and made the champion."""
    write_messages(folder / "messages.txt", rows=200, seed=1)
    recipe_file(folder / "small.toml", "spam")
    command = [
        *(sys.executable, "-m", "slipway", "train", str(folder / "small.toml"), "--promote"),
        *("--data", str(folder), "--models", str(store / "models"), "--version", PROMOTED),
    ]
    environment = os.environ | earlier.settings
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _version(predictor: RunningPredictor) -> str:
    return str(predictor.get("/metadata").json()["model_version"])


def _for_worker(settings: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name != "SLIPWAY_AUTH"}


def _predicted(predictor: RunningPredictor, request_id: str) -> str:
    headers = {"X-Request-ID": request_id}
    answer = predictor.post("/v1/predict", ROWS[0], headers=headers)
    assert answer.status_code == 200, answer.text
    return request_id


def _labelled(predictor: RunningPredictor, request_id: str) -> None:
    answer = predictor.post("/v1/feedback", {"request_id": request_id, "label": "spam"})
    assert answer.status_code == 202, answer.text


def _label_in(monitor: RunningMonitor, request_id: str) -> bool:
    """One prediction, and the label that was said of it."""
    answer = monitor.get(f"/v1/predictions/{request_id}")
    if answer.status_code != 200:
        return False
    story = answer.json()
    outcomes = [label["outcome"] for label in story["labels"]]
    return len(story["predictions"]) == 1 and outcomes == ["joined"]
