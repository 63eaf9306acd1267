"""A request's body as validated instances."""

from dataclasses import dataclass
from typing import Any

from werkzeug import Request

from predictor.inflating import inflate
from predictor.plain_request import PlainRequest
from slipway.core.errors import InvalidInput, Problem, TooLarge, UnsupportedMediaType
from slipway.core.settings import PredictorSettings
from slipway.core.strict_json import parse
from slipway.model.signature import Instance, Signature
from slipway.model.validation import checked_instance, checked_instances, kind_of


@dataclass(frozen=True)
class Asked:
    """The rows of a request, and whether it was written as one instance or as several."""

    instances: list[Instance]
    several: bool


def read_body(request: Request | PlainRequest, settings: PredictorSettings) -> Any:
    """The JSON value of the body. A missing Content-Type is read as JSON."""
    kind = request.mimetype
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMediaType("Send JSON, as application/json.")
    return parse(body_of(request, settings), max_depth=settings.max_json_depth)


def body_of(request: Request | PlainRequest, settings: PredictorSettings) -> bytes:
    """The body, inflated. Raises InvalidInput, TooLarge or UnsupportedMediaType."""
    encoding = request.headers.get("Content-Encoding", "")
    body = request.get_data(parse_form_data=False)
    if len(body) > settings.max_body_bytes:
        raise TooLarge(f"The body has more than {settings.max_body_bytes} bytes.")
    return inflate(body, encoding, settings.max_inflated_bytes)


def read_instances(
    request: Request | PlainRequest, signature: Signature, settings: PredictorSettings
) -> Asked:
    """Raises InvalidJSON, InvalidInput, UnsupportedMediaType or TooLarge."""
    body = read_body(request, settings)
    if not isinstance(body, dict):
        raise InvalidInput(f"The body must be a JSON object, not {kind_of(body)}.")
    if "instances" not in body:
        return Asked([checked_instance(signature, body)], several=False)
    if len(body) > 1:
        other = next(name for name in body if name != "instances")
        problem = Problem(other, "must not stand beside 'instances'")
        raise InvalidInput(
            f"Field '{other}' must not stand beside 'instances'.", problems=(problem,)
        )
    return Asked(_rows(body["instances"], signature, settings.max_instances), several=True)


def _rows(values: Any, signature: Signature, limit: int) -> list[Instance]:
    if not isinstance(values, list):
        problem = f"must be an array, not {kind_of(values)}"
        raise InvalidInput(
            f"Field 'instances' {problem}.", problems=(Problem("instances", problem),)
        )
    if not values:
        problem = "must have at least one row"
        raise InvalidInput(
            f"Field 'instances' {problem}.", problems=(Problem("instances", problem),)
        )
    if len(values) > limit:
        raise TooLarge(f"A request may have {limit} instances, this one has {len(values)}.")
    return checked_instances(signature, values)
