"""What was measured on, and with which versions."""

import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path

from benchmarks.servers import ENVIRONMENTS

_PACKAGES = ("torch", "flask", "gunicorn", "gevent", "numpy", "msgspec", "prometheus-client")
_PEERS = ("fastapi", "uvicorn", "litserve", "bentoml", "mlserver", "kserve")
_ASK = "import importlib.metadata as m,json,sys;print(json.dumps(m.version(sys.argv[1])))"


def described() -> dict[str, object]:
    """Processor, cores, load, Python, and the version of each server."""
    model = next(
        (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), ""
    )
    return {
        "processor": model or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "commit": _commit(),
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES} | _peers(),
    }


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _peers() -> dict[str, str]:
    found = {}
    for name in _PEERS:
        python = ENVIRONMENTS / (name if name != "uvicorn" else "fastapi") / "bin" / "python"
        if python.exists():
            said = subprocess.run([python, "-c", _ASK, name], capture_output=True, check=False)
            if said.returncode == 0:
                found[name] = json.loads(said.stdout)
    return found
