"""Alertmanager's webhook: alerts become marks on the timeline."""

import hmac
from datetime import datetime
from pathlib import Path

import msgspec
from flask import Blueprint, Response, request

from monitor.answers import json_response
from monitor.auth import public
from monitor.parts import parts
from monitor.prediction_log.happenings import end, note
from slipway.core.errors import Forbidden, InvalidInput, Unauthorized

bp = Blueprint("alerts", __name__)


class Alert(msgspec.Struct):
    """One alert of Alertmanager's webhook, version 4. endsAt: year 1 while it fires."""

    status: str
    fingerprint: str
    startsAt: datetime  # noqa: N815 - Alertmanager's name
    endsAt: datetime | None = None  # noqa: N815
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Webhook(msgspec.Struct):
    """The body that Alertmanager posts."""

    alerts: list[Alert]


@bp.post("/v1/alerts")
@public  # but for its own token
def receive() -> Response:
    """Writes each alert down once, and its end when that comes."""
    here = parts()
    check_token(here.settings.alerts_token_file)
    try:
        webhook = msgspec.json.decode(request.get_data(cache=False), type=Webhook)
    except ValueError:
        raise InvalidInput("The body is not Alertmanager's webhook.") from None
    with here.log.writing() as connection:
        for alert in webhook.alerts:
            started = alert.startsAt.timestamp()
            key = f"alert:{alert.fingerprint[:64]}:{started:.0f}"
            note(
                connection,
                key,
                "alert",
                model=alert.labels.get("model", "")[:64],
                version=alert.labels.get("version", "")[:64],
                time=started,
                details={"name": alert.labels.get("alertname", ""), **_summary(alert)},
            )
            if alert.status == "resolved" and alert.endsAt is not None:
                end(connection, key, alert.endsAt.timestamp())
    return json_response({"accepted": len(webhook.alerts)}, 202)


def _summary(alert: Alert) -> dict[str, str]:
    severity = alert.labels.get("severity", "")
    return {"severity": severity, "summary": alert.annotations.get("summary", "")[:500]}


def check_token(file: Path | None) -> None:
    """Raises Forbidden where no token is configured, Unauthorized for any other than it."""
    if file is None:
        raise Forbidden("No token for alerts is configured (SLIPWAY_ALERTS_TOKEN_FILE).")
    expected = file.read_text("utf-8").strip().encode()
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), expected)
    if scheme.lower() != "bearer" or not expected or not same:
        raise Unauthorized("Alerts need their token.")
