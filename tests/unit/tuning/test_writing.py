"""The file that is written, and the manifests that it names."""

import re

import yaml

from slipway.core.settings import KNOWN_NAMES, PredictorSettings
from tuning.__main__ import OBJECTIVES, objective_seconds
from tuning.deciding import decided
from tuning.writing import ADAPTER, AUTOSCALER, IN_FLIGHT, KEDA, written
from unit.tuning.test_deciding import measured

ROOT = OBJECTIVES.parents[3]


def text() -> str:
    return written(measured(), decided(measured()), "spam 1.0.0 on 2 cores")


def values(of: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in of.splitlines() if line and line[0] != "#")


def test_every_value_is_a_setting_and_every_setting_is_explained() -> None:
    lines = text().splitlines()
    assert values(text()).keys() <= KNOWN_NAMES
    for name in values(text()):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name}="))
        assert lines[at - 1].startswith("# ")
    settings = PredictorSettings.read(values(text()))
    assert (settings.workers, settings.torch_threads, settings.forward_rows) == (2, 1, 0)
    assert (settings.max_in_flight, settings.max_waiting) == (8, 192)


def test_targets_are_patches_of_what_the_manifests_have() -> None:
    patches = [yaml.safe_load(found) for found in re.findall(r"- (\{ op.*\})", text())]
    autoscaler = yaml.safe_load((ROOT / AUTOSCALER).read_text())
    component = yaml.safe_load((ROOT / ADAPTER).read_text())
    added = next(p for p in component["patches"] if p["target"]["name"] == "predictor")
    autoscaler["spec"]["metrics"] += [each["value"] for each in yaml.safe_load(added["patch"])]
    cpu, in_flight = (at(autoscaler, patch["path"]) for patch in patches)
    assert [patch["value"] for patch in patches] == [40, "3"]
    assert cpu["type"] == "Utilization" and cpu["averageUtilization"] == 70
    assert in_flight["averageValue"] == "8"
    assert autoscaler["spec"]["metrics"][1]["external"]["metric"]["name"] == IN_FLIGHT
    assert IN_FLIGHT in (ROOT / KEDA).read_text()


def at(document: object, path: str) -> dict[str, object]:
    """What holds the last part of a JSON pointer, which must be there."""
    parts = [int(p) if p.isdigit() else p for p in path.strip("/").split("/")]
    holder = document
    for part in parts[:-1]:
        holder = holder[part]  # type: ignore[index]
    assert parts[-1] in holder  # type: ignore[operator]
    return holder  # type: ignore[return-value]


def test_the_objective_is_the_latency_objectives_bound() -> None:
    assert objective_seconds() == 0.5
