"""A tensor's values as bytes: little-endian numbers, and texts each behind its length."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from predictor.inference_protocol.tensors import NUMBERS, refuse

_LENGTH = struct.Struct("<I")


def values_from_bytes(name: str, datatype: str, expected: int, raw: bytes) -> list[Any]:
    """The values. Raises InvalidInput that names the tensor where there are more or fewer."""
    if datatype == "BYTES":
        values = _texts(name, raw)
        if len(values) != expected:
            raise refuse(name, f"has {len(values)} values, but a shape of {expected}")
        return values
    size = 2 if datatype == "BF16" else NUMBERS[datatype].itemsize
    if len(raw) != size * expected:
        raise refuse(name, f"has {len(raw)} bytes, but its shape needs {size * expected}")
    if datatype == "BF16":  # the upper half of an FP32
        upper = np.frombuffer(raw, np.dtype("<u2")).astype(np.uint32)
        brains: list[Any] = (upper << 16).view(np.float32).tolist()
        return brains
    numbers: list[Any] = np.frombuffer(raw, NUMBERS[datatype]).tolist()
    return numbers


def _texts(name: str, raw: bytes) -> list[str]:
    texts: list[str] = []
    at = 0
    while at < len(raw):
        if len(raw) - at < _LENGTH.size:
            raise refuse(name, "ends inside a length")
        (length,) = _LENGTH.unpack_from(raw, at)
        at += _LENGTH.size
        if length > len(raw) - at:
            raise refuse(f"{name}[{len(texts)}]", "is longer than the bytes that are there")
        try:
            texts.append(raw[at : at + length].decode("utf-8"))
        except UnicodeDecodeError:
            raise refuse(f"{name}[{len(texts)}]", "is not UTF-8") from None
        at += length
    return texts


def bytes_of(datatype: str, values: Sequence[Any]) -> bytes:
    """Values as the protocol sends them."""
    if datatype == "BYTES":
        encoded = (value.encode("utf-8") for value in values)
        return b"".join(_LENGTH.pack(len(text)) + text for text in encoded)
    return np.asarray(values, NUMBERS[datatype]).tobytes()
