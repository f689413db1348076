"""What is looked at again and again while a fault lasts."""
import threading
import time

from backends import wait_until
from kafka_client import Client, KafkaError
from services import DATABASES

PAUSE = 0.5
SEEN_WITHIN = 15.0
TIMELINE_GROUP = "order-timeline"
ROWS_PER_ORDER = 6  # placed, paid, reserved, ended, two notices
# Acknowledged rows wait half a second for each other (docs/adr/0003); as long again is for the way to the broker and the DELETE itself.
ROWS_STAY_SECONDS = 1.0
GROUPS = [*[f"{name}-service" for name in DATABASES], TIMELINE_GROUP]


class OffsetWatch:
    """I9: committed offsets only grow. Looks twice a second from begin() to end(). A broker that is away for a while is no matter; a group that was
    never seen is a violation."""

    def __init__(self, servers, topics, partitions):
        """`servers()` tells the broker's address, which is not known before it runs."""
        self.servers, self.topics, self.partitions = servers, topics, partitions
        self.on = False
        self.seen, self.bad, self.groups_seen = {}, [], set()
        self.why = "no look was taken"
        threading.Thread(target=self._run, daemon=True).start()

    def forget(self):
        self.seen.clear()

    def begin(self):
        self.groups_seen = set()
        self.on = True

    def end(self):
        """What was amiss since begin()."""
        if self.on:
            try:
                wait_until("a look at the offsets", lambda: self.groups_seen.issuperset(GROUPS), SEEN_WITHIN)
            except RuntimeError:
                pass  # told below
        self.on = False
        bad, self.bad = self.bad, []
        return bad + [f"the committed offsets of {group} were never seen: {self.why}" for group in GROUPS if group not in self.groups_seen]

    def _run(self):
        clients = {}
        while True:
            time.sleep(PAUSE)
            for group in GROUPS if self.on else ():
                try:
                    if group not in clients:
                        clients[group] = Client(self.servers(), group=group)
                    self._look(group, clients[group].committed(self.topics, self.partitions))
                except KafkaError as error:
                    self.why = str(error)

    def _look(self, group, committed):
        for at, offset in committed.items():
            before = self.seen.get((group, at), -1001)
            if offset < before and offset >= 0 and self.on:
                self.bad.append(f"{group} went back on {at} from {before} to {offset}")
            self.seen[group, at] = offset
        if max(committed.values()) >= 0:
            self.groups_seen.add(group)


def rows_of_outboxes(here):
    """In all services together."""
    counts = ", ".join(f"(SELECT COUNT(*) FROM {here.services.database(name)}.outbox)" for name in DATABASES)
    return sum(int(count) for count in here.backends.sql(f"SELECT {counts}")[0])


def rows_allowed(rate):
    """The rows of so many orders/s as long as Kafka takes them at once."""
    return rate * ROWS_PER_ORDER * ROWS_STAY_SECONDS


def most_rows(here, seconds):
    """The most rows that the outboxes had at once while so long passed."""
    end, most = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        most = max(most, rows_of_outboxes(here))
        time.sleep(PAUSE)
    return most
