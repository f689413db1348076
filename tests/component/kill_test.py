#!/usr/bin/env python3
"""kill -9 of each service process in turn in the middle of 2,000 orders each time: every accepted order ends, money and stock add up.

    tests/component/kill_test.py [SERVICE...]     runs inside the test image, on real MySQL, Kafka and Redis
"""
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "local"))
from backends import Backends, wait_until  # noqa: E402
from checker import check  # noqa: E402
from kafka_client import Client  # noqa: E402
from load import Load  # noqa: E402
from services import DATABASES, NAMES, Services  # noqa: E402

ORDERS = 2000
ENDED_WITHIN_SECONDS = 90


def open_orders(services):
    rows = services.backends.sql("SELECT COUNT(*) FROM orders WHERE status = 'CREATED'", services.database("order"))
    return int(rows[0][0])


def waiting(services):
    """What is still on its way: outbox rows of all services, notifications not sent."""
    total = sum(int(services.backends.sql("SELECT COUNT(*) FROM outbox", services.database(name))[0][0])
                for name in ("order", "payment", "inventory", "notification"))
    return total + int(services.backends.sql(
        "SELECT COUNT(*) FROM notifications WHERE state = 'PENDING'", services.database("notification"))[0][0])


def unread(services):
    """Records that the services' groups have yet to handle, of the topics that they read."""
    total, topics = 0, [services.topic(name) for name in DATABASES]
    partitions = services.backends.partitions
    for group in (f"{name}-service" for name in DATABASES):
        with Client(f"127.0.0.1:{services.backends.kafka_port}", group=group) as client:
            committed = client.committed(topics, partitions)
            for topic in {topic for (topic, _), offset in committed.items() if offset >= 0}:
                total += sum(end - max(committed[at], first) for at, (first, end) in client.end_offsets(topic, partitions).items())
    return total


def all_told(services):
    """Nothing is unread, nothing waits, and what waited a moment ago has not become unread since."""
    return unread(services) == 0 and waiting(services) == 0 and unread(services) == 0


def run(services, victim, accepted):
    load = Load(services.base, ORDERS).start()
    load.wait_accepted(ORDERS // 4)
    services.kill(victim)
    killed = time.monotonic()
    services.start(victim)
    healed = time.monotonic() - killed
    load.join(120)
    accepted += load.accepted
    wait_until("all accepted orders ended", lambda: open_orders(services) == 0, ENDED_WITHIN_SECONDS)
    wait_until("everything is told", lambda: all_told(services), ENDED_WITHIN_SECONDS)
    print(f"  {victim}: {len(load.accepted)} accepted, {len(load.refused)} refused while it was away, ready again after {healed:.2f} s, "
          f"all ended {time.monotonic() - killed:.1f} s after the kill", flush=True)


def main():
    victims = sys.argv[1:] or NAMES
    with tempfile.TemporaryDirectory(prefix="kill-test-") as folder:
        backends = Backends(pathlib.Path(folder) / "backends").start()
        services = Services(backends, pathlib.Path(folder) / "services", sandbox=True)
        try:
            services.provision()
            services.start()
            accepted = []
            for victim in victims:
                run(services, victim, accepted)
            violations = check(services, accepted)
            codes = services.stop()
        except BaseException:
            for log in sorted((pathlib.Path(folder) / "services").glob("*.log")):
                print(f"--- {log.name}\n" + "".join(log.read_text(errors="replace").splitlines(True)[-15:]), flush=True)
            raise
        finally:
            services.stop()
            backends.stop()
    for violation in violations[:40]:
        print(f"  VIOLATION {violation}")
    bad_exits = {name: code for name, code in codes.items() if code != 0}
    if bad_exits:
        print(f"  VIOLATION exit codes after SIGTERM: {bad_exits}")
    print(f"{len(accepted)} accepted orders, {len(violations)} violations")
    sys.exit(1 if violations or bad_exits or len(accepted) < ORDERS else 0)


if __name__ == "__main__":
    main()
