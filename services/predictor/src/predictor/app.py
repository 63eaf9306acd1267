"""The Flask application, put together from its parts."""

from flask import Flask

from predictor import auth, body_rest, compressing, errors, gate, observing, versions
from predictor.hot_route import HotRoute
from predictor.parts import Parts
from predictor.rate_limit import RateLimits
from predictor.routes import (
    batches,
    description,
    explain,
    feedback,
    health,
    inference_protocol,
    metadata,
    pages,
    predict,
)
from slipway.core.settings import PredictorSettings

ROUTES = (
    batches,
    description,
    explain,
    feedback,
    health,
    inference_protocol,
    metadata,
    pages,
    predict,
)


def create_app(parts: Parts, *, hot: bool = True) -> Flask:
    """The application over these parts; nothing is global.

    hot: whether predictions are answered before Flask's dispatch; the answers are the same.
    """
    app = Flask("predictor", static_folder=None)
    # One more than is accepted: of a chunked body the framework drops what is over, in silence.
    app.config["MAX_CONTENT_LENGTH"] = parts.settings.max_body_bytes + 1
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    observing.install(app, parts)
    compressing.install(app)  # before it is counted how long an answer took and how large it is
    body_rest.install(app)
    errors.install(app)
    versions.install(app)
    auth.install(app, parts.keys)
    limits = _rate_limits(parts.settings)
    gate.install(app, limits, parts.admission)
    for module in ROUTES:
        app.register_blueprint(module.bp)
    auth.refuse_undeclared(app)
    if hot:
        app.wsgi_app = HotRoute(app.wsgi_app, parts, limits)  # type: ignore[method-assign]
    return app


def _rate_limits(settings: PredictorSettings) -> RateLimits:
    """Each request process gives its share, so that the replica gives what the setting says."""
    share = 1 / settings.workers
    rate, burst = settings.rate_limit_per_second, settings.rate_limit_burst
    return RateLimits(rate * share, (burst or rate) * share)
