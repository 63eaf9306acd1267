"""How many rows one forward takes: found by measuring, halved when memory runs out, bounded in time."""

# The smallest size that is nearly as fast as the fastest is the best: it needs the least memory.
_NEARLY = 0.97
_CLEARLY_SLOWER = 0.8
_TRIAL_FORWARDS = 3
SMALLEST = 16
LARGEST_ON_CPU = 1024
LARGEST_ON_CUDA = 8192
# Between two forwards a worker sees that it shall stop, and says that it is alive.
LONGEST_SECONDS = 1.0


class ForwardSize:
    """The size for one model on one device. Sizes double from SMALLEST on until one is chosen."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._trial: int | None = min(SMALLEST, largest)
        self._chosen = self._trial or largest
        self._fits = largest
        self._seconds: list[float] = []
        self._rates: dict[int, float] = {}

    @property
    def rows(self) -> int:
        """For the next forward: as chosen, or fewer where the last ones took too long."""
        return self._trial if self._trial is not None else min(self._chosen, self._fits)

    @property
    def settled(self) -> bool:
        return self._trial is None

    def note(self, rows: int, seconds: float) -> None:
        """A forward of so many rows took so long. Smaller ones, at a chunk's end, tell nothing."""
        if rows < self.rows and seconds <= LONGEST_SECONDS:
            return
        self._fits = max(1, int(rows * LONGEST_SECONDS / max(seconds, 1e-9)))
        if self._trial is None or rows != self._trial:
            return
        self._seconds.append(seconds)
        if len(self._seconds) >= _TRIAL_FORWARDS or seconds > LONGEST_SECONDS:
            self._end_trial(self._trial)

    def halve(self) -> None:
        """Memory ran out at the present size: no larger one is tried again."""
        self._largest = max(1, self.rows // 2)
        self._rates = {size: rate for size, rate in self._rates.items() if size <= self._largest}
        self._settle(self._largest)

    def _end_trial(self, size: int) -> None:
        """By the fastest of a trial's forwards: what others do on the same cores only slows."""
        self._rates[size] = size / max(min(self._seconds), 1e-9)
        self._seconds = []
        best = max(self._rates.values())
        too_large = 2 * size > self._largest or size > self._fits
        if too_large or self._rates[size] < _CLEARLY_SLOWER * best:
            self._settle(min(s for s, rate in self._rates.items() if rate >= _NEARLY * best))
        else:
            self._trial = 2 * size

    def _settle(self, size: int) -> None:
        self._trial, self._chosen = None, size
