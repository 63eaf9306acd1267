"""One JSON object a line on stdout: an event with its fields, never a payload, a key or a feature."""

import json
import logging
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import orjson

# What logging itself puts on a record; everything else came in by `extra`.
_STANDARD = frozenset(vars(logging.LogRecord("", logging.INFO, "", 0, "", (), None))) | {
    "message",
    "asctime",
    "taskName",
}


class JsonFormatter(logging.Formatter):
    """A record as one line: time, level, service, event, then the fields given as `extra`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        fields = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return self.line(record.created, record.levelname.lower(), record.getMessage(), fields)

    def line(self, created: float, level: str, event: str, fields: Mapping[str, Any]) -> str:
        """The same of what is no record. created: seconds since 1970."""
        line: dict[str, Any] = {
            "time": _time(created),
            "level": level,
            "service": self._service,
            "event": event,
            **fields,
        }
        try:
            return orjson.dumps(line, default=str).decode()
        except (
            TypeError
        ):  # what JSON can hold and orjson will not: half a character, a very long number
            return json.dumps(line, default=str)


def _time(created: float) -> str:
    """As isoformat with milliseconds in UTC, of which each second is written once."""
    second, micros = divmod(round(created * 1_000_000), 1_000_000)
    return f"{_second(second)}.{micros // 1000:03d}+00:00"


@lru_cache(1)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().removesuffix("+00:00")


class JsonHandler(logging.StreamHandler[TextIO]):
    """A line of `formatter` for each record, and for what `say` is given."""

    def __init__(self, stream: TextIO, formatter: JsonFormatter) -> None:
        super().__init__(stream)
        self.setFormatter(formatter)
        self._lines = formatter

    def say(self, event: str, fields: Mapping[str, Any]) -> None:
        """At level info, now. A line that cannot be written is told of as `logging` does, never raised."""
        line = self._lines.line(time.time(), "info", event, fields) + self.terminator
        try:
            with self.lock or nullcontext():
                self.stream.write(line)
                self.stream.flush()
        except Exception:  # noqa: BLE001 - as in `emit`: whoever is answered does not pay for a full disk
            self.handleError(logging.makeLogRecord({"msg": event, "levelno": logging.INFO}))


def log_fields(log: logging.Logger, event: str, fields: Mapping[str, Any]) -> None:
    """As log.info(event, extra=fields) for a logger without handlers of its own; several times sooner
    where the line goes to a JsonHandler, since no record is made of it."""
    if not log.isEnabledFor(logging.INFO):
        return
    handlers = log.root.handlers
    if len(handlers) == 1 and isinstance(handlers[0], JsonHandler):
        handlers[0].say(event, fields)
    else:
        log.info(event, extra=dict(fields))


def log_as_json(service: str, level: str, stream: TextIO | None = None) -> None:
    """Sends every logger of this process to `stream` (stdout) as JSON lines."""
    root = logging.getLogger()
    root.handlers[:] = [JsonHandler(stream or sys.stdout, JsonFormatter(service))]
    root.setLevel(level)
