"""A body as an inference request: JSON, and behind it the bytes of its binary tensors."""

from dataclasses import dataclass, field
from typing import Any

from predictor.inference_protocol.binary import values_from_bytes
from predictor.inference_protocol.json_data import values_from_json
from predictor.inference_protocol.tensors import DATATYPES, Tensor, elements, refuse
from slipway.core.errors import InvalidInput, Problem
from slipway.core.strict_json import parse, printable
from slipway.model.validation import kind_of

_LONGEST_ID = 256
_MOST_DIMENSIONS = 8


@dataclass(frozen=True)
class WantedOutput:
    """An output by name. binary: None to follow the request. classes: how many of the likeliest."""

    name: str
    binary: bool | None = None
    classes: int = 0


@dataclass(frozen=True)
class InferRequest:
    """request_id: the caller's own. outputs: empty for all. timeout_seconds: the caller waits no longer."""

    request_id: str | None
    inputs: dict[str, Tensor]
    outputs: tuple[WantedOutput, ...] = ()
    binary_outputs: bool = False
    timeout_seconds: float | None = None


@dataclass
class _Bytes:
    """What stands behind the JSON, taken from the front."""

    rest: bytes
    taken: int = field(default=0)

    def take(self, name: str, size: int) -> bytes:
        if size > len(self.rest) - self.taken:
            left = len(self.rest) - self.taken
            raise refuse(name, f"says that it has {size} bytes, but {left} are left")
        self.taken += size
        return self.rest[self.taken - size : self.taken]


def read_request(body: bytes, header_length: str | None, max_depth: int) -> InferRequest:
    """header_length: of the JSON in front, where bytes follow (Inference-Header-Content-Length).

    Raises InvalidJSON or InvalidInput; unknown fields are ignored, as the protocol asks.
    """
    cut = len(body) if header_length is None else _length(header_length, len(body))
    given = parse(body[:cut], max_depth=max_depth)
    if not isinstance(given, dict):
        raise InvalidInput(f"The body must be a JSON object, not {kind_of(given)}.")
    raw = _Bytes(body[cut:])
    inputs = [_input(item, index, raw) for index, item in enumerate(_list(given, "inputs"))]
    if raw.taken < len(raw.rest):
        over = len(raw.rest) - raw.taken
        raise InvalidInput(f"{over} bytes stand behind the last tensor and belong to none.")
    by_name = {tensor.name: tensor for tensor in inputs}
    if len(by_name) < len(inputs):
        raise InvalidInput("Two inputs have the same name.")
    parameters = _object(given, "parameters")
    return InferRequest(
        request_id=_request_id(given.get("id")),
        inputs=by_name,
        outputs=tuple(_output(item, index) for index, item in enumerate(_list(given, "outputs"))),
        binary_outputs=_flag(parameters, "binary_data_output") or False,
        timeout_seconds=_timeout(parameters.get("timeout")),
    )


def _length(text: str, longest: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:12]) <= longest):
        name = "Inference-Header-Content-Length"
        problem = "must be the number of bytes of the JSON in front"
        raise InvalidInput(f"Header '{name}' {problem}.", problems=(Problem(name, problem),))
    return int(text)


def _request_id(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= _LONGEST_ID):
        return value or None
    raise InvalidInput(f"Field 'id' must be a string of at most {_LONGEST_ID} characters.")


def _timeout(value: Any) -> float | None:
    """Triton's parameter, in microseconds; 0 is none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
        raise InvalidInput("Parameter 'timeout' must be whole microseconds.")
    return value / 1_000_000 if value else None


def _input(value: Any, index: int, raw: _Bytes) -> Tensor:
    where = f"inputs[{index}]"
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise refuse(where, "must be an object with a name")
    name = printable(value["name"])
    datatype, shape = value.get("datatype"), _shape(name, value.get("shape"))
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        known = ", ".join(sorted(DATATYPES))
        raise refuse(name, f"has no datatype of the protocol's ({known})")
    parameters = _object(value, "parameters", name)
    if "shared_memory_region" in parameters:
        raise refuse(name, "is in shared memory, which is not offered here")
    size = parameters.get("binary_data_size")
    if size is None:
        values = values_from_json(name, datatype, shape, value.get("data"))
    elif (
        isinstance(size, bool)
        or not isinstance(size, int)
        or size < 0
        or value.get("data") is not None
    ):
        raise refuse(name, "has either data or a binary_data_size in bytes")
    else:
        values = values_from_bytes(name, datatype, elements(shape), raw.take(name, size))
    return Tensor(name, datatype, shape, values)


def _shape(name: str, value: Any) -> tuple[int, ...]:
    if isinstance(value, list) and len(value) <= _MOST_DIMENSIONS and all(map(_is_size, value)):
        return tuple(value)
    raise refuse(name, "needs a shape: an array of whole numbers, none below 0")


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _output(value: Any, index: int) -> WantedOutput:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise InvalidInput(f"Field 'outputs[{index}]' must be an object with a name.")
    parameters = _object(value, "parameters", f"outputs[{index}]")
    if "shared_memory_region" in parameters:
        raise InvalidInput("Shared memory is not offered here.")
    classes = parameters.get("classification", 0)
    if isinstance(classes, bool) or not isinstance(classes, int) or not 0 <= classes < 2**31:
        raise InvalidInput("Parameter 'classification' must be how many classes are wanted.")
    return WantedOutput(value["name"], _flag(parameters, "binary_data"), classes)


def _flag(parameters: dict[str, Any], name: str) -> bool | None:
    value = parameters.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise InvalidInput(f"Parameter '{name}' must be true or false.")


def _list(given: dict[str, Any], name: str) -> list[Any]:
    value = given.get(name, [])
    if not isinstance(value, list):
        raise InvalidInput(f"Field '{name}' must be an array, not {kind_of(value)}.")
    return value


def _object(given: dict[str, Any], name: str, owner: str = "") -> dict[str, Any]:
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        path = f"{owner}.{name}" if owner else name
        raise InvalidInput(f"Field '{path}' must be an object, not {kind_of(value)}.")
    return value
