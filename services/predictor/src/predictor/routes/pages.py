"""Pages for people: try a model by hand, read the API's description. They load nothing from outside."""

from importlib.resources import files

from flask import Blueprint, Response

from predictor.auth import public
from slipway.core.errors import NotFound

bp = Blueprint("pages", __name__)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
ASSETS = {
    "style.css": "text/css",
    "page.js": "text/javascript",
    "form.js": "text/javascript",
    "answer.js": "text/javascript",
    "try.js": "text/javascript",
    "docs.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


@bp.get("/")
@public
def try_it() -> Response:
    """A form made from the signature, and the answer with what it is made of."""
    return _page("try.html", "text/html")


@bp.get("/docs")
@public
def docs() -> Response:
    """The API's description, with a way to send each request."""
    return _page("docs.html", "text/html")


@bp.get("/pages/<name>")
@public
def asset(name: str) -> Response:
    """What the pages load: scripts, a style sheet, an icon."""
    if name not in ASSETS:
        raise NotFound("There is nothing at this path.")
    return _page(name, ASSETS[name])


def _page(name: str, mimetype: str) -> Response:
    body = (files("predictor") / "pages" / name).read_bytes()
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response
