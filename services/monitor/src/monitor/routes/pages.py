"""Pages for people: server-rendered, everything they need served from here."""

import json
import time
from importlib.resources import files
from typing import Any

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from monitor.auth import public
from monitor.parts import parts
from monitor.prediction_log.finding import availability, latest_predictions
from monitor.routes.api import DAY_SECONDS, asked_days, asked_version
from monitor.views.charts import feature_chart, quality_chart, what_happened
from monitor.views.drift import drift_of
from monitor.views.overview import overview
from monitor.views.quality import quality_of, timeline_of
from monitor.views.story import prediction_view, story_of

bp = Blueprint("pages", __name__)

# Styles are set by the plotting library on its own elements; scripts come from here alone.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; connect-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
_SHOWN_PREDICTIONS = 50
_OWN_FILES = frozenset({"style.css", "charts.js", "icon.svg"})


@bp.get("/")
def index() -> Response:
    """Every model and its state in one sentence; how the predictors answer."""
    here, now = parts(), time.time()
    with here.log.reading() as connection:
        models = overview(connection, here.models, now)
        targets = availability(connection, now - DAY_SECONDS)
    return page("overview.html", models=models, targets=targets)


@bp.get("/models/<name>")
def model(name: str) -> Response:
    """Drift per feature, reference and window over each other."""
    here = parts()
    kind = "sliding" if request.args.get("window") == "sliding" else "tumbling"
    with here.log.reading() as connection:
        version = asked_version(connection, name)
        found = drift_of(connection, here.models, version)
    window = found["windows"][kind]
    features = window["features"] if window else {}
    charts = {name: feature_chart(drift) for name, drift in features.items()}
    return page(
        "drift.html", model=name, drift=found, kind=kind, window=window, charts=in_script(charts)
    )


@bp.get("/models/<name>/quality")
def quality(name: str) -> Response:
    """Quality now and over time, by version, with promotions and alarms marked."""
    now, days = time.time(), asked_days()
    with parts().log.reading() as connection:
        version = asked_version(connection, name)
        found = quality_of(connection, version)
        course = timeline_of(connection, name, since=now - days * DAY_SECONDS, now=now)
    chart = quality_chart(course)
    charts = in_script({"timeline": chart} if chart else {})
    happened = [(mark, what_happened(mark)) for mark in reversed(course["happenings"])]
    return page(
        "quality.html", model=name, quality=found, happened=happened, days=days, charts=charts
    )


@bp.get("/models/<name>/predictions")
def predictions(name: str) -> Response:
    """The latest predictions, without their inputs unless those were kept."""
    with parts().log.reading() as connection:
        asked_version(connection, name)
        rows = latest_predictions(connection, name, _SHOWN_PREDICTIONS)
    return page("predictions.html", model=name, rows=[prediction_view(row) for row in rows])


@bp.get("/requests")
def find_request() -> AnyResponse:
    """From the search field to the request's page."""
    wanted = request.args.get("id", "").strip()
    if not wanted:
        return redirect(url_for("pages.index"))
    return redirect(url_for("pages.story", request_id=wanted))


@bp.get("/requests/<path:request_id>")
def story(request_id: str) -> Response:
    """One request's story."""
    with parts().log.reading() as connection:
        found = story_of(connection, request_id)
    return page("story.html", story=found)


@bp.get("/static/<name>")
@public
def static_file(name: str) -> Response:
    """Our own files, and the plotting library's from its package."""
    if name == "plotly.min.js":
        folder = files("plotly") / "package_data"
        return send_from_directory(str(folder), name, max_age=86_400)
    folder = files("monitor") / "static"
    return send_from_directory(str(folder), name if name in _OWN_FILES else "nothing", max_age=300)


def page(template: str, **values: Any) -> Response:
    """An answer that may load nothing from anywhere else."""
    response = Response(render_template(template, **values), mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def in_script(value: Any) -> str:
    """JSON that may stand between script tags: nothing in it can end them."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
