"""python -m scaling: writes the table in docs/scaling.md and docs/images/scaling.svg again."""

import json
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
# Written by benchmarks.processor_time.
MEASURED = Path(__file__).with_name("measured.json")
PAGE = ROOT / "docs" / "scaling.md"
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
    measured = json.loads(MEASURED.read_text())
    pod = pod_of(BASE / "predictor.yaml", measured["busy"]["cpu_microseconds"] / 1e6)
    outcomes = {
        (shape, where, policy): simulate(rule, at, traffic, seconds, OBJECTIVE_SECONDS)
        for shape, (traffic, seconds) in shapes(pod).items()
        for where, at in {
            "spare cores": pod,
            "none to spare": replace(pod, limit=pod.request),
        }.items()
        for policy, rule in policies().items()
    }
    page = _with(page, "measured", figures(measured))
    page = _with(page, "simulated", table(pod, outcomes))
    return page, drawn({shape: outcomes[shape, "spare cores", "ours"] for shape in shapes(pod)})


def _with(page: str, name: str, part: str) -> str:
    """The page with what is between the marks of this name replaced."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, _, rest = page.partition(begin)
    return before + begin + part + end + rest.partition(end)[2]


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


def figures(measured: dict[str, Any]) -> str:
    """What was measured, and what the model makes of it for a pod of one core."""
    rows = {
        "64 callers without a pause": measured["full"],
        "64 callers with pauses": measured["busy"],
        "64 callers without a pause, the pod on one core": measured["one_core"],
    }
    lines = [
        "| callers | requests a second | processor time of a request, µs | cores used |",
        "| --- | --: | --: | --: |",
    ]
    for callers, row in rows.items():
        lines.append(
            f"| {callers} | {row['requests_per_second']:,.0f} | {row['cpu_microseconds']:.0f} "
            f"| {row['cores']:.2f} |"
        )
    promised = 1e6 / measured["busy"]["cpu_microseconds"]
    answered = measured["one_core"]["requests_per_second"]
    lines += [
        "",
        f"For one core the formula says 1 / {measured['busy']['cpu_microseconds']:.0f} µs = "
        f"{promised:,.0f} requests a second; measured are {answered:,.0f}, "
        f"{answered / promised:.2f} times as many: forwards are shared "
        f"({measured['machine']['processor']}, {measured['when']}, commit {measured['machine']['commit']}).",
    ]
    return "\n".join(lines) + "\n"


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
