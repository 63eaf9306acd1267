"""What was found out about a challenger before anybody was answered by it.

models/<name>/gates/<version>.json, beside the version, which never changes itself. Put once: of
two workers that were at it, the first one's report counts.
"""

from contextlib import suppress
from typing import Literal, Self

import msgspec

from slipway.core.errors import ArtifactRefused, Conflict, NotFound
from slipway.model.artifact import to_json
from slipway.model.registry import Registry

SCHEMA = 1
_FOLDER = "gates"

Outcome = Literal["passed", "rejected", "failed"]


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question of the gate. said: the answer in a sentence; figures: the numbers behind it."""

    name: str
    passed: bool
    said: str
    figures: dict[str, float] = {}


class GateReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """models/<name>/gates/<version>.json. failed: there was nothing to compare, `reason` says why.

    disagreement: how often the two answer differently on the newest labelled rows.
    """

    retraining_id: str
    model: str
    champion: str
    version: str
    dataset: str
    outcome: Outcome
    reason: str
    made_at: str
    checks: list[Check] = []
    disagreement: float = 0.0
    schema: int = SCHEMA

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises ValueError for anything that is not a report that this release reads."""
        report = msgspec.json.decode(body, type=cls)
        if report.schema != SCHEMA:
            raise ValueError(f"gate report schema {report.schema}, this release reads {SCHEMA}")
        return report


def put_report(registry: Registry, report: GateReport) -> GateReport:
    """The report that counts: this one, or the one that was there."""
    with suppress(Conflict):
        registry.store.create(_key(registry, report.model, report.version), to_json(report))
    return read_report(registry, report.model, report.version) or report


def read_report(registry: Registry, model: str, version: str) -> GateReport | None:
    """None where the version was never at the gate. Raises ArtifactRefused for an unreadable one."""
    key = _key(registry, model, version)
    try:
        return GateReport.from_json(registry.store.read(key))
    except NotFound:
        return None
    except ValueError as wrong:
        raise ArtifactRefused(key, str(wrong)) from None


def _key(registry: Registry, model: str, version: str) -> str:
    return registry.key(model, _FOLDER, f"{version}.json")
