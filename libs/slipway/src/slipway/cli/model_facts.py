"""What the commands over models say, as plain values: the same for tables and for JSON."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from slipway.core.errors import ArtifactRefused, ModelNotFound
from slipway.model.aliases import Alias
from slipway.model.cleaning import Leftover
from slipway.model.refusals import refusals
from slipway.model.registry import Registry
from slipway.model.transfer import verify_stored

Facts = dict[str, Any]
MAIN_FIGURES = ("accuracy", "auc", "r2", "rmse", "interval_coverage", "expected_calibration_error")
_COMPARED = ("signature.json", "config.json", "lineage.json")


def overview(registry: Registry, now: datetime) -> list[Facts]:
    """One line a model."""
    return [_line(registry, name, now) for name in registry.names()]


def _line(registry: Registry, name: str, now: datetime) -> Facts:
    alias = registry.newest(name)
    return {
        "model": name,
        "champion": alias.champion if alias else None,
        "previous": alias.previous if alias else None,
        "challenger": _challenger(alias, now),
        "generation": alias.generation if alias else None,
        "changed_at": alias.when if alias else None,
        "changed_by": alias.who if alias else None,
        "why": alias.why if alias else None,
        "versions": len(registry.version_names(name)),
    }


def _challenger(alias: Alias | None, now: datetime) -> Facts | None:
    """over: its time is, and every process asks the champion alone."""
    if alias is None or alias.challenger is None:
        return None
    found: Facts = msgspec.to_builtins(alias.challenger)
    return {**found, "over": alias.challenger.ended(now)}


def model(registry: Registry, name: str, now: datetime) -> Facts:
    """The alias, every version, and what processes refused."""
    versions = registry.version_names(name)
    alias = registry.newest(name)
    if not versions and alias is None:
        raise ModelNotFound(f"{registry.store.url} has no model {name}.")
    return {
        **_line(registry, name, now),
        "versions": [_version_line(registry, name, version, alias) for version in versions],
        "refused": [msgspec.to_builtins(refused) for refused in refusals(registry, name)],
    }


def _version_line(registry: Registry, name: str, version: str, alias: Alias | None) -> Facts:
    line: Facts = {"version": version, "role": role_of(alias, version)}
    try:
        stored = registry.version(name, version)
        figures = main_figures(_json(registry, name, version, "metrics.json"))
    except ArtifactRefused as wrong:
        return {**line, "problem": str(wrong)}
    return {
        **line,
        "family": stored.manifest.family,
        "created_at": stored.manifest.created_at,
        "size_bytes": stored.size_bytes,
        "digest": stored.digest,
        "metrics": figures,
        "problem": None,
    }


def role_of(alias: Alias | None, version: str) -> str | None:
    """What the alias makes of a version."""
    if alias is None:
        return None
    if version == alias.champion:
        return "champion"
    if alias.challenger is not None and version == alias.challenger.version:
        return alias.challenger.mode
    return "previous" if version == alias.previous else None


def main_figures(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The figures that stand for a version, without their intervals."""
    found = {name: metrics[name] for name in MAIN_FIGURES if name in metrics}
    return {k: v["value"] if isinstance(v, dict) else v for k, v in found.items()}


def version(registry: Registry, name: str, version: str) -> Facts:
    """Everything that the artifact says of itself, its largest lists apart."""
    stored = registry.version(name, version)
    alias = registry.newest(name)
    return {
        "model": name,
        "version": version,
        "role": role_of(alias, version),
        "digest": stored.digest,
        "size_bytes": stored.size_bytes,
        "manifest": msgspec.to_builtins(stored.manifest),
        "signature": _json(registry, name, version, "signature.json"),
        "metrics": _json(registry, name, version, "metrics.json"),
        "lineage": _json(registry, name, version, "lineage.json"),
        "refused": [
            msgspec.to_builtins(refused)
            for refused in refusals(registry, name)
            if refused.version == version
        ],
    }


def verified(registry: Registry, name: str, version: str) -> Facts:
    """The digest of a version that is what its manifest says, else the problem."""
    try:
        stored = verify_stored(registry, name, version)
    except ArtifactRefused as wrong:
        return {"model": name, "version": version, "digest": None, "problem": str(wrong)}
    return {"model": name, "version": version, "digest": stored.digest, "problem": None}


def difference(registry: Registry, name: str, old: str, new: str) -> Facts:
    """By file, each value that is not the same in both: [old, new]."""
    figures = [
        flattened(main_figures(_json(registry, name, v, "metrics.json"))) for v in (old, new)
    ]
    files = {
        file: changed(*(flattened(_json(registry, name, v, file)) for v in (old, new)))
        for file in _COMPARED
    }
    sizes = [registry.version(name, v).size_bytes for v in (old, new)]
    return {
        "model": name,
        "old": old,
        "new": new,
        "size_bytes": sizes,
        "metrics": {key: [f.get(key) for f in figures] for key in figures[0] | figures[1]},
        "changed": {file: values for file, values in files.items() if values},
    }


def flattened(value: Any, path: str = "") -> dict[str, Any]:
    """Nested objects and lists as `a.b[0]` → value."""
    if isinstance(value, Mapping):
        parts: Iterable[tuple[str, Any]] = (
            (f"{path}.{key}" if path else str(key), item) for key, item in value.items()
        )
    elif isinstance(value, list):
        parts = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    else:
        return {path: value}
    return {key: found for part, item in parts for key, found in flattened(item, part).items()}


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    keys = [*old, *(key for key in new if key not in old)]
    pairs = {key: [old.get(key), new.get(key)] for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def history(registry: Registry, name: str) -> list[Facts]:
    """Newest first."""
    found = [msgspec.to_builtins(alias) for alias in registry.history(name)]
    if not found:
        raise ModelNotFound(f"{registry.store.url} has no champion of {name} yet.")
    return found[::-1]


def live_at(history: list[Facts], at: datetime) -> list[Facts]:
    """The generation that decided at that time; none where there was none yet."""
    return [alias for alias in history if datetime.fromisoformat(alias["when"]) <= at][:1]


def cleaned(found: list[Leftover], dry_run: bool) -> Facts:
    return {"dry_run": dry_run, "removed": [vars(leftover) for leftover in found]}


def _json(registry: Registry, name: str, version: str, file: str) -> Facts:
    try:
        found: Facts = msgspec.json.decode(registry.read(name, version, file), type=dict[str, Any])
    except ModelNotFound:
        if registry.store.exists(registry.version_key(name, version, "manifest.json")):
            raise ArtifactRefused(file, "is missing") from None
        raise ModelNotFound(f"{registry.store.url} has no {name} {version}.") from None
    except ValueError as wrong:
        raise ArtifactRefused(file, f"is not a JSON object: {wrong}") from None
    return found
