"""gunicorn over the application: one process, its threads, and the log's migration before it."""

import logging
import os
import sys
import time
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from monitor.app import create_app
from monitor.making import make_parts
from monitor.parts import Parts
from monitor.prediction_log.opening import database_url, migrate, open_log
from slipway import __version__
from slipway.core.settings import MonitorSettings

log = logging.getLogger(__name__)

# How long a database that is still starting is waited for.
DATABASE_PATIENCE_SECONDS = 60


class PropagatingLogger(Logger):  # type: ignore[misc]
    """Sends gunicorn's own events to the process's JSON log instead of to its own handlers."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """The monitor under gunicorn: threads are started in the one process that serves."""

    def __init__(self, settings: MonitorSettings) -> None:
        self.settings = settings
        self.parts: Parts | None = None
        super().__init__()

    def load_config(self) -> None:
        settings = self.settings
        options = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": 1,
            "threads": settings.threads,
            "worker_class": "gthread",
            "graceful_timeout": 10,
            "keepalive": 75,
            "control_socket_disable": True,
            "logger_class": PropagatingLogger,
            "worker_exit": lambda _, __: self.close(),
            "proc_name": "slipway-monitor",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Runs in the serving process, after the fork."""
        self.parts = make_parts(self.settings)
        self.parts.start()
        return create_app(self.parts)

    def close(self) -> None:
        if self.parts is not None:
            self.parts.stop()


def serve(settings: MonitorSettings) -> None:
    """Brings the log up to date and serves until told to stop."""
    _migrate_when_there(settings)
    extra = {"release": __version__, "port": settings.port, "pid": os.getpid()}
    log.info("monitor starts", extra=extra)
    Server(settings).run()


def _migrate_when_there(settings: MonitorSettings) -> None:
    prediction_log = open_log(database_url(settings))
    deadline = time.monotonic() + DATABASE_PATIENCE_SECONDS
    while True:
        try:
            migrate(prediction_log)
            break
        except OperationalError as wrong:
            if time.monotonic() > deadline:
                sys.exit(f"slipway-monitor: the prediction log cannot be opened: {wrong.orig}")
            log.warning("database away", extra={"reason": type(wrong.orig).__name__})
            time.sleep(1)
        except SQLAlchemyError as wrong:
            sys.exit(f"slipway-monitor: the prediction log cannot be brought up to date: {wrong}")
    prediction_log.close()
