"""Ways in which a store breaks and is mended, and what must be true of it meanwhile."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from support.batch_stack import BatchStack, make_stack
from support.small_disk import SmallDisk


@dataclass(frozen=True)
class BreakableStore:
    """seen: the store's folder, from outside. breaks, mends: may be called in turn."""

    stack: BatchStack
    seen: Path
    breaks: Callable[[], object]
    mends: Callable[[], object]

    def half_results(self, batch_id: str, chunk_rows: int) -> list[str]:
        """Committed results that are not whole: fewer rows than their chunk has, or no JSON."""
        wrong = []
        for result in (self.seen / "batches" / batch_id / "results").glob("*.ndjson"):
            lines = result.read_bytes().splitlines()
            try:
                found = [json.loads(line)["index"] for line in lines]
            except (ValueError, LookupError):
                wrong.append(f"{result.name}: no JSON lines")
                continue
            begin = chunk_rows * int(result.stem)
            if found != list(range(begin, begin + chunk_rows)):
                wrong.append(f"{result.name}: {len(lines)} rows")
        return wrong


@contextmanager
def breakable_store(folder: Path, way: str, size_bytes: int) -> Iterator[BreakableStore]:
    """way: `full` or `read-only`, on a disk of so many bytes, or `away`."""
    stack = make_stack(folder)
    try:
        if way == "away":
            elsewhere = stack.store.with_name("elsewhere")
            yield BreakableStore(
                stack,
                stack.store,
                lambda: stack.store.rename(elsewhere),
                lambda: elsewhere.rename(stack.store),
            )
            return
        disk = SmallDisk(stack.store, size_bytes)
        try:
            stack = replace(stack, prefix=disk.prefix)
            breaks, mends = {
                "full": (disk.fill, disk.empty),
                "read-only": (disk.refuse_writes, disk.take_writes),
            }[way]
            yield BreakableStore(stack, disk.seen, breaks, mends)
        finally:
            stack.stop()
            disk.stop()
    finally:
        stack.stop()
