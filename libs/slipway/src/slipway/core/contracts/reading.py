"""One entry of a stream as a contract, or the reason why it is not one."""

from typing import TypeVar

import msgspec

# The one field of every stream entry of ours; its value is the contract as JSON.
ENTRY_FIELD = "json"


class _SchemaOnly(msgspec.Struct):
    schema: int


class UnknownSchema(ValueError):
    """An entry of another release: to be counted and kept aside, not lost."""


T = TypeVar("T")
_SCHEMA = msgspec.json.Decoder(_SchemaOnly)


def decode(body: bytes, decoder: msgspec.json.Decoder[T], readable: range) -> T:
    """Raises UnknownSchema for a schema outside `readable`, ValueError for what is no such contract."""
    schema = _SCHEMA.decode(body).schema
    if schema not in readable:
        newest = readable[-1]
        raise UnknownSchema(f"schema {schema}, this release reads up to {newest}")
    return decoder.decode(body)
