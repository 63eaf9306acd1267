"""The metrics process, seen from the master: started first, started again whenever it ends, stopped last."""

import logging
import os
import subprocess
import sys

from predictor.runtime_directory import RuntimeDirectory
from slipway.core.settings import PredictorSettings

log = logging.getLogger(__name__)


class MetricsProcess:
    """Runs as soon as this is made, while the master imports what takes longer.

    It ends with the process that made it; copies in forked ones leave it alone.
    """

    def __init__(self, settings: PredictorSettings, directory: RuntimeDirectory) -> None:
        self._command = [
            *(sys.executable, "-m", "predictor.metrics_server"),
            *(settings.metrics_host, str(settings.metrics_port)),
            *(str(directory.metrics.parent), str(settings.heartbeat_timeout_seconds)),
            str(os.getpid()),
        ]
        self._owner = os.getpid()
        self._process = self._start()

    def keep_running(self) -> None:
        if self._process.poll() is not None:
            log.error("metrics process ended", extra={"pid": self._process.pid})
            self._process = self._start()

    def stop(self) -> None:
        if os.getpid() == self._owner:
            self._process.terminate()

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own: a ctrl-C in the terminal reaches the master alone.
        return subprocess.Popen(self._command, start_new_session=True)
