"""A folder that is laid out like the store: models/<name>/{versions/<version>,aliases/<generation>.json}."""

from datetime import UTC, datetime
from pathlib import Path

from slipway.core.errors import ArtifactRefused, Conflict
from slipway.model.aliases import SCHEMA, Alias, alias_file
from slipway.model.artifact import NAME, to_json


def version_directory(models: Path, name: str, version: str) -> Path:
    return models / name / "versions" / version


def champions(models: Path) -> dict[str, Alias]:
    """The newest alias of each model in the folder. Raises ArtifactRefused for one that cannot be read."""
    if not models.is_dir():
        return {}
    names = sorted(path.name for path in models.iterdir() if NAME.fullmatch(path.name))
    found = {name: newest_alias(models, name) for name in names}
    return {name: alias for name, alias in found.items() if alias is not None}


def newest_alias(models: Path, name: str) -> Alias | None:
    files = sorted((models / name / "aliases").glob("[0-9]*.json"))
    if not files:
        return None
    try:
        return Alias.from_json(files[-1].read_bytes())
    except ValueError as wrong:
        raise ArtifactRefused(files[-1].name, str(wrong)) from None


def promote_in_folder(
    models: Path, name: str, version: str, who: str, now: datetime, why: str
) -> Alias:
    """Puts the next alias generation, with the version as champion.

    Raises Conflict where somebody else put that generation first.
    """
    newest = newest_alias(models, name)
    alias = Alias(
        generation=newest.generation + 1 if newest else 1,
        champion=version,
        previous=newest.champion if newest else None,
        who=who,
        when=now.astimezone(UTC).isoformat(timespec="seconds"),
        why=why,
        schema=SCHEMA,
    )
    path = models / name / "aliases" / alias_file(alias.generation)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(to_json(alias))
    except FileExistsError:
        raise Conflict(
            f"Generation {alias.generation} of {name} was put by somebody else."
        ) from None
    return alias
