"""What runbooks look for in the logs is what the services write."""

import logging
import re
from pathlib import Path

import pytest

from rules.tools import ROOT
from slipway.core.logs import JsonFormatter

RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
SOURCES = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("libs/*/src/**/*.py")]
LOOKS = re.compile(r"\| grep (-E |-v |-i |)('[^']+'|\w+)")


def log_line(event: str, level: int = logging.INFO, **fields: object) -> str:
    record = logging.LogRecord("services", level, "", 0, event, None, None)
    vars(record).update(fields)
    return JsonFormatter("predictor").format(record)


def written() -> list[str]:
    """A line of each event that the code logs, and requests that went as in a bad night."""
    logged = re.compile(r'\blog(?:ger)?\.\w+\(\s*"([^"]+)"')
    events = {event for file in SOURCES for event in logged.findall(file.read_text())}
    requests = [
        log_line("request", route=route, status=status, duration_seconds=0.6)
        for route, status in (("/v1/predict", 400), ("/v1/predict", 504), ("/v1/feedback", 202))
    ]
    return [*map(log_line, events), *requests]


def looked_for() -> list[tuple[Path, str]]:
    """Patterns of `grep` behind `docker compose logs`, by runbook."""
    return [
        (file, pattern.strip("'"))
        for file in RUNBOOKS
        for line in file.read_text().splitlines()
        if "compose logs" in line
        for _, pattern in LOOKS.findall(line)
    ]


@pytest.mark.parametrize(
    ("file", "pattern"), looked_for(), ids=[f"{f.stem}: {p}" for f, p in looked_for()]
)
def test_what_a_runbook_greps_for_is_logged(file: Path, pattern: str) -> None:
    assert any(re.search(pattern, line) for line in written())


def test_there_are_patterns_to_look_for() -> None:
    assert len(looked_for()) > 10
    assert not any(re.search('"level":"ERROR"', line) for line in written())
