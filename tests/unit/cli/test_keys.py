"""slipway keys, as a person runs it."""

import subprocess
import sys
from pathlib import Path

from slipway.core.api_keys import Scope
from slipway.core.key_ring import KeyRing

COMMAND = [sys.executable, "-c", "from slipway.cli.main import app; app()", "keys"]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_new_key_is_printed_once_opens_the_service_and_is_not_in_the_file(tmp_path: Path) -> None:
    made = run(tmp_path, "create", "shop", "--scopes", "predict,feedback")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    found = KeyRing(tmp_path / "api_keys").find(key)
    assert found is not None
    assert (found.key_id, found.scopes) == ("shop", frozenset({Scope.PREDICT, Scope.FEEDBACK}))
    assert key not in (tmp_path / "api_keys").read_text()
    assert (tmp_path / "api_keys").stat().st_mode & 0o007 == 0


def test_a_second_key_leaves_the_first_valid_until_it_is_revoked(tmp_path: Path) -> None:
    first = run(tmp_path, "create", "old", "--scopes", "predict").stdout.strip()
    second = run(tmp_path, "create", "new", "--scopes", "predict").stdout.strip()
    ring = KeyRing(tmp_path / "api_keys")
    assert ring.find(first)
    assert ring.find(second)
    assert run(tmp_path, "list").stdout == "old\tpredict\nnew\tpredict\n"

    assert run(tmp_path, "revoke", "old").returncode == 0
    assert ring.find(first) is None
    assert ring.find(second)


def test_a_name_that_is_taken_and_a_scope_that_is_none_are_refused(tmp_path: Path) -> None:
    run(tmp_path, "create", "shop", "--scopes", "predict")
    for words in (("shop", "predict"), ("other", "fly"), ("a b", "predict")):
        refused = run(tmp_path, "create", words[0], "--scopes", words[1])
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert "slipway:" in refused.stderr
    assert run(tmp_path, "revoke", "nobody").returncode == 1


def test_a_file_that_cannot_be_written_or_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    for words in (
        ("create", "shop", "--scopes", "predict", "--file", "nowhere/keys"),
        ("list", "--file", "nowhere"),
    ):
        refused = run(tmp_path, *words)
        assert refused.returncode == 1
        assert refused.stderr.startswith("slipway: ")
        assert len(refused.stderr.splitlines()) == 1
