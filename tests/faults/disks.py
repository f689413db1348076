"""A disk that is full for a while, below MySQL or below Kafka: a small file system of its own (SMALL_DISK of ci/in) with ballast."""
import contextlib
import os
import pathlib
import shutil
import threading
import time

from arena import arena, wait_until
from backends import answers

DISK = pathlib.Path("/small")
SECONDS = 12.0
# The thread that writes MySQL's binary log looks once a minute whether there is space again (its manual, "How MySQL Handles a Full Disk"); every COMMIT
# waits for it.
MYSQL_WRITES_AGAIN = 180.0
HEALED_WITHIN = 10.0
BALLAST = DISK / "ballast"


def _on_small_disk(server):
    def wiring(here):
        place = DISK / server
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        (here.backends.folder / server).symlink_to(place)
        return {}
    return wiring


def _fill():
    with contextlib.suppress(OSError), BALLAST.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)


def _keep_full(stop):
    """What a server frees by itself is taken too."""
    while not stop.is_set():
        _fill()
        time.sleep(0.2)


@contextlib.contextmanager
def _full():
    stop = threading.Event()
    filler = threading.Thread(target=_keep_full, args=(stop,), daemon=True)
    filler.start()
    try:
        yield
    finally:
        stop.set()
        filler.join()
        BALLAST.unlink(missing_ok=True)


def mysql_full(here):
    with here.trial("MySQL's disk full", limit=HEALED_WITHIN) as trial:
        trial.fault()
        with _full():
            time.sleep(SECONDS)
            ended = not here.backends.mysql.running
        if ended:
            here.backends.start_mysql()
            wait_until("MySQL", lambda: here.backends.sql("SELECT 1", check=False) == [["1"]])
        freed = time.monotonic()
        write = "CREATE DATABASE IF NOT EXISTS room_again; DROP DATABASE room_again"
        wait_until("MySQL to write again", lambda: here.backends.sql(write, check=False) is not None, MYSQL_WRITES_AGAIN)
        trial.over()
        away = time.monotonic() - freed
    trial.verdict.note = f"the server {'gave up' if ended else 'waited'}, and wrote again {away:.0f} s after there was room"
    return trial.verdict


def kafka_full(here):
    """A broker whose only log directory fails ends; whoever runs it starts it again once there is space."""
    with here.trial("Kafka's disk full", limit=HEALED_WITHIN) as trial:
        trial.fault()
        with _full():
            time.sleep(SECONDS)
            ended = not here.backends.kafka.running
        if ended:
            here.backends.start_kafka()
            wait_until("Kafka", lambda: answers(here.backends.kafka_port), process=here.backends.kafka.child, log=here.backends.kafka.log)
        trial.over()
    trial.verdict.note = "the broker gave up" if ended else "the broker went on"
    return trial.verdict


FAULTS = {"disk:mysql": ("mysql", mysql_full), "disk:kafka": ("kafka", kafka_full)}


def cases(smoke):
    return [(name, fault) for name, fault in FAULTS.items() if not smoke]


def run(selected, seed, _smoke):
    if not os.path.ismount(DISK):
        raise RuntimeError(f"{DISK} is no file system of its own: run this by ci/faults")
    for _, (server, fault) in selected:
        with arena(seed, wiring=_on_small_disk(server)) as here:
            yield fault(here)
