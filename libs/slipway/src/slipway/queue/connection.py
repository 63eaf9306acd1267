"""Connections to Redis: impatient where a caller waits, patient where a worker does."""

from collections.abc import Callable

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.retry import Retry

from slipway.core.errors import Unavailable
from slipway.core.shared_settings import RedisSettings


def impatient(settings: RedisSettings, timeout_seconds: float = 0.2) -> Redis:
    """For a request: one try, and an error within timeout_seconds. Raises Unavailable without a URL."""
    return _connect(settings, timeout_seconds, Retry(NoBackoff(), 0))


def patient(settings: RedisSettings, gives_up: Callable[[], bool] = lambda: False) -> Redis:
    """For a worker: a Redis that is away for minutes is waited for. Raises Unavailable without a URL.

    gives_up: a plain function (connections copy it), asked before each further try.
    """
    return _connect(settings, None, Retry(_WhileWanted(gives_up), 120))


class _WhileWanted(ExponentialWithJitterBackoff):
    """Raises, instead of how long to wait, once nobody wants to wait any more."""

    def __init__(self, gives_up: Callable[[], bool]) -> None:
        super().__init__(base=0.1, cap=2)
        self._gives_up = gives_up

    def compute(self, failures: int) -> float:
        if self._gives_up():
            raise Disconnected("Redis is not waited for any more.")
        return super().compute(failures)


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
