"""gunicorn's master, which also keeps the metrics process running."""

import logging
import subprocess
from collections.abc import Sequence
from typing import Any

from gunicorn.arbiter import Arbiter

log = logging.getLogger(__name__)


class SidecarArbiter(Arbiter):  # type: ignore[misc]
    """Starts one more process beside the workers, again whenever it ends, and stops it last."""

    def __init__(self, app: Any, command: Sequence[str]) -> None:
        self._command = command
        self._sidecar: subprocess.Popen[bytes] | None = None
        super().__init__(app)

    def manage_workers(self) -> None:
        """Called by the master's loop about once a second."""
        super().manage_workers()
        if self._sidecar is not None and self._sidecar.poll() is not None:
            log.error("metrics process ended", extra={"pid": self._sidecar.pid})
            self._sidecar = None
        if self._sidecar is None:
            # A session of its own: a ctrl-C in the terminal reaches the master alone.
            self._sidecar = subprocess.Popen(self._command, start_new_session=True)

    def stop(self, graceful: bool = True) -> None:
        super().stop(graceful)
        if self._sidecar is not None:
            self._sidecar.terminate()
            self._sidecar = None
