"""Applications at a real address, in a thread of the test's process."""

import contextlib
import logging
import threading
from collections.abc import Iterator

from flask import Flask
from werkzeug.serving import make_server

from predictor.app import create_app
from predictor.parts import Parts


@contextlib.contextmanager
def serving(application: Flask) -> Iterator[str]:
    """Its address, where it answers meanwhile."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class RunningApplication:
    """The predictor's, over fake models. Answers at `url` until it is stopped."""

    def __init__(self, parts: Parts) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.parts = parts
        self._server = make_server("127.0.0.1", 0, create_app(parts), threaded=True)
        self.port: int = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
