"""gunicorn's gevent worker without patching: greenlets for connections, threads stay threads."""

import time
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

import gevent
from gevent import socket
from gevent.pool import Pool
from gunicorn.http import get_parser
from gunicorn.http.errors import NoMoreData
from gunicorn.util import close
from gunicorn.workers.ggevent import GeventWorker

from predictor.accepting import ABSENT, ConnectionCounts, EvenServer
from predictor.connections import Connections
from predictor.malformed import MalformedRequests
from predictor.plain_lane import PlainLane

# After SIGTERM: how often it is looked whether all is answered, and how long a connection that
# asks nothing is kept for a request that may be on its way.
LOOK_SECONDS = 0.05
LAST_REQUEST_SECONDS = 1.0
# How long and how much is read of a sender who was told that what it sends is no HTTP.
LINGER_SECONDS = 1.0
LINGER_BYTES = 1 << 20
# The client has left: nobody is there to be told.
GONE = (BrokenPipeError, ConnectionResetError)


class EventLoopProcess(MalformedRequests, GeventWorker):  # type: ignore[misc]
    """slot: the lowest number that no living sibling has; metric files are named by it."""

    slot: int
    sockets: list[Any]
    counts: ConnectionCounts

    def patch(self) -> None:
        """Only the listening sockets become the loop's.

        Nothing else is patched: what others wrote with threads and locks works as they wrote it,
        and a model that loads, or a store that is slow, holds up no request.
        """
        self.sockets = [
            socket.socket(each.FAMILY, socket.SOCK_STREAM, fileno=each.sock.detach())
            for each in self.sockets
        ]

    def notify(self) -> None:
        """Called by the loop, about once a second."""
        super().notify()
        self.app.beat(self.slot)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.app.drain()
        super().handle_exit(sig, frame)

    def run(self) -> None:
        """Accepts until told to stop; then answers what was asked and what is still on its way."""
        self.connections = Connections(self.cfg.keepalive)
        self.counts.set(self.slot, 0)
        servers = [self._serve(listener) for listener in self.sockets]
        while self.alive:
            self._look_after()
            gevent.sleep(1.0)
        for server in servers:
            server.close()
        self._drain(servers)

    def handle(self, listener: Any, client: Any, address: Any) -> None:
        """One connection, in a greenlet of its own."""
        mine = gevent.getcurrent()
        self.connections.opened(mine, client)
        self._count()
        try:
            client.setblocking(1)
            self._converse(mine, listener.getsockname(), client, address)
        except (StopIteration, NoMoreData, *GONE) as end:
            self.log.debug("connection ends: %s", end)
        except OSError:
            self.log.exception("Socket error processing request.")
        except BaseException as wrong:  # noqa: BLE001 - as gunicorn does: answered, then closed
            self.handle_error(None, client, address, wrong)
        finally:
            close(client)
            self.connections.closed(mine)
            self._count()

    def _converse(self, mine: Any, listener_name: Any, client: Any, address: Any) -> None:
        """Requests one after another: plain predictions at once, all others through gunicorn's parser."""
        parser = get_parser(self.cfg, client, address)
        lane = PlainLane(self.app.predictions, client, parser.unreader, lambda: self.alive)
        waits, asks = partial(self.connections.waits, mine), partial(self.connections.asks, mine)
        while lane.answer_while_plain(waits, asks):
            waits()
            try:
                request = next(parser)
            finally:
                asks()
            self.handle_request(listener_name, request, client, address)
            if request.should_close() or not parser.finish_body():
                return
            gevent.sleep(0)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """The error, then its end; closing with bytes unread would take the answer back."""
        super().handle_error(req, client, addr, exc)
        with suppress(OSError), gevent.Timeout(LINGER_SECONDS, False):
            client.shutdown(socket.SHUT_WR)
            left = LINGER_BYTES
            while left > 0 and (piece := client.recv(65_536)):
                left -= len(piece)

    def _serve(self, listener: Any) -> EvenServer:
        listener.setblocking(1)
        pool = Pool(self.worker_connections)
        server = EvenServer(
            self.counts, self.slot, listener, handle=partial(self.handle, listener), spawn=pool
        )
        server.start()
        return server

    def _look_after(self) -> None:
        self.notify()
        self.connections.close_idle()

    def _count(self) -> None:
        if self.alive:
            self.counts.set(self.slot, len(self.connections))

    def _drain(self, servers: list[EvenServer]) -> None:
        self.counts.set(self.slot, ABSENT)
        began = time.monotonic()
        while time.monotonic() - began < self.cfg.graceful_timeout:
            if not any(len(server.pool) for server in servers):
                return
            self.notify()
            if time.monotonic() - began >= LAST_REQUEST_SECONDS:
                self.connections.close_idle(LAST_REQUEST_SECONDS)
            gevent.sleep(LOOK_SECONDS)
        self.log.warning("graceful timeout", extra={"pid": self.pid})
        for server in servers:
            server.stop(timeout=1)
