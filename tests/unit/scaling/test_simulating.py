"""What the simulation says of a deployment that is large enough, and of one that is not."""

import pytest

from scaling.__main__ import BASE, pod_of
from scaling.policy import Policy
from scaling.shapes import spike
from scaling.simulating import Pod, simulate

POD = Pod(cpu_seconds=0.001, request=0.5, limit=1.0, processes=1, start_seconds=20, waiting=100)


def fixed(pods: int) -> Policy:
    policy = Policy.of(BASE / "predictor-autoscaler.yaml")
    return Policy(pods, pods, policy.target, 0, 0, policy.up, policy.down)


def test_enough_pods_are_never_late() -> None:
    outcome = simulate(fixed(2), POD, lambda _: 1_000.0, 600, objective_seconds=0.5)
    assert (outcome.late_seconds, outcome.shed_ratio) == (0, 0.0)
    assert outcome.pod_hours == pytest.approx(2 * 600 / 3_600)


def test_what_is_beyond_their_capacity_is_shed() -> None:
    outcome = simulate(fixed(2), POD, lambda _: 4_000.0, 1_000, objective_seconds=0.5)
    assert outcome.shed_ratio == pytest.approx(0.5, abs=0.001)
    assert outcome.late_seconds == 1_000


def test_the_policy_of_the_manifest_answers_a_spike() -> None:
    policy = Policy.of(BASE / "predictor-autoscaler.yaml")
    outcome = simulate(policy, POD, spike(700.0, 5), 3_600, objective_seconds=0.5)
    assert outcome.most_pods == policy.most
    assert 0 < outcome.late_seconds < 180
    assert outcome.pods[-1] < policy.most


def test_a_pod_is_sized_as_the_manifest_says() -> None:
    pod = pod_of(BASE / "predictor.yaml", cpu_seconds=0.001)
    assert (pod.request, pod.limit, pod.capacity) == (0.5, 2.0, 2_000.0)
