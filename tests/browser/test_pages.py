"""The pages in a real browser: what they show, by keyboard alone, without a request to outside."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from slipway.model.loading import load
from slipway.model.registry import version_directory
from support.application import make_parts
from support.fake_model import TABLE, fake_model
from support.node_packages import node_with_packages
from support.parts import absent
from support.predictor_process import MODELS
from support.running_application import RunningApplication

HERE = Path(__file__).parent


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        absent("browser", "no chromium (Debian's package chromium)")
    return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One visit to every page. SLIPWAY_TEST_SCREENSHOTS names a folder that keeps the pictures."""
    command = [node_with_packages(HERE, "browser"), str(HERE / "visit.mjs")]
    kept = os.environ.get("SLIPWAY_TEST_SCREENSHOTS")
    pictures = Path(kept).resolve() if kept else tmp_path_factory.mktemp("screenshots")
    pictures.mkdir(parents=True, exist_ok=True)
    spam = load(version_directory(MODELS, "spam", "1.0.0"))
    application = RunningApplication(make_parts(spam, fake_model("houses", signature=TABLE)))
    try:
        done = subprocess.run(
            [*command, application.url, chromium(), str(pictures)],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
    finally:
        application.stop()
    assert done.returncode == 0, done.stderr
    assert {path.name for path in pictures.glob("*.png")} >= {"try.png", "table.png", "docs.png"}
    return json.loads(done.stdout)


def test_nothing_is_loaded_from_outside_and_the_policy_allows_nothing_else(seen: Any) -> None:
    assert seen["outside"] == []
    assert "default-src 'none'" in seen["policy"]
    assert "unsafe" not in seen["policy"]


def test_no_page_complains_except_of_the_refusals_that_were_asked_for(seen: Any) -> None:
    assert all("400 (BAD REQUEST)" in complaint for complaint in seen["complaints"])
    assert len(seen["complaints"]) == 2


def test_the_answer_is_shown_with_its_probabilities_as_bars(seen: Any) -> None:
    assert seen["prediction"] == ["spam"]
    assert seen["labels"] == ["spam", "not_spam"]
    shares = [float(share.removesuffix(" %")) / 100 for share in seen["shares"]]
    assert sum(shares) == pytest.approx(1, abs=0.002)
    assert seen["widths"] == pytest.approx(shares, abs=0.02)


def test_the_explanation_is_highlighted_in_the_text_that_was_typed(seen: Any) -> None:
    typed = "🙂 Congratulations! You have won a free iPhone. See you at lunch."
    assert seen["highlighted"] == [typed]
    marked = [word for word, kind in seen["marks"] if kind]
    assert marked
    assert all(word.strip() and word in typed for word in marked)
    assert {kind.split()[0] for _, kind in seen["marks"] if kind} == {"for", "against"}
    assert seen["contributions"] > 1


def test_a_refusal_stands_beside_its_field_and_moves_the_keyboard_there(seen: Any) -> None:
    assert "InvalidInput" in seen["refusal"][0]
    assert seen["problem"] == ["must not be empty"]
    assert seen["focused"] == "field-message"


def test_a_table_has_a_field_for_each_input_and_its_number_an_interval(seen: Any) -> None:
    assert seen["fields"] == ["age", "hours", "work", "town"]
    assert seen["table_problem"] == ["must be at most 120"]
    assert seen["number"] == ["20 US dollars"]
    assert seen["interval"] == ["between 18 and 22 US dollars"]


def test_the_description_lists_every_operation_and_sends_one(seen: Any) -> None:
    assert seen["operations"] > 20
    assert seen["sent"][0].startswith("200\n")
    assert '"prediction": "spam"' in seen["sent"][0]


def test_a_path_is_filled_with_a_model_that_is_there(seen: Any) -> None:
    assert seen["filled"] == "/v2/models/houses/versions/1.0.0/infer"


@pytest.mark.parametrize("page", ["empty", "answered", "refused", "table", "docs"])
def test_axe_finds_no_serious_violation(seen: Any, page: str) -> None:
    serious = [each for each in seen["axe"][page] if each["impact"] in ("serious", "critical")]
    assert serious == []
