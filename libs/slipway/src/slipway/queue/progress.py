"""How far open batches are, counted along in Redis; the store knows better, but has to be read."""

from dataclasses import dataclass

from redis import Redis

from slipway.batches.records import Manifest
from slipway.batches.state import Progress
from slipway.core.redis_keys import batch_progress
from slipway.queue.facts import redis_facts


@dataclass(frozen=True)
class ProgressBook:
    """Raises Unavailable when Redis is away."""

    connection: Redis

    def note(self, manifest: Manifest, chunk: int, rows_failed: int) -> int:
        """A chunk was committed; how many are now known to be."""
        key = batch_progress(manifest.batch_id)
        with redis_facts(), self.connection.pipeline() as pipeline:
            pipeline.hset(key, str(chunk), rows_failed)
            pipeline.expireat(key, manifest.expires_at)
            pipeline.hlen(key)
            return int(pipeline.execute()[-1])

    def read(self, manifest: Manifest) -> Progress:
        """At most what is true: Redis may have lost its last second."""
        with redis_facts():
            noted = self.connection.hgetall(batch_progress(manifest.batch_id))
        return Progress(
            sum(manifest.chunk_rows[int(chunk)] for chunk in noted), sum(map(int, noted.values()))
        )

    def forget(self, batch_id: str) -> None:
        with redis_facts():
            self.connection.delete(batch_progress(batch_id))
