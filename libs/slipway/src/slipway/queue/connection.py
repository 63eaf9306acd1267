"""Connections to Redis: impatient where a caller waits, patient where a worker does."""

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.retry import Retry

from slipway.core.errors import Unavailable
from slipway.core.settings import RedisSettings


def impatient(settings: RedisSettings, timeout_seconds: float = 0.2) -> Redis:
    """For a request: one try, and an error within timeout_seconds. Raises Unavailable without a URL."""
    return _connect(settings, timeout_seconds, Retry(NoBackoff(), 0))


def patient(settings: RedisSettings) -> Redis:
    """For a worker: a Redis that is away for minutes is waited for. Raises Unavailable without a URL."""
    return _connect(settings, None, Retry(ExponentialWithJitterBackoff(base=0.1, cap=2), 120))


def _connect(settings: RedisSettings, timeout_seconds: float | None, retry: Retry) -> Redis:
    if not settings.redis_url:
        raise Unavailable("No Redis is configured (SLIPWAY_REDIS_URL).")
    password = None
    if settings.redis_password_file is not None:
        password = settings.redis_password_file.read_text("utf-8").strip()
    return Redis.from_url(
        settings.redis_url,
        password=password,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds if timeout_seconds is not None else 2.0,
        retry=retry,
        health_check_interval=30,
    )
