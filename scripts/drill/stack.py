"""A whole stack as plain processes: gateway, predictor, worker, monitor, Redis, Prometheus, Alertmanager."""

import json
import shutil
import sys
from pathlib import Path

import requests
import yaml

from drill.processes import Process, free_port, program

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
GATEWAY = """
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend metrics
  bind 127.0.0.1:{metrics}
  http-request use-service prometheus-exporter if {{ path /metrics }}
frontend clients
  bind 127.0.0.1:{clients}
  default_backend predictors
backend predictors
  server predictor 127.0.0.1:{predictor}
"""


class Stack:
    """Everything below one folder, every process on ports of its own."""

    def __init__(
        self,
        folder: Path,
        webhook: str,
        *,
        predictor: dict[str, object] | None = None,
        monitor: dict[str, object] | None = None,
    ) -> None:
        """predictor, monitor: settings that differ from the usual ones."""
        self.folder = folder
        self._settings = {"predictor": predictor or {}, "monitor": monitor or {}}
        self.ports = {name: free_port() for name in (*_OURS, *_METRICS, "clients", "predictor-b")}
        self.processes: dict[str, Process] = {}
        for name in ("store", "redis", "monitor", "targets", "prometheus"):
            (folder / name).mkdir(parents=True)
        self._ours()
        self._theirs()
        self._write_alertmanager(webhook)
        self._write_prometheus()

    @property
    def prometheus_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['prometheus']}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['predictor']}"

    def start(self) -> None:
        for name, process in self.processes.items():
            if not name.endswith("-b"):
                process.start()

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.stop()

    def ready(self) -> bool:
        """Every target is scraped and the predictor takes requests."""
        try:
            if requests.get(f"{self.url}/ready", timeout=5).status_code != 200:
                return False
            answer = requests.get(f"{self.prometheus_url}/api/v1/targets", timeout=5).json()
        except requests.RequestException:
            return False
        targets = answer["data"]["activeTargets"]
        return len(targets) >= 7 and all(target["health"] == "up" for target in targets)

    def scrape_predictors(self, *names: str) -> None:
        """Which predictors Prometheus finds, as the DNS of a real stack would say."""
        targets = [{"targets": [f"127.0.0.1:{self.ports[f'{name}-metrics']}"]} for name in names]
        (self.folder / "targets" / "predictors.json").write_text(json.dumps(targets))

    def predictor(self, name: str, **settings: object) -> Process:
        """A predictor that is added to the stack, not started yet."""
        return self._python(
            name,
            "predictor",
            SLIPWAY_RUNTIME_DIR=self.folder / f"{name}-runtime",
            SLIPWAY_MODEL_CACHE=self.folder / f"{name}-cache",
            SLIPWAY_AUTH="off",
            SLIPWAY_LOAD_TIMEOUT_SECONDS=600,
            **(self._settings["predictor"] | settings),
        )

    def _python(self, name: str, module: str, **settings: object) -> Process:
        common = {
            "SLIPWAY_REDIS_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "SLIPWAY_STORE_URL": f"file://{self.folder / 'store'}",
            "SLIPWAY_BUILTIN_MODELS": ROOT / "models",
        }
        port = "SLIPWAY_PORT" if module != "worker" else "SLIPWAY_METRICS_PORT"
        own = {port: self.ports[name]} | settings
        if module == "predictor":
            own["SLIPWAY_METRICS_PORT"] = self.ports[f"{name}-metrics"]
        command = [sys.executable, "-m", module]
        process = Process(command, self.folder / f"{name}.log", **(common | own))
        self.processes[name] = process
        return process

    def _ours(self) -> None:
        redis = [program("redis-server"), "--port", str(self.ports["redis"]), "--save", ""]
        redis += ["--bind", "127.0.0.1", "--appendonly", "yes", "--dir", str(self.folder / "redis")]
        self._add("redis", redis)
        self.predictor("predictor")
        self._python("worker", "worker")
        self._python(
            "monitor",
            "monitor",
            SLIPWAY_AUTH="off",
            SLIPWAY_DATA_DIR=self.folder / "monitor",
            SLIPWAY_PREDICTORS=self.url,
            **self._settings["monitor"],
        )

    def _theirs(self) -> None:
        ports, folder = self.ports, self.folder
        (folder / "haproxy.cfg").write_text(
            GATEWAY.format(
                metrics=ports["gateway"], clients=ports["clients"], predictor=ports["predictor"]
            )
        )
        self._add("gateway", [program("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")])
        address = f"redis://127.0.0.1:{ports['redis']}"
        listen = f"--web.listen-address=127.0.0.1:{ports['redis-metrics']}"
        self._add("redis-exporter", [program("redis_exporter"), f"--redis.addr={address}", listen])
        self._add(
            "alertmanager",
            [
                *(program("alertmanager"), f"--config.file={folder / 'alertmanager.yml'}"),
                f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
                *("--cluster.listen-address=", f"--storage.path={folder / 'alertmanager'}"),
            ],
        )
        self._add(
            "prometheus",
            [
                *(program("prometheus"), f"--config.file={folder / 'prometheus.yml'}"),
                f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
            ],
        )

    def _add(self, name: str, command: list[str]) -> None:
        self.processes[name] = Process(command, self.folder / f"{name}.log")

    def _write_alertmanager(self, webhook: str) -> None:
        """The project's own file, but every receiver tells the drill."""
        config = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())
        for receiver in config["receivers"]:
            receiver["webhook_configs"] = [{"url": webhook, "send_resolved": True}]
        (self.folder / "alertmanager.yml").write_text(yaml.safe_dump(config))

    def _write_prometheus(self) -> None:
        """The project's own rules and intervals; only where things are differs."""
        config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
        shutil.copytree(PROMETHEUS / "rules", self.folder / "rules")
        jobs = {
            name: {"static_configs": [{"targets": [f"127.0.0.1:{self.ports[port]}"]}]}
            for name, port in _JOBS.items()
        }
        found = {"files": [str(self.folder / "targets" / "*.json")], "refresh_interval": "5s"}
        jobs["predictor"] = {"file_sd_configs": [found]}
        config["scrape_configs"] = [{"job_name": name} | where for name, where in jobs.items()]
        alertmanager = [f"127.0.0.1:{self.ports['alertmanager']}"]
        config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": alertmanager}]}]}
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self.scrape_predictors("predictor")


_OURS = ("redis", "predictor", "worker", "monitor", "gateway", "prometheus", "alertmanager")
_METRICS = ("predictor-metrics", "predictor-b-metrics", "redis-metrics")
_JOBS = {
    "worker": "worker",
    "monitor": "monitor",
    "gateway": "gateway",
    "redis": "redis-metrics",
    "prometheus": "prometheus",
    "alertmanager": "alertmanager",
}
