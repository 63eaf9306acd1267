"""Versions of the API, several of which may be answered side by side.

A path below /v1 is of version 1. An unversioned one is of the version that X-API-Version asks for,
else of the current one; what everybody may read (probes, pages, descriptions) has one version only.
/v2 belongs to the Open Inference Protocol; our next version is 3.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeVar

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug import Request

from predictor.answers import Answer
from predictor.auth import is_public
from predictor.plain_request import PlainRequest
from predictor.request_context import RequestContext, current
from slipway.core.errors import InvalidInput

HEADER = "X-API-Version"
View = TypeVar("View", bound=Callable[..., object])
_PATH = re.compile(r"/v(\d+)/")


@dataclass(frozen=True)
class ApiVersion:
    """deprecated: since when clients should move on; sunset: when it is no longer answered."""

    number: str
    deprecated: datetime | None = None
    sunset: datetime | None = None


VERSIONS = (ApiVersion("1"),)  # the current one last


def versioned(
    bp: Blueprint, path: str, versions: Sequence[ApiVersion] = VERSIONS
) -> Callable[[View], View]:
    """One POST handler under the path of each version and without one: /v1/predict, /predict."""

    def register(view: View) -> View:
        for rule in (path, *(f"/v{version.number}{path}" for version in versions)):
            bp.post(rule)(view)  # type: ignore[type-var]
        return view

    return register


class ApiVersions:
    """Which version a request is answered as."""

    def __init__(self, versions: Sequence[ApiVersion] = VERSIONS) -> None:
        self._known = {version.number: version for version in versions}
        self._newest = versions[-1].number

    def choose(
        self,
        rule: str | None,
        request: Request | PlainRequest,
        context: RequestContext,
        *,
        asks: bool,
    ) -> None:
        """asks: whether a request without a version in its path may ask for one. Raises InvalidInput."""
        context.api_version = self._newest
        if rule is None:
            return
        found = _PATH.match(rule)
        if found is not None and found[1] in self._known:
            context.api_version = found[1]
        elif found is None and asks:
            context.api_version = _asked(request.headers.get(HEADER), self._known, self._newest)

    def say(self, response: Answer, context: RequestContext) -> None:
        version = self._known[context.api_version or self._newest]
        response.headers[HEADER] = version.number
        if version.deprecated is not None:  # RFC 9745
            response.headers["Deprecation"] = f"@{int(version.deprecated.timestamp())}"
        if version.sunset is not None:  # RFC 8594
            response.headers["Sunset"] = format_datetime(
                version.sunset.astimezone(UTC), usegmt=True
            )


def install(app: Flask, versions: Sequence[ApiVersion] = VERSIONS) -> None:
    """Chooses each request's version, and says with each answer which one it is."""
    served = ApiVersions(versions)

    @app.before_request
    def choose() -> None:
        found = request.url_rule
        asks = found is not None and not is_public(current_app.view_functions[found.endpoint])
        served.choose(None if found is None else found.rule, request, current(), asks=asks)

    @app.after_request
    def say(response: Response) -> Response:
        served.say(response, current())
        return response


def _asked(header: str | None, known: dict[str, ApiVersion], newest: str) -> str:
    """Raises InvalidInput for a version of the API that is not answered here."""
    if header is None:
        return newest
    if header.strip() not in known:
        raise InvalidInput(
            f"This service answers version {', '.join(known)} of the API, not the one asked for."
        )
    return header.strip()
