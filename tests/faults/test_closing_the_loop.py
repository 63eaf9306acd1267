"""The stories of `make demo-loop`, held to what they promise: real processes, real Redis, constant load."""

import sys
from collections.abc import Iterator

import pytest

from demo_loop.__main__ import LARGER, SMALLER, WORSE
from demo_loop.stack import SMALL, Stack
from demo_loop.story import BEFORE, Story, killed, poisoned, rejected, shift, turned_bad
from demo_loop.traffic import Traffic

STEP_SECONDS = float(str(SMALL["SLIPWAY_CANARY_STEP_SECONDS"]))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One stack and one load for all stories, which follow one another."""
    stack = Stack(tmp_path_factory.mktemp("loop"))
    try:
        stack.start()
        traffic = Traffic(
            stack.url, stack.keys, per_second=12, label_delay_seconds=6, mixture=dict(BEFORE)
        )
        told = Story(stack, traffic)
        told.until(stack.ready, 240, "the stack is ready")
        with traffic.running():
            yield told
    finally:
        stack.stop()
    sys.stdout.write("\n".join(told.said))


def test_a_shift_is_seen_learned_and_promoted(story: Story) -> None:
    found = shift(story, 400)
    assert found["shifted"] < found["before"] - 0.1
    assert found["after"] > found["before"] - 0.03
    assert found["failed"] == 0, story.traffic.failures[:3]


def test_a_worse_and_a_larger_challenger_stop_at_the_gate(story: Story) -> None:
    assert "newest" in rejected(story, WORSE, "worse")["steps"][-1]["reason"]
    assert "size" in rejected(story, LARGER, "larger")["steps"][-1]["reason"]


def test_a_canary_that_turns_bad_is_rolled_back_early(story: Story) -> None:
    found = turned_bad(story, SMALLER)
    assert found["answered"] < 0.01 * len(story.traffic.answered)


def test_a_dead_monitor_ends_the_canary(story: Story) -> None:
    assert killed(story, STEP_SECONDS) <= STEP_SECONDS + 1


def test_poisoned_labels_train_nothing(story: Story) -> None:
    found = poisoned(story)
    assert found["outcome"] == "refused" and "partner" in found["steps"][-1]["reason"]


def test_not_one_prediction_failed(story: Story) -> None:
    assert not story.traffic.failures, story.traffic.failures[:3]
