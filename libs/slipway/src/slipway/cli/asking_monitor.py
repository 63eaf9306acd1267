"""JSON of the monitor, as the commands that look at it ask for it."""

from typing import Any

import requests

from slipway.core.errors import Forbidden, NotFound, Unavailable
from slipway.core.settings import CallerSettings

_TIMEOUT_SECONDS = 30.0


def ask_monitor(monitor: str, path: str, missing: str) -> dict[str, Any]:
    """missing: what a 404 means. Raises NotFound, Unavailable without a monitor, Forbidden where that
    lets nobody in without a key (SLIPWAY_KEY)."""
    key = CallerSettings.read().key.get_secret_value()
    credentials = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = requests.get(
            f"{monitor.rstrip('/')}{path}", headers=credentials, timeout=_TIMEOUT_SECONDS
        )
    except requests.RequestException:
        raise Unavailable(f"No monitor answers at {monitor}.") from None
    if answer.status_code == 404:
        raise NotFound(missing)
    if answer.status_code in (401, 403):
        raise Forbidden("The monitor asks for a key with the scope 'admin': set SLIPWAY_KEY.")
    if answer.status_code != 200:
        raise Unavailable(f"The monitor answers {answer.status_code}.")
    found: dict[str, Any] = answer.json()
    return found
