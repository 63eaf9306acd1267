"""slipway batch, as a person types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.predictor_process import RunningPredictor
from support.worker_process import RunningWorker


def batch(predictor: RunningPredictor, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slipway", "batch", *words, "--url", predictor.url]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=kept, timeout=120
    )


def test_a_file_is_submitted_waited_for_and_its_results_are_printed(
    predictor: RunningPredictor, worker: RunningWorker, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("message\n" + "".join(f"message {n}\n" for n in range(25)))
    submitted = batch(predictor, "submit", str(file), "--wait")
    assert submitted.returncode == 0, submitted.stderr
    assert "succeeded: 25 rows" in submitted.stderr
    batch_id = submitted.stdout.strip()

    status = json.loads(batch(predictor, "status", batch_id).stdout)
    assert (status["status"], status["rows_done"]) == ("succeeded", 25)
    rows = [json.loads(line) for line in batch(predictor, "results", batch_id).stdout.splitlines()]
    assert [row["index"] for row in rows] == list(range(25))
    assert batch(predictor, "list").stdout.startswith(f"{batch_id}\tsucceeded\t25/25\tspam\n")
    cancelled = batch(predictor, "cancel", batch_id)
    assert (cancelled.returncode, cancelled.stderr[:9]) == (1, "slipway: ")


def test_bad_rows_of_a_file_are_counted_and_told_one_by_one(
    predictor: RunningPredictor, worker: RunningWorker, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text('message\nhello\n""\none, too many\n')
    submitted = batch(predictor, "submit", str(file), "--wait")
    assert submitted.returncode == 0, submitted.stderr
    assert "succeeded: 3 rows, 2 without an answer" in submitted.stderr
    batch_id = submitted.stdout.strip()
    assert f"slipway batch results {batch_id}" in submitted.stderr.replace("\n", "")
    rows = [json.loads(line) for line in batch(predictor, "results", batch_id).stdout.splitlines()]
    assert ["error" in row for row in rows] == [False, True, True]
    state = json.loads(batch(predictor, "status", batch_id).stdout)
    assert state["started_at"] < state["finished_at"] < state["expires_at"]
