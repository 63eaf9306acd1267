"""Requests over kept connections, repeated where that is safe and the service says when."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from slipway.core.errors import SlipwayFact

REPEATED_STATUSES = frozenset({429, 502, 503})
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


class Unreachable(SlipwayFact):
    """Nobody answered at the service's address."""


class Refused(SlipwayFact):
    """The service answered that it will not. `error` is the stable name to match on."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.error = str(body.get("error", "Unknown"))
        self.request_id = body.get("request_id")
        self.details: list[dict[str, str]] = list(body.get("details", ()))
        self.message = str(body.get("message", f"the service answered {status}"))
        super().__init__(f"{self.error}: {self.message}")


class Transport:
    """One service. budget_seconds: how long a call may be repeated for, pauses included."""

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        timeout_seconds: float,
        budget_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout_seconds
        self._budget = budget_seconds
        self._sleep = sleep
        self._session = requests.Session()
        if key is not None:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def close(self) -> None:
        self._session.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        pure: bool,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """pure: whether it may be sent twice. Raises Refused, or Unreachable."""
        give_up = time.monotonic() + (self._budget if pure else 0.0)
        pause = _FIRST_PAUSE_SECONDS
        while True:
            answer, wrong = self._try(method, path, headers, options)
            if answer is not None and answer.ok:
                return answer
            repeatable = answer is None or answer.status_code in REPEATED_STATUSES
            wait = max(pause, _asked_pause(answer)) if repeatable else 0.0
            if not repeatable or time.monotonic() + wait >= give_up:
                if answer is None:
                    raise Unreachable(f"{self._url} does not answer: {wrong}")
                raise Refused(answer.status_code, _body_of(answer))
            # Spread, so that those who were refused together do not come back together.
            self._sleep(wait * random.uniform(1.0, 1.25))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _try(
        self, method: str, path: str, headers: Mapping[str, str] | None, options: Any
    ) -> tuple[requests.Response | None, str]:
        try:
            url = self._url + path
            answer = self._session.request(
                method, url, headers=headers, timeout=self._timeout, **options
            )
        except requests.Timeout:
            return None, f"nothing came within {self._timeout:g} s"
        except requests.ConnectionError as wrong:
            unknown = "NameResolutionError" in repr(wrong)
            return None, "no such host" if unknown else "nobody listens, or the connection broke"
        return answer, ""


def _asked_pause(answer: requests.Response | None) -> float:
    """Retry-After in seconds; 0 where there is none."""
    text = "" if answer is None else answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _body_of(answer: requests.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
