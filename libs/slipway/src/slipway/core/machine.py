"""What the machine, or the container, gives to processes, and what they take of it. Sizes are bytes."""

import ctypes
import gc
import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
# Of glibc's malloc.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
# Of Linux's mman.h.
_MADV_DONTNEED = 4


def memory_limit_bytes(cgroup: Path = CGROUP, proc: Path = PROC) -> int:
    """What the container may take, or the machine has; 0 where neither can be read."""
    machine = _machine_memory_bytes(proc)
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        said = _read(cgroup / name).strip()
        if said.isdigit() and (not machine or int(said) < machine):
            return int(said)
    return machine


def cores(cgroup: Path = CGROUP) -> float:
    """How many this process may use: those it may run on, or fewer where a container's quota says so."""
    there = float(len(os.sched_getaffinity(0)))
    quota, _, period = _read(cgroup / "cpu.max").strip().partition(" ")
    if not period:
        quota = _read(cgroup / "cpu" / "cpu.cfs_quota_us").strip()
        period = _read(cgroup / "cpu" / "cpu.cfs_period_us").strip()
    if quota.isdigit() and period.isdigit() and int(period):
        return min(there, int(quota) / int(period))
    return there


def memory_used_bytes(pids: Iterable[int], proc: Path = PROC) -> int:
    """What the processes hold together: what several of them share is counted once."""
    return sum(_proportional_bytes(proc / str(pid)) for pid in pids)


def cpu_seconds(pid: int, proc: Path = PROC) -> float:
    """Processor time that a process and its ended children took; 0 once it is gone itself."""
    fields = _read(proc / str(pid) / "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def limit_math_threads(count: int) -> None:
    """How many threads one operation may use, on whichever thread of this process it is called.

    To be called before torch is imported: OpenMP reads it when it is loaded, and gives each thread a
    count of its own, while torch.set_num_threads counts for the thread that calls it.
    """
    os.environ["OMP_NUM_THREADS"] = str(count)


def steady_allocator() -> None:
    """From now on memory is kept in few arenas, and large pieces go back to the system when freed.

    glibc raises its limit for large pieces to the largest one that was freed: after the first model
    that is let go of, the next ones would leave holes. Does nothing where the allocator is another.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 1 << 20)


def return_free_memory() -> None:
    """Collects what only refers to itself, and gives the system back what the allocator keeps (glibc's).

    A model that was let go of may be part of a cycle, and each thread that loads one leaves an arena
    with holes of its size behind.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def mapped_code(proc: Path = PROC) -> list[tuple[int, int]]:
    """First and last address of each library's code in this process. To be asked while no other thread
    loads a library: for a moment, a new one's data look like code."""
    lines = (line.split() for line in _read(proc / "self" / "maps").splitlines())
    spans = [span for span, access, _, _, inode, *_ in lines if access == "r-xp" and inode != "0"]
    return [(int(start, 16), int(end, 16)) for start, _, end in (s.partition("-") for s in spans)]


def unmap_code(code: Iterable[tuple[int, int]]) -> None:
    """Lets go of what was run through once, to import or to load; what runs again is mapped again.

    code: of `mapped_code`. It is never anything but its file, unlike a library's other pages.
    """
    libc = ctypes.CDLL(None)
    for start, end in code:
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def process_tree(pid: int, proc: Path = PROC) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for parent in found:
        said = _read(proc / str(parent) / "task" / str(parent) / "children")
        found += [int(child) for child in said.split()]
    return found


def folder_free_and_size_bytes(folder: Path) -> tuple[int, int]:
    """Of the file system that the folder is on; (0, 0) where there is no such folder."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0, 0
    return disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize


def folder_used_bytes(folder: Path) -> int:
    """The sizes of the files directly in the folder."""
    try:
        return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
    except OSError:
        return 0


def _machine_memory_bytes(proc: Path) -> int:
    for line in _read(proc / "meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return 0


def _proportional_bytes(process: Path) -> int:
    for line in _read(process / "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    resident = _read(process / "statm").split()[1:2]
    return int(resident[0]) * os.sysconf("SC_PAGE_SIZE") if resident else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
