"""An S3-speaking server process of the test's own: moto's, everything in memory."""

import sys
from importlib.util import find_spec
from pathlib import Path

import requests

from support.parts import absent
from support.processes import RunningProcess
from support.waiting import free_port, wait_until

BUCKET = "slipway-test"
# moto looks whether an object is there and then writes it; S3 does both at once. A thread that is not
# interrupted in between does, too.
_MOTO = "import sys; sys.setswitchinterval(60); from moto.server import main; main()"


class S3Server:
    """One server on a port of its own, with one bucket and a file of credentials."""

    def __init__(self, folder: Path) -> None:
        if find_spec("moto") is None:
            absent("s3", "moto[server] is not installed")
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.credentials = folder / "store_credentials"
        self.credentials.write_text("test-key\ntest-secret\n")
        command = [sys.executable, "-c", _MOTO, "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = RunningProcess(command, folder / "s3.log")
        wait_until(self._makes_bucket, seconds=60, what="the S3 server answers")

    def settings(self, prefix: str = "") -> dict[str, str]:
        """What a process needs to use it, as SLIPWAY_ names without their prefix."""
        return {
            "store_url": f"s3://{BUCKET}/{prefix}".rstrip("/"),
            "store_endpoint_url": self.endpoint,
            "store_credentials_file": str(self.credentials),
        }

    def _makes_bucket(self) -> bool:
        assert self._process.running, self._process.output
        try:
            return requests.put(f"{self.endpoint}/{BUCKET}", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        self._process.stop()
