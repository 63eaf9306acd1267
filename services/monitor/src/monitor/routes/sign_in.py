"""Signing in and out: a key with the scope `admin` for a session."""

import time

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from monitor.auth import COOKIE, SESSION_SECONDS, SIGN_IN, doorkeeper, public
from monitor.routes.pages import page
from slipway.core.errors import Forbidden, Unauthorized

bp = Blueprint("sign_in", __name__)


@bp.get(SIGN_IN)
@public
def form() -> AnyResponse:
    """Asks for the key; where keys are off there is nothing to ask."""
    if doorkeeper().open:
        return redirect("/")
    return page("sign_in.html", next=place_here(request.args.get("next", "/")), problem="")


@bp.post(SIGN_IN)
@public
def sign_in() -> AnyResponse:
    """Opens a session and goes where the person wanted to go."""
    here, wanted = doorkeeper(), place_here(request.form.get("next", "/"))
    if here.open:
        return redirect("/")
    try:
        key = here.admin(request.form.get("key", "").strip())
    except (Unauthorized, Forbidden) as refused:
        again = page("sign_in.html", next=wanted, problem=refused.message)
        again.status_code = 401 if isinstance(refused, Unauthorized) else 403
        return again
    response = redirect(wanted, 303)
    response.set_cookie(
        COOKIE,
        here.session(key, time.time()),
        max_age=SESSION_SECONDS,
        secure=_over_tls(),
        httponly=True,
        samesite="Strict",
    )
    return response


@bp.post("/sign-out")
@public
def sign_out() -> AnyResponse:
    """Ends the session in this browser."""
    response: Response | AnyResponse = redirect(SIGN_IN, 303)
    response.delete_cookie(COOKIE, secure=_over_tls(), httponly=True, samesite="Strict")
    return response


def place_here(wanted: str) -> str:
    """A path of this monitor; the overview for anything that could lead elsewhere."""
    elsewhere = not wanted.startswith("/") or wanted[1:2] in ("/", "\\")
    return "/" if elsewhere or not wanted.isprintable() else wanted


def _over_tls() -> bool:
    """Also where a proxy ends it; who claims that without reason gets a cookie back less often."""
    return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
