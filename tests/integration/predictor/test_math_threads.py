"""One operation of the predictor uses as many threads as the setting says, wherever it runs."""

import os
import subprocess
import sys

ASK = """
import sys
from concurrent.futures import ThreadPoolExecutor
from slipway.core.machine import limit_math_threads
limit_math_threads(int(sys.argv[1]))
import ctypes, torch
torch.set_num_threads(int(sys.argv[1]))
loaded = open("/proc/self/maps").read().split()
ask = ctypes.CDLL(next(path for path in loaded if "libgomp" in path)).omp_get_max_threads
with ThreadPoolExecutor(1) as other:
    print(ask(), other.submit(ask).result())
"""


def test_a_thread_beside_the_loop_takes_no_more_than_the_loop_itself() -> None:
    free = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    for count in ("1", "3"):
        said = subprocess.run(
            [sys.executable, "-c", ASK, count], env=free, capture_output=True, text=True, check=True
        )
        assert said.stdout.split() == [count, count]
