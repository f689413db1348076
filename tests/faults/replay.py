"""Records that come twice, out of order, from the beginning, or that cannot be read at all."""
import random
import struct
import subprocess

from arena import PARTITIONS, Client, arena, wait_until
from records import DEFECT_OF_YESTERDAY, check_timelines
from services import DATABASES, ROOT
from watches import TIMELINE_GROUP

ORDERS_SECONDS = 6.0
MISSED_SECONDS = 2
REDRIVEN_WITHIN = 15  # an order without an answer is asked for again after 30 s
KNOWN = {
    "payments": ("payment", "SELECT BIN_TO_UUID(order_id), state, transaction_id, refund_id FROM payments ORDER BY 1"),
    "movements": ("inventory", "SELECT id, product_id, BIN_TO_UUID(order_id), delta FROM stock_movements ORDER BY 1"),
    "stock": ("inventory", "SELECT product_id, available, reserved FROM inventory_items ORDER BY 1"),
    "notifications": ("notification", "SELECT BIN_TO_UUID(order_id), kind, channel, message_id, state, attempts FROM notifications ORDER BY 1, 2, 3"),
    "orders": ("order", "SELECT BIN_TO_UUID(id), status, payment_leg, inventory_leg, version FROM orders ORDER BY 1"),
}


def state_of(here):
    """All that an event may have an effect on; what was sent to customers as the sink saw it."""
    state = {name: here.backends.sql(statement, here.services.database(database)) for name, (database, statement) in KNOWN.items()}
    log = (here.services.folder / "notification.log").read_text(errors="replace")
    state["messages sent"] = sorted(line.split('"message_id"')[1].split(",")[0] for line in log.splitlines() if '"message_id"' in line)
    return state


def changes(before, after):
    """A line for each kind of effect that is not as it was."""
    found = []
    for name, rows in before.items():
        if rows != after[name]:
            old, new = {str(row) for row in rows}, {str(row) for row in after[name]}
            found.append(f"{name}: {len(after[name])} instead of {len(rows)}; gone {sorted(old - new)[:2]}, new {sorted(new - old)[:2]}")
    return found


def all_records(here):
    with Client(here.servers()) as client:
        return client.read([here.services.topic(name) for name in DATABASES], PARTITIONS)


def send_again(here, records):
    with Client(here.servers(), producer=True, linger_ms=5) as client:
        for one in records:
            client.send(one.topic, one.key, one.value, one.headers, one.partition)
        client.flush()


def empty_inboxes(here):
    for name in DATABASES:
        here.backends.sql("DELETE FROM inbox", here.services.database(name))


def _quiet_trial(here, name, act):
    """Orders first, which all end; then the fault, without load, so that any effect is the fault's."""
    with here.trial(name, heal=False) as trial:
        trial.fault()
        wait_until("enough orders", lambda: len(trial.load.history) >= ORDERS_SECONDS * trial.load.rate)
    before = state_of(here)
    trial.verdict.note = act(trial.verdict)
    here.watch.forget()
    here.watch.begin()
    here.settle(trial.verdict)
    trial.verdict.violations += changes(before, state_of(here))
    trial.verdict.violations += check_timelines(here, trial.since, trial.load.accepted)
    return trial.verdict


def duplicates(here, _chosen):
    def act(_verdict):
        records = all_records(here)
        send_again(here, records)
        return f"{len(records)} records"
    return _quiet_trial(here, "every record of every topic again", act)


def reordered(here, chosen):
    """With empty inboxes the repeats reach the domains, in any order across all orders and topics."""
    def act(_verdict):
        records = all_records(here)
        chosen.shuffle(records)
        empty_inboxes(here)
        send_again(here, records)
        return f"{len(records)} records"
    return _quiet_trial(here, "every record again, shuffled, inboxes emptied", act)


def replay_from_zero(here, _chosen):
    def act(verdict):
        subscriptions = here.subscriptions()
        for name in DATABASES:
            if here.process(name).stop() != 0:
                verdict.violations.append(f"{name} did not end in order")
        empty_inboxes(here)
        total = 0
        for group, topics in subscriptions.items():
            with Client(here.servers(), group=group) as client:
                at = {place: low for topic in topics for place, (low, _) in client.end_offsets(topic, PARTITIONS).items()}
                total += sum(client.committed(topics, PARTITIONS).values())
                client.commit(at)
        here.watch.forget()
        here.services.start(*DATABASES)
        return f"{total} records"
    return _quiet_trial(here, "inboxes emptied, all groups back to offset 0", act)


def poison_values(chosen):
    """(name, value)"""
    return [
        ("no JSON", b"this is no event"),
        ("empty", b""),
        ("tombstone", None),
        ("NUL bytes", b"{\"metadata\": \"\x00\x00\"}"),
        ("not UTF-8", b"{\"eventType\": \"\xff\xfe\"}"),
        ("deep", b"[" * 20_000 + b"]" * 20_000),
        ("cut off", b'{"metadata":{"eventId":"0199'),
        ("huge number", b'{"metadata":{"eventId":1e999,"version":99999999999999999999}}'),
        ("half a megabyte", chosen.randbytes(500_000)),
        ("an object without fields", b"{}"),
    ]


def poison(here, chosen):
    """Bad records among good ones on every topic: each goes to the dead letters of each group that reads it, and the partitions go on."""
    topics = [here.services.topic(name) for name in DATABASES]
    values = poison_values(chosen)
    with here.trial("bad records on every topic") as trial:
        trial.fault()
        with Client(here.servers(), producer=True, message_max_bytes=2_000_000) as client:
            for topic in topics:
                for number, (name, value) in enumerate(values):
                    client.send(topic, f"poison-{number}".encode(), value, [("poison", name.encode())], number % PARTITIONS)
            client.flush()
        trial.over()
    # The timelines have no dead letters: a bad record is dealt with by the services that need it.
    readers = {group: read for group, read in here.subscriptions().items() if group != TIMELINE_GROUP}
    expected = {(topic, group, name) for group, read in readers.items() for topic in read for name, _ in values}
    with Client(here.servers(), fetch_message_max_bytes=2_000_000) as client:
        dead = client.read([f"{topic}.DLT" for topic in topics], PARTITIONS)
    found = set()
    for one in dead:
        headers = {name: value.decode(errors="replace") for name, value in one.headers}
        if headers.get("kafka_dlt-exception-message") != DEFECT_OF_YESTERDAY.decode():
            found.add((one.topic.removesuffix(".DLT"), headers.get("kafka_dlt-original-consumer-group", ""), headers.get("poison", "a good record")))
    trial.verdict.violations += [f"{name} on {topic} did not reach the dead letters of {group}" for topic, group, name in sorted(expected - found)]
    trial.verdict.violations += [f"{name} on {topic} is among the dead letters of {group}" for topic, group, name in sorted(found - expected)]
    trial.verdict.note = f"{len(dead)} dead letters"
    return trial.verdict


def _letter(one, group):
    """As the services write their dead letters (Spring Kafka's header names and forms)."""
    own = {"original-topic": one.topic.encode(), "original-partition": struct.pack(">i", one.partition), "original-offset": struct.pack(">q", one.offset),
           "original-timestamp": struct.pack(">q", one.timestamp), "original-consumer-group": group.encode(), "exception-message": DEFECT_OF_YESTERDAY}
    return [*one.headers, *[(f"kafka_dlt-{name}", value) for name, value in own.items()]]


def redrive(here, _chosen):
    """Good records that a defect had made dead letters: put back, they are handled like any other, long before their orders would be asked for again."""
    topic, group = here.services.topic("order"), "payment-service"
    with here.trial("good records among the dead letters, redriven", heal=False) as trial:
        trial.fault()
        here.process("payment").stop()
        enough = trial.load.counts()["accepted"] + MISSED_SECONDS * trial.load.rate
        wait_until("orders that payment misses", lambda: trial.load.counts()["accepted"] >= enough)
        with Client(here.servers(), group=group) as client:
            done = client.committed([topic], PARTITIONS)
            missed = [one for one in client.read([topic], PARTITIONS) if one.offset >= done[one.topic, one.partition]]
            client.commit({**done, **{(one.topic, one.partition): one.offset + 1 for one in missed}})
        with Client(here.servers(), producer=True) as client:
            for one in missed:
                client.send(f"{topic}.DLT", one.key, one.value, _letter(one, group), one.partition)
            client.flush()
        here.services.start("payment")
        waiting = _open_orders(here, missed)
        told = [_command(here, "--count"), _command(here), _command(here, "--count")]
        wait_until("the redriven orders ended", lambda: _open_orders(here, missed) == 0, REDRIVEN_WITHIN)
        trial.over()
    trial.verdict.note = f"{len(missed)} records of {waiting} open orders"
    wanted = [f"payment: {len(missed)} waiting", f"payment: {len(missed)} redriven, 0 of others passed over, 0 waiting", "payment: 0 waiting"]
    if told != wanted or not waiting:
        trial.verdict.violations.append(f"told {told} instead of {wanted}, {waiting} open orders")
    return trial.verdict


def _command(here, *arguments):
    """What `make redrive` tells of the payment service."""
    url = f"http://127.0.0.1:{here.services.management_port('payment')}"
    return subprocess.run([ROOT / "ci/redrive", "payment", "--url", url, *arguments], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout.strip()


def _open_orders(here, records):
    ids = ",".join(f"UUID_TO_BIN('{order}')" for order in {one.key.decode() for one in records})
    return here.count("order", f"orders WHERE status = 'CREATED' AND id IN ({ids})")


FAULTS = {"replay:zero": replay_from_zero, "replay:twice": duplicates, "replay:shuffled": reordered, "redrive": redrive, "poison": poison}
SMOKE = {"replay:zero", "poison"}


def cases(smoke):
    return [(name, fault) for name, fault in FAULTS.items() if not smoke or name in SMOKE]


def run(selected, seed, _smoke):
    chosen = random.Random(seed)
    with arena(seed) as here:
        for _, fault in selected:
            yield fault(here, chosen)
