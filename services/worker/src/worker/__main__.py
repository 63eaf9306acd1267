"""Entry point: reads the settings, makes the parts, works until SIGTERM."""

import sys

from slipway.core.errors import Unavailable, UnknownSetting
from slipway.core.logs import log_as_json
from slipway.core.machine import limit_math_threads
from slipway.core.settings import WorkerSettings


def main() -> None:
    """Works until SIGTERM. Exits 2 with a sentence where a setting is wrong."""
    try:
        settings = WorkerSettings.read()
        log_as_json("worker", settings.log_level)
        limit_math_threads(settings.torch_threads)
        from worker.working import work  # imports torch

        work(settings)
    except (UnknownSetting, Unavailable) as wrong:
        print(f"slipway-worker: {wrong}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


if __name__ == "__main__":
    main()
