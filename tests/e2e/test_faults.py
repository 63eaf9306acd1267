"""Whatever happens to a part, clients of predictions notice nothing, and a batch is completed."""

import os
import signal
from collections.abc import Iterator

import pytest

from e2e.batch import accept, finished, results
from e2e.stack import Stack, docker, eventually
from e2e.traffic import traffic

pytestmark = pytest.mark.slow

BATCH_ROWS = 20_000


@pytest.fixture(autouse=True)
def two_healthy_predictors(stack: Stack) -> Iterator[None]:
    """Each test begins, and leaves the next one, with the stack as it is shipped."""
    yield
    scale(stack, 2)


def test_scaling_up_and_down_loses_no_prediction(stack: Stack) -> None:
    with traffic(stack) as made:
        for replicas in (4, 1, 2):
            scale(stack, replicas)
    assert made.failed == []
    assert made.predictions == {"not_spam"}


def test_a_killed_replica_is_not_noticed_and_comes_back(stack: Stack) -> None:
    victim = stack.containers("predictor")[0]
    started = started_at(victim)
    with traffic(stack) as made:
        # The container's process, from outside: `docker kill` would keep it from being restarted.
        os.kill(int(docker("inspect", "--format", "{{.State.Pid}}", victim)), signal.SIGKILL)
        eventually(lambda: started_at(victim), lambda at: at != started, within_seconds=60)
        eventually(lambda: health(victim), lambda is_: is_ == "healthy", within_seconds=90)
    assert made.failed == []


def test_replicas_replaced_one_by_one_are_not_noticed(stack: Stack) -> None:
    before = stack.containers("predictor")
    with traffic(stack) as made:
        for container in before:
            scale(stack, 3)
            docker("stop", container)
            docker("rm", container)
            scale(stack, 2)
    assert made.failed == []
    assert not set(before) & set(stack.containers("predictor"))


def test_redis_restarted_in_the_middle_of_a_batch_loses_nothing(stack: Stack) -> None:
    place = accept(stack, [{"message": f"See you at {n}"} for n in range(BATCH_ROWS)])
    with traffic(stack) as made:
        stack.compose("restart", "redis")
        done = finished(stack, place, within_seconds=300)
    assert made.failed == []
    assert (done["status"], done["rows_done"]) == ("succeeded", BATCH_ROWS)
    assert [row["index"] for row in results(stack, place)] == list(range(BATCH_ROWS))


def test_a_replica_cut_off_the_network_is_not_noticed(stack: Stack) -> None:
    victim = stack.containers("predictor")[0]
    network = f"{stack.project}_default"
    with traffic(stack) as made:
        docker("network", "disconnect", network, victim)
        made.wait_for(200)
        docker("network", "connect", "--alias", "predictor-pods", network, victim)
        made.wait_for(200)
    assert made.failed == []


def scale(stack: Stack, replicas: int) -> None:
    """So many healthy predictors, the ones that are there untouched."""
    how = ("--no-build", "--no-recreate", "--no-deps")
    stack.compose("up", "--detach", "--wait", *how, "--scale", f"predictor={replicas}", "predictor")
    eventually(
        lambda: len(stack.containers("predictor")),
        lambda count: count == replicas,
        within_seconds=60,
    )


def started_at(container: str) -> str:
    return docker("inspect", "--format", "{{.State.StartedAt}}", container)


def health(container: str) -> str:
    return docker("inspect", "--format", "{{.State.Health.Status}}", container).strip()
