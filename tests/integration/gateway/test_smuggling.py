"""Whatever a client sends through the gateway: no part of it becomes somebody else's request or answer."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPResponse

import pytest

from support.gateway_process import RunningGateway, two_behind_a_gateway
from support.predictor_process import RunningPredictor
from support.raw_http import Answer
from support.smuggling.corpus import CORPUS
from support.smuggling.judging import (
    Scores,
    ask_as_bystanders,
    attempted,
    misplaced,
    read_differently,
    right_scores,
)
from support.smuggling.pieces import INNER, asked
from support.waiting import wait_until

NUMBERS = {name: number for number, name in enumerate(CORPUS)}
# Answered once at most, and closed: what comes behind is nobody's request.
ENDED = (
    "CL.TE: the chunks end first",
    "TE.CL: the length ends first",
    "TE.TE, a space before the colon",
    "a length twice, the second is longer",
    "a length with a plus",
    "hosts: two, not the same",
    "a chunk's size with an extension with a bare LF",
    "headers: a value of 100 KB",
    "HTTP/2 without asking",
)


@dataclass
class House:
    """Two predictors behind a gateway, and what they should say."""

    gateway: RunningGateway
    predictors: list[RunningPredictor]
    scores: Scores

    def read_differently(self) -> list[str]:
        lines = [line for predictor in self.predictors for line in predictor.log_lines()]
        return read_differently(self.gateway.log_lines(), lines)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with two_behind_a_gateway(tmp_path_factory.mktemp("house")) as (gateway, predictors):
        yield House(gateway, predictors, right_scores(predictors[0].url))


@pytest.mark.parametrize("name", CORPUS)
def test_every_answer_belongs_to_its_request(house: House, name: str) -> None:
    answers = attempted(house.gateway.port, CORPUS[name], NUMBERS[name])
    assert misplaced(answers, NUMBERS[name], house.scores) == []
    assert ask_as_bystanders(house.gateway.url, NUMBERS[name], house.scores) == []
    wait_until(
        lambda: not house.read_differently(), what=f"both logs agree: {house.read_differently()}"
    )


@pytest.mark.parametrize("name", CORPUS)
def test_a_predictor_alone_mixes_nothing_up_either(house: House, name: str) -> None:
    """Inside a cluster it is asked without the gateway."""
    number = 250 + NUMBERS[name]
    answers = attempted(house.predictors[1].port, CORPUS[name], number)
    assert misplaced(answers, number, house.scores) == []


@pytest.mark.parametrize("name", ENDED)
def test_behind_what_can_be_read_in_two_ways_nothing_is_read(house: House, name: str) -> None:
    number = 500 + NUMBERS[name]
    (answer,) = attempted(house.gateway.port, CORPUS[name], number)
    assert answer.status == 400
    assert answer.headers["connection"] == "close"


@pytest.mark.slow
def test_behind_a_body_that_was_given_up_nothing_is_read(house: House) -> None:
    """A predictor throws away what it does not need for ten seconds, then answers all the same."""
    begun = b"POST /nowhere HTTP/1.1\r\nHost: slipway\r\nContent-Length: 2000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", house.predictors[0].port), timeout=30) as client:
        client.sendall(begun + b"a" * 100)
        answer = HTTPResponse(client)
        answer.begin()
        assert (answer.status, json.load(answer)["error"]) == (404, "NotFound")
        behind = b""
        with suppress(ConnectionError):
            client.sendall(asked(INNER, b"Connection: close"))
            behind = b"".join(iter(lambda: client.recv(65536), b""))
    assert behind == b""


def test_of_several_ids_the_one_that_is_kept_is_the_one_that_was_checked(house: House) -> None:
    forged = b'X-Request-ID: good\r\nX-Request-ID: ","level":"ERROR'
    attempt = CORPUS["host: empty"].replace(b"X-Request-ID: attempt-000", forged)
    answer = attempted(house.gateway.port, attempt, 999)[0]
    assert answer.status == 200
    assert '"' not in (answer.request_id or "")
    assert answer.request_id in {line["request_id"] for line in house.gateway.log_lines()}


def test_an_answer_in_the_wrong_place_would_be_seen(house: House) -> None:
    right = attempted(house.gateway.port, CORPUS["host: empty"], 998)
    assert misplaced(right, 998, house.scores) == []
    assert misplaced(list(reversed(right)), 998, house.scores) != []
    assert misplaced([_with_id_of(right[1], right[0]), right[1]], 998, house.scores) != []
    stray = {"request_id": "inner-998", "event": "request"}
    assert read_differently([], [stray]) != []


def _with_id_of(answer: Answer, other: Answer) -> Answer:
    return replace(answer, headers=answer.headers | {"x-request-id": other.headers["x-request-id"]})
