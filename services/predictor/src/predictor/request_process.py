"""gunicorn's thread worker, with a sign of life and a word to the application on SIGTERM."""

from types import FrameType

from gunicorn.workers.gthread import ThreadWorker

from predictor.malformed import MalformedRequests


class RequestProcess(MalformedRequests, ThreadWorker):  # type: ignore[misc]
    """slot: the lowest number that no living sibling has; metric files are named by it."""

    slot: int

    def notify(self) -> None:
        """Called by the loop that accepts requests, about once a second."""
        super().notify()
        self.app.beat(self.slot)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.app.drain()
        super().handle_exit(sig, frame)
