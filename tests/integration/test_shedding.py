"""A real predictor under more load than it has places for."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from support.predictor_process import RunningPredictor

# Most of a megabyte: an answer that comes before such a body was read must still reach the caller.
ROWS = {"instances": [{"message": f"You have won prize {row}! " * 300} for row in range(100)]}
ASKED = 24


def test_what_is_over_the_bound_is_refused_fast_and_the_rest_is_answered(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor(workers="1", max_in_flight="1", max_waiting="1")

    def ask(_: int) -> tuple[int, str | None, float]:
        began = time.perf_counter()
        answer = predictor.post("/v1/predict", ROWS)
        return answer.status_code, answer.headers.get("Retry-After"), time.perf_counter() - began

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(ASKED)))
    refused = [answer for answer in answers if answer[0] == 503]
    assert {status for status, _, _ in answers} == {200, 503}
    assert all(retry is not None and 1 <= int(retry) <= 60 for _, retry, _ in refused)
    assert sorted(seconds for _, _, seconds in refused)[len(refused) // 2] < 5 * 0.05
    assert predictor.post("/v1/predict", {"message": "hello"}).status_code == 200


def test_a_refusal_reaches_a_caller_who_is_still_sending(predictor: RunningPredictor) -> None:
    body = b'{"message": "' + b"x" * 3_000_000 + b'"}'
    with requests.Session() as session:
        for expected, path, sent in (
            (413, "/v1/predict", body),
            (404, "/nowhere", body),
            (405, "/ready", body),
            (200, "/v1/predict", b'{"message": "hello"}'),
        ):
            answer = session.post(predictor.url + path, data=sent, timeout=30)
            assert answer.status_code == expected
