"""Ten times more than can be answered: what is answered, how fast the rest is refused, and what remains.

    python -m benchmarks.flood [--seconds 60] [--times 10]

The model's forward takes 20 ms a row, whatever it is batched with. First its peak is measured (a closed
loop of 64 callers), and what is normal (an open loop at half the peak); then the open loop asks `times`
the peak; then half the peak again, second by second.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.models import SLOW, SPAM, make
from benchmarks.open_loop import Seen, open_loop, percentile
from benchmarks.predictor import json_post, predictor
from benchmarks.wrk import load

CONNECTIONS = 600
NORMAL_SECONDS = 10.0
AFTER_SECONDS = 20.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=10.0)
    options = parser.parse_args()
    body = json.dumps({"message": SPAM}).encode()
    with tempfile.TemporaryDirectory(prefix="slipway-flood-") as folder:
        make(Path(folder) / "models", (SLOW,))
        with predictor(Path(folder), SLOW, workers=2) as port:
            json_body = {"Content-Type": "application/json"}
            url = f"http://127.0.0.1:{port}/v1/predict"
            peak = load(url, body, json_body, 64, 10).requests_per_second
            request = json_post("/v1/predict", body)
            half = peak / 2
            normal = asyncio.run(open_loop(port, request, half, NORMAL_SECONDS, CONNECTIONS))
            usual = percentile(normal.seconds_of(lambda one: one.status == 200), 99)
            rate = peak * options.times
            flood = asyncio.run(open_loop(port, request, rate, options.seconds, CONNECTIONS))
            after = asyncio.run(open_loop(port, request, half, AFTER_SECONDS, CONNECTIONS))
    _say(peak, usual, flood, after, options.seconds)
    if {one.status for one in flood.answers} - {200, 503} or flood.broken:
        sys.exit(1)


def _say(peak: float, usual: float, flood: Seen, after: Seen, seconds: float) -> None:
    good = flood.seconds_of(lambda one: one.status == 200)
    refused = flood.seconds_of(lambda one: one.status == 503)
    late = [one.late for one in flood.answers]
    told = sum(one.retry_after for one in flood.answers if one.status == 503)
    print(f"peak {peak:.0f}/s, p99 at half of it {usual * 1e3:.0f} ms")
    print(
        f"asked {(len(flood.answers) + flood.unsent) / seconds:.0f}/s for {seconds:.0f} s: "
        f"{len(good)} answered, {len(good) / seconds / peak:.3f} of the peak rate; "
        f"{len(refused)} refused, {told} with Retry-After; "
        f"{flood.unsent} not sent, {flood.broken} broken"
    )
    print(
        "refusals: "
        + ", ".join(f"p{p} {percentile(refused, p) * 1e3:.1f} ms" for p in (50, 90, 99))
        + f"; the client itself was late by p99 {percentile(late, 99) * 1e3:.1f} ms"
    )
    print(f"answers under the flood: p99 {percentile(good, 99) * 1e3:.0f} ms")
    for second in range(int(AFTER_SECONDS)):
        these = after.seconds_of(lambda one, s=second: s <= one.at < s + 1 and one.status == 200)
        shed = sum(second <= one.at < second + 1 and one.status != 200 for one in after.answers)
        print(
            f"second {second + 1} after: p99 {percentile(these, 99) * 1e3:.0f} ms, {shed} refused"
        )


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"took {time.perf_counter() - began:.0f} s", file=sys.stderr)
