"""Asks every predictor for /health and /ready, and keeps what it heard."""

import time
from collections.abc import Sequence

import requests

from monitor.metrics import MonitorMetrics
from monitor.prediction_log.availability import Heard, add_probes
from monitor.prediction_log.opening import PredictionLog
from monitor.probing.targets import Target, resolve

CHECKS = ("health", "ready")


class Prober:
    """Probes each address behind each base URL, one after the other."""

    def __init__(
        self,
        base_urls: Sequence[str],
        prediction_log: PredictionLog,
        metrics: MonitorMetrics,
        *,
        timeout_seconds: float,
    ) -> None:
        self._base_urls = base_urls
        self._log = prediction_log
        self._metrics = metrics
        self._timeout_seconds = timeout_seconds
        self._shown: set[tuple[str, str]] = set()
        self._session = requests.Session()
        self._session.trust_env = False  # a replica's address is never reached through a proxy

    def look(self) -> None:
        """One round over every replica."""
        targets = [target for url in self._base_urls for target in resolve(url)]
        heard = [self._ask(target, check) for target in targets for check in CHECKS]
        for one in heard:
            self._metrics.probe_up.labels(one.target, one.probe).set(one.up)
            self._metrics.probe_duration.labels(one.target, one.probe).set(one.seconds)
        self._forget_gone({(one.target, one.probe) for one in heard})
        with self._log.writing() as connection:
            add_probes(connection, heard, time.time())

    def _ask(self, target: Target, check: str) -> Heard:
        began = time.monotonic()
        try:
            answer = self._session.get(
                f"{target.url}/{check}",
                headers={"Host": target.host},
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
            up = answer.status_code == 200 and isinstance(answer.json(), dict)
        except requests.RequestException:  # also: no JSON
            up = False
        return Heard(target.name, check, up, time.monotonic() - began)

    def _forget_gone(self, present: set[tuple[str, str]]) -> None:
        for labels in self._shown - present:
            self._metrics.probe_up.remove(*labels)
            self._metrics.probe_duration.remove(*labels)
        self._shown = present
