"""`slipway models` over a folder: what a person reads, what a program reads, and that it needs no torch."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from slipway.cli.main import typer_app
from slipway.core.errors import ArtifactRefused, Conflict, ModelNotFound
from slipway.model.refusals import RefusedVersion, note_refusal
from slipway.model.registry import registry_in_folder
from slipway.model.transfer import publish
from support.artifacts import put, trained
from support.versions import remanifested, retuned


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    return put(folder / "models", trained(folder), promote=False)


@pytest.fixture
def models(tmp_path: Path, source: Path) -> Path:
    """A folder with spam 1.0.0, 1.1.0 and 1.2.0, of which none serves."""
    folder = tmp_path / "models"
    folder.mkdir()
    for number in range(3):
        version = retuned(source, tmp_path / "v", f"1.{number}.0", 0.1 * number)
        publish(registry_in_folder(folder), version)
    return folder


def run(models: Path, *words: str) -> Result:
    """Raises what the command raised."""
    arguments = ["models", *words, "--models", str(models)]
    return CliRunner().invoke(typer_app, arguments, catch_exceptions=False)


def read(models: Path, *words: str) -> Any:
    return json.loads(run(models, *words, "--json").stdout)


def test_promote_and_rollback_are_told_by_list_and_history(models: Path) -> None:
    run(models, "promote", "spam", "1.0.0", "--why", "the first", "--who", "anna")
    run(models, "promote", "spam", "1.1.0", "--why", "better recall", "--who", "ben")
    run(models, "rollback", "spam", "--why", "complaints", "--who", "anna")
    (line,) = read(models, "list")
    assert (line["model"], line["champion"], line["previous"]) == ("spam", "1.0.0", "1.1.0")
    assert [(a["champion"], a["who"], a["why"]) for a in read(models, "history", "spam")] == [
        ("1.0.0", "anna", "complaints"),
        ("1.1.0", "ben", "better recall"),
        ("1.0.0", "anna", "the first"),
    ]
    for words in (("list",), ("show", "spam"), ("history", "spam")):
        assert "1.0.0" in run(models, *words).stdout


def test_history_answers_which_version_was_live_at_a_time(models: Path) -> None:
    run(models, "promote", "spam", "1.0.0")
    assert read(models, "history", "spam", "--at", "2020-01-01T02:13") == []
    (live,) = read(models, "history", "spam", "--at", "2100-01-01T02:13")
    assert live["champion"] == "1.0.0"


def test_a_damaged_version_is_found_by_verify_and_not_promoted(models: Path) -> None:
    weights = models / "spam" / "versions" / "1.1.0" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0\0")
    result = run(models, "verify", "spam", "--json")
    assert result.exit_code == 1
    problems = {line["version"]: line["problem"] for line in json.loads(result.stdout)}
    assert problems["1.0.0"] is None
    assert "model.safetensors" in problems["1.1.0"]
    with pytest.raises(Exception, match=r"model\.safetensors"):
        run(models, "promote", "spam", "1.1.0")
    assert read(models, "list")[0]["champion"] is None


def test_diff_shows_what_is_not_the_same(models: Path) -> None:
    found = read(models, "diff", "spam", "1.0.0", "1.2.0")
    assert found["metrics"]["accuracy"][0] == found["metrics"]["accuracy"][1]
    assert found["changed"] == {}
    assert "accuracy" in run(models, "diff", "spam", "1.0.0", "1.2.0").stdout


def test_show_tells_everything_of_a_version_and_why_processes_refused_it(models: Path) -> None:
    refused = RefusedVersion("1.1.0", 2, "golden.json: row 0", "2026-11-23T02:13:00+00:00", "pod-1")
    note_refusal(registry_in_folder(models), "spam", refused)
    assert read(models, "show", "spam")["refused"][0]["reason"] == "golden.json: row 0"
    found = read(models, "show", "spam", "1.1.0")
    assert found["refused"][0]["where"] == "pod-1"
    assert found["signature"]["inputs"][0]["name"] == "message"
    assert "golden.json: row 0" in run(models, "show", "spam", "1.1.0").stdout


def test_clean_says_what_would_go_before_it_does(models: Path) -> None:
    run(models, "promote", "spam", "1.0.0")
    would = read(models, "clean", "--keep", "1", "--dry-run")
    assert [line["version"] for line in would["removed"]] == ["1.1.0"]
    assert len(read(models, "show", "spam")["versions"]) == 3
    run(models, "clean", "--keep", "1")
    assert [line["version"] for line in read(models, "show", "spam")["versions"]] == [
        "1.0.0",
        "1.2.0",
    ]


def test_promoting_the_champion_again_is_a_conflict(models: Path) -> None:
    run(models, "promote", "spam", "1.0.0")
    with pytest.raises(Conflict, match="champion already"):
        run(models, "promote", "spam", "1.0.0")


def test_what_is_not_there_is_named(models: Path) -> None:
    for words in (("show", "other"), ("history", "other"), ("promote", "spam", "9.9.9")):
        with pytest.raises(ModelNotFound):
            run(models, *words)


def test_an_empty_folder_says_how_a_model_is_made(tmp_path: Path) -> None:
    assert "slipway train" in run(tmp_path, "list").stdout


def test_the_command_needs_no_torch(models: Path) -> None:
    program = (
        "import sys\n"
        "from slipway.cli.main import typer_app\n"
        f"typer_app(['models', 'list', '--models', {str(models)!r}], standalone_mode=False)\n"
        "heavy = {'torch', 'numpy', 'onnxruntime'} & sys.modules.keys()\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "spam" in done.stdout


def test_a_version_goes_live_in_steps_that_the_history_tells(models: Path) -> None:
    run(models, "promote", "spam", "1.0.0")
    run(models, "shadow", "spam", "1.1.0", "--share", "0.5", "--why", "look")
    run(models, "canary", "spam", "1.1.0", "--weight", "0.05", "--shadow", "0.2")
    (line,) = read(models, "list")
    challenger = line["challenger"]
    assert (challenger["version"], challenger["mode"], challenger["weight"]) == (
        "1.1.0",
        "canary",
        0.05,
    )
    assert challenger["shadow_weight"] == 0.2
    left = datetime.fromisoformat(challenger["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    run(models, "end", "spam", "--why", "slower")
    assert read(models, "list")[0]["challenger"] is None
    told = [(a.get("challenger") or {}).get("mode") for a in read(models, "history", "spam")]
    assert told == [None, "canary", "shadow", None]


def test_a_rollback_ends_a_canary(models: Path) -> None:
    run(models, "promote", "spam", "1.0.0")
    run(models, "promote", "spam", "1.1.0")
    run(models, "canary", "spam", "1.2.0", "--weight", "0.1")
    run(models, "rollback", "spam")
    (line,) = read(models, "list")
    assert (line["champion"], line["challenger"]) == ("1.0.0", None)


def test_a_duration_without_a_unit_is_refused(models: Path) -> None:
    run(models, "promote", "spam", "1.0.0")
    result = run(models, "canary", "spam", "1.1.0", "--weight", "0.1", "--expires-in", "10")
    assert result.exit_code == 2
    assert "10m" in result.stderr
    assert run(models, "canary", "spam", "1.1.0", "--weight", "2").exit_code == 2


def test_a_challenger_that_is_damaged_refused_or_asks_for_more_is_not_started(
    models: Path, tmp_path: Path
) -> None:
    run(models, "promote", "spam", "1.0.0")
    weights = models / "spam" / "versions" / "1.1.0" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(ArtifactRefused, match=r"model\.safetensors"):
        run(models, "shadow", "spam", "1.1.0")
    refused = RefusedVersion("1.2.0", 2, "golden.json: row 0", "2026-11-23T02:13:00+00:00", "pod-1")
    note_refusal(registry_in_folder(models), "spam", refused)
    with pytest.raises(Conflict, match="pod-1 would not load"):
        run(models, "shadow", "spam", "1.2.0")
    shorter = retuned(models / "spam" / "versions" / "1.0.0", tmp_path / "s", "1.3.0", 0.1)
    text = (shorter / "signature.json").read_bytes()
    limit = msgspec.json.decode(text)
    limit["inputs"][0]["max_length"] = 3
    (shorter / "signature.json").write_bytes(msgspec.json.encode(limit))
    publish(registry_in_folder(models), remanifested(shorter))
    with pytest.raises(Conflict, match="narrower bounds"):
        run(models, "canary", "spam", "1.3.0", "--weight", "0.1")
    assert read(models, "list")[0]["challenger"] is None


def test_a_version_is_copied_from_another_store_once(models: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    run(tmp_path / "other", "copy", "spam", "1.1.0", "--from", str(models))
    there = read(tmp_path / "other", "verify", "spam", "1.1.0")
    assert there == read(models, "verify", "spam", "1.1.0")
    with pytest.raises(Conflict, match="never change"):
        run(tmp_path / "other", "copy", "spam", "1.1.0", "--from", str(models))
