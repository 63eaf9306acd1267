"""Whether every answer belongs to its request: as the client saw it, and as the logs tell it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from support.raw_http import Answer, answers_in, exchange
from support.smuggling.pieces import ATTEMPT, INNER, MARKER, MESSAGES, asked, numbered

BYSTANDER = "bystander"
_BYSTANDERS = ("See you at lunch", "WIN £500 NOW", "ok", "Free entry, text WIN to 80001")
_OURS = re.compile(rf"^({ATTEMPT}|{INNER}|{MARKER}|{BYSTANDER})-\d")

Scores = Mapping[str, Mapping[str, float]]


def right_scores(url: str) -> Scores:
    """message: probabilities, as a predictor says them when it is asked politely."""
    found = {}
    for message in (*MESSAGES.values(), *_BYSTANDERS):
        answer = requests.post(f"{url}/v1/predict", json={"message": message}, timeout=30)
        found[message] = answer.json()["probabilities"]
    return found


def attempted(port: int, attempt: bytes, number: int) -> list[Answer]:
    """The answers to the attempt and to the marker behind it on the same connection."""
    message = numbered(attempt + asked(MARKER, b"Connection: close"), number)
    return answers_in(exchange(port, message), message)


def misplaced(answers: list[Answer], number: int, scores: Scores) -> list[str]:
    """What is wrong with the answers that one connection got, as sentences."""
    names = [f"{name}-{number:03}" for name in MESSAGES]
    last, wrong = -1, []
    for place, answer in enumerate(answers):
        own = answer.request_id
        if own in names:
            if names.index(own) <= last:
                wrong.append(f"{own} is answered out of turn")
            last = names.index(own)
        wrong += _wrong_in(answer, own, place, is_last=answer is answers[-1], scores=scores)
    return wrong


def _wrong_in(
    answer: Answer, own: str | None, place: int, *, is_last: bool, scores: Scores
) -> Iterable[str]:
    said = answer.json
    if answer.status >= 500:
        yield f"{answer.status}: {answer.body!r}"
    elif own is None:
        # The gateway's own page for what is no HTTP: nothing may come after it.
        if not is_last or answer.status < 400:
            yield f"{answer.status} without an id, and the connection goes on"
    elif answer.status >= 400 and answer.body:
        if not isinstance(said, dict) or not isinstance(said.get("error"), str):
            yield f"an error in another form: {answer.body!r}"
        elif said["request_id"] != own:
            yield f"an error of {said['request_id']} as {own}"
    elif isinstance(said, dict) and "probabilities" in said:
        name = own.rpartition("-")[0] if _OURS.match(own) else ATTEMPT
        if said["request_id"] != own or (name == ATTEMPT) != (place == 0):
            yield f"{own} holds the answer to {said['request_id']}"
        if not _alike(said["probabilities"], scores[MESSAGES[name]]):
            yield f"{own} holds the answer to another message"


def ask_as_bystanders(url: str, number: int, scores: Scores) -> list[str]:
    """Two other clients, two requests each on a kept connection, all of them different."""
    wrong = []
    for client in range(2):
        with requests.Session() as session:
            for turn in range(2):
                message = _BYSTANDERS[2 * client + turn]
                own = f"{BYSTANDER}-{number:03}-{client}-{turn}"
                answer = session.post(
                    f"{url}/v1/predict",
                    json={"message": message},
                    headers={"X-Request-ID": own},
                    timeout=30,
                )
                said = answer.json()
                ids = {answer.headers.get("X-Request-ID"), said["request_id"]}
                if answer.status_code != 200 or ids != {own}:
                    wrong.append(f"{own} got {answer.status_code} {ids}")
                elif not _alike(said["probabilities"], scores[message]):
                    wrong.append(f"{own} got the answer to another message")
    return wrong


def read_differently(
    gateway: Iterable[dict[str, Any]], predictors: Iterable[dict[str, Any]]
) -> list[str]:
    """Requests that one side's log has and the other's has not.

    What a predictor refuses as no HTTP has no id there; it is counted against what is left over.
    """
    lines = list(predictors)
    sent = Counter(
        line["request_id"]
        for line in gateway
        if line["server"] != "<NOSRV>" and _OURS.match(line["request_id"])
    )
    read = Counter(
        line["request_id"]
        for line in lines
        if line["event"] == "request" and _OURS.match(line["request_id"])
    )
    refused = sum(line["event"] == "malformed request" for line in lines)
    wrong = [f"{own} reached a predictor, but was not sent" for own in read - sent]
    unread = list((sent - read).elements())
    if len(unread) != refused:
        wrong.append(f"{refused} are refused as no HTTP, but {len(unread)} not read: {unread}")
    return wrong


def _alike(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() == other.keys() and all(abs(one[k] - other[k]) < 1e-6 for k in one)
