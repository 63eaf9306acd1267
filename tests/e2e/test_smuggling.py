"""The attempts of tests/integration/gateway once more, with the images that are shipped."""

import json
from datetime import UTC, datetime
from typing import Any

from e2e.stack import Stack, eventually
from support.smuggling.corpus import CORPUS
from support.smuggling.judging import (
    ask_as_bystanders,
    attempted,
    misplaced,
    read_differently,
    right_scores,
)


def test_no_part_of_a_message_becomes_somebody_elses_request(stack: Stack) -> None:
    url, port = stack.url("GATEWAY", ""), stack.ports["GATEWAY"]
    since = datetime.now(UTC).isoformat()
    scores, wrong = right_scores(url), {}
    for number, (name, attempt) in enumerate(CORPUS.items()):
        found = misplaced(attempted(port, attempt, number), number, scores)
        found += ask_as_bystanders(url, number, scores)
        if found:
            wrong[name] = found
    assert wrong == {}
    eventually(
        lambda: read_differently(_log(stack, "gateway", since), _log(stack, "predictor", since)),
        lambda differences: differences == [],
        within_seconds=30,
    )


def _log(stack: Stack, service: str, since: str) -> list[dict[str, Any]]:
    said = stack.compose("logs", "--no-log-prefix", "--no-color", "--since", since, service)
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]
