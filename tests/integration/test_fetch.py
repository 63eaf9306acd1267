"""Public data is fetched once, and only what the recipe's digest says."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from slipway.core.errors import DataInvalid
from slipway.model.training.fetch import fetch
from slipway.model.training.recipe import Recipe, Source
from support.messages import small_recipe

BODY = b"ham\tsee you\nspam\tyou have won\n"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "public"
    folder.mkdir()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("messages.txt", BODY)
    (folder / "data.zip").write_bytes(archive.getvalue())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


def _recipe(
    url: str, digest: str = hashlib.sha256(BODY).hexdigest(), member: str = "messages.txt"
) -> Recipe:
    recipe = small_recipe()
    data = msgspec.structs.replace(recipe.data, source=Source(url, digest, member))
    return msgspec.structs.replace(recipe, data=data)


def test_the_member_is_fetched_once(server: str, tmp_path: Path) -> None:
    found = fetch(_recipe(f"{server}/data.zip"), tmp_path / "cache")
    assert found.read_bytes() == BODY
    assert fetch(_recipe("http://127.0.0.1:1/gone"), tmp_path / "cache") == found


@pytest.mark.parametrize(
    ("path", "digest", "member", "told"),
    [
        ("data.zip", "0" * 64, "messages.txt", "the recipe says"),
        ("data.zip", "0" * 64, "other.txt", "no archive with"),
        ("none.zip", "0" * 64, "messages.txt", "cannot be fetched"),
    ],
)
def test_anything_else_is_refused_and_not_kept(
    server: str, tmp_path: Path, path: str, digest: str, member: str, told: str
) -> None:
    with pytest.raises(DataInvalid, match=told):
        fetch(_recipe(f"{server}/{path}", digest, member), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("**/*.*"))
