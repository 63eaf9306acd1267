"""The autoscaler of the simulation decides as Kubernetes documents it."""

import pytest

from scaling.policy import Autoscaler, Limit, Policy, desired

POLICY = Policy(
    least=2,
    most=10,
    target=0.7,
    up_window_seconds=0,
    down_window_seconds=300,
    up=(Limit("Percent", 100, 30),),
    down=(Limit("Pods", 1, 60),),
)


@pytest.mark.parametrize(
    ("pods", "ready", "utilization", "wanted"),
    [
        (4, 4, 1.4, 8),  # twice the target: twice the pods
        (4, 4, 0.35, 2),
        (4, 4, 0.75, 4),  # within a tenth of the target
        (3, 3, 1.0, 5),  # 4.3 is rounded up
        (4, 2, 1.4, 4),  # the two that start count as idle: 0.7 of all, which is the target
        (2, 0, 0.0, 2),  # no figures, no decision
    ],
)
def test_the_number_follows_the_ratio_to_the_target(
    pods: int, ready: int, utilization: float, wanted: int
) -> None:
    assert desired(pods, ready, utilization, target=0.7) == wanted


def test_it_doubles_at_most_every_half_minute() -> None:
    autoscaler = Autoscaler(POLICY)
    assert autoscaler.decide(15, 2, 2, 7.0) == 4
    assert autoscaler.decide(30, 4, 4, 7.0) == 4
    assert autoscaler.decide(60, 4, 4, 7.0) == 8


def test_it_goes_down_by_one_a_minute_and_only_after_five_quiet_ones() -> None:
    autoscaler = Autoscaler(POLICY)
    assert autoscaler.decide(0, 4, 4, 0.7) == 4
    assert [autoscaler.decide(second, 4, 4, 0.1) for second in range(15, 301, 15)] == [4] * 20
    assert autoscaler.decide(315, 4, 4, 0.1) == 3
    assert autoscaler.decide(330, 3, 3, 0.1) == 3
    assert autoscaler.decide(390, 3, 3, 0.1) == 2


def test_it_stays_between_the_least_and_the_most() -> None:
    assert Autoscaler(POLICY).decide(15, 8, 8, 9.0) == 10
    assert Autoscaler(POLICY).decide(15, 2, 2, 0.0) == 2
