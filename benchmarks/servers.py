"""How each server is started, where it answers, and how its protocol wraps an instance."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENVIRONMENTS = HERE / ".environments"
MODELS = HERE / ".cache" / "models"
REPOSITORY = HERE.parent
Command = Callable[[str, str, int], list[str]]  # (python, model, port)


def _itself(instance: dict[str, Any]) -> Any:
    return instance


@dataclass(frozen=True)
class Server:
    """environment: the folder of its virtual environment; empty for the project's own."""

    name: str
    environment: str
    command: Command
    path: str = "/predict"
    wrap: Callable[[dict[str, Any]], Any] = _itself
    unwrap: Callable[[Any], dict[str, Any]] = _itself
    settings: dict[str, str] = field(default_factory=dict)

    def python(self) -> str:
        return (
            str(ENVIRONMENTS / self.environment / "bin" / "python")
            if self.environment
            else sys.executable
        )

    def installed(self) -> bool:
        return Path(self.python()).exists()

    def surroundings(self, model: str, port: int, features: bool) -> dict[str, str]:
        """Environment variables; one thread each for whatever computes."""
        source = os.environ.get("BENCH_SOURCE", str(REPOSITORY))
        folders = ("libs/slipway/src", "services/predictor/src")
        path = [str(REPOSITORY), *(f"{source}/{folder}" for folder in folders)]
        return os.environ | {
            "PYTHONPATH": os.pathsep.join(path),
            "PATH": f"{Path(self.python()).parent}{os.pathsep}{os.environ['PATH']}",
            "BENCH_MODELS": str(MODELS),
            "BENCH_MODEL": model,
            "BENCH_PORT": str(port),
            "BENCH_FEATURES": "1" if features else "0",
            "OMP_NUM_THREADS": "1",
            **self.settings,
        }


def _ours(python: str, model: str, port: int) -> list[str]:
    from benchmarks.ports import free_port

    alone = MODELS.with_name("alone") / model  # as every server here: this model and no other
    shutil.copytree(MODELS / model, alone / model, copy_function=shutil.copy2, dirs_exist_ok=True)
    keys = f"SLIPWAY_DEFAULT_MODEL={model}", f"SLIPWAY_PORT={port}"
    rest = f"SLIPWAY_METRICS_PORT={free_port()}", f"SLIPWAY_BUILTIN_MODELS={alone}"
    return ["env", *keys, *rest, "SLIPWAY_WORKERS=2", python, "-m", "benchmarks.slipway_server"]


def _flask(python: str, model: str, port: int) -> list[str]:
    app = "benchmarks.peers.flask_app:create()"
    return [
        python,
        "-m",
        "gunicorn",
        "-w",
        "2",
        "-b",
        f"127.0.0.1:{port}",
        "--no-control-socket",
        app,
    ]


def _fastapi(python: str, model: str, port: int) -> list[str]:
    app = "benchmarks.peers.fastapi_app:app"
    quiet = ["--workers", "2", "--no-access-log", "--log-level", "warning"]
    return [python, "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", str(port), *quiet]


def _module(name: str) -> Command:
    return lambda python, model, port: [python, "-m", f"benchmarks.peers.{name}"]


def _bentoml(python: str, model: str, port: int) -> list[str]:
    service = "benchmarks.peers.bentoml_app:Peer"
    where = ["--host", "127.0.0.1", "--port", str(port), "--working-dir", str(REPOSITORY)]
    return [python, "-m", "bentoml", "serve", service, *where]


def _mlserver(batch: int) -> Command:
    def command(python: str, model: str, port: int) -> list[str]:
        from benchmarks.ports import free_port

        folder = Path(tempfile.mkdtemp(prefix="bench-mlserver-"))
        settings = {"http_port": port, "host": "127.0.0.1", "parallel_workers": 2, "debug": False}
        ports = {"grpc_port": free_port(), "metrics_port": free_port(), "metrics_dir": str(folder)}
        (folder / "settings.json").write_text(json.dumps(settings | ports))
        batching = {"max_batch_size": batch, "max_batch_time": 0.005} if batch else {}
        runtime = {"name": "peer", "implementation": "benchmarks.peers.mlserver_app.Peer"}
        (folder / "model-settings.json").write_text(json.dumps(runtime | batching))
        return [str(Path(python).with_name("mlserver")), "start", str(folder)]

    return command


def _to_v2(instance: dict[str, Any]) -> Any:
    row = {"name": "rows", "shape": [1, 1], "datatype": "BYTES", "data": [json.dumps(instance)]}
    return {"inputs": [row]}


def _from_v2(body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(body["outputs"][0]["data"][0])
    return answer


SERVERS = (
    Server("slipway", "", _ours, "/v1/predict", settings={"SLIPWAY_AUTH": "on"}),
    Server("flask", "", _flask),
    Server("fastapi", "fastapi", _fastapi),
    Server("litserve", "litserve", _module("litserve_app")),
    Server("litserve-batching", "litserve", _module("litserve_app"), settings={"BENCH_BATCH": "1"}),
    Server(
        "bentoml-batching",
        "bentoml",
        _bentoml,
        wrap=lambda instance: {"instances": [instance]},
        unwrap=lambda body: body[0],  # type: ignore[no-any-return]
        settings={"BENTOML_DO_NOT_TRACK": "True"},
    ),
    Server("mlserver", "mlserver", _mlserver(0), "/v2/models/peer/infer", _to_v2, _from_v2),
    Server(
        "mlserver-batching", "mlserver", _mlserver(32), "/v2/models/peer/infer", _to_v2, _from_v2
    ),
    Server(
        "kserve",
        "kserve",
        _module("kserve_app"),
        "/v1/models/peer:predict",
        wrap=lambda instance: {"instances": [instance]},
        unwrap=lambda body: body["predictions"][0],  # type: ignore[no-any-return]
    ),
)
BY_NAME = {server.name: server for server in SERVERS}
