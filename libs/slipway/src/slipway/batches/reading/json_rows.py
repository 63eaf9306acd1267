"""{"model": …, "version": …, "instances": […]} read as it comes, one instance in memory at a time."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from slipway.core.errors import InvalidInput, InvalidJSON, Problem, TooLarge
from slipway.core.strict_json import parse, printable

_SPACE = re.compile(rb"[ \t\r\n]*")
# A string as a whole, so that brackets inside it do not count; or one that has not ended yet.
_STRUCTURE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\]]', re.DOTALL)
_ATOM_END = re.compile(rb"[\s,\]}]")
HEAD = ("model", "version")


class JsonBatch:
    """The body of one request. head: what stands before the instances; known after `begin`."""

    def __init__(self, pieces: Iterable[bytes], *, max_row_bytes: int, max_depth: int) -> None:
        self._pieces = iter(pieces)
        self._max_row_bytes = max_row_bytes
        self._max_depth = max_depth
        self._buffer = b""
        self._at = 0
        self.head: dict[str, Any] = {}

    def begin(self) -> dict[str, Any]:
        """Reads up to the first instance; the fields before it."""
        self._expect(b"{")
        if not self._next_is(b"}") and self._members_until_instances():
            self._expect(b"[")
            return self.head
        problem = Problem("instances", "must be an array with at least one row")
        raise InvalidInput("Field 'instances' is required.", problems=(problem,))

    def rows(self) -> Iterator[Any]:
        """Every instance, and after the last one the rest of the body, which may name no other model."""
        if self._next_is(b"]"):
            self._at += 1
        else:
            yield self._value()
            while self._next_is(b","):
                self._at += 1
                yield self._value()
            self._expect(b"]")
        known = dict(self.head)
        if self._next_is(b","):
            self._at += 1
            if self._members_until_instances():
                raise InvalidInput("A key appears twice in one object.")
        else:
            self._expect(b"}")
        for name, value in self.head.items():
            if known.get(name) != value:
                raise InvalidInput(
                    f"In a body of this size '{name}' must stand before 'instances'."
                )
        if self._skip_space():
            raise InvalidJSON("The body is not JSON: something follows its end.")

    def _members_until_instances(self) -> bool:
        """Reads members into `head`; True before the value of `instances`, False after the last one."""
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise InvalidJSON("The body is not JSON: a key must be a string.")
            self._expect(b":")
            if name == "instances":
                return True
            self._add_to_head(name)
            if not self._next_is(b","):
                self._expect(b"}")
                return False
            self._at += 1

    def _add_to_head(self, name: str) -> None:
        if name not in HEAD:
            problem = Problem(printable(name), "is not known here")
            raise InvalidInput(f"Field '{problem.field}' {problem.problem}.", problems=(problem,))
        if name in self.head:
            raise InvalidInput("A key appears twice in one object.")
        self.head[name] = self._value()

    def _value(self) -> Any:
        self._skip_space()
        while (end := self._end_of_value()) is None:
            if len(self._buffer) - self._at > self._max_row_bytes:
                raise TooLarge(f"A row is larger than {self._max_row_bytes} bytes.")
            if not self._read():
                raise InvalidJSON("The body is not JSON: it ends in the middle.")
        text = self._buffer[self._at : end]
        self._at = end
        return parse(text, max_depth=self._max_depth)

    def _end_of_value(self) -> int | None:
        """Where the value that starts here ends; None while more has to be read to know."""
        if self._buffer[self._at : self._at + 1] not in (b'"', b"{", b"["):
            found = _ATOM_END.search(self._buffer, self._at)
            return None if found is None else max(found.start(), self._at + 1)
        depth = 0
        for match in _STRUCTURE.finditer(self._buffer, self._at):
            mark = match.group()
            if mark == b'"':
                return None
            if mark in (b"{", b"["):
                depth += 1
            elif mark in (b"}", b"]"):
                depth -= 1
            if depth <= 0:
                return match.end()
        return None

    def _expect(self, mark: bytes) -> None:
        if not self._next_is(mark):
            found = printable(self._buffer[self._at : self._at + 1].decode("latin-1"))
            where = f"'{found}'" if found else "its end"
            raise InvalidJSON(f"The body is not JSON: '{mark.decode()}' expected, not {where}.")
        self._at += 1

    def _next_is(self, mark: bytes) -> bool:
        return self._skip_space() and self._buffer[self._at : self._at + 1] == mark

    def _skip_space(self) -> bool:
        """Whether anything follows."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return True
            if not self._read():
                return False

    def _read(self) -> bool:
        piece = next(self._pieces, b"")
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return bool(piece)
