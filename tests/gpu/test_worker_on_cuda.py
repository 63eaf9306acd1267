"""The worker's way of answering on a CUDA device, where there is one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from slipway.batches.rows import InputRow
from slipway.model.devices import in_mixed_precision
from slipway.model.loading import load
from slipway.model.prediction import Prediction
from slipway.model.registry import version_directory
from slipway.model.runtime import Model
from support.many_rows import distinct_messages
from support.parts import absent
from support.predictor_process import MODELS
from worker.answering import Answer, answers
from worker.forward_size import LARGEST_ON_CUDA, ForwardSize

MESSAGES = distinct_messages(3_000, characters=600)
ROWS = [InputRow(instance={"message": message}) for message in MESSAGES]


def spam_on(device: str) -> Model:
    version = sorted(path.name for path in (MODELS / "spam" / "versions").iterdir())[-1]
    return load(version_directory(MODELS, "spam", version), device)


@pytest.fixture(scope="module")
def on_cuda() -> Model:
    if not torch.cuda.is_available():
        absent("cuda", "torch sees no CUDA device")
    return spam_on("cuda:0")


@pytest.fixture
def little_memory() -> Iterator[None]:
    """What the device's cache holds, and 30 MB beyond it: less than all rows take at once."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    reserved = torch.cuda.memory_reserved(0)
    torch.cuda.set_per_process_memory_fraction(min(1.0, (reserved + 30_000_000) / total), 0)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0, 0)


def furthest(found: list[Answer], expected: list[Prediction]) -> float:
    """The largest difference of a label's probability."""
    distances = []
    for answer, right in zip(found, expected, strict=True):
        assert isinstance(answer, Prediction)
        assert answer.probabilities is not None
        assert right.probabilities is not None
        distances += [abs(answer.probabilities[k] - p) for k, p in right.probabilities.items()]
    return max(distances)


def test_a_cuda_device_answers_as_the_cpu_does(on_cuda: Model) -> None:
    right = spam_on("cpu").predict([{"message": message} for message in MESSAGES])
    found = answers(on_cuda, ROWS, ForwardSize(LARGEST_ON_CUDA))
    assert furthest(found, right) < 1e-4


def test_mixed_precision_stays_near(on_cuda: Model) -> None:
    mixed = replace(on_cuda, network=in_mixed_precision(on_cuda.network, on_cuda.device))
    right = on_cuda.predict([{"message": message} for message in MESSAGES])
    assert furthest(answers(mixed, ROWS, ForwardSize(LARGEST_ON_CUDA)), right) < 1e-2


def test_rows_that_do_not_fit_into_memory_at_once_are_answered_in_smaller_parts(
    on_cuda: Model, little_memory: None
) -> None:
    size = ForwardSize(LARGEST_ON_CUDA)
    while not size.settled:  # as measured on a device with more room: the largest is the best
        size.note(size.rows, 1e-3)
    right = spam_on("cpu").predict([{"message": message} for message in MESSAGES])
    assert furthest(answers(on_cuda, ROWS, size), right) < 1e-4
    assert size.rows < LARGEST_ON_CUDA
