"""One JSON object a line on stdout: an event with its fields, never a payload, a key or a feature."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

# What logging itself puts on a record; everything else came in by `extra`.
_BARE = vars(logging.LogRecord("", logging.INFO, "", 0, "", (), None))
_STANDARD = frozenset(_BARE) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """A record as one line: time, level, service, event, then the fields given as `extra`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "event": record.getMessage(),
        }
        line.update((k, v) for k, v in vars(record).items() if k not in _STANDARD)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(line, default=str).decode()
        except (
            TypeError
        ):  # what JSON can hold and orjson will not: half a character, a very long number
            return json.dumps(line, default=str)


def log_fields(log: logging.Logger, event: str, fields: dict[str, Any]) -> None:
    """As log.info(event, extra=fields), without looking for the line of code that says it."""
    if log.isEnabledFor(logging.INFO):
        record = logging.LogRecord.__new__(logging.LogRecord)
        now = time.time()
        said = {"name": log.name, "msg": event, "created": now, "msecs": now % 1 * 1000}
        vars(record).update(_BARE | said | fields)
        log.handle(record)


def log_as_json(service: str, level: str, stream: TextIO | None = None) -> None:
    """Sends every logger of this process to `stream` (stdout) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
