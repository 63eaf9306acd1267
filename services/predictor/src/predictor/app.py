"""The Flask application, put together from its parts."""

from flask import Flask

from predictor import errors, observing
from predictor.parts import Parts
from predictor.routes import health, metadata, predict


def create_app(parts: Parts) -> Flask:
    """The application over these parts; nothing is global."""
    app = Flask("predictor", static_folder=None)
    parts.attach(app.extensions)
    app.config["MAX_CONTENT_LENGTH"] = parts.settings.max_body_bytes
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    observing.install(app, parts.metrics)
    errors.install(app)
    for module in (health, metadata, predict):
        app.register_blueprint(module.bp)
    return app
