"""promtool and amtool: installed ones, or those in the images that the stack runs."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMAGES = {"promtool": "prom/prometheus", "amtool": "prom/alertmanager"}
VERSIONS = {"promtool": "PROMETHEUS_VERSION", "amtool": "ALERTMANAGER_VERSION"}


def find_tool(name: str) -> list[str] | None:
    """The command line that runs it in the project's folder; None where there is neither."""
    if shutil.which(name):
        return [name]
    image = f"{IMAGES[name]}:{_version_of(name)}"
    if not shutil.which("docker") or not (
        _docker("image", "inspect", image) or _docker("pull", "-q", image)
    ):
        return None
    return [
        "docker",
        "run",
        "--rm",
        "-v",
        f"{ROOT}:{ROOT}:ro",
        "-w",
        str(ROOT),
        "--entrypoint",
        name,
        image,
    ]


def run_tool(command: list[str], *arguments: str) -> tuple[int, str]:
    """Its exit status and all it said."""
    answer = subprocess.run(
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout + answer.stderr


def _version_of(name: str) -> str:
    lines = (ROOT / "deploy/compose/versions.env").read_text().splitlines()
    return dict(line.split("=") for line in lines if "=" in line)[VERSIONS[name]]


def _docker(*arguments: str) -> bool:
    return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0
