"""python -m demo_loop [shift gate canary killed poisoned]: the stories, one after the other."""

import signal
import sys
import tempfile
from pathlib import Path

from demo_loop.stack import SMALL, Stack
from demo_loop.story import (
    BEFORE,
    Story,
    StoryBroken,
    killed,
    poisoned,
    rejected,
    shift,
    turned_bad,
)
from demo_loop.traffic import Traffic

WORSE = {"ngrams": "{ buckets = 16, word_max = 1, char_min = 2, char_max = 2, shape = false }"}
LARGER = {
    "ngrams": "{ buckets = 64, word_max = 2, char_min = 2, char_max = 8, shape = true }",
    "dimensions": "16384",
    "epochs": "1",
}
SMALLER = {"ngrams": "{ buckets = 256, word_max = 1, char_min = 2, char_max = 3, shape = true }"}
STORIES = ("shift", "gate", "canary", "killed", "poisoned")


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack is stopped as well
    wanted = sys.argv[1:] or list(STORIES)
    with tempfile.TemporaryDirectory(prefix="slipway-demo-", ignore_cleanup_errors=True) as folder:
        stack = Stack(Path(folder))
        try:
            stack.start()
            traffic = Traffic(
                stack.url, stack.keys, per_second=12, label_delay_seconds=6, mixture=dict(BEFORE)
            )
            story = Story(stack, traffic)
            story.until(stack.ready, 180, "the stack is ready")
            print(f"pages: {stack.monitor_url}/models/spam/retrainings", flush=True)
            with traffic.running():
                tell(story, wanted)
            failed = len(traffic.failures)
            story.say(f"{failed} failed of {len(traffic.answered) + failed} requests in all")
        except StoryBroken as broken:
            sys.exit(f"the story broke: {broken}")
        finally:
            stack.stop()
    sys.exit(1 if failed else 0)


def tell(story: Story, wanted: list[str]) -> None:
    if "shift" in wanted:
        shift(story)
    if "gate" in wanted:
        rejected(story, WORSE, "worse")
        rejected(story, LARGER, "larger")
    if "canary" in wanted:
        turned_bad(story, SMALLER)
    if "killed" in wanted:
        killed(story, float(str(SMALL["SLIPWAY_CANARY_STEP_SECONDS"])))
    if "poisoned" in wanted:
        poisoned(story)


if __name__ == "__main__":
    main()
