"""Databases and topics that are gone for good, and the way back of docs/recovery.md: ci/recovery by its own commands, `order --re-emit`."""
import os
import shutil
import subprocess
import time

from arena import arena, wait_until
from services import DATABASES, ROOT

HEALED_WITHIN = 10.0
ORDERS_BETWEEN = 250  # from the dump to the loss
LONGEST_LAG = 60.0  # a record may be older than the dump and was not handled in it
COPIES = ["payment", "inventory", "notification"]  # what they know came from topics; orders came from customers
TOPICS = r"(order|payment|inventory|notification)\.events(\.DLT)?"


def _utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _run(command, settings, out=subprocess.PIPE):
    done = subprocess.run([str(part) for part in command], env={**os.environ, **settings}, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.decode(errors='replace')[-2000:]}")


def _recovery(here, *arguments, out=subprocess.PIPE):
    _run([ROOT / "ci/recovery", *arguments],
         {"MYSQL_OPTIONS": f"--no-defaults -uroot --socket={here.backends.folder / 'mysql.sock'}",
          "KAFKA_OPTIONS": f"--bootstrap-server {here.servers()}"}, out)


def _dump(here, trial, *names):
    """A backup under load, and orders after it."""
    file = here.folder / "dump.sql"
    with file.open("wb") as out:
        _recovery(here, "dump", *[here.services.database(name) for name in names], out=out)
    wanted = trial.load.counts()["accepted"] + ORDERS_BETWEEN
    wait_until("orders after the dump", lambda: trial.load.counts()["accepted"] >= wanted)
    return file


def _services_off(here):
    for name in DATABASES:
        here.process(name).stop()


def _groups_back(here, to):
    here.watch.on = False  # committed offsets do go back now
    _recovery(here, "groups-back", _utc(to - LONGEST_LAG))
    here.watch.forget()


def _logs_kept(here):
    """The binary logs, which lie on another disk than the data, put where a new server does not find them."""
    kept = here.folder / "kept"
    (here.folder / "binlogs").rename(kept)
    (here.folder / "binlogs").mkdir()
    return sorted(kept.glob("binlog.[0-9]*"))


def mysql_lost(here):
    """All that was committed comes back; the groups stand before the dump, and meet records that are all known."""
    with here.trial("MySQL's data lost: dump and binary logs", limit=HEALED_WITHIN) as trial:
        began = time.time()
        dump = _dump(here, trial, *DATABASES)
        trial.fault()
        lost = here.count("order", "orders")
        here.backends.mysql.kill()
        shutil.rmtree(here.backends.folder / "mysql")
        logs = _logs_kept(here)
        _services_off(here)
        here.backends.start_mysql()
        here.backends.wait()
        here.services.provision()
        _recovery(here, "restore", dump)
        dumped = here.count("order", "orders")
        _recovery(here, "replay", dump, *logs)
        replayed = here.count("order", "orders")
        _groups_back(here, began)
        here.services.start(*DATABASES)
        trial.over()
    trial.verdict.note = f"{dumped} orders in the dump, {replayed - dumped} in the logs; back after {trial.over_at - trial.fault_at:.0f} s"
    if not dumped < lost <= replayed:
        trial.verdict.violations.append(f"{lost} orders before the loss, {dumped} in the dump, {replayed} with the logs")
    return trial.verdict


def copies_lost(here):
    """Payments, stock and notifications as of the dump, older than what their groups have read; the topics tell the rest again."""
    with here.trial("three databases lost: a dump alone", limit=HEALED_WITHIN) as trial:
        began = time.time()
        dump = _dump(here, trial, *COPIES)
        trial.fault()
        lost = here.count("payment", "payments")
        here.backends.sql("; ".join(f"DROP DATABASE {here.services.database(name)}" for name in COPIES))
        _services_off(here)
        _recovery(here, "restore", dump)
        dumped = here.count("payment", "payments")
        _groups_back(here, began)
        here.services.start(*DATABASES)
        trial.over()
    trial.verdict.note = f"{dumped} payments in the dump of {lost}; back after {trial.over_at - trial.fault_at:.0f} s"
    if not dumped < lost:
        trial.verdict.violations.append(f"{lost} payments before the loss, {dumped} in the dump: nothing was lost")
    return trial.verdict


def topics_lost(here):
    """Every record of every topic; the order service tells again what its table knows, the others answer with what they have done."""
    with here.trial("all topics lost: told again by --re-emit", limit=HEALED_WITHIN) as trial:
        trial.fault()
        _services_off(here)
        here.watch.on = False
        _run(["kafka-topics.sh", "--bootstrap-server", here.servers(), "--delete", "--topic", TOPICS], {})
        here.services.provision()
        trial.since = None  # timelines tell of records that are gone
        here.services.start(*DATABASES)
        _run([here.services.program("order"), "--re-emit", "--from", _utc(here.began), "--to", _utc(time.time() + 1)], here.services.environment("order"))
        here.watch.forget()
        trial.over()
    trial.verdict.note = f"back after {trial.over_at - trial.fault_at:.0f} s"
    return trial.verdict


FAULTS = {"recovery:mysql": mysql_lost, "recovery:copies": copies_lost, "recovery:topics": topics_lost}


def cases(smoke):
    return [] if smoke else list(FAULTS.items())


def _logs_on_another_disk(here):
    here.began = time.time()
    (here.folder / "binlogs").mkdir(parents=True)
    here.backends.mysql_options = (f"--log-bin={here.folder / 'binlogs' / 'binlog'}",)
    return {}


def run(selected, seed, _smoke):
    with arena(seed, wiring=_logs_on_another_disk, sandbox=True) as here:
        for _, fault in selected:
            yield fault(here)
