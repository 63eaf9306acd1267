"""Requests and failures of each version, as the predictors count them: a failed one has no event."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import requests
from prometheus_client.parser import text_string_to_metric_families

from monitor.probing.targets import resolve

REQUESTS = "slipway_predictor_requests_total"
# Of a canary that failed the champion answered: such a request is among the champion's.
CHALLENGER_FAILURES = "slipway_predictor_challenger_failures_total"
# {replica: {version: [requests, failed]}}
Counters = dict[str, dict[str, list[int]]]


class PredictorCounters:
    """Asks /metrics of every address behind every base URL."""

    def __init__(self, base_urls: Sequence[str], port: int, timeout_seconds: float) -> None:
        self._base_urls = base_urls
        self._port = port
        self._timeout_seconds = timeout_seconds
        self._session = requests.Session()
        self._session.trust_env = False  # a replica's address is never reached through a proxy

    def read(self, model: str) -> Counters:
        """A replica that does not answer is left out."""
        found: Counters = {}
        for target in (target for url in self._base_urls for target in resolve(url)):
            host = urlsplit(target.url).hostname
            try:
                answer = self._session.get(
                    f"http://{host}:{self._port}/metrics", timeout=self._timeout_seconds
                )
                answer.raise_for_status()
                found[target.name] = counts_of(answer.text, model)
            except (requests.RequestException, ValueError):
                continue
        return found


def counts_of(text: str, model: str) -> dict[str, list[int]]:
    """Of one replica's /metrics. Raises ValueError for what is none."""
    found: dict[str, list[int]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name not in (REQUESTS, CHALLENGER_FAILURES):
                continue
            if sample.labels.get("model") != model:
                continue
            counts = found.setdefault(sample.labels.get("version", ""), [0, 0])
            counts[0] += int(sample.value)
            if sample.name == CHALLENGER_FAILURES or sample.labels["code"].startswith("5"):
                counts[1] += int(sample.value)
    return found


def since(before: Counters, now: Counters, version: str) -> tuple[int, int]:
    """(requests, failed) of a version between two readings; a replica that counts from 0 again is
    taken as it is."""
    requests_made = failed = 0
    for replica, versions in now.items():
        made, wrong = versions.get(version, [0, 0])
        made_before, wrong_before = before.get(replica, {}).get(version, [0, 0])
        if made < made_before:
            made_before = wrong_before = 0
        requests_made += made - made_before
        failed += max(0, wrong - wrong_before)
    return requests_made, failed
