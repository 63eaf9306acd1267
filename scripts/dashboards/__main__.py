"""python -m dashboards: writes grafana/dashboards/*.json."""

import json

from dashboards import batches, overview, predictor, quality, rollout
from dashboards.parts import ROOT

FOLDER = ROOT / "grafana" / "dashboards"


def main() -> None:
    for name, text in files().items():
        (FOLDER / name).write_text(text)


def files() -> dict[str, str]:
    """Every dashboard's file by name."""
    made = (module.make() for module in (overview, predictor, batches, quality, rollout))
    return {
        dashboard["uid"].removeprefix("slipway-") + ".json": json.dumps(dashboard, indent=2) + "\n"
        for dashboard in made
    }


if __name__ == "__main__":
    main()
