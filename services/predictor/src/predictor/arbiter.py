"""gunicorn's master, which also keeps the metrics process running."""

from typing import Any

from gunicorn.arbiter import Arbiter

from predictor.metrics_process import MetricsProcess


class SidecarArbiter(Arbiter):  # type: ignore[misc]
    """Looks after one more process beside the workers, and stops it last."""

    def __init__(self, app: Any, sidecar: MetricsProcess) -> None:
        self._sidecar = sidecar
        super().__init__(app)

    def manage_workers(self) -> None:
        """Called by the master's loop about once a second."""
        super().manage_workers()
        self._sidecar.keep_running()

    def stop(self, graceful: bool = True) -> None:
        super().stop(graceful)
        self._sidecar.stop()
