"""The monitor's pages in a real browser, on a desk and on a phone: do they tell what happened and why?"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from browser.test_pages import HERE, chromium
from monitor.app import create_app
from monitor.metrics import MonitorMetrics
from monitor.models import Models
from monitor.parts import Parts
from monitor.prediction_log.opening import migrate, open_log
from slipway.core.settings import MonitorSettings
from support.node_packages import node_with_packages
from support.retraining import labelled_traffic, store_with_champion
from support.retraining_records import put_retraining
from support.running_application import serving

PAGES = (
    "/",
    "/models/spam",
    "/models/spam/quality",
    "/models/spam/predictions",
    "/models/spam/retrainings",
    "/retrainings/r-bad",
    "/retrainings/r-good",
)
BAD = "At 5%: It answers 11 of 36 rows otherwise than the champion; at the gate it was 0.0%."
WELL = "At 50%: 0 of 76 requests failed; p95 15.0 ms, the champion's 14.5 ms. Promoted."
FIGURES = {"champion": {"requests": 140}, "challenger": {"requests": 7, "p95": 0.0041}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A monitor over a log with labelled traffic, a retraining that was rolled back and one promoted."""
    folder = tmp_path_factory.mktemp("monitor")
    registry = store_with_champion(folder)
    log = open_log(f"sqlite:///{folder / 'log.db'}")
    migrate(log)
    labelled_traffic(log, start=time.time() - 1000)
    shadow = ("shadow", None, "The gate passed it.", {})
    canary = ("canary", None, "In the shadow: well. It answers 5% of the requests.", FIGURES)
    bad = ("done", "rolled_back", BAD, FIGURES)
    put_retraining(
        log, registry, [shadow, canary, bad], retraining_id="r-bad", began=time.time() - 900
    )
    good = ("done", "promoted", WELL, FIGURES)
    put_retraining(log, registry, [shadow, canary, good], retraining_id="r-good", version="1.2.0")
    settings = MonitorSettings(
        auth="off",
        data_dir=folder,
        store_url=(folder / "store").as_uri(),
        redis_url="redis://127.0.0.1:1/0",
    )
    parts = Parts(settings, MonitorMetrics(CollectorRegistry()), log, Models(registry))
    with serving(create_app(parts)) as address:
        yield address
    log.close()


@pytest.fixture(scope="module")
def seen(url: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One visit to every page at both widths. SLIPWAY_TEST_SCREENSHOTS keeps the pictures."""
    kept = os.environ.get("SLIPWAY_TEST_SCREENSHOTS")
    pictures = Path(kept).resolve() if kept else tmp_path_factory.mktemp("screenshots")
    pictures.mkdir(parents=True, exist_ok=True)
    command = [node_with_packages(HERE, "browser"), str(HERE / "visit_monitor.mjs")]
    done = subprocess.run(
        [*command, url, chromium(), str(pictures), *PAGES],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_nothing_is_loaded_from_outside_and_no_page_complains(seen: Any) -> None:
    assert (seen["outside"], seen["complaints"]) == ([], [])


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_axe_finds_nothing_serious(seen: Any, path: str, width: int) -> None:
    page = seen["pages"][f"{path} {width}"]
    assert (page["overflowing"], page["hidden"]) == ([], [])
    assert [each for each in page["axe"] if each["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("width", [1200, 390])
def test_a_retraining_that_was_rolled_back_says_first_when_why_and_who_serves(
    seen: Any, width: int
) -> None:
    text = seen["pages"][f"/retrainings/r-bad {width}"]["text"]
    assert "Rolled back at 20" in text and "2 min after it was begun." in text
    assert f"{BAD} 1.0.0 stayed the champion." in text
    assert text.index(BAD) < text.index("Steps") < text.index("It answers 5% of the requests.")


def test_a_promoted_one_says_by_which_numbers(seen: Any) -> None:
    text = seen["pages"]["/retrainings/r-good 390"]["text"]
    assert "Promoted at 20" in text and WELL in text and "stayed the champion" not in text
