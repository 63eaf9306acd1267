"""What stands between a request and the models: the key's rate, places to compute in, a deadline."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug import Request

from predictor.admission import Admission, overloaded
from predictor.auth import scope_of
from predictor.deadlines import HEADER, read_deadline, refuse_late
from predictor.plain_request import PlainRequest
from predictor.rate_limit import RateLimits
from predictor.request_context import RequestContext, current
from slipway.core.errors import RequestTimeout

View = TypeVar("View", bound=Callable[..., object])
# In the WSGI environment of a request that may take its time and finds no room to: when to come again.
NO_ROOM = "slipway.no_room_seconds"
# And of one whose body did not arrive in time.
LATE_BODY = "slipway.late_body"
_COMPUTES = "slipway_computes"  # on a view function


def computes(view: View) -> View:
    """A view that runs a model: it needs a place to compute in, and stops at the caller's deadline."""
    setattr(view, _COMPUTES, True)
    return view


def install(app: Flask, limits: RateLimits, admission: Admission) -> None:
    """Follows the check of the caller, so that nobody spends what is another's."""

    @app.before_request
    def enter() -> None:
        if request.url_rule is None or request.routing_exception is not None:
            return
        view = current_app.view_functions[request.url_rule.endpoint]
        context = current()
        refuse_unread(request.environ)
        if scope_of(view) is not None:
            limits.take(context.key_id)
        if hasattr(view, _COMPUTES):
            take_place(admission, request, context)

    @app.teardown_request
    def give_back(_: BaseException | None) -> None:
        leave_place(admission, current())


def refuse_unread(environ: dict[str, Any]) -> None:
    """What the server says of a request that it did not take in.

    Raises Overloaded where there was neither a thread nor a seat for it, RequestTimeout where its
    body did not come.
    """
    if environ.get(NO_ROOM) is not None:
        raise overloaded(environ[NO_ROOM])
    if LATE_BODY in environ:
        raise RequestTimeout("The body did not arrive in time.")


def take_place(
    admission: Admission, request: Request | PlainRequest, context: RequestContext
) -> None:
    """Returns once there is a place to compute in. Raises Overloaded, DeadlineExceeded or InvalidInput."""
    context.deadline = read_deadline(request.headers.get(HEADER), context.began)
    admission.refuse_when_full()
    request.get_data(parse_form_data=False)  # a slow sender must not hold a place
    asked = time.perf_counter()
    admission.enter(context.deadline)
    context.admitted = True
    context.queue_seconds = time.perf_counter() - asked
    refuse_late(context.deadline)


def leave_place(admission: Admission, context: RequestContext) -> None:
    """Gives the place to the next one, where the request has one."""
    if context.admitted:
        admission.leave()
