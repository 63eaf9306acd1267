"""Which requests the event loop answers itself, and which go to a native thread."""

import io
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

from predictor.beside_loop import Application, BesideLoop
from predictor.body_ahead import BodiesAhead, NoRoom
from predictor.body_rest import TooSlow
from predictor.gate import LATE_BODY, NO_ROOM
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

    def __init__(
        self, application: Application, threads: int, seats: int, bodies: BodiesAhead
    ) -> None:
        self._here = application
        self._beside = BesideLoop(application, threads, seats)
        self._bodies = bodies

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[ARRIVED] = time.perf_counter()
        here = never_blocks(environ)
        if here and not int(environ.get("CONTENT_LENGTH") or "0"):
            return self._here(environ, start_response)
        return self._once_it_is_here(environ, start_response, here=here)

    def _once_it_is_here(
        self, environ: dict[str, Any], start_response: Any, *, here: bool
    ) -> Iterator[bytes]:
        """On the loop, or on a thread, which is not kept waiting for a body that dribbles in."""
        wait = None if here else self._beside.seconds_until_room()
        try:
            if wait is None:
                with self._bodies.held(environ):
                    if here:
                        yield from self._here(environ, start_response)
                        return
                    wait = self._beside.seconds_until_room()
                    if wait is None:
                        yield from self._beside(environ, start_response)
                        return
        except NoRoom:
            wait = 1.0
        except TooSlow:  # gunicorn has seen it, too, and ends the connection after the answer
            environ |= {"wsgi.input": io.BytesIO(), LATE_BODY: True}
            yield from self._here(environ, start_response)
            return
        environ[NO_ROOM] = wait
        yield from self._here(environ, start_response)

    def stop(self) -> None:
        self._beside.stop()


def never_blocks(environ: dict[str, Any]) -> bool:
    """Whether the request is one that the loop answers without waiting for anything but its client."""
    if _NEVER_BLOCKS.fullmatch(environ["PATH_INFO"]) is None:
        return False
    if "HTTP_TRANSFER_ENCODING" in environ or "HTTP_CONTENT_ENCODING" in environ:
        return False
    length = environ.get("CONTENT_LENGTH") or "0"
    return length.isdigit() and int(length) <= LARGEST_ON_LOOP_BYTES
