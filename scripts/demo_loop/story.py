"""The stories, told as they happen: each returns what it saw, and raises where it went otherwise."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo_loop.stack import HERE, Stack
from demo_loop.traffic import Traffic

BEFORE = {"talk": 0.65, "prizes": 0.35}
SHIFTED = {"talk": 0.65, "parcels": 0.35}
ODD = {"talk": 0.15, "parcels": 0.15, "orders": 0.7}


class StoryBroken(Exception):
    """The loop did not do what it promises."""


@dataclass
class Story:
    """said: every line, with seconds since the beginning. told: steps of each retraining so far."""

    stack: Stack
    traffic: Traffic
    said: list[str] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    began: float = field(default_factory=time.time)

    def say(self, words: str) -> None:
        line = f"{time.time() - self.began:6.1f} s  {words}"
        self.said.append(line)
        print(line, flush=True)

    def until(self, look: Callable[[], Any], seconds: float, what: str, every: float = 0.25) -> Any:
        """The first truthy result. Raises StoryBroken after so long."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                raise StoryBroken(f"not within {seconds:.0f} s: {what}")
            time.sleep(every)
        return found

    def retrainings(self) -> list[dict[str, Any]]:
        found = self.stack.asked("/v1/models/spam/retrainings")
        return found["retrainings"] if found else []

    def follow(self, retraining_id: str, seconds: float, *, until: str = "done") -> dict[str, Any]:
        """Tells its steps as they come, until it has reached a state; then all that is known of it."""

        def look() -> dict[str, Any] | None:
            found = self.stack.asked(f"/v1/retrainings/{retraining_id}")
            if found is None:
                return None
            for step in found["steps"][self.told.get(retraining_id, 0) :]:
                self.say(f"  {step['outcome'] or step['state']}: {step['reason']}")
            self.told[retraining_id] = len(found["steps"])
            reached: dict[str, Any] | None = found if found["state"] in (until, "done") else None
            return reached

        found: dict[str, Any] = self.until(look, seconds, f"{retraining_id} is {until}")
        return found

    def new_retraining(self, known: set[str], seconds: float) -> str:
        def look() -> str | None:
            return next((r["id"] for r in self.retrainings() if r["id"] not in known), None)

        found: str = self.until(look, seconds, "a retraining begins")
        return found

    def ask(self, *options: str) -> str:
        """`slipway retrain spam …`, again where another one is open or labels are too few yet; the id
        of what began."""

        def asked() -> str | None:
            said = self.stack.command("retrain", "spam", "--json", *options)
            retraining: str = json.loads(said)["request_id"]
            found = self.until(
                lambda: self.stack.asked(f"/v1/retrainings/{retraining}"), 30, "it is answered"
            )
            reason = found["steps"][0]["reason"]
            wait = "open already" in reason or "SLIPWAY_RETRAIN_MIN_LABELS" in reason
            return None if wait else retraining

        found: str = self.until(asked, 180, "a retraining may begin", every=3.0)
        return found


def shift(story: Story, seconds: float = 240) -> dict[str, float]:
    """The kind of spam shifts; the loop sees it, learns it and promotes it."""
    traffic = story.traffic
    story.say("traffic begins: talk, and the kind of spam that the champion was trained on")
    began = time.time()
    needed = 200
    story.until(lambda: sum(traffic.versions_since(began).values()) >= needed, 120, "requests")
    before = traffic.accuracy(began, time.time())
    shifted = time.time()
    traffic.mixture = SHIFTED
    story.say(f"accuracy {before:.3f}. From now on another kind of spam: parcels, tolls, accounts")
    known = {r["id"] for r in story.retrainings()}
    found = {"outcome": None}
    deadline = time.monotonic() + seconds
    while found["outcome"] != "promoted":
        left = deadline - time.monotonic()
        if left <= 0:
            raise StoryBroken(f"nothing was promoted within {seconds:.0f} s")
        retraining = story.new_retraining(known, left)
        story.say(f"retraining {retraining}, accuracy {traffic.accuracy(shifted, time.time()):.3f}")
        found = story.follow(retraining, left)
        known.add(retraining)
    version = found["version"]
    promoted = time.time()
    story.until(
        lambda: traffic.versions_since(time.time() - 2).keys() == {version}, 20, "every process"
    )
    settled = time.time()
    story.until(
        lambda: sum(traffic.versions_since(settled).values()) >= needed // 2, 60, "requests after"
    )
    figures = {
        "before": before,
        "shifted": traffic.accuracy(shifted, promoted, "1.0.0"),
        "after": traffic.accuracy(settled, time.time()),
        "seconds_to_promotion": promoted - shifted,
        "failed": float(len(traffic.failures)),
        "requests": float(len(traffic.answered)),
    }
    story.say(
        f"{version} serves: accuracy {figures['after']:.3f}, {figures['shifted']:.3f} while 1.0.0 met "
        f"the new kind, {before:.3f} before; {promoted - shifted:.0f} s from shift to promotion"
    )
    return figures


def rejected(story: Story, hyperparameters: dict[str, str], why: str) -> dict[str, Any]:
    """A person tries another recipe, whose model is worse or larger: the gate says no."""
    story.say(f"a person asks for a {why} recipe")
    recipe = _recipe(story.stack.folder / f"{why}.toml", hyperparameters)
    found = story.follow(story.ask("--recipe", str(recipe), "--why", why), 120)
    if found["outcome"] != "rejected":
        raise StoryBroken(f"the gate let the {why} one through: {found['outcome']}")
    return found


def turned_bad(story: Story, hyperparameters: dict[str, str]) -> dict[str, Any]:
    """A challenger passes the gate, and meets messages in its canary that it cannot tell."""
    story.say("a person asks for a smaller model; it passes the gate, and then the world changes")
    began = time.time()
    recipe = _recipe(story.stack.folder / "small.toml", hyperparameters)
    retraining = story.ask("--recipe", str(recipe), "--why", "a smaller model")
    found = story.follow(retraining, 180, until="canary")
    if found["state"] != "canary":
        raise StoryBroken(f"it never came to its canary: {found['outcome']}")
    story.traffic.mixture = ODD
    story.say("from now on seven in ten messages are invoices, minutes, timetables")
    found = story.follow(retraining, 120)
    if found["outcome"] != "rolled_back":
        raise StoryBroken(f"it was not rolled back: {found['outcome']}")
    rolled_back = time.time()
    story.traffic.mixture = SHIFTED
    version = found["version"]
    story.until(
        lambda: version not in story.traffic.versions_since(time.time() - 1.5), 10, "it is gone"
    )
    answered = story.traffic.versions_since(began)[version]
    share = answered / len(story.traffic.answered)
    story.say(
        f"rolled back; {version} answered {answered} of {len(story.traffic.answered)} requests "
        f"({share:.2%}), gone {time.time() - rolled_back:.1f} s after the decision"
    )
    return found | {"answered": answered}


def killed(story: Story, step_seconds: float) -> float:
    """The monitor is killed in the middle of a canary: how long the challenger answered after that."""
    story.say("a person asks once more; in the canary the monitor is killed")
    retraining = story.ask("--why", "once more")
    found = story.follow(retraining, 180, until="canary")
    if found["state"] != "canary":
        raise StoryBroken(f"it never came to its canary: {found['outcome']}")
    version = found["version"]
    began = time.time()
    story.until(lambda: version in story.traffic.versions_since(began), 20, "a canary's answer")
    story.stack.processes["monitor"].kill()
    dead = time.time()
    time.sleep(step_seconds + 3)
    last = max((one.time for one in story.traffic.answered if one.version == version), default=dead)
    story.say(f"the champion alone {last - dead:.1f} s after the kill, at the step's own end")
    story.stack.processes["monitor"].start()
    story.until(lambda: story.stack.asked("/health"), 60, "the monitor is back")
    found = story.follow(retraining, 180)
    story.say(f"the monitor went on where it was: {found['outcome']}")
    return last - dead


def poisoned(story: Story) -> dict[str, Any]:
    """One key labels everything ham: nothing is trained on it, and the reason names the key."""
    story.say("the key `partner` sends a quarter of the requests, and labels everything ham")
    story.traffic.poisoner = "partner"
    began = time.time()
    story.until(lambda: time.time() - began > 30, 60, "labels")
    found = story.follow(story.ask("--why", "with poisoned labels"), 120)
    story.traffic.poisoner = None
    if found["outcome"] == "promoted" or "partner" not in found["steps"][-1]["reason"]:
        raise StoryBroken(f"{found['outcome']}: {found['steps'][-1]['reason']}")
    return found


def _recipe(file: Path, hyperparameters: dict[str, str]) -> Path:
    """The demo's recipe with other hyperparameters."""
    lines = []
    for line in (HERE / "recipe.toml").read_text("utf-8").splitlines():
        name = line.partition(" = ")[0]
        lines.append(f"{name} = {hyperparameters[name]}" if name in hyperparameters else line)
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file
