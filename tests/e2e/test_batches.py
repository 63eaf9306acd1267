"""A batch goes in through the gateway, is computed by the worker, and comes out in order."""

import requests

from e2e.batch import accept, finished, results
from e2e.stack import Stack


def test_a_batch_is_answered(stack: Stack) -> None:
    instances = [{"message": "Free entry! Win a prize now"}, {"message": "See you at lunch"}] * 50
    place = accept(stack, instances)
    done = finished(stack, place)
    assert (done["status"], done["rows_total"]) == ("succeeded", 100)
    assert (done["rows_done"], done["rows_failed"]) == (100, 0)
    rows = results(stack, place)
    assert [row["index"] for row in rows] == list(range(100))
    alone = stack.predict(instances[0]).json()["prediction"]
    assert {row["prediction"] for row in rows[::2]} == {alone}


def test_an_unknown_batch_is_not_found(stack: Stack) -> None:
    answer = requests.get(stack.url("GATEWAY", "/v1/batches/nothing"), timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")
