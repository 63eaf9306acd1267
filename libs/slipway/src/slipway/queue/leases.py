"""Who computes which chunk now. A lease is a sign of life, not a lock: results are created once anyway."""

from collections.abc import Iterable
from dataclasses import dataclass

from redis import Redis

from slipway.core.redis_keys import batch_lease
from slipway.queue.facts import redis_facts

LEASE_SECONDS = 10
RENEW_SECONDS = 3


@dataclass(frozen=True)
class Leases:
    """The leases that one worker takes, under its name. Raises Unavailable when Redis is away."""

    connection: Redis
    holder: str

    def take(self, batch_id: str, chunk: int) -> bool:
        """False where another worker holds it."""
        key = batch_lease(batch_id, chunk)
        with redis_facts():
            if self.connection.set(key, self.holder, nx=True, ex=LEASE_SECONDS):
                return True
            return self._holds(key)

    def renew(self, batch_id: str, chunk: int) -> None:
        """Also takes it anew where it was lost together with Redis's memory of it."""
        with redis_facts():
            self.connection.set(batch_lease(batch_id, chunk), self.holder, ex=LEASE_SECONDS)

    def release(self, batch_id: str, chunk: int) -> None:
        key = batch_lease(batch_id, chunk)
        with redis_facts():
            if self._holds(key):
                self.connection.delete(key)

    def _holds(self, key: str) -> bool:
        return self.connection.get(key) == self.holder.encode()


def leased(connection: Redis, batch_id: str, chunks: Iterable[int]) -> set[int]:
    """Those of the chunks that somebody computes now."""
    asked = list(chunks)
    with redis_facts():
        held = connection.mget([batch_lease(batch_id, chunk) for chunk in asked]) if asked else []
    return {chunk for chunk, holder in zip(asked, held, strict=True) if holder is not None}
