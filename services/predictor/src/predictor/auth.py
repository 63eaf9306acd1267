"""Who calls, and may they? Every route says which scope it needs, or that it is public."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request
from werkzeug import Request

from predictor.plain_request import PlainRequest
from predictor.request_context import RequestContext, current
from slipway.core.api_keys import ApiKey, Scope
from slipway.core.errors import Forbidden, Unauthorized
from slipway.core.key_ring import KeyRing

View = TypeVar("View", bound=Callable[..., object])
_SCOPE = "slipway_scope"  # on a view function


def needs(scope: Scope) -> Callable[[View], View]:
    """A view that only keys with this scope reach, where keys are configured."""

    def mark(view: View) -> View:
        setattr(view, _SCOPE, scope)
        return view

    return mark


def public(view: View) -> View:
    """A view that everybody reaches."""
    setattr(view, _SCOPE, None)
    return view


def scope_of(view: Callable[..., object]) -> Scope | None:
    """What a view needs; None for a public one."""
    scope: Scope | None = getattr(view, _SCOPE)
    return scope


def is_public(view: Callable[..., object]) -> bool:
    return getattr(view, _SCOPE, _SCOPE) is None


def install(app: Flask, ring: KeyRing | None) -> None:
    """Checks the caller before each view. ring: None where keys are switched off."""

    @app.before_request
    def check() -> None:
        if request.url_rule is None or request.routing_exception is not None:
            return  # nothing is here to be protected: 404 or 405
        scope = scope_of(current_app.view_functions[request.url_rule.endpoint])
        check_caller(ring, request, scope, current())


def check_caller(
    ring: KeyRing | None,
    request: Request | PlainRequest,
    scope: Scope | None,
    context: RequestContext,
) -> None:
    """Notes whose key it is. Raises Unauthorized or Forbidden."""
    if scope is None or ring is None:
        return
    key = _known(ring, request)
    context.key_id = key.key_id
    context.admin = key.may(Scope.ADMIN)
    if not key.may(scope):
        raise Forbidden(f"This key may not do this: it lacks the scope '{scope}'.")


def refuse_undeclared(app: Flask) -> None:
    """Raises at start for a view that says neither `needs` nor `public`: none is open by oversight."""
    for endpoint, view in app.view_functions.items():
        if not hasattr(view, _SCOPE):
            raise TypeError(f"{endpoint} declares no scope")


def _known(ring: KeyRing, request: Request | PlainRequest) -> ApiKey:
    presented = presented_key(request)
    if presented is None:
        raise Unauthorized("This needs a key: Authorization: Bearer <key>.")
    key = ring.find(presented)
    if key is None:
        raise Unauthorized("Nobody knows this key.")
    return key


def presented_key(request: Request | PlainRequest) -> str | None:
    """The key of `Authorization: Bearer`, or else of `X-API-Key`."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return request.headers.get("X-API-Key") or None
