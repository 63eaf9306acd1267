"""Which functions a job may call: those of a table, by name.

Whoever can write to Redis could enqueue `os.system`; here a name from Redis is looked up, never
imported, and what else RQ would call for a job (callbacks, webhooks, methods) is not called.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rq.job import Job, JobStatus

Function = Callable[[dict[str, Any]], Any]


class JobNotAllowed(Exception):
    """A job that names a function which is not in the table."""


def job_class(table: Mapping[str, Function]) -> type[Job]:
    """RQ's job over these functions alone."""

    class AllowedJob(Job):
        @property
        def func(self) -> Function:
            name = self.func_name or ""
            if self.instance is not None or name not in table:
                raise JobNotAllowed(f"no function {name[:100]!r} on this queue")
            return table[name]

        @property
        def success_callback(self) -> None:
            return None

        @property
        def failure_callback(self) -> None:
            return None

        @property
        def stopped_callback(self) -> None:
            return None

        def send_webhooks(self, status: str | JobStatus, *, exc_string: str | None = None) -> None:
            return

    return AllowedJob
