"""A tensor's values as JSON: flat in row-major order, or nested as the shape says."""

from typing import Any

from predictor.inference_protocol.tensors import INTEGERS, NUMBERS, elements, refuse
from slipway.model.validation import kind_of


def values_from_json(name: str, datatype: str, shape: tuple[int, ...], given: Any) -> list[Any]:
    """The values, flat. Raises InvalidInput that names the tensor and the first value that is wrong."""
    if not isinstance(given, list):
        raise refuse(name, f"has as data {kind_of(given)} instead of an array")
    nested = any(isinstance(item, list) for item in given)
    data = _flattened(name, shape, given) if nested else given
    if len(data) != elements(shape):
        raise refuse(name, f"has {len(data)} values, but the shape {list(shape)}")
    for index, value in enumerate(data):
        if value is not None and not _fits(datatype, value):
            raise refuse(f"{name}[{index}]", f"must be {datatype}, not {kind_of(value)}")
    return data


def _flattened(name: str, shape: tuple[int, ...], data: list[Any]) -> list[Any]:
    """One level is taken off for each dimension but the first."""
    nested = len(data) == shape[0] if shape else False
    for size in shape[1:]:
        nested = nested and all(isinstance(item, list) and len(item) == size for item in data)
        if nested:
            data = [value for item in data for value in item]
    if not nested:
        raise refuse(name, f"is not nested as its shape {list(shape)} says")
    return data


def _fits(datatype: str, value: Any) -> bool:
    if datatype == "BYTES":
        return isinstance(value, str)
    if datatype == "BOOL":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if datatype in INTEGERS:
        whole = int(value)
        return bool(whole == value) and _in_range(datatype, whole)
    return True


def _in_range(datatype: str, value: int) -> bool:
    bits = NUMBERS[datatype].itemsize * 8
    signed = not datatype.startswith("U")
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    return low <= value < high
