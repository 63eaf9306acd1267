"""python -m scaling: writes the table in docs/scaling.md and docs/images/scaling.svg again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from scaling.drawing import drawn
from scaling.policy import Limit, Policy
from scaling.shapes import HOUR, Shape, bursts, day, ramp, spike
from scaling.simulating import Outcome, Pod, simulate

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "deploy" / "k8s" / "base"
OBJECTIVE_SECONDS = 0.5
# Processor time of one request to the shipped spam model, measured (docs/scaling.md).
CPU_SECONDS = 0.0004
PAGE = ROOT / "docs" / "scaling.md"
_BEGIN, _END = "<!-- simulated -->\n", "<!-- /simulated -->\n"
# From the decision to ready: scheduling, an image that the node has, torch's import, loading, warming.
START_SECONDS = 20
# What Kubernetes does where a manifest says nothing of behaviour.
_DEFAULT_UP = (Limit("Percent", 100, 15), Limit("Pods", 4, 15))
_DEFAULT_DOWN = (Limit("Percent", 100, 15),)


def main() -> None:
    page, picture = made(PAGE.read_text())
    PAGE.write_text(page)
    (ROOT / "docs" / "images" / "scaling.svg").write_text(picture)


def made(page: str) -> tuple[str, str]:
    """The page with its table made again, and the picture."""
    pod = pod_of(BASE / "predictor.yaml", CPU_SECONDS)
    outcomes = {
        (shape, where, policy): simulate(rule, at, traffic, seconds, OBJECTIVE_SECONDS)
        for shape, (traffic, seconds) in shapes(pod).items()
        for where, at in {
            "spare cores": pod,
            "none to spare": replace(pod, limit=pod.request),
        }.items()
        for policy, rule in policies().items()
    }
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    ours = {shape: outcomes[shape, "spare cores", "ours"] for shape in shapes(pod)}
    return before + _BEGIN + table(pod, outcomes) + _END + after, drawn(ours)


def pod_of(manifest: Path, cpu_seconds: float) -> Pod:
    """One predictor as the manifest sizes it, with the predictor's own settings for the rest."""
    documents = list(yaml.safe_load_all(manifest.read_text()))
    (deployment,) = (d for d in documents if d["kind"] == "Deployment")
    resources = deployment["spec"]["template"]["spec"]["containers"][0]["resources"]
    return Pod(
        cpu_seconds=cpu_seconds,
        request=_cores(resources["requests"]["cpu"]),
        limit=_cores(resources["limits"]["cpu"]),
        processes=2,
        start_seconds=START_SECONDS,
        waiting=2 * 64,
    )


def policies() -> dict[str, Policy]:
    """Ours; Kubernetes' own behaviour; as many pods as the worst second needs, always."""
    ours = Policy.of(BASE / "predictor-autoscaler.yaml")
    theirs = replace(ours, up=_DEFAULT_UP, down=_DEFAULT_DOWN)
    return {
        "ours": ours,
        "default behaviour": theirs,
        "fixed": replace(ours, least=ours.most, most=ours.most),
    }


def shapes(pod: Pod) -> dict[str, tuple[Shape, int]]:
    """Sized so that the least number of pods is half busy at the start, and the most suffices at the top."""
    half = 2 * pod.request * 0.35 / pod.cpu_seconds
    return {
        "spike": (spike(half, 5), HOUR),
        "ramp": (ramp(half, 5), 2 * HOUR),
        "bursts": (bursts(half, 4), 2 * HOUR),
        "day": (day(2.5 * half), 24 * HOUR),
    }


def table(pod: Pod, outcomes: dict[tuple[str, str, str], Outcome]) -> str:
    lines = [
        f"{pod.cpu_seconds * 1e6:.0f} µs of processor time a request; pods of {pod.request:g} cores "
        f"requested and {pod.limit:g} at most; ready {pod.start_seconds} s after the decision.",
        "",
        "| traffic | the node | policy | over the objective, s | shed | pods at most | pod-hours |",
        "| --- | --- | --- | --: | --: | --: | --: |",
    ]
    for (shape, where, policy), found in outcomes.items():
        lines.append(
            f"| {shape} | {where} | {policy} | {found.late_seconds} | {found.shed_ratio:.2%} "
            f"| {found.most_pods} | {found.pod_hours:.1f} |"
        )
    return "\n".join(lines) + "\n"


def _cores(quantity: Any) -> float:
    text = str(quantity)
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


if __name__ == "__main__":
    main()
