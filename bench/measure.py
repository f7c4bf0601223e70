"""What a server used: CPU time and memory of its whole process tree, from the system's own accounting."""

import functools
import os
import time
from pathlib import Path


@functools.cache
def cores() -> tuple[str, str]:
    """The core of the server and that of the load: two that share no execution units; the same one twice if need be."""
    allowed = sorted(os.sched_getaffinity(0))
    siblings = Path(f"/sys/devices/system/cpu/cpu{allowed[0]}/topology/thread_siblings_list")
    shared = _core_list(siblings.read_text()) if siblings.exists() else {allowed[0]}
    others = [core for core in allowed if core not in shared]
    return str(allowed[0]), str((others or allowed)[0])


def _core_list(text: str) -> set[int]:
    """The cores of "0-1,8": {0, 1, 8}."""
    found: set[int] = set()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def process_tree(pid: int) -> list[int]:
    """The process and all that descend from it and still run."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path(f"/proc/{entry}/stat").read_text()
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(entry))
    tree = [pid]
    for member in tree:
        tree += children.get(member, [])
    return tree


def process_clock(pid: int) -> int:
    """The id of the clock that counts a process's CPU time (clock_getcpuclockid(3)).

    It counts in nanoseconds and holds all threads, those that ended too; /proc/PID/stat counts in ticks of 10 ms.
    """
    cpuclock_sched = 2
    return (~pid << 3) | cpuclock_sched


def cpu_seconds(pid: int) -> float:
    """User and system time of the process tree so far."""
    total = 0.0
    for member in process_tree(pid):
        try:
            total += time.clock_gettime(process_clock(member))
        except OSError:  # it ended since the tree was read; a measured server has no such processes
            continue
    return total


def user_ticks(pid: int) -> tuple[int, int]:
    """User and system time in ticks: good enough for the share of each, not for the sum."""
    user = system = 0
    for member in process_tree(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        user += int(fields[11])
        system += int(fields[12])
    return user, system


def settled_cpu_seconds(pid: int) -> float:
    """CPU time once the server has finished what the load left behind (closing connections): at most 1 s is waited."""
    before = cpu_seconds(pid)
    for _ in range(20):
        time.sleep(0.05)
        now = cpu_seconds(pid)
        if now - before < 0.0002:
            return now
        before = now
    return before


def memory_bytes(pid: int) -> int:
    """Memory of the process tree, shared pages divided among their users (PSS), without the kernel's socket buffers."""
    total = 0
    for member in process_tree(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def settled_memory_bytes(pid: int) -> int:
    """Memory once it has not changed by more than 16 KiB for half a second; at most 10 s are waited."""
    before = memory_bytes(pid)
    for _ in range(20):
        time.sleep(0.5)
        now = memory_bytes(pid)
        if abs(now - before) <= 16 * 1024:
            return now
        before = now
    return before


class Machine:
    """How busy the machine was with something else: figures from a busy machine are not to be quoted."""

    def __init__(self) -> None:
        self.start = self._read()

    @staticmethod
    def _read() -> tuple[float, float, float]:
        """Busy and stolen seconds of all cores, and seconds since the machine started."""
        fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        ticks = os.sysconf("SC_CLK_TCK")
        user, nice, system, _idle, _iowait, irq, softirq, steal = fields
        return (user + nice + system + irq + softirq) / ticks, steal / ticks, time.monotonic()

    def busy_elsewhere(self, ours_seconds: float) -> float:
        """The part of all cores' time since the start that neither `ours_seconds` nor idleness explains; 0 to 1."""
        busy, steal, now = self._read()
        wall = (now - self.start[2]) * (os.cpu_count() or 1)
        return max(0.0, (busy - self.start[0] + steal - self.start[1] - ours_seconds) / wall) if wall else 0.0
