"""Who may look: with keys on, whoever has a key with the scope `admin`.

Programs send it with each request. People sign in with it once and get a session: a cookie that
no script reads and no other site's request carries, signed by this process, gone when it ends,
when it is old, or when the key is revoked. A view is closed unless it says that it is public.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import quote

from flask import Flask, Request, Response, current_app, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from slipway.core.api_keys import ApiKey, Scope
from slipway.core.errors import Forbidden, Unauthorized
from slipway.core.key_ring import KeyRing

View = TypeVar("View", bound=Callable[..., object])

COOKIE = "slipway_session"
SESSION_SECONDS = 12 * 3600
SIGN_IN = "/sign-in"
_PUBLIC = "slipway_public"  # on a view function
_EXTENSION = "slipway.doorkeeper"


def public(view: View) -> View:
    """A view that everybody reaches: probes, Prometheus, what has a token of its own."""
    setattr(view, _PUBLIC, True)
    return view


class Doorkeeper:
    """Knows keys and the sessions that they opened. ring: None where keys are switched off."""

    def __init__(self, ring: KeyRing | None) -> None:
        self._ring = ring
        self._secret = secrets.token_bytes(32)

    @property
    def open(self) -> bool:
        return self._ring is None

    def admin(self, presented: str) -> ApiKey:
        """The key. Raises Unauthorized for an unknown one, Forbidden for one without the scope."""
        key = self._ring.find(presented) if self._ring is not None else None
        if key is None:
            raise Unauthorized("Nobody knows this key.")
        if not key.may(Scope.ADMIN):
            raise Forbidden("This key may not do this: it lacks the scope 'admin'.")
        return key

    def session(self, key: ApiKey, now: float) -> str:
        """A new session's cookie. now: seconds since 1970."""
        ends = int(now + SESSION_SECONDS)
        return f"{key.key_id}:{ends}:{self._signature(key, ends)}"

    def holds(self, cookie: str, now: float) -> bool:
        """Whether a cookie is a session of this process whose key is still there."""
        key_id, _, rest = cookie.partition(":")
        ends, _, signature = rest.partition(":")
        if self._ring is None or not ends.isdecimal() or len(ends) > 12 or int(ends) < now:
            return False
        key = self._ring.named(key_id)
        if key is None or not key.may(Scope.ADMIN):
            return False
        return hmac.compare_digest(self._signature(key, int(ends)).encode(), signature.encode())

    def _signature(self, key: ApiKey, ends: int) -> str:
        said = f"{key.key_id}:{key.digest}:{ends}".encode()
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()


def install(app: Flask, ring: KeyRing | None) -> None:
    """Checks the caller before each view that is not public."""
    doorkeeper = Doorkeeper(ring)
    app.extensions[_EXTENSION] = doorkeeper
    app.context_processor(lambda: {"signed_in": g.get("signed_in", False)})

    @app.before_request
    def check_caller() -> AnyResponse | None:
        if request.url_rule is None or request.routing_exception is not None or doorkeeper.open:
            return None  # nothing is here to be protected, or nobody is kept out
        if getattr(current_app.view_functions[request.url_rule.endpoint], _PUBLIC, False):
            return None
        return _check(doorkeeper, request)

    @app.after_request
    def keep_private(response: Response) -> Response:
        if not doorkeeper.open and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response


def doorkeeper() -> Doorkeeper:
    """Of the application that answers the request in hand."""
    return cast(Doorkeeper, current_app.extensions[_EXTENSION])


def _check(here: Doorkeeper, asked: Request) -> AnyResponse | None:
    """Lets the caller in, or shows a browser to the sign-in page. Raises Unauthorized, Forbidden."""
    if here.holds(asked.cookies.get(COOKIE, ""), time.time()):
        g.signed_in = True
        return None
    presented = presented_key(asked)
    if presented is not None:
        here.admin(presented)
        return None
    if asked.method == "GET" and wants_page(asked):
        return redirect(f"{SIGN_IN}?next={quote(asked.full_path.rstrip('?'), safe='/')}")
    raise Unauthorized("This needs a key with the scope 'admin': Authorization: Bearer <key>.")


def wants_page(asked: Request) -> bool:
    """Whether a browser asks: programs rarely name HTML."""
    return "text/html" in asked.headers.get("Accept", "")


def presented_key(asked: Request) -> str | None:
    """The key of `Authorization: Bearer`, or else of `X-API-Key`."""
    scheme, _, credentials = asked.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return asked.headers.get("X-API-Key") or None
