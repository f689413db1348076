"""I13: what a fault made the services open is closed again. Descriptors and threads of each process at rest, against what the service had at rest when the
arena was warm. A process that was started again is held to the same."""
import os
import time
import typing

PAUSE = 0.25
AT_REST_WITHIN = 80.0  # a server keeps an idle connection for 75 s
# What pools may still open when more is asked for at once than ever before, and keep: for each of the gateway's 32 workers (PROXY_THREADS) its connections to a
# service and to Redis and libcurl's wake-up, and at the service two descriptors of its end; for each of 32 calls of the provider (PROVIDER_CONCURRENCY) a
# connection and the wake-up; MYSQL_POOL_SIZE.
POOLS = {"gateway": 32 * 3, "order": 32 * 2 + 10, "payment": 32 * 2 + 4, "inventory": 5, "notification": 4}
OTHERS = 8  # connections to Kafka's broker and coordinator, which clients open when they need them
THREADS_ALLOWED = 2  # of Kafka's clients; all other threads are made at the start


class Usage(typing.NamedTuple):
    descriptors: int
    threads: int


def usage_of(pid):
    """None of a process that has ended."""
    try:
        return Usage(len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")))
    except OSError:
        return None


def leaked(before, now):
    """What services have beyond `before` and the allowance; both {service: Usage}. One that does not run holds nothing."""
    found = []
    for name, usage in now.items():
        if usage is None:
            continue
        for what, had, has, allowed in (("descriptors", before[name].descriptors, usage.descriptors, POOLS[name] + OTHERS),
                                        ("threads", before[name].threads, usage.threads, THREADS_ALLOWED)):
            if has > had + allowed:
                found.append(f"{name} keeps {has} {what}; it had {had} before the faults, and {allowed} more are allowed")
    return found


class LeakWatch:
    def __init__(self, pids):
        """`pids()` tells {service: pid} of those that run."""
        self.pids = pids
        self.before = {}

    def begin(self):
        self.before = self._now()

    def end(self):
        """What is still too much when everything has been at rest for long enough."""
        give_up = time.monotonic() + AT_REST_WITHIN
        while (found := leaked(self.before, self._now())) and time.monotonic() < give_up:
            time.sleep(PAUSE)
        return found

    def _now(self):
        return {name: usage_of(pid) for name, pid in self.pids().items()}
