"""JSON of what the pages show."""

import time

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from monitor.answers import json_response
from monitor.parts import parts
from monitor.prediction_log.finding import known_versions
from monitor.prediction_log.window_rows import Version
from monitor.views.drift import drift_of
from monitor.views.overview import overview, version_to_show
from monitor.views.quality import quality_of, timeline_of
from monitor.views.story import story_of
from slipway.core.errors import InvalidInput, ModelNotFound, Problem

bp = Blueprint("api", __name__)

DAY_SECONDS = 86_400.0


@bp.get("/v1/models")
def models() -> Response:
    """Every model and its state in one sentence."""
    here = parts()
    with here.log.reading() as connection:
        return json_response({"models": overview(connection, here.models, time.time())})


@bp.get("/v1/models/<name>/drift")
def drift(name: str) -> Response:
    """Drift of a version (?version=…; else the champion)."""
    here = parts()
    with here.log.reading() as connection:
        version = asked_version(connection, name)
        return json_response({"model": name, **drift_of(connection, here.models, version)})


@bp.get("/v1/models/<name>/quality")
def quality(name: str) -> Response:
    """Quality of a version (?version=…; else the champion)."""
    with parts().log.reading() as connection:
        version = asked_version(connection, name)
        return json_response({"model": name, **quality_of(connection, version)})


@bp.get("/v1/models/<name>/timeline")
def timeline(name: str) -> Response:
    """Quality by version over the last days (?days=7), with promotions, alarms and alerts."""
    now = time.time()
    with parts().log.reading() as connection:
        asked_version(connection, name)
        found = timeline_of(connection, name, since=now - asked_days() * DAY_SECONDS, now=now)
        return json_response({"model": name, **found})


@bp.get("/v1/predictions/<path:request_id>")
def prediction(request_id: str) -> Response:
    """One request's story."""
    with parts().log.reading() as connection:
        return json_response(story_of(connection, request_id))


def asked_version(connection: Connection, name: str) -> Version:
    """The version that the query names, else the champion. Raises ModelNotFound."""
    here = parts()
    versions = [version for version in known_versions(connection) if version.model == name]
    if not versions:
        raise ModelNotFound("The log has no prediction of a model of this name.")
    wanted = request.args.get("version")
    if wanted is None:
        return version_to_show(here.models, name, versions)
    if Version(name, wanted) not in versions:
        raise ModelNotFound("The log has no prediction of this version.")
    return Version(name, wanted)


def asked_days() -> float:
    """Raises InvalidInput for anything but 0.01 to 90 days."""
    try:
        days = float(request.args.get("days", "7"))
    except ValueError:
        days = 0.0
    if not 0.01 <= days <= 90:
        raise InvalidInput(
            "Field 'days' must be a number from 0.01 to 90.",
            problems=(Problem("days", "must be a number from 0.01 to 90"),),
        )
    return days
