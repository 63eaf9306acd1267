"""A thread that asks every predictor for /health and /ready, and keeps what it heard."""

import logging
import threading
import time
from collections.abc import Sequence

import requests
from sqlalchemy.exc import SQLAlchemyError

from monitor.metrics import MonitorMetrics
from monitor.prediction_log.availability import Heard, add_probes
from monitor.prediction_log.opening import PredictionLog
from monitor.probing.targets import Target, resolve

log = logging.getLogger(__name__)

CHECKS = ("health", "ready")


class Prober:
    """Probes each address behind each base URL, one after the other."""

    def __init__(
        self,
        base_urls: Sequence[str],
        prediction_log: PredictionLog,
        metrics: MonitorMetrics,
        *,
        interval_seconds: float,
        timeout_seconds: float,
    ) -> None:
        self._base_urls = base_urls
        self._log = prediction_log
        self._metrics = metrics
        self._interval_seconds = interval_seconds
        self._timeout_seconds = timeout_seconds
        self._shown: set[tuple[str, str]] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prober", daemon=True)

    def start(self) -> None:
        if self._base_urls:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        if self._thread.is_alive():
            self._thread.join(self._timeout_seconds * 2 + 1)

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # a replica's address is never reached through a proxy
            while not self._stopping.is_set():
                began = time.monotonic()
                self._round(session)
                self._stopping.wait(max(0.1, self._interval_seconds - (time.monotonic() - began)))

    def _round(self, session: requests.Session) -> None:
        targets = [target for url in self._base_urls for target in resolve(url)]
        heard = [self._ask(session, target, check) for target in targets for check in CHECKS]
        for one in heard:
            self._metrics.probe_up.labels(one.target, one.probe).set(one.up)
            self._metrics.probe_duration.labels(one.target, one.probe).set(one.seconds)
        self._forget_gone({(one.target, one.probe) for one in heard})
        try:
            with self._log.writing() as connection:
                add_probes(connection, heard, time.time())
        except SQLAlchemyError as wrong:
            log.warning("probes not kept", extra={"reason": type(wrong).__name__})

    def _ask(self, session: requests.Session, target: Target, check: str) -> Heard:
        began = time.monotonic()
        try:
            answer = session.get(
                f"{target.url}/{check}",
                headers={"Host": target.host},
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
            up = answer.status_code == 200
        except requests.RequestException:
            up = False
        return Heard(target.name, check, up, time.monotonic() - began)

    def _forget_gone(self, present: set[tuple[str, str]]) -> None:
        for labels in self._shown - present:
            self._metrics.probe_up.remove(*labels)
            self._metrics.probe_duration.remove(*labels)
        self._shown = present
