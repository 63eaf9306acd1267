"""The process beside the request processes: /metrics of all of them, and /live.

It imports no torch and shares no thread with requests, so that it answers when they cannot.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Metric, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from predictor.challenger_metrics import CHALLENGER_END, CHALLENGER_WEIGHT
from predictor.metrics import MODEL_INFO
from predictor.runtime_directory import RuntimeDirectory
from predictor.saturation import SaturationCollector

Start = Callable[..., Any]
_ONLY_WHILE_LOADED = frozenset({MODEL_INFO, CHALLENGER_WEIGHT, CHALLENGER_END})


def application(directory: RuntimeDirectory, timeout_seconds: float, master: int) -> Any:
    """The WSGI application: /metrics, and /live with 200 while a heartbeat is fresh. master: its pid."""
    registry = CollectorRegistry()
    registry.register(_WithoutUnloaded(_OfWrittenFiles(directory.metrics)))
    registry.register(SaturationCollector(master, directory.metrics))
    metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            body: Iterable[bytes] = metrics(environ, start)
            return body
        if environ["PATH_INFO"] == "/live":
            return _live(directory, timeout_seconds, start)
        start("404 Not Found", [("Content-Type", "application/json")])
        return [b'{"error": "NotFound", "message": "There are /metrics and /live."}\n']

    return answer


class _OfWrittenFiles(MultiProcessCollector):
    """Leaves out files that a process has made and not written to yet, on which the library fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(None, path=str(folder))  # type: ignore[no-untyped-call]
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        written = [str(path) for path in self._folder.glob("*.db") if _size_bytes(path)]
        found: Iterable[Metric] = self.merge(written, accumulate=True)  # type: ignore[no-untyped-call]
        return found


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # of a process that has just ended
        return 0


class _WithoutUnloaded(Collector):
    """Leaves out versions that a process no longer has loaded.

    A series cannot be taken out of a process's metric file, only set to 0.
    """

    def __init__(self, every: Collector) -> None:
        self._every = every

    def collect(self) -> Iterable[Metric]:
        for metric in self._every.collect():
            if metric.name in _ONLY_WHILE_LOADED:
                metric.samples = [sample for sample in metric.samples if sample.value]
            yield metric


def _live(directory: RuntimeDirectory, timeout_seconds: float, start: Start) -> Iterable[bytes]:
    age = directory.youngest_beat_seconds()
    alive = age is not None and age < timeout_seconds
    status = "200 OK" if alive else "503 Service Unavailable"
    start(status, [("Content-Type", "application/json")])
    word = "ok" if alive else "no request process gives a sign of life"
    return [f'{{"status": "{word}"}}\n'.encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


def main() -> None:
    """python -m predictor.metrics_server HOST PORT DIRECTORY TIMEOUT_SECONDS MASTER_PID"""
    host, port, directory, timeout, master = sys.argv[1:]
    app = application(RuntimeDirectory(Path(directory)), float(timeout), int(master))
    with make_server(host, int(port), app, _Server, _QuietHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # A server that was killed, even before this line, leaves nobody to stop this process.
        while os.getppid() == int(master):
            time.sleep(1)


if __name__ == "__main__":
    main()
