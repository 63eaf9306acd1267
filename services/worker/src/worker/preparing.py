"""The next rows are made ready on a thread of their own while a CUDA device computes the last ones."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from slipway.model.families.base import Inputs
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model
from slipway.model.signature import Instance


class PreparedAhead:
    """A model's `predict` over one list of rows, asked from its start to its end. Entered and left."""

    def __init__(self, model: Model, instances: Sequence[Instance]) -> None:
        self._model = model
        self._instances = instances
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="preparing")
        self._next: tuple[range, Future[Inputs]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def predict(self, asked: range) -> list[Prediction]:
        """Of instances[asked]; as many behind them are begun, in case that they are asked next."""
        inputs = self._inputs(asked)
        following = range(asked.stop, min(asked.stop + len(asked), len(self._instances)))
        if following:
            self._next = (following, self._thread.submit(self._prepare, following))
        return self._model.postprocess(self._model.forward(inputs))

    def _inputs(self, asked: range) -> Inputs:
        prepared, self._next = self._next, None
        if prepared is not None and prepared[0] == asked:
            return prepared[1].result()
        return self._prepare(asked)

    def _prepare(self, asked: range) -> Inputs:
        return self._model.preprocess(self._instances[asked.start : asked.stop])
