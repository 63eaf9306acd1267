"""`slipway replay`: what was asked, from a real monitor's log, asked of another version."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from slipway.cli.main import typer_app
from slipway.core.errors import NotFound
from slipway.model.registry import registry_in_folder
from slipway.model.transfer import publish
from support.artifacts import put, trained
from support.monitor_process import RunningMonitor
from support.monitored import an_event, put_events
from support.redis_server import RedisServer
from support.versions import retuned
from support.waiting import wait_until

TIME = 1_795_000_000.0  # 2026-11-18T11:06:40 UTC
ROWS = 1_203
StartMonitor = Callable[..., RunningMonitor]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with spam 1.0.0, and 2.0.0 that calls nothing spam."""
    folder = tmp_path_factory.mktemp("models")
    source = put(folder / "models", trained(folder))
    version = retuned(source, folder / "v", "2.0.0", -30.0)
    publish(registry_in_folder(folder / "models"), version)
    return folder / "models"


@pytest.fixture
def monitor(start_monitor: StartMonitor, redis_server: RedisServer) -> RunningMonitor:
    """With 1,203 rows of `spam`, a second apart, two a request; every third was answered spam."""
    events = (
        an_event(
            f"p-{row}",
            request_id=f"r-{row // 2}",
            index=row % 2,
            time=TIME + row // 2,
            prediction="spam" if row % 3 == 0 else "not_spam",
            compute_seconds=0.002,
            inputs={"message": f"win a phone, number {row}"},
        )
        for row in range(ROWS)
    )
    put_events(redis_server.client(), *events)
    monitor = start_monitor(capture_inputs="true")

    def stored() -> bool:
        return monitor.sample("slipway_monitor_events_total", outcome="stored") == ROWS

    wait_until(stored, what="all are stored")
    return monitor


def run(monitor: RunningMonitor, models: Path, *words: str) -> Result:
    where = ["--monitor", monitor.url, "--models", str(models)]
    arguments = ["replay", "--version", "2.0.0", *words, *where]
    return CliRunner().invoke(typer_app, arguments, catch_exceptions=False)


def test_every_row_is_asked_once_and_the_differences_are_counted(
    monitor: RunningMonitor, models: Path
) -> None:
    stretch = ("--from", "2026-11-18T11:06:40", "--to", "2026-11-19")
    report = json.loads(run(monitor, models, *stretch, "--json").stdout)
    assert (report["rows"], report["requests"], report["refused"]) == (ROWS, 602, 0)
    assert report["changed"] == 401
    assert {(a, b): n for a, b, n in report["classes"]} == {
        ("spam", "not_spam"): 401,
        ("not_spam", "not_spam"): 802,
    }
    assert report["before"]["median"] == 0.002
    assert report["now"]["median"] > 0
    told = run(monitor, models, *stretch).stdout
    assert "answers 401 otherwise" in told
    assert "win a phone" not in told


def test_only_the_time_that_was_asked_for_is_replayed(
    monitor: RunningMonitor, models: Path
) -> None:
    words = ("--from", "2026-11-18T11:06:40", "--to", "2026-11-18T11:06:50", "--json")
    report = json.loads(run(monitor, models, *words).stdout)
    assert (report["rows"], report["requests"]) == (20, 10)
    limited = json.loads(run(monitor, models, *words, "--limit", "7").stdout)
    assert limited["rows"] == 7


def test_a_time_without_inputs_says_which_setting_keeps_them(
    monitor: RunningMonitor, models: Path
) -> None:
    with pytest.raises(NotFound, match="SLIPWAY_CAPTURE_INPUTS"):
        run(monitor, models, "--from", "1h")


def test_what_cannot_be_a_page_is_refused(monitor: RunningMonitor) -> None:
    path = "/v1/models/spam/inputs"
    for query in ("", "?from=1", "?from=nan&to=2", "?from=1&to=2&limit=0", "?from=1&to=2&after=x"):
        assert monitor.get(path + query).status_code == 400, query
    assert monitor.get(path + "?from=1&to=2").json() == {"model": "spam", "rows": [], "next": None}
