"""The Flask application, put together from its parts."""

from flask import Flask

from predictor import auth, errors, observing
from predictor.parts import Parts
from predictor.routes import batches, health, metadata, predict


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
    errors.install(app)
    auth.install(app, parts.keys)
    for module in (batches, health, metadata, predict):
        app.register_blueprint(module.bp)
    auth.refuse_undeclared(app)
    return app
