"""Fifty promotions under load, every fifth of a version that is no good, and rollbacks."""

from pathlib import Path

import pytest

from support.artifacts import put, trained
from support.asking import Askers
from support.messages import small_recipe
from support.spoiling import KINDS
from support.swapping import Swapper
from support.team import Start, Team

PROCESSES = 4
SWAPS = 50
ROLLBACKS = 6
# Large enough that a model which is not let go of would be seen: 17 MB of weights.
LARGE = {"ngrams": {"buckets": 1 << 19, "char_max": 3}, "dimensions": 8}


@pytest.mark.timeout(1800)
def test_fifty_swaps_under_load_fail_no_request_and_keep_no_memory(
    tmp_path: Path, start_predictor: Start
) -> None:
    put(tmp_path / "models", trained(tmp_path, small_recipe(**LARGE)))
    team = Team(tmp_path, tmp_path / "models", start_predictor)
    team.settings["follow_seconds"] = "1"
    size = sum(path.stat().st_size for path in team.source.iterdir())
    askers = Askers(team.start(PROCESSES).url)
    askers.expect("1.0.0", team.source)
    with askers:
        swapper = Swapper(team, askers, PROCESSES)
        swaps = swapper.promote(SWAPS)
        swapper.promote_good("3.0.0", 4.0)
        swapper.roll_back(ROLLBACKS)
    early, late = swaps.private_bytes
    print(  # noqa: T201
        f"{sum(askers.versions.values())} answers, {len(askers.failures)} failed; promoted in "
        f"{max(swaps.promotions):.1f} s at most, rolled back in {max(swaps.rollbacks):.1f} s; "
        f"memory of a process grew by {(late - early) / 1e6:.1f} MB, a model has {size / 1e6:.1f}"
    )
    assert askers.failures == []
    assert swaps.wrong_digests == []
    assert set(swaps.refused) == set(KINDS)
    assert len(swaps.refused) == SWAPS // 5
    # Promised within 5 s.
    assert max(swaps.promotions + swaps.rollbacks) < 5 * 5
    assert late - early <= size
