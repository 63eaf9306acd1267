import io
import json
import logging

from slipway.core.logs import JsonFormatter


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


def test_a_line_end_in_a_field_does_not_end_the_line() -> None:
    assert _logged(reason="a\nb")["reason"] == "a\nb"


def test_what_the_encoder_refuses_is_logged_all_the_same() -> None:
    assert _logged(reason="half a \ud83d")["reason"] == "half a \ud83d"
    assert _logged(rows=10**30)["rows"] == 10**30
