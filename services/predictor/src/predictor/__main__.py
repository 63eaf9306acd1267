"""Entry point: reads the settings, imports what request processes share, starts the server."""

import gc
import sys
import tempfile
from pathlib import Path

from predictor.metrics_process import MetricsProcess
from predictor.runtime_directory import RuntimeDirectory
from slipway.core.errors import SlipwayFact
from slipway.core.key_ring import key_ring
from slipway.core.logs import log_as_json
from slipway.core.machine import limit_math_threads
from slipway.core.settings import PredictorSettings


def main() -> None:
    """Serves until SIGTERM. Exits 1 with a sentence where a setting is wrong."""
    try:
        settings = PredictorSettings.read()
        key_ring(settings)  # what is wrong with the keys is told now, not by each request process
    except SlipwayFact as wrong:
        sys.exit(f"slipway-predictor: {wrong}")
    log_as_json("predictor", settings.log_level)
    limit_math_threads(settings.torch_threads)
    path = settings.runtime_dir or Path(tempfile.mkdtemp(prefix="slipway-predictor-"))
    directory = RuntimeDirectory(path)
    directory.make_empty()
    sidecar = MetricsProcess(settings, directory)
    try:
        _import_and_serve(settings, directory, sidecar)
    finally:
        sidecar.stop()


def _import_and_serve(
    settings: PredictorSettings, directory: RuntimeDirectory, sidecar: MetricsProcess
) -> None:
    gc.disable()  # importing torch makes a million objects that stay: looking for garbage is a sixth of it
    from predictor.server import serve  # imports torch, once, before any process is forked

    gc.freeze()  # uncollected: importing leaves 0.4 MB of garbage, and to find it takes 0.2 s
    gc.enable()
    serve(settings, directory, sidecar)


if __name__ == "__main__":
    main()
