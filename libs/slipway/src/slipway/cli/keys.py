"""slipway keys: the file of API keys."""

import os
from pathlib import Path
from typing import Annotated

import typer

from slipway.core.api_keys import (
    KEY_ID,
    ApiKey,
    digest_of,
    line_of,
    make_key,
    read_keys,
    read_scopes,
)
from slipway.core.errors import Conflict, KeysInvalid, NotFound

keys_app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")

KeysFile = Annotated[
    Path, typer.Option("--file", help="The keys file, as named in SLIPWAY_API_KEYS_FILE.")
]
DEFAULT_FILE = Path("api_keys")


@keys_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is; shown in logs and events.")],
    scopes: Annotated[str, typer.Option(help="One or more of predict, batch, feedback, admin.")],
    file: KeysFile = DEFAULT_FILE,
) -> None:
    """Make a key, print it once, and write its SHA-256 into the file."""
    if not KEY_ID.fullmatch(name):
        raise KeysInvalid("a key's name is letters, digits, '.', '_' and '-', at most 63")
    if any(known.key_id == name for known in _keys_in(file)):
        raise Conflict(f"{file} already has a key of that name")
    key = make_key()
    line = line_of(ApiKey(name, digest_of(key), read_scopes(scopes)))
    _replace(file, _text_of(file) + line)
    typer.echo(f"Wrote {file}. This is the only time that the key is shown:", err=True)
    typer.echo(key)


@keys_app.command("list")
def list_keys(file: KeysFile = DEFAULT_FILE) -> None:
    """Say whose keys are valid and what they may do."""
    if not file.exists():
        raise NotFound(f"There is no file {file}; slipway keys create makes one.")
    for key in _keys_in(file):
        typer.echo(f"{key.key_id}\t{','.join(sorted(key.scopes))}")


@keys_app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="Whose key is no longer valid.")],
    file: KeysFile = DEFAULT_FILE,
) -> None:
    """Take a key out of the file; running processes know at once."""
    if all(known.key_id != name for known in _keys_in(file)):
        raise NotFound(f"{file} has no key of that name")
    lines = _text_of(file).splitlines(keepends=True)
    _replace(file, "".join(line for line in lines if line.split()[:1] != [name]))
    typer.echo(f"{name} is revoked.", err=True)


def _keys_in(file: Path) -> tuple[ApiKey, ...]:
    return read_keys(_text_of(file))


def _text_of(file: Path) -> str:
    try:
        text = file.read_text("utf-8") if file.exists() else ""
    except OSError as wrong:
        raise KeysInvalid(f"{file} cannot be read: {wrong.strerror}") from None
    return text if not text or text.endswith("\n") else text + "\n"


def _replace(file: Path, text: str) -> None:
    """Whole or not at all, readable to its owner and group alone."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    except OSError as wrong:
        raise KeysInvalid(f"{file} cannot be written: {wrong.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(descriptor)
    partial.rename(file)
