#!/usr/bin/env python3
"""Orders at a steady rate, whether earlier ones were answered or not, until STOP exists or who started it has ended: upgrade_load.py URL RATE STOP RESULT

Runs in the node's namespaces, where the Service's own address leads to whatever pod is ready. A connection that the server has closed is not used again,
as in any HTTP client; nothing else is forgiven: each answer other than 2xx and each try without an answer counts as failed.
"""
import collections
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))
from open_load import ACCEPTED, OpenLoad  # noqa: E402


class CountedLoad(OpenLoad):
    """Keeps why requests failed, as the answers' bodies say it, and in which seconds of the run."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.reasons, self.seconds, self.began = collections.Counter(), collections.Counter(), time.monotonic()

    async def _exchange(self, request):
        status, headers, answer = await super()._exchange(request)
        if status not in ACCEPTED:
            problem = json.loads(answer)
            self.reasons[f"{status} {problem.get('code')}: {problem.get('detail')}"] += 1  # the detail tells who refused
            self.seconds[int(time.monotonic() - self.began)] += 1
        return status, headers, answer


def main():
    url, rate, stop, result = sys.argv[1], float(sys.argv[2]), pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
    load = CountedLoad(url, rate, "upgrade", "upgrade").start()
    progress, parent = result.with_suffix(".progress"), os.getppid()
    while not stop.exists() and os.getppid() == parent:  # a test that was killed leaves no load behind
        time.sleep(0.2)
        progress.write_text(str(len(load.history)))
    history = load.stop()
    statuses = collections.Counter(status for request in history for status in request.statuses)
    result.write_text(json.dumps({
        "requests": sum(statuses.values()),
        "statuses": statuses,
        "failed": sum(count for status, count in statuses.items() if status not in ACCEPTED),
        "reasons": load.reasons,
        "seconds": load.seconds,
        "lateness": load.worst_lateness,
        "accepted": sorted({order for request in history for order in request.ids}),
        "users": {request.user: sorted(request.ids) for request in history if request.statuses.count(202) > 1 or len(request.ids) != 1},
        "foreign": sum(request.foreign for request in history),
    }))


if __name__ == "__main__":
    main()
