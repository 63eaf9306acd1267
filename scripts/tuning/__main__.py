"""python -m tuning: measures a model on this machine, and writes the predictor's settings for it."""

import argparse
import multiprocessing
import os
import platform
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import yaml

from slipway import __version__
from slipway.core.errors import SlipwayFact
from slipway.core.machine import cores
from slipway.core.settings import PredictorSettings
from tuning.asking import WrongAnswer
from tuning.deciding import decided
from tuning.measuring import Machine, Plan
from tuning.questions import questions_of
from tuning.serving import DidNotStart
from tuning.writing import written

ROOT = Path(__file__).resolve().parents[2]
# Load for each core above which others disturb what is measured.
_QUIET = 0.25
OBJECTIVES = ROOT / "deploy" / "prometheus" / "slo" / "objectives.yml"


def main() -> None:
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # so that the predictor is stopped as well
    chosen = _arguments()
    try:
        settings = PredictorSettings.read()
        if chosen.model:
            settings = settings.model_copy(update={"default_model": chosen.model})
        version, questions = questions_of(settings)
    except SlipwayFact as wrong:
        sys.exit(f"tune: {wrong}")
    available = max(1, int(cores()))
    if (load := os.getloadavg()[0]) > _QUIET * available:
        print(f"This machine is not quiet (load {load:.1f}): what is measured now will be low.")
    with tempfile.TemporaryDirectory(prefix="slipway-tune-") as folder:
        plan = Plan(
            model=settings.default_model,
            questions=questions,
            cores=min(chosen.cores or available, available),
            objective_seconds=objective_seconds(),
            seconds=chosen.seconds,
            rows=chosen.rows,
            folder=Path(folder),
        )
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as callers:
            try:
                measured = Machine(plan, callers, lambda line: print(line, flush=True)).measured()
            except (WrongAnswer, DidNotStart) as wrong:
                sys.exit(f"tune: {wrong}")
    heading = f"{plan.model} {version} on {plan.cores} cores of {_machine()}"
    chosen.out.write_text(written(measured, decided(measured), heading))
    print(f"\n{chosen.out}:\n\n{chosen.out.read_text()}", end="")


def objective_seconds() -> float:
    """How late an answer may be, as the latency objective has it."""
    slos = {slo["name"]: slo for slo in yaml.safe_load(OBJECTIVES.read_text())["slos"]}
    query = slos["latency"]["sli"]["events"]["error_query"]
    return max(float(bound) for bound in re.findall(r'le="([0-9.]+)"', query))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tuning", description=__doc__)
    parser.add_argument("--model", help="served by the store or built in; else the default model")
    parser.add_argument("--out", type=Path, default=Path("tuned.env"), help="the settings file")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each step")
    parser.add_argument("--cores", type=int, help="that a predictor shall have; else all there are")
    parser.add_argument(
        "--rows", type=_sizes, default=(4, 16, 64), help="sizes of a batch, such as 4,16,64"
    )
    return parser.parse_args()


def _sizes(text: str) -> Sequence[int]:
    return [int(size) for size in text.split(",") if size]


def _machine() -> str:
    """Processor, releases, and when."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.machine()
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{processor} (load {os.getloadavg()[0]:.1f}), Slipway {__version__}, {when}"


if __name__ == "__main__":
    main()
