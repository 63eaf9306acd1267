"""python -m benchmarks.compare OLD NEW: two commits of our server in turn; exits 1 beyond 5 % slower."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import models
from benchmarks.cells import Measured, check_answers, measure, right_answers
from benchmarks.ours import surroundings
from benchmarks.running import Running
from benchmarks.servers import BY_NAME, MODELS, REPOSITORY


def main() -> None:
    """Checks both commits out beside the tree, and measures them round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--models", nargs="+", default=list(models.NAMES), choices=models.NAMES)
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 64])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--allowed", type=float, default=0.05, help="how much slower is no failure")
    options = parser.parse_args()
    models.make(MODELS)
    with tempfile.TemporaryDirectory(prefix="slipway-compare-") as folder:
        more = surroundings(Path(folder))
        trees = {
            commit: _checked_out(commit, Path(folder)) for commit in (options.old, options.new)
        }
        try:
            slower = [
                line for name in options.models for line in _compared(name, trees, more, options)
            ]
        finally:
            for tree in trees.values():
                subprocess.run(["git", "worktree", "remove", "--force", tree], check=False)
    if slower:
        sys.exit("slower: " + "; ".join(slower))


def _checked_out(commit: str, folder: Path) -> Path:
    tree = folder / commit.replace("/", "-")
    command = ["git", "worktree", "add", "--quiet", "--detach", str(tree), commit]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    return tree


def _compared(
    name: str, trees: dict[str, Path], more: dict[str, str], options: argparse.Namespace
) -> list[str]:
    """Prints each concurrency's medians; returns those where the new commit is slower."""
    found: dict[str, list[Measured]] = {commit: [] for commit in trees}
    expected = right_answers(name)
    for number in range(options.rounds):
        commits = list(trees) if number % 2 == 0 else list(reversed(trees))
        for commit in commits:
            os.environ["BENCH_SOURCE"] = str(trees[commit])
            log = trees[commit].with_suffix(".log")
            with Running(BY_NAME["slipway"], name, True, more, log) as running:
                check_answers(running, expected)
                found[commit] += measure(running, True, options.connections, options.seconds)
    slower = []
    for connections in options.connections:
        old, new = (
            median(o.requests_per_second for o in found[commit] if o.connections == connections)
            for commit in (options.old, options.new)
        )
        print(
            f"{name} c={connections}: {old:.0f}/s → {new:.0f}/s ({new / old - 1:+.1%})", flush=True
        )
        if new < old * (1 - options.allowed):
            slower.append(f"{name} c={connections} {new / old - 1:+.1%}")
    return slower


if __name__ == "__main__":
    main()
