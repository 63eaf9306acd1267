"""Versions are changed under load: no request fails, and what is no good never serves."""

from pathlib import Path

import pytest

from support.artifacts import put, trained
from support.asking import Askers
from support.swapping import Swapper
from support.team import Start, Team

PROCESSES = 4


@pytest.mark.slow
def test_ten_promotions_and_two_rollbacks_under_load_fail_no_request(
    tmp_path: Path, start_predictor: Start
) -> None:
    put(tmp_path / "models", trained(tmp_path))
    team = Team(tmp_path, tmp_path / "models", start_predictor)
    askers = Askers(team.start(PROCESSES).url, clients=4)
    askers.expect("1.0.0", team.source)
    with askers:
        swapper = Swapper(team, askers, PROCESSES)
        swaps = swapper.promote(10)
        swapper.promote_good("3.0.0", 4.0)
        swapper.roll_back(2)
    assert askers.failures == []
    assert swaps.wrong_digests == []
    assert swaps.refused == ["a byte changed", "weights truncated"]
    # Promised within 5 s.
    assert max(swaps.promotions + swaps.rollbacks) < 5 * 5
    assert len(askers.versions) > 5
