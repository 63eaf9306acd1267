"""Which requests the event loop answers itself, and which go to a native thread."""

import re
import time
from collections.abc import Iterable
from typing import Any

from predictor.beside_loop import Application, BesideLoop
from predictor.gate import NO_ROOM
from predictor.request_context import ARRIVED

# Answered on the loop: what never blocks. Predictions park, health looks at nothing.
_NEVER_BLOCKS = re.compile(
    r"/health|/live|/ready|/v2/health/(live|ready)|/predict|/v1/predict"
    r"|/v1/models/[^/]+(/versions/[^/]+)?/predict|/v2/models/[^/]+(/versions/[^/]+)?/infer"
)
# Reading and checking a larger body would keep the loop for milliseconds.
LARGEST_ON_LOOP_BYTES = 64 * 1024


class LoopApplication:
    """Sends each request where it may take its time; what finds no room there is refused on the loop."""

    def __init__(self, application: Application, threads: int, seats: int) -> None:
        self._here = application
        self._beside = BesideLoop(application, threads, seats)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[ARRIVED] = time.perf_counter()
        if never_blocks(environ):
            return self._here(environ, start_response)
        wait = self._beside.seconds_until_room()
        if wait is None:
            return self._beside(environ, start_response)
        environ[NO_ROOM] = wait
        return self._here(environ, start_response)

    def stop(self) -> None:
        self._beside.stop()


def never_blocks(environ: dict[str, Any]) -> bool:
    """Whether the request is one that the loop answers without waiting for anything but its client."""
    if _NEVER_BLOCKS.fullmatch(environ["PATH_INFO"]) is None:
        return False
    if "HTTP_TRANSFER_ENCODING" in environ or "HTTP_CONTENT_ENCODING" in environ:
        return False
    length = environ.get("CONTENT_LENGTH") or "0"
    return length.isdigit() and int(length[:9]) <= LARGEST_ON_LOOP_BYTES
