"""The Flask application, put together from its parts."""

from flask import Flask

from predictor import auth, body_rest, compressing, errors, gate, observing, versions
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


def create_app(parts: Parts) -> Flask:
    """The application over these parts; nothing is global."""
    app = Flask("predictor", static_folder=None)
    parts.attach(app.extensions)
    # One more than is accepted: of a chunked body the framework drops what is over, in silence.
    app.config["MAX_CONTENT_LENGTH"] = parts.settings.max_body_bytes + 1
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    observing.install(app, parts.metrics)
    compressing.install(app)  # before it is counted how long an answer took and how large it is
    body_rest.install(app)
    errors.install(app)
    versions.install(app)
    auth.install(app, parts.keys)
    gate.install(app, _rate_limits(parts.settings), parts.admission)
    for module in ROUTES:
        app.register_blueprint(module.bp)
    auth.refuse_undeclared(app)
    return app


def _rate_limits(settings: PredictorSettings) -> RateLimits:
    """Each request process gives its share, so that the replica gives what the setting says."""
    share = 1 / settings.workers
    rate, burst = settings.rate_limit_per_second, settings.rate_limit_burst
    return RateLimits(rate * share, (burst or rate) * share)
