"""How often a key may call: a token bucket for each key, in this process alone."""

import threading
import time
from collections.abc import Callable

from slipway.core.errors import RateLimited

Clock = Callable[[], float]


class TokenBucket:
    """Holds at most `burst` tokens and gains `rate` a second; starts full."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> float:
        """0 where a token was taken, otherwise the seconds until there is one."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


class RateLimits:
    """The buckets by key id. Keys come from a file, so that there are few."""

    def __init__(self, rate: float, burst: float, clock: Clock = time.monotonic) -> None:
        """rate: requests a second for each key, 0 for no limit. burst: how many at once."""
        self._rate = rate
        self._burst = max(1.0, burst)
        self._clock = clock
        self._buckets: dict[str | None, TokenBucket] = {}
        self._lock = threading.Lock()

    def take(self, key_id: str | None) -> None:
        """Raises RateLimited, with when to come again."""
        if not self._rate:
            return
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get(key_id)
            if bucket is None:
                bucket = self._buckets[key_id] = TokenBucket(self._rate, self._burst, now)
            wait = bucket.take(now)
        if wait:
            raise RateLimited("This key calls more often than it may.", retry_after_seconds=wait)
