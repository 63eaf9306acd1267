"""What Redis raises, as facts."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from slipway.core.errors import Unavailable

RETRY_AFTER_SECONDS = 5


@contextmanager
def redis_facts() -> Iterator[None]:
    """Raises Unavailable. Redis's own words stay away from callers: they may name addresses."""
    try:
        yield
    except RedisError as wrong:
        raise Unavailable(
            f"Redis is away ({type(wrong).__name__}).", retry_after_seconds=RETRY_AFTER_SECONDS
        ) from None
