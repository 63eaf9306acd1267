"""Routes that say how a predictor is and what it serves."""

from pathlib import Path

import pytest
import requests

from support.predictor_process import RunningPredictor
from support.waiting import wait_until


@pytest.mark.parametrize("path", ["/health", "/live"])
def test_health_depends_on_nothing_else(predictor: RunningPredictor, path: str) -> None:
    answer = predictor.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_once_the_models_are_loaded(predictor: RunningPredictor) -> None:
    answer = predictor.get("/ready")
    assert answer.status_code == 200
    assert answer.json()["models"] == {"spam": "1.0.0"}


@pytest.mark.parametrize("path", ["/metadata", "/info"])
def test_metadata_says_what_is_served(predictor: RunningPredictor, path: str) -> None:
    body = predictor.get(path).json()
    assert (body["model_name"], body["model_version"]) == ("spam", "1.0.0")
    assert body["framework"].startswith("pytorch 2.")
    assert body["last_trained"].startswith("20")
    spam = body["models"]["spam"]
    assert spam["labels"] == ["not_spam", "spam"]
    assert [field["name"] for field in spam["input"]] == ["message"]
    assert spam["metrics"]["accuracy"]["value"] > 0.98
    assert len(spam["digest"]) == 64


def test_the_metrics_process_knows_two_paths(predictor: RunningPredictor) -> None:
    assert requests.get(f"{predictor.metrics_url}/live", timeout=5).status_code == 200
    assert requests.get(f"{predictor.metrics_url}/other", timeout=5).status_code == 404


def test_a_model_that_is_refused_leaves_the_process_up_and_not_ready(
    tmp_path: Path, damaged_models: Path
) -> None:
    predictor = RunningPredictor(tmp_path, {"SLIPWAY_BUILTIN_MODELS": str(damaged_models)})
    try:
        predictor.wait_until_healthy()
        ready = predictor.get("/ready")
        assert ready.status_code == 503
        assert "model.safetensors: its SHA-256" in ready.json()["refused"][0]
        answer = predictor.post("/predict", {"message": "hi"})
        assert (answer.status_code, answer.json()["error"]) == (503, "NotReady")
        assert answer.headers["Retry-After"]
        assert "SHA-256" in predictor.get("/metadata").json()["refused"][0]["reason"]
        wait_until(
            lambda: "slipway_predictor_model_load_failures_total" in predictor.metrics_or_nothing(),
            what="the refusal is counted",
        )
    finally:
        predictor.stop()


def test_a_misspelt_setting_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    predictor = RunningPredictor(tmp_path, {"SLIPWAY_WORKRES": "2"})
    assert predictor.process.wait() != 0
    assert "Did you mean SLIPWAY_WORKERS?" in predictor.process.output
    predictor.stop()
