"""How long forwards take here: measured when a model is loaded, and learned from each one since.

Loading may have met a busy moment, and what it measured decides whether requests go to a thread.
"""

from slipway.model.runtime import Model

# How much an estimate rises at each forward that took a little longer: the machine may have been busy.
_RISE = 1.02
# One that took so long is believed at once: on the loop it would hold up everybody.
_LONG_SECONDS = 0.008
_MOST = 4_096


class Pace:
    """By model and by rows, within a factor of two."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, int], float] = {}

    def seconds_for(self, model: Model, rows: int) -> float:
        """What a forward of so many rows is expected to take."""
        learned = self._seconds.get((model.digest, rows.bit_length()))
        return model.capacity.seconds_for(rows) if learned is None else learned

    def note(self, model: Model, rows: int, seconds: float) -> None:
        """One took so long."""
        before = self.seconds_for(model, rows)
        if len(self._seconds) >= _MOST:  # of models that were let go of long ago
            self._seconds.clear()
        believed = seconds if seconds > _LONG_SECONDS else min(seconds, before * _RISE)
        self._seconds[model.digest, rows.bit_length()] = believed
