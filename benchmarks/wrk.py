"""wrk, a closed loop over keep-alive connections, and what it counted."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_REPORT = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %.1f %.1f\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw. Latencies are of the closed loop."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    seconds: float


def load(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    connections: int,
    seconds: float,
    pause_seconds: float = 0.0,
) -> Load:
    """POSTs the body over so many connections for so long.

    pause_seconds: what each waits on the average before it asks again, up to twice as long.
    """
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(body.decode())}"]
    if pause_seconds:
        most = round(2000 * pause_seconds)
        lines.append(f"function delay() return math.random(0, {most}) end")
    lines += [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in headers.items()]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text("\n".join(lines) + _REPORT)
        arguments = [
            "-t",
            "1",
            "-c",
            str(connections),
            "-d",
            f"{max(1, round(seconds))}s",
            "--timeout",
            "20s",
        ]
        command = ["wrk", *arguments, "-s", str(script), url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = next(line for line in said.splitlines() if line.startswith("RESULT")).split()
    requests, micros, errors = (int(word) for word in result[1:4])
    p50, p99 = float(result[4]) / 1000, float(result[5]) / 1000
    return Load(requests / (micros / 1e6), p50, p99, errors, micros / 1e6)
