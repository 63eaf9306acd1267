"""Memory, processor time and room, from files as Linux writes them and from this very process."""

import os
import subprocess
import sys
from pathlib import Path

from slipway.core.machine import (
    cores,
    cpu_seconds,
    folder_free_and_size_bytes,
    folder_used_bytes,
    memory_limit_bytes,
    memory_used_bytes,
    process_tree,
    return_free_memory,
)

MEMINFO = "MemTotal:       16000 kB\nMemFree:         9000 kB\n"


def given(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return folder


def test_a_containers_limit_counts_where_it_is_below_the_machines(tmp_path: Path) -> None:
    proc = given(tmp_path / "proc", meminfo=MEMINFO)
    cgroup = given(tmp_path / "cgroup", memory_max="4096000\n")
    assert memory_limit_bytes(cgroup, proc) == 4096000


def test_without_a_limit_the_machines_memory_counts(tmp_path: Path) -> None:
    proc = given(tmp_path / "proc", meminfo=MEMINFO)
    cgroup = given(tmp_path / "cgroup", memory_max="max\n")
    assert memory_limit_bytes(cgroup, proc) == 16000 * 1024
    assert memory_limit_bytes(tmp_path / "absent", proc) == 16000 * 1024


def test_a_containers_quota_counts_where_it_is_below_the_cores_of_the_machine(
    tmp_path: Path,
) -> None:
    newer = given(tmp_path / "newer", cpu_max="50000 100000\n")
    older = given(tmp_path / "older" / "cpu")
    (older / "cpu.cfs_quota_us").write_text("25000\n")
    (older / "cpu.cfs_period_us").write_text("100000\n")
    assert cores(newer) == 0.5
    assert cores(tmp_path / "older") == 0.25


def test_without_a_quota_the_cores_that_this_process_may_run_on_count(tmp_path: Path) -> None:
    there = len(os.sched_getaffinity(0))
    assert cores(given(tmp_path / "cgroup", cpu_max="max 100000\n")) == there
    assert cores(given(tmp_path / "many", cpu_max="9900000 100000\n")) == there
    assert cores(tmp_path / "absent") == there


def test_what_processes_share_is_counted_once(tmp_path: Path) -> None:
    rollup = "Rss: 900 kB\nPss: 300 kB\nPss_Dirty: 100 kB\n"
    for pid in ("7", "8"):
        (given(tmp_path / pid) / "smaps_rollup").write_text(rollup)
    assert memory_used_bytes([7, 8], tmp_path) == 600 * 1024


def test_where_shares_cannot_be_read_residence_counts(tmp_path: Path) -> None:
    given(tmp_path / "7", statm="500 20 3 1 0 4 0")
    assert memory_used_bytes([7], tmp_path) == 20 * os.sysconf("SC_PAGE_SIZE")


def test_a_process_that_is_gone_takes_nothing(tmp_path: Path) -> None:
    assert memory_used_bytes([7], tmp_path) == 0
    assert cpu_seconds(7, tmp_path) == 0


def test_processor_time_holds_that_of_ended_children(tmp_path: Path) -> None:
    before = "7 (a name) with ) S 1 7 7 0 -1 4194560 1 2 3 4"
    given(tmp_path / "7", stat=f"{before} 100 20 30 50 20 0 1 0")
    assert cpu_seconds(7, tmp_path) == 200 / os.sysconf("SC_CLK_TCK")


def test_this_process_holds_memory_and_has_the_child_that_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert {os.getpid(), child.pid} <= set(process_tree(os.getpid()))
        child.communicate(b"\n")
    assert memory_used_bytes([os.getpid()]) > 1_000_000
    assert cpu_seconds(os.getpid()) > 0


def test_room_is_that_of_the_folders_file_system(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"x" * 1000)
    (tmp_path / "below").mkdir()
    free, size = folder_free_and_size_bytes(tmp_path)
    assert 0 < free < size
    assert folder_used_bytes(tmp_path) == 1000
    assert folder_free_and_size_bytes(tmp_path / "absent") == (0, 0)
    assert folder_used_bytes(tmp_path / "absent") == 0


def test_freed_memory_goes_back_to_the_system() -> None:
    def resident_bytes() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    # Small pieces, which the allocator keeps, below one that stays and holds up the heap's end.
    pieces = [bytearray(60_000) for _ in range(2_000)]
    pieces_end = bytearray(60_000)
    del pieces
    before = resident_bytes()
    return_free_memory()
    assert before - resident_bytes() > 60_000_000, len(pieces_end)


_UNMAPPED = """
from pathlib import Path
import numpy
from slipway.core.machine import mapped_code, unmap_code

def of_files():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss_File:"))

numbers = numpy.arange(12.0).reshape(3, 4)
right = (numbers @ numbers.T).sum()
before = of_files()
unmap_code(mapped_code())
after = of_files()
assert (numbers @ numbers.T).sum() == right
assert after < 0.8 * before, (before, after)
"""


def test_code_that_only_importing_needed_is_let_go_of_and_still_there_to_be_run() -> None:
    subprocess.run([sys.executable, "-c", _UNMAPPED], check=True)
