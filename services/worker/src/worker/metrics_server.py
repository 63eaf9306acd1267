"""/metrics and /live, answered by a thread beside the one that computes."""

import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

Start = Callable[..., Any]


def application(registry: CollectorRegistry, is_live: Callable[[], bool]) -> Any:
    """The WSGI application: /metrics, and /live with 200 while work is not stuck."""
    metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            body: Iterable[bytes] = metrics(environ, start)
            return body
        if environ["PATH_INFO"] == "/live":
            live = is_live()
            status = "200 OK" if live else "503 Service Unavailable"
            start(status, [("Content-Type", "application/json")])
            return [f'{{"status": "{"ok" if live else "stuck"}"}}\n'.encode()]
        start("404 Not Found", [("Content-Type", "application/json")])
        return [b'{"error": "NotFound", "message": "There are /metrics and /live."}\n']

    return answer


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


def start_metrics_server(host: str, port: int, app: Any) -> WSGIServer:
    """Answers from now on; returns the server, which knows its port."""
    server = make_server(host, port, app, _Server, _QuietHandler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
