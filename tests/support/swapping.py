"""Promotions and rollbacks under load, every fifth promotion of a version that is no good."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from slipway.model.refusals import refusals
from support.asking import Askers
from support.spoiling import IN_THE_STORE, KINDS, WRONG_ANSWERS, golden_answer_changed
from support.team import Team
from support.waiting import wait_until

BAD_EVERY = 5
PATIENCE_SECONDS = 60.0


@dataclass
class Swaps:
    """seconds: until every process showed the new version, of each promotion and rollback.

    refused: the kinds of bad versions that every process refused. private_bytes: of the process
    that has most, after the first five swaps and after the last.
    """

    promotions: list[float] = field(default_factory=list)
    rollbacks: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    private_bytes: list[int] = field(default_factory=list)
    wrong_digests: list[str] = field(default_factory=list)


class Swapper:
    """Changes a team's champion again and again while `askers` ask."""

    def __init__(self, team: Team, askers: Askers, processes: int) -> None:
        self._team = team
        self._askers = askers
        self._processes = processes
        self.done = Swaps()

    def promote(self, count: int) -> Swaps:
        for number in range(1, count + 1):
            version = f"2.{number}.0"
            if number % BAD_EVERY:
                self.promote_good(version, 0.05 * number)
            else:
                self._promote_bad(version, KINDS[(number // BAD_EVERY - 1) % len(KINDS)])
            if number in (BAD_EVERY, count):
                self.done.private_bytes.append(self.private_bytes())
        return self.done

    def roll_back(self, count: int) -> None:
        for _ in range(count):
            version = self._team.roll_back()
            self.done.rollbacks.append(self._seconds_until_served(version))

    def promote_good(self, version: str, shift: float) -> None:
        """shift: what makes its answers its own."""
        self._team.publish(version, shift)
        self._askers.expect(version, self._team.directory(version))
        self._team.promote(version)
        self.done.promotions.append(self._seconds_until_served(version))
        stored = self._team.registry.version("spam", version).digest
        found = {each["digest"] for each in self._team.champions()}
        if found != {stored}:
            self.done.wrong_digests.append(version)

    def _promote_bad(self, version: str, kind: str) -> None:
        before = self._team.serving()
        self._team.publish(version, 1.0, golden_answer_changed if kind == WRONG_ANSWERS else None)
        named = "golden.json"
        if kind in IN_THE_STORE:
            spoil, named = IN_THE_STORE[kind]
            spoil(self._team.directory(version))
        generation = self._team.promote(version)
        wait_until(
            lambda: self._team.processes_that_refused(version) == self._processes,
            seconds=PATIENCE_SECONDS,
            what=f"every process refuses {version}: {kind}",
        )
        (note,) = (r for r in refusals(self._team.registry, "spam") if r.version == version)
        assert note.generation == generation
        assert note.reason.startswith(named), note.reason
        assert self._team.serving() == before
        self.done.refused.append(kind)

    def _seconds_until_served(self, version: str) -> float:
        promoted_at = time.monotonic()
        wait_until(
            lambda: (
                [each["version"] for each in self._team.champions()] == [version] * self._processes
            ),
            seconds=PATIENCE_SECONDS,
            what=f"every process serves {version}",
        )
        return time.monotonic() - promoted_at

    def private_bytes(self) -> int:
        """Of the request process that has most of its own; mapped weights are not counted."""
        return max(map(_private_bytes, self._team.predictor.request_processes()))


def _private_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Private_"))
