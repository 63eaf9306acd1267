"""What telling the monitor costs: throughput with events on against off, and Redis slow or gone.

    python benchmarks/publishing.py [--pairs 10] [--seconds 4]

Starts two predictors on the same model, one with a Redis and one without, and asks them in turn
with wrk (16 connections, keep-alive); prints the ratio of each pair and the median. Then the
first one's Redis answers 2 s late, then is killed: failures and latencies of 2,000 requests each.
"""

import argparse
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.predictor_process import RunningPredictor
from support.redis_server import RedisServer
from support.waiting import free_port

MESSAGE = (
    "Congratulations! You have won a free iPhone. Call 09061234567 now to claim your prize, 150p/min,"
    " or text WIN to 80086. The offer ends on Sunday at noon."
)
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"message": "%s"}'
"""


class SlowProxy:
    """A TCP proxy that hands on what the server says `delay_seconds` later."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.delay_seconds = 0.0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, late: bool) -> None:
        try:
            while data := source.recv(65536):
                if late:
                    time.sleep(self.delay_seconds)
                target.sendall(data)
        except OSError:
            pass
        finally:
            source.close()
            target.close()


def requests_per_second(url: str, script: Path, seconds: int) -> float:
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(script), f"{url}/v1/predict"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        sys.exit(output)
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found is not None
    return float(found.group(1))


def latencies(url: str, count: int) -> tuple[int, list[float]]:
    """(failures, seconds of each) of requests one after the other."""
    failures, found = 0, []
    with requests.Session() as session:
        for _ in range(count):
            began = time.perf_counter()
            answer = session.post(f"{url}/v1/predict", json={"message": MESSAGE}, timeout=30)
            found.append(time.perf_counter() - began)
            failures += answer.status_code != 200
    return failures, sorted(found)


def say(what: str, failures: int, found: list[float]) -> None:
    middle, high = found[len(found) // 2] * 1000, found[int(len(found) * 0.99)] * 1000
    print(
        f"{what}: {failures} failures of {len(found)},"
        f" median {middle:.1f} ms, p99 {high:.1f} ms, max {found[-1] * 1000:.1f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--requests", type=int, default=2_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        script = root / "post.lua"
        script.write_text(SCRIPT % MESSAGE)
        (root / "redis").mkdir()
        redis_server = RedisServer(root / "redis")
        proxy = SlowProxy(redis_server.port)
        common = {"SLIPWAY_AUTH": "off", "SLIPWAY_LOG_LEVEL": "WARNING"}
        url = {"SLIPWAY_REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
        on = RunningPredictor(root / "on", common | url).wait_until_ready()
        off = RunningPredictor(root / "off", common).wait_until_ready()
        try:
            ratios = []
            for number in range(chosen.pairs + 1):
                pair = [(on, "on"), (off, "off")][:: 1 if number % 2 else -1]
                rate = {
                    name: requests_per_second(p.url, script, chosen.seconds) for p, name in pair
                }
                if number:  # the first pair warms up
                    ratios.append(rate["on"] / rate["off"])
                    print(f"on {rate['on']:7.0f}/s  off {rate['off']:7.0f}/s  {ratios[-1]:.3f}")
            print(f"median of {len(ratios)} pairs: {statistics.median(ratios):.3f}", flush=True)
            say("without Redis at all", *latencies(off.url, chosen.requests))
            say("Redis quick", *latencies(on.url, chosen.requests))
            proxy.delay_seconds = 2.0
            say("Redis 2 s late", *latencies(on.url, chosen.requests))
            redis_server.kill()
            say("Redis gone", *latencies(on.url, chosen.requests))
            for line in on.metrics().splitlines():
                if line.startswith("slipway_predictor_events_"):
                    print(line)
        finally:
            on.stop()
            off.stop()
            redis_server.stop()


if __name__ == "__main__":
    main()
