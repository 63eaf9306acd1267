"""200 slow clients at the gateway for a minute, with predictions beside them."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from support.gateway_process import RunningGateway, two_behind_a_gateway
from support.predictor_process import RunningPredictor
from support.slow_clients import KINDS, LARGE_BODY, SlowClients
from support.steady_predictions import SteadyPredictions
from support.waiting import wait_until

SLOW_CLIENTS = 200
SLOW_SECONDS = 60
# Before and after, each half of it.
UNDISTURBED_SECONDS = 60
PREDICTIONS_PER_SECOND = 100
# What the gateway waits for a request that does not come (timeout http-request), with room.
TURNED_AWAY_WITHIN_SECONDS = 15


@dataclass
class House:
    gateway: RunningGateway
    predictors: list[RunningPredictor]

    def processes(self) -> list[int]:
        workers = [pid for each in self.predictors for pid in each.request_processes()]
        return [self.gateway.process.pid, *workers]

    def connections(self) -> float:
        """Of clients, as the gateway counts them."""
        text = requests.get(f"http://127.0.0.1:{self.gateway.inside_port}/metrics", timeout=10).text
        return next(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "haproxy_frontend_current_sessions"
            and sample.labels["proxy"] == "public"
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with two_behind_a_gateway(tmp_path) as (gateway, predictors):
        yield House(gateway, predictors)


@pytest.mark.parametrize("kinds", [KINDS, KINDS | LARGE_BODY], ids=["small", "large bodies too"])
@pytest.mark.timeout(600)
def test_slow_clients_are_turned_away_and_no_prediction_beside_them_fails(
    house: House, kinds: dict[str, tuple[bytes, bytes]]
) -> None:
    undisturbed = _predict(house, 5)
    files, memory = _open_files(house), _resident(house)
    undisturbed = _predict(house, UNDISTURBED_SECONDS / 2)
    with SlowClients(house.gateway.port, SLOW_CLIENTS, kinds) as slow:
        wait_until(lambda: house.connections() >= SLOW_CLIENTS)
        disturbed = _predict(house, SLOW_SECONDS)
        at_once = house.connections()
        # On one of the few threads, which a body that does not come must not keep.
        metadata = requests.get(f"{house.gateway.url}/metadata", timeout=5)
    undisturbed += _predict(house, UNDISTURBED_SECONDS / 2)
    before, beside = _p99(undisturbed), _p99(disturbed)
    print(  # noqa: T201
        f"p99 {before * 1000:.1f} ms undisturbed, {beside * 1000:.1f} ms beside {slow.most} slow"
        f" clients: {beside / before:.2f}; {len(disturbed)} predictions; turned away:"
        f" {dict(slow.ended)}"
    )
    assert metadata.status_code == 200
    for kind in KINDS:
        turned_away = sum(times for (whose, _), times in slow.ended.items() if whose == kind)
        expected = SLOW_CLIENTS // len(kinds) * (SLOW_SECONDS // TURNED_AWAY_WITHIN_SECONDS)
        assert turned_away >= expected, kind
    assert {how for _, how in slow.ended} <= {"408", "closed"}
    assert slow.most == SLOW_CLIENTS
    assert at_once <= SLOW_CLIENTS + 16
    wait_until(
        lambda: _open_files(house) <= files + 32,
        seconds=30,
        what=f"{files} open files again: {_open_files(house)}",
    )
    assert _resident(house) < memory + 50_000_000


def _predict(house: House, seconds: float) -> list[float]:
    """How long each took, all of them answered."""
    with SteadyPredictions(house.gateway.url, PREDICTIONS_PER_SECOND) as predictions:
        time.sleep(seconds)
    assert predictions.failures == []
    return predictions.seconds


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _open_files(house: House) -> int:
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in house.processes())


def _resident(house: House) -> int:
    """Bytes of all processes together."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in house.processes())
    return 4096 * sum(pages)
