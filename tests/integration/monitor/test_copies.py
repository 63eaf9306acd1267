"""The log copied and brought back by the commands of docs/kubernetes.md, while the monitor runs."""

import re
import subprocess
import sys
from collections.abc import Callable

from support.monitor_process import RunningMonitor
from support.monitored import an_event, put_events
from support.predictor_process import REPOSITORY
from support.redis_server import RedisServer
from support.waiting import wait_until

PAGE = REPOSITORY / "docs" / "kubernetes.md"
COPY, BRING_BACK = re.findall(
    r'exec monitor-0 -- python -c "(.*)"$', PAGE.read_text(), re.MULTILINE
)


def test_what_was_in_the_copy_is_back_and_the_monitor_goes_on(
    start_monitor: Callable[..., RunningMonitor], redis_server: RedisServer
) -> None:
    monitor = start_monitor()
    _predicted(monitor, redis_server, "before")
    _typed(COPY, monitor)
    _predicted(monitor, redis_server, "after")
    _typed(BRING_BACK, monitor)
    assert _knows(monitor, "before")
    assert not _knows(monitor, "after")
    monitor.stop()
    monitor.start()
    monitor.wait_until_ready()
    _predicted(monitor, redis_server, "later")
    assert _knows(monitor, "before")


def _typed(command: str, monitor: RunningMonitor) -> None:
    """As a shell in the container would run it, the volume being the monitor's folder here."""
    code = command.replace("/var/lib/slipway", str(monitor.folder))
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def _predicted(monitor: RunningMonitor, redis: RedisServer, request_id: str) -> None:
    with redis.client() as client:
        put_events(client, an_event(f"p-{request_id}", request_id=request_id))
    wait_until(lambda: _knows(monitor, request_id), what=f"{request_id} is in the log")


def _knows(monitor: RunningMonitor, request_id: str) -> bool:
    return monitor.get(f"/v1/predictions/{request_id}").status_code == 200
