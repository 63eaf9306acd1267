import io
import json
import logging
import random
from datetime import UTC, datetime

import pytest

from slipway.core.logs import JsonFormatter, JsonHandler, log_fields


def _logged(**extra: object) -> dict[str, object]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("tests"))
    logger = logging.Logger("one")
    logger.addHandler(handler)
    logger.warning("event dropped", extra=extra)
    line: dict[str, object] = json.loads(stream.getvalue())
    return line


def test_a_line_is_one_json_object_with_the_fields_given() -> None:
    line = _logged(model="spam", rows=3)
    assert line["event"] == "event dropped"
    assert (line["level"], line["service"], line["model"], line["rows"]) == (
        "warning",
        "tests",
        "spam",
        3,
    )


def test_times_are_in_utc_with_milliseconds_and_never_rounded_up() -> None:
    chance = random.Random(5)
    edges = [0.0, 1.0, 1_795_000_000.999, 1_795_000_000.9996, 1_795_000_000.9999996, 1.5]
    for created in [*edges, *(chance.uniform(0, 4e9) for _ in range(1_000))]:
        line = json.loads(JsonFormatter("tests").line(created, "info", "said", {}))
        whole = datetime.fromtimestamp(created, UTC)
        assert line["time"] == whole.isoformat(timespec="milliseconds")


def test_a_line_end_in_a_field_does_not_end_the_line() -> None:
    assert _logged(reason="a\nb")["reason"] == "a\nb"


def test_what_the_encoder_refuses_is_logged_all_the_same() -> None:
    assert _logged(reason="half a \ud83d")["reason"] == "half a \ud83d"
    assert _logged(rows=10**30)["rows"] == 10**30


def test_fields_are_logged_the_same_with_and_without_a_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = {
        "model": "spam",
        "reason": "a\nb",
        "half": "\ud83d",
        "rows": 10**30,
        "outcomes": {"a": 1},
    }
    stream = io.StringIO()
    handler = JsonHandler(stream, JsonFormatter("tests"))
    log = logging.getLogger("tests.fields")
    log.setLevel(logging.INFO)
    for handlers in ([handler], [handler, logging.NullHandler()]):
        monkeypatch.setattr(log.root, "handlers", handlers)
        log_fields(log, "request", fields)
    quick, ordinary = map(json.loads, stream.getvalue().splitlines())
    assert quick.pop("time") <= ordinary.pop("time")
    assert quick == ordinary == {"level": "info", "service": "tests", "event": "request", **fields}


def test_fields_below_the_level_are_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    log = logging.getLogger("tests.quiet")
    log.setLevel(logging.WARNING)
    monkeypatch.setattr(log.root, "handlers", [JsonHandler(stream, JsonFormatter("tests"))])
    log_fields(log, "request", {})
    assert not stream.getvalue()


def test_a_line_that_cannot_be_written_is_nobodys_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    log = logging.getLogger("tests.full")
    log.setLevel(logging.INFO)
    monkeypatch.setattr(log.root, "handlers", [JsonHandler(Full(), JsonFormatter("tests"))])
    log_fields(log, "request", {"rows": 1})
    assert "No space left on device" in capsys.readouterr().err
