"""Processes are known by id and start time, so that a reused id is never taken for ours."""

import os
import signal
import time
from pathlib import Path


def start_time(pid):
    """Clock ticks since boot at which a process started; None when there is no such living process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2:].split()
    return None if fields[0] in "ZX" else int(fields[19])


def identity(pid):
    """One line that names this process and no later one; a reboot changes it too."""
    return f"{pid} {start_time(pid)} {boot()}"


def boot():
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def living(file):
    """The process id recorded in a file, if that very process still lives, else None."""
    try:
        pid, started, booted = Path(file).read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if booted == boot() and str(start_time(pid)) == started else None


def kill(pid, still_ours, seconds=20):
    """Kills one process that `still_ours(pid)` confirms while a handle holds its id, and waits for its end."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not still_ours(pid):
            return
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        end = time.monotonic() + seconds
        while start_time(pid) is not None and still_ours(pid) and time.monotonic() < end:
            time.sleep(0.02)
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def all_processes():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
