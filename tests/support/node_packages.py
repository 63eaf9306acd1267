"""Node.js with the packages of a folder's package.json, installed where they are missing."""

import shutil
import subprocess
from pathlib import Path

from support.parts import absent


def node_with_packages(folder: Path, part: str) -> str:
    """The path of node. Says that `part` is absent where node, npm or the packages cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        absent(part, "no node and npm")
    if not (folder / "node_modules").is_dir():
        command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            absent(part, f"npm cannot install {folder.name}/package.json: {done.stderr[-200:]}")
    return node
