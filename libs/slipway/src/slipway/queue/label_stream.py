"""Labels on their way to Redis: acknowledged before the caller is told so."""

import logging
import time
from collections.abc import Sequence

from redis import Redis
from redis.exceptions import RedisError

from slipway.core.contracts.labels import Label, label_to_json
from slipway.core.contracts.reading import ENTRY_FIELD
from slipway.core.errors import Unavailable
from slipway.core.redis_keys import LABELS
from slipway.core.shared_settings import RedisSettings
from slipway.queue.connection import impatient

log = logging.getLogger(__name__)

# After a failure Redis is left alone for so long, and callers are told at once.
PAUSE_SECONDS = 1.0


class LabelStream:
    """Appends to `slipway:v1:labels`; connects at the first label."""

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings
        self._redis: Redis | None = None
        self._not_before = 0.0

    def append(self, labels: Sequence[Label]) -> None:
        """All of them or none. Raises Unavailable where Redis has not acknowledged them.

        A caller who is told Unavailable may send them again: of two labels the last one counts.
        """
        wait = self._not_before - time.monotonic()
        if wait > 0:
            raise Unavailable("Redis is away, no label was kept.", retry_after_seconds=wait)
        if self._redis is None:
            self._redis = impatient(self._settings)
        try:
            with self._redis.pipeline(transaction=True) as pipeline:
                for label in labels:
                    pipeline.xadd(LABELS, {ENTRY_FIELD: label_to_json(label)})
                pipeline.execute()
        except (RedisError, OSError) as wrong:
            self._not_before = time.monotonic() + PAUSE_SECONDS
            log.warning("labels refused", extra={"reason": type(wrong).__name__})
            raise Unavailable(
                "Redis is away, no label was kept.", retry_after_seconds=PAUSE_SECONDS
            ) from None
