"""The application over fake models at a real address, in a thread of the test's process."""

import logging
import threading

from werkzeug.serving import make_server

from predictor.app import create_app
from predictor.parts import Parts


class RunningApplication:
    """Answers at `url` until it is stopped."""

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
