"""What is around predictions works for packaged models as for our own: batches, and the monitor's watch."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from support.batch_stack import BatchStack, make_stack
from support.batches import ended, results
from support.examples import MODELS, TEAM, Example
from support.monitor_process import RunningMonitor
from support.waiting import wait_until

Made = Callable[[Example], Path]
LEAKS = next(example for example in MODELS if example.name == "leaks")
GESTURES = next(example for example in MODELS if example.name == "gestures")


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchStack]:
    monkeypatch.setenv("PYTHONPATH", str(TEAM))
    made = make_stack(tmp_path)
    try:
        yield made
    finally:
        made.stop()


def test_a_csv_of_tensors_is_a_batch_whose_bad_rows_fail_alone(
    packaged: Made, made_by: Callable[[str], Path], stack: BatchStack
) -> None:
    settings = {"builtin_models": str(packaged(GESTURES)), "module_packages": "teamnet"}
    rows = GESTURES.rows(made_by("onnx"))[:25]
    cells = [json.dumps(row["signal"]) for row in rows]
    cells += ["[1, 2]", "[1e300, -1e300, 1e300, -1e300]", "nothing"]
    body = "\n".join(["signal", *(f'"{cell}"' for cell in cells)])
    predictor = stack.start_predictor(default_model="gestures", **settings)
    stack.start_worker(**settings)
    answer = requests.post(
        f"{predictor.url}/v1/batches?model=gestures",
        data=body,
        headers={"Content-Type": "text/csv"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    done = ended(predictor, answer.json()["id"])
    assert (done["status"], done["rows_done"], done["rows_failed"]) == ("succeeded", 28, 3)
    found = results(predictor, answer.json()["id"])
    assert {row["error"]["error"] for row in found[25:]} == {"InvalidInput"}
    alone = predictor.post("/v1/predict", rows[7]).json()
    assert found[7]["probabilities"] == pytest.approx(alone["probabilities"], abs=1e-6)


def test_the_monitor_finds_no_drift_in_the_sample_itself(
    packaged: Made, made_by: Callable[[str], Path], stack: BatchStack, tmp_path: Path
) -> None:
    models = packaged(LEAKS)
    predictor = stack.start_predictor(
        default_model="leaks", builtin_models=str(models), module_packages="teamnet"
    )
    monitor = RunningMonitor(
        tmp_path / "monitor",
        {
            "SLIPWAY_REDIS_URL": stack.redis.url,
            "SLIPWAY_BUILTIN_MODELS": str(models),
            "SLIPWAY_DRIFT_WINDOW_ROWS": "500",
            "SLIPWAY_EVALUATION_INTERVAL_SECONDS": "0.5",
        },
    )
    try:
        monitor.wait_until_ready()
        rows = LEAKS.rows(made_by("module"))
        assert predictor.post("/v1/predict", {"instances": rows}).status_code == 200

        def window() -> dict[str, object] | None:
            found = monitor.get("/v1/models/leaks/drift").json().get("windows", {})
            closed: dict[str, object] | None = found.get("tumbling")
            return closed

        closed = wait_until(window, seconds=60, what="a window is closed")
        assert closed is not None
        assert (closed["state"], closed["faults"]) == ("ok", [])
        assert set(closed["features"]) >= {"age", "pressure", "temperature"}  # type: ignore[call-overload]
    finally:
        monitor.stop()
