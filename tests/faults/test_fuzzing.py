"""Requests that nobody wrote by hand: the whole description, and ten thousand bodies.

SLIPWAY_TEST_FUZZ_EXAMPLES asks for more (or fewer) of each operation.
"""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.application import write_keys
from support.predictor_process import RunningPredictor
from support.redis_server import RedisServer

EXAMPLES = os.environ.get("SLIPWAY_TEST_FUZZ_EXAMPLES", "50")
BODIES = 10_000
STATUSES = {200, 202, 400, 404, 413, 415}


class Target:
    """A predictor with Redis, a store and keys, so that every route does its work."""

    def __init__(self, folder: Path) -> None:
        (folder / "redis").mkdir()
        (folder / "store").mkdir()
        self.redis = RedisServer(folder / "redis")
        self.key = write_keys(folder / "keys", fuzzer="admin")["fuzzer"]
        self.predictor = RunningPredictor(
            folder / "predictor",
            {
                "SLIPWAY_REDIS_URL": self.redis.url,
                "SLIPWAY_STORE_URL": f"file://{folder / 'store'}",
                "SLIPWAY_AUTH": "on",
                "SLIPWAY_API_KEYS_FILE": str(folder / "keys"),
            },
        ).wait_until_ready()

    def memory_bytes(self) -> int:
        """Of the request processes, what is theirs alone."""
        processes = [psutil.Process(pid) for pid in self.predictor.request_processes()]
        return sum(process.memory_full_info().uss for process in processes)

    def stop(self) -> None:
        self.predictor.stop()
        self.redis.stop()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(tmp_path_factory.mktemp("fuzzing"))
    yield target
    target.stop()


@pytest.mark.timeout(1800)
def test_schemathesis_finds_nothing_in_the_whole_description(target: Target) -> None:
    config = Path(__file__).with_name("schemathesis.toml")
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config)),
        *("run", f"{target.predictor.url}/openapi.json", "--no-color"),
        *("--max-examples", EXAMPLES, "--continue-on-failure", "--suppress-health-check", "all"),
        # A time-out of a millisecond would rightly be answered 504.
        *(
            "--header",
            f"Authorization: Bearer {target.key}",
            "--header",
            "X-Request-Timeout-Ms: 600000",
        ),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("schemathesis_hooks.py"))}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | hooks
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    print(done.stdout[done.stdout.rfind("SUMMARY") :])  # noqa: T201
    errors = [line for line in target.predictor.log_lines() if line["level"] == "error"]
    assert errors == []


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("win a prize")
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "message",
        "instances",
        "inputs",
        "label",
        "labels",
        "request_id",
        "index",
        "id",
        "outputs",
        "x",
    ]
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4) | st.builds(dict, message=st.text(min_size=1))
ROWS = st.fixed_dictionaries({"instances": st.lists(OBJECTS | VALUES, max_size=4)})
TENSORS = st.fixed_dictionaries(
    {
        "inputs": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.just("message") | st.text(max_size=4),
                    "datatype": st.sampled_from(["BYTES", "FP32", "INT64", "BOOL"]) | VALUES,
                    "shape": st.lists(st.integers(-1, 3), max_size=3) | VALUES,
                    "data": VALUES,
                }
            ),
            max_size=2,
        )
    }
)
JSON_BODIES = st.one_of(OBJECTS, ROWS, TENSORS, VALUES).map(
    lambda value: json.dumps(value).encode("utf-8", "surrogatepass")
)
BODY = st.one_of(
    JSON_BODIES,
    st.binary(max_size=200),
    JSON_BODIES.map(lambda body: body[: len(body) // 2]),
    st.integers(1, 5000).map(lambda depth: b"[" * depth),
)
PATHS = ["/v1/predict", "/v1/explain", "/v1/feedback", "/v1/batches", "/v2/models/spam/infer"]


def test_ten_thousand_bodies_get_documented_json_and_cost_no_memory(target: Target) -> None:
    seen: Counter[int] = Counter()
    wrong: list[Any] = []
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {target.key}"

    def send(body: bytes, path: str, packed: bool) -> None:
        headers = {"Content-Encoding": "gzip"} if packed else {}
        data = gzip.compress(body) if packed else body
        answer = session.post(target.predictor.url + path, data=data, headers=headers, timeout=30)
        seen[answer.status_code] += 1
        try:
            json.loads(answer.content, parse_constant=_refuse)
        except ValueError:
            wrong.append((path, body, answer.content))
        if answer.status_code not in STATUSES:
            wrong.append((path, body, answer.status_code, answer.text))

    _send(send, BODIES // 5)  # caches fill
    before = target.memory_bytes()
    seen.clear()
    _send(send, BODIES)
    grown = target.memory_bytes() / before - 1
    assert wrong[:3] == []
    assert sum(seen.values()) >= BODIES
    assert {200, 400} <= set(seen)
    print(dict(seen), f"memory grew by {grown:.2%} over them")  # noqa: T201
    assert grown < 0.05


def _send(send: Callable[[bytes, str, bool], None], examples: int) -> None:
    chosen = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    chosen(given(BODY, st.sampled_from(PATHS), st.booleans())(send))()


def _refuse(constant: str) -> None:
    raise ValueError(constant)
