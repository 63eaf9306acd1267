"""The public data set of a recipe, fetched once and checked against its digest."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

import requests

from slipway.core.errors import DataInvalid, RecipeInvalid
from slipway.model.training.recipe import Recipe, Source

_TIMEOUT_SECONDS = 30
_MAX_BYTES = 200_000_000


def fetch(recipe: Recipe, cache: Path = Path("data")) -> Path:
    """The recipe's files below `cache`, downloaded where they are not there yet: the file where
    there is one, else the folder.

    Raises RecipeInvalid for a recipe without a source, DataInvalid where the network or the
    digest fails.
    """
    parts = recipe.data.parts()
    archives: dict[str, bytes] = {}
    for part in parts:
        source, target = part.source, cache / part.path
        if source is None:
            raise RecipeInvalid(f"The recipe {recipe.name} names no public data; give --data.")
        if target.is_file():
            continue
        if source.url not in archives:
            archives[source.url] = _download(source.url)
        body = _member(archives[source.url], source)
        _check(body, source)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        partial.write_bytes(body)
        partial.rename(target)
    return cache / parts[0].path if len(parts) == 1 else cache


def _download(url: str) -> bytes:
    received = bytearray()
    try:
        with requests.get(url, stream=True, timeout=_TIMEOUT_SECONDS) as answer:
            answer.raise_for_status()
            for piece in answer.iter_content(1 << 16):
                received += piece
                if len(received) > _MAX_BYTES:
                    raise DataInvalid(f"{url} is larger than {_MAX_BYTES} bytes.")
    except requests.RequestException as wrong:
        raise DataInvalid(f"{url} cannot be fetched: {wrong}. Give a copy with --data.") from None
    return bytes(received)


def _member(body: bytes, source: Source) -> bytes:
    if not source.member:
        return body
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if archive.getinfo(source.member).file_size > _MAX_BYTES:
                raise DataInvalid(f"{source.member} is larger than {_MAX_BYTES} bytes.")
            return archive.read(source.member)
    except (zipfile.BadZipFile, KeyError) as wrong:
        raise DataInvalid(f"{source.url} is no archive with {source.member}: {wrong}") from None


def _check(body: bytes, source: Source) -> None:
    found = hashlib.sha256(body).hexdigest()
    if found != source.sha256:
        raise DataInvalid(f"{source.url} has the SHA-256 {found}, the recipe says {source.sha256}.")
