"""How many rows one forward takes: found by measuring, halved when memory runs out."""

# The smallest size that is nearly as fast as the fastest is the best: it needs the least memory.
_NEARLY = 0.97
_CLEARLY_SLOWER = 0.8
_TRIAL_FORWARDS = 3
SMALLEST = 16
LARGEST_ON_CPU = 1024
LARGEST_ON_CUDA = 8192


class ForwardSize:
    """The size for one model on one device. Sizes double from SMALLEST on until one is chosen."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._trial: int | None = min(SMALLEST, largest)
        self._chosen = self._trial or largest
        self._rows = 0
        self._seconds = 0.0
        self._forwards = 0
        self._rates: dict[int, float] = {}

    @property
    def rows(self) -> int:
        """For the next forward."""
        return self._trial if self._trial is not None else self._chosen

    @property
    def settled(self) -> bool:
        return self._trial is None

    def note(self, rows: int, seconds: float) -> None:
        """A forward of so many rows took so long. Smaller ones, at a chunk's end, tell nothing."""
        if self._trial is None or rows != self._trial:
            return
        self._rows, self._seconds = self._rows + rows, self._seconds + seconds
        self._forwards += 1
        if self._forwards >= _TRIAL_FORWARDS:
            self._end_trial(self._trial)

    def halve(self) -> None:
        """Memory ran out at the present size: no larger one is tried again."""
        self._largest = max(1, self.rows // 2)
        self._rates = {size: rate for size, rate in self._rates.items() if size <= self._largest}
        self._settle(self._largest)

    def _end_trial(self, size: int) -> None:
        self._rates[size] = self._rows / max(self._seconds, 1e-9)
        self._rows, self._seconds, self._forwards = 0, 0.0, 0
        best = max(self._rates.values())
        if 2 * size > self._largest or self._rates[size] < _CLEARLY_SLOWER * best:
            self._settle(min(s for s, rate in self._rates.items() if rate >= _NEARLY * best))
        else:
            self._trial = 2 * size

    def _settle(self, size: int) -> None:
        self._trial, self._chosen = None, size
