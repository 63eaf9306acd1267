"""Rows made ready ahead are the rows that are asked for."""

import threading
from collections.abc import Sequence

import numpy as np

from slipway.model.families.base import Inputs, Scores
from slipway.model.runtime import Model
from slipway.model.signature import Instance
from support.fake_model import fake_model
from support.waiting import wait_until
from worker.preparing import PreparedAhead

ROWS = [{"message": "win" if n % 3 else "hello"} for n in range(25)]


def test_parts_of_any_size_are_answered_as_the_whole_is() -> None:
    model = fake_model()
    parts = [range(8), range(8, 16), range(16, 18), range(18, 20), range(20, 25)]
    with PreparedAhead(model, ROWS) as ahead:
        found = [answer for part in parts for answer in ahead.predict(part)]
    assert found == model.predict(ROWS)


def test_the_next_rows_are_made_ready_while_the_last_ones_are_computed() -> None:
    prepared: list[int] = []
    together = threading.Event()

    class Watched(Model):
        def preprocess(self, instances: Sequence[Instance]) -> Inputs:
            prepared.append(len(instances))
            return Inputs(len(instances), {"scores": np.zeros(len(instances))})

        def forward(self, inputs: Inputs) -> Scores:
            wait_until(lambda: len(prepared) == 2, what="the next rows are being made ready")
            together.set()
            return inputs.arrays["scores"].astype(np.float32)

    fake = fake_model()
    model = Watched(
        fake.manifest, "0" * 64, fake.signature, {}, {}, fake.family, fake.network, "cuda:0"
    )
    with PreparedAhead(model, ROWS) as ahead:
        assert len(ahead.predict(range(10))) == 10
    assert together.is_set()
    assert prepared == [10, 10]
