"""Predictions answered before Flask's dispatch: the same steps, called one after another.

Routing, two contexts, a dozen hooks and as many proxies cost a small model's request more than the
model does. Everything that is not a plain prediction goes through Flask, which calls the same functions.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from werkzeug import Request
from werkzeug.exceptions import HTTPException

from predictor import observing
from predictor.answers import Answer, PlainAnswer, small_or_any
from predictor.auth import check_caller
from predictor.beside_loop import Application
from predictor.body_rest import read_rest
from predictor.compressing import compress
from predictor.errors import answer_framework, answer_refusal, answer_unforeseen
from predictor.gate import leave_place, refuse_unread, take_place
from predictor.parts import Parts
from predictor.plain_request import PlainRequest
from predictor.rate_limit import RateLimits
from predictor.request_context import RequestContext
from predictor.routes.predict import answered
from predictor.versions import ApiVersions
from slipway.core.api_keys import Scope
from slipway.core.errors import Refusal

_PREDICT = re.compile(
    r"(?:/v1)?/predict|/v1/models/(?P<name>[^/]+)(?:/versions/(?P<version>[^/]+))?/predict"
)
_NAMED = "/v1/models/<name>/predict"
_PINNED = "/v1/models/<name>/versions/<version>/predict"


class Found(NamedTuple):
    """rule: the URL rule that Flask would have met. name, version: as in the path."""

    rule: str
    name: str | None
    version: str | None


def prediction_asked(environ: dict[str, Any]) -> Found | None:
    """What the path names, where it is a prediction that is asked for."""
    return found_in(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None


def found_in(path: str) -> Found | None:
    """As prediction_asked, of a POST to this path."""
    found = _PREDICT.fullmatch(path)
    if found is None:
        return None
    name, version = found.group("name", "version")
    rule = path if name is None else _NAMED if version is None else _PINNED
    return Found(rule, name, version)


class HotRoute:
    """A WSGI application in front of Flask's."""

    def __init__(self, application: Application, parts: Parts, limits: RateLimits) -> None:
        self._application = application
        self._parts = parts
        self._limits = limits
        self._versions = ApiVersions()

    @property
    def largest_body(self) -> int:
        """In bytes; what is larger is Flask's to refuse."""
        return self._parts.settings.max_body_bytes

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found = prediction_asked(environ)
        if found is None or self._is_too_large(environ):
            return self._application(environ, start_response)
        response = self.answer(Request(environ), found)
        return response(environ, start_response)

    def answer(self, request: Request | PlainRequest, found: Found) -> Answer:
        """The whole answer, refusals and bugs included, counted and logged."""
        context = observing.begin(self._parts, request, found.rule)
        try:
            response = self._response(request, found, context)
            self._versions.say(response, context)
            read_rest(request.environ)
            if not isinstance(response, PlainAnswer):
                compress(request, response)
            observing.finish(self._parts.metrics, request, response, context)
            return response
        finally:
            leave_place(self._parts.admission, context)
            observing.leave(self._parts.metrics)

    def _is_too_large(self, environ: dict[str, Any]) -> bool:
        """Flask refuses such a body before it is read; chunks are counted while they are read."""
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdigit():
            return True
        return int(length) > self.largest_body

    def _response(
        self, request: Request | PlainRequest, found: Found, context: RequestContext
    ) -> Answer:
        try:
            return self._prediction(request, found, context)
        except Refusal as refusal:
            return answer_refusal(refusal)
        except HTTPException as wrong:
            return answer_framework(wrong)
        except Exception as wrong:  # noqa: BLE001 - the top of this way: a bug is answered as one
            return answer_unforeseen(wrong)

    def _prediction(
        self, request: Request | PlainRequest, found: Found, context: RequestContext
    ) -> Answer:
        here = self._parts
        self._versions.choose(found.rule, request, context, asks=True)
        check_caller(here.keys, request, Scope.PREDICT, context)
        refuse_unread(request.environ)
        self._limits.take(context.key_id)
        take_place(here.admission, request, context)
        served = here.models.find(found.name, found.version)
        return small_or_any(answered(request, served, pinned=found.version is not None))
