"""The Flask application, put together from its parts."""

from flask import Flask

from monitor import auth, errors
from monitor.parts import Parts
from monitor.routes import alerts, api, health, inputs, pages, retrainings, sign_in
from monitor.views.times import ago, readable


def create_app(parts: Parts) -> Flask:
    """The application over these parts; nothing is global."""
    app = Flask("monitor", static_folder=None)
    parts.attach(app.extensions)
    app.jinja_env.filters |= {"readable": readable, "span": ago}
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    errors.install(app)
    auth.install(app, parts.keys)
    for module in (health, api, inputs, alerts, pages, retrainings, sign_in):
        app.register_blueprint(module.bp)
    return app
