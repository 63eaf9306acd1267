"""What a process makes of a version that it loads."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from predictor.metrics import PredictorMetrics
from predictor.model_loader import ModelLoader
from support.artifacts import put, trained


def test_rows_that_share_a_forward_are_as_told_else_as_measured(tmp_path: Path) -> None:
    directory = put(tmp_path / "models", trained(tmp_path))
    metrics = PredictorMetrics(CollectorRegistry())
    told = ModelLoader("cpu", metrics, forward_rows=7).load(directory, "spam", "1.0.0")
    measured = ModelLoader("cpu", metrics).load(directory, "spam", "1.0.0")
    assert told.capacity.best_rows == 7
    assert measured.capacity.best_rows in (1, 4, 16, 64)
