"""tritonclient[http], as it is published, against the predictor: sync and asyncio."""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from support.application import make_parts
from support.fake_model import TABLE, TEXT, fake_model
from support.parts import absent
from support.running_application import RunningApplication

try:
    import tritonclient.http as triton
    import tritonclient.http.aio as triton_aio
    from tritonclient.utils import InferenceServerException
except ImportError:
    absent("tritonclient", "tritonclient[http] is not installed", whole_module=True)


@pytest.fixture(scope="module")
def application() -> Iterator[RunningApplication]:
    running = RunningApplication(
        make_parts(
            fake_model("spam", signature=TEXT),
            fake_model("houses", "2.1.0", signature=TABLE),
            max_body_bytes=100_000,
            max_instances=100,
            max_waiting=0,
        )
    )
    yield running
    running.stop()


@pytest.fixture
def client(application: RunningApplication) -> Iterator[Any]:
    client = triton.InferenceServerClient(f"127.0.0.1:{application.port}")
    yield client
    client.close()


def texts(*values: str, binary: bool = True, shape: list[int] | None = None) -> Any:
    array = np.array(values, dtype=object).reshape(shape or [len(values)])
    tensor = triton.InferInput("message", list(array.shape), "BYTES")
    return tensor.set_data_from_numpy(array, binary_data=binary)


def table_inputs(binary: dict[str, bool]) -> list[Any]:
    """Two rows, each column as bytes unless `binary` says otherwise. NaN is no JSON."""
    last = np.nan if binary.get("hours", True) else 0.0
    columns = {
        "age": ("INT64", np.array([41, 20], np.int64)),
        "hours": ("FP32", np.array([37.5, last], np.float32)),
        "work": ("BYTES", np.array([b"public", b"private"], object)),
    }
    return [
        triton.InferInput(name, [2], datatype).set_data_from_numpy(
            values, binary_data=binary.get(name, True)
        )
        for name, (datatype, values) in columns.items()
    ]


def labels_of(result: Any) -> list[str]:
    return [
        value.decode() if isinstance(value, bytes) else value
        for value in result.as_numpy("prediction")
    ]


def test_the_server_is_alive_and_ready_and_says_what_it_is(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    metadata = client.get_server_metadata()
    assert metadata["name"] == "slipway"
    assert "binary_tensor_data" in metadata["extensions"]


def test_a_model_is_ready_in_the_version_that_is_served_and_in_no_other(client: Any) -> None:
    assert client.is_model_ready("spam")
    assert client.is_model_ready("spam", "1.0.0")
    assert not client.is_model_ready("spam", "9.9.9")
    assert not client.is_model_ready("nobody")


def test_a_model_says_what_it_takes_and_gives(client: Any) -> None:
    metadata = client.get_model_metadata("spam", "1.0.0")
    assert metadata["versions"] == ["1.0.0"]
    assert metadata["inputs"] == [{"name": "message", "datatype": "BYTES", "shape": [-1]}]
    assert [output["name"] for output in metadata["outputs"]] == [
        "prediction",
        "confidence",
        "probabilities",
    ]


def test_the_repository_lists_every_model(client: Any) -> None:
    index = client.get_model_repository_index()
    assert {(model["name"], model["version"], model["state"]) for model in index} == {
        ("spam", "1.0.0", "READY"),
        ("houses", "2.1.0", "READY"),
    }


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
def test_texts_are_answered_as_json_and_as_bytes(
    client: Any, binary_in: bool, binary_out: bool | None
) -> None:
    names = ("prediction", "probabilities", "confidence")
    outputs = binary_out is not None and [
        triton.InferRequestedOutput(name, binary_data=binary_out) for name in names
    ]
    result = client.infer(
        "spam", [texts("win 🙂", "hello", binary=binary_in)], outputs=outputs or None
    )
    assert labels_of(result) == ["spam", "not_spam"]
    assert result.as_numpy("probabilities").shape == (2, 2)
    assert result.as_numpy("confidence") == pytest.approx([0.9, 0.8])


def test_a_column_may_stand_upright(client: Any) -> None:
    result = client.infer("spam", [texts("win", "hello", shape=[2, 1])])
    assert labels_of(result) == ["spam", "not_spam"]


@pytest.mark.parametrize(
    "binary",
    [
        {"age": True, "hours": True, "work": False},
        {"age": False},
        {"age": False, "hours": False, "work": False},
    ],
)
def test_a_table_may_mix_json_and_bytes(client: Any, binary: dict[str, bool]) -> None:
    result = client.infer("houses", table_inputs(binary), model_version="2.1.0")
    assert result.as_numpy("prediction") == pytest.approx([20.0, 20.0])
    assert result.as_numpy("interval") == pytest.approx(np.array([[18.0, 22.0]] * 2))
    assert result.get_response()["model_version"] == "2.1.0"


@pytest.mark.parametrize("packed_in", ["gzip", "deflate", None])
@pytest.mark.parametrize("packed_out", ["gzip", "deflate", None])
def test_both_directions_may_be_compressed(
    client: Any, packed_in: str | None, packed_out: str | None
) -> None:
    result = client.infer(
        "spam",
        [texts(*["win"] * 90)],
        request_compression_algorithm=packed_in,
        response_compression_algorithm=packed_out,
    )
    assert labels_of(result) == ["spam"] * 90


def test_the_callers_id_comes_back_and_ours_beside_it(client: Any) -> None:
    answer = client.infer("spam", [texts("hello")], request_id="caller-7").get_response()
    assert answer["id"] == "caller-7"
    assert answer["parameters"]["request_id"]
    named = client.infer("spam", [texts("hello")], headers={"X-Request-ID": "r-1"}).get_response()
    assert (named["id"], named["parameters"]["request_id"]) == ("r-1", "r-1")


@pytest.mark.parametrize("binary", [True, False])
def test_an_empty_batch_has_empty_outputs(client: Any, binary: bool) -> None:
    outputs = [
        triton.InferRequestedOutput(n, binary_data=binary) for n in ("prediction", "probabilities")
    ]
    result = client.infer("spam", [texts(binary=binary)], outputs=outputs)
    assert result.as_numpy("prediction").shape == (0,)
    assert result.as_numpy("probabilities").shape == (0, 2)


def test_the_likeliest_classes_may_be_asked_for(client: Any) -> None:
    wanted = [triton.InferRequestedOutput("probabilities", class_count=1)]
    result = client.infer("spam", [texts("win")], outputs=wanted)
    assert result.as_numpy("probabilities").tolist() == [[b"0.900000:1:spam"]]


def wrong_type() -> Any:
    tensor = triton.InferInput("message", [1], "INT32")
    return tensor.set_data_from_numpy(np.array([1], np.int32))


@pytest.mark.parametrize(
    ("model", "version", "make", "status", "words"),
    [
        ("nobody", "", lambda: texts("a"), "404", ["ModelNotFound", "nobody"]),
        ("spam", "9.9.9", lambda: texts("a"), "404", ["ModelNotFound", "9.9.9"]),
        ("spam", "", wrong_type, "400", ["InvalidInput", "message", "INT32", "BYTES"]),
        ("spam", "", lambda: texts("a", "b", shape=[1, 2]), "400", ["message", "[1, 2]", "[rows]"]),
        ("spam", "", lambda: texts("hello", ""), "400", ["message[1]", "must not be empty"]),
        ("spam", "", lambda: texts(*["a"] * 101), "413", ["TooLarge", "101", "100"]),
        ("spam", "", lambda: texts("a" * 100_001), "413", ["TooLarge", "100000"]),
    ],
)
def test_an_error_says_what_is_wrong(
    client: Any, model: str, version: str, make: Any, status: str, words: list[str]
) -> None:
    with pytest.raises(InferenceServerException) as refused:
        client.infer(model, [make()], model_version=version)
    assert refused.value.status() == status
    assert all(word in refused.value.message() for word in words), refused.value.message()


def test_overload_is_told_as_such(application: RunningApplication, client: Any) -> None:
    admission, places = application.parts.admission, application.parts.settings.max_in_flight
    for _ in range(places):
        admission.enter()
    try:
        with pytest.raises(InferenceServerException, match="Overloaded") as refused:
            client.infer("spam", [texts("hello")])
        assert refused.value.status() == "503"
    finally:
        for _ in range(places):
            admission.leave()
    assert labels_of(client.infer("spam", [texts("win")])) == ["spam"]


def test_the_protocols_own_time_out_is_a_deadline(client: Any) -> None:
    with pytest.raises(InferenceServerException, match="DeadlineExceeded") as refused:
        client.infer("spam", [texts("hello")], timeout=1)
    assert refused.value.status() == "504"
    assert labels_of(client.infer("spam", [texts("win")], timeout=60_000_000)) == ["spam"]


def test_the_asyncio_client_gets_the_same(application: RunningApplication) -> None:
    async def ask() -> None:
        async with triton_aio.InferenceServerClient(f"127.0.0.1:{application.port}") as client:
            assert await client.is_server_live()
            assert await client.is_server_ready()
            assert await client.is_model_ready("spam", "1.0.0")
            assert not await client.is_model_ready("nobody")
            assert (await client.get_server_metadata())["name"] == "slipway"
            assert (await client.get_model_metadata("houses"))["versions"] == ["2.1.0"]
            assert len(await client.get_model_repository_index()) == 2
            for binary in (True, False):
                for packing in ("gzip", "deflate", None):
                    result = await client.infer(
                        "spam",
                        [texts("win", "hello", binary=binary)],
                        request_id="a-1",
                        request_compression_algorithm=packing,
                        response_compression_algorithm=packing,
                    )
                    assert labels_of(result) == ["spam", "not_spam"]
                    assert result.get_response()["id"] == "a-1"
            mixed = await client.infer(
                "houses", table_inputs({"age": False}), model_version="2.1.0"
            )
            assert mixed.as_numpy("prediction") == pytest.approx([20.0, 20.0])
            assert (await client.infer("spam", [texts()])).as_numpy("prediction").shape == (0,)
            for model, make, words in (
                ("nobody", lambda: texts("a"), "ModelNotFound"),
                ("spam", wrong_type, "INT32"),
                ("spam", lambda: texts("a", "b", shape=[1, 2]), "shape"),
                ("spam", lambda: texts("a" * 100_001), "TooLarge"),
            ):
                with pytest.raises(InferenceServerException, match=words):
                    await client.infer(model, [make()])

    asyncio.run(ask())
