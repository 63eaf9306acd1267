"""Every curl line and every Python snippet of the README and the docs, run against real processes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from support.monitor_process import RunningMonitor
from support.predictor_process import MODELS, REPOSITORY, RunningPredictor
from support.redis_server import RedisServer
from support.waiting import wait_until

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
CURL = re.compile(r"^[ \t]*(curl(?:[^\n]*\\\n)*[^\n]*)$", re.MULTILINE)


def found(pattern: re.Pattern[str]) -> list[object]:
    """Each match in the pages, with the page as its name."""
    return [
        pytest.param(match[1], id=f"{page.relative_to(REPOSITORY)}:{number}")
        for page in PAGES
        for number, match in enumerate(pattern.finditer(page.read_text("utf-8")))
    ]


class Stack:
    """The predictor behind 8000 and 8080, the monitor behind 8001."""

    def __init__(self, folder: Path) -> None:
        for name in ("redis", "store"):
            (folder / name).mkdir()
        self._redis = RedisServer(folder / "redis")
        shared = {
            "SLIPWAY_REDIS_URL": self._redis.url,
            "SLIPWAY_STORE_URL": f"file://{folder / 'store'}",
            "SLIPWAY_AUTH": "off",
            "SLIPWAY_BUILTIN_MODELS": str(MODELS),
        }
        self._predictor = RunningPredictor(folder / "predictor", shared).wait_until_ready()
        self._monitor = RunningMonitor(folder / "monitor", shared).wait_until_ready()
        # What the pages call rows.csv.
        self.folder = folder
        (folder / "rows.csv").write_text("message\nSee you at noon\nFree entry: text WIN now\n")
        self._predictor.post("/predict", {"message": "See you at noon"})
        wait_until(self._is_in_the_log, what="the monitor has read the prediction")

    def _is_in_the_log(self) -> bool:
        """Whether the monitor knows the model: before its first prediction there is nothing to show."""
        return requests.get(f"{self._monitor.url}/v1/models/spam/drift", timeout=5).ok

    def here(self, text: str) -> str:
        """The text, with the documented addresses replaced by those of this stack."""
        for port in ("8000", "8080"):
            text = text.replace(f"http://127.0.0.1:{port}", self._predictor.url)
        return text.replace("http://127.0.0.1:8001", self._monitor.url)

    def stop(self) -> None:
        self._monitor.stop()
        self._predictor.stop()
        self._redis.stop()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("docs"))
    yield stack
    stack.stop()


@pytest.mark.parametrize("line", found(CURL))
def test_a_curl_line_gets_an_answer(stack: Stack, line: str) -> None:
    command = stack.here(line).replace("curl", "curl --fail-with-body --show-error", 1)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=stack.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert done.stdout.strip()


@pytest.mark.parametrize("snippet", found(PYTHON))
def test_a_python_snippet_runs(stack: Stack, snippet: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", stack.here(snippet)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
