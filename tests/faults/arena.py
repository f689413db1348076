"""Where a fault happens: servers, services, a load with history, and what is asked of them afterwards.

A trial is: load, a healthy stretch that gives the rate before, the fault, the healing, the drain, the checker.
"""
import contextlib
import os
import pathlib
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "local"))
from backends import Backends, Process, free_ports, wait_until  # noqa: E402
from checker import check  # noqa: E402
from kafka_client import Client  # noqa: E402
from services import DATABASES, NAMES, ROOT, Services, status_of  # noqa: E402

from history import check_history  # noqa: E402
from leaks import LeakWatch  # noqa: E402
from open_load import OpenLoad  # noqa: E402
from records import check_timelines, strange_letters  # noqa: E402
from watches import GROUPS, OffsetWatch, most_rows, rows_allowed, rows_of_outboxes  # noqa: E402

PROGRAMS = ROOT / os.environ.get("PROGRAMS", "build/faults")
RATE = float(os.environ.get("RATE", "80"))  # orders/s; well under the capacity, so that a backlog can be worked off
BEFORE_SECONDS = 3.0
HEALED_SHARE = 0.9
GIVE_UP_HEALING = 40.0
ENDED_WITHIN_SECONDS = 90
PARTITIONS = 3
# All clients come from one address, and those in doubt ask three times a second: the limit is asked for each request and refuses none.
UNREFUSED = {"RATE_LIMIT_REPLENISH": "1000000", "RATE_LIMIT_BURST": "1000000"}
BIN = 0.25


class Verdict:
    def __init__(self, name, limit):
        self.name, self.limit = name, limit
        self.violations, self.counts = [], {}
        self.heal = None
        self.note = ""

    @property
    def passed(self):
        return not self.violations and (self.limit is None or self.heal is not None and self.heal <= self.limit)


class Trial:
    """One fault under load. The body of `with arena.trial(...)` injects it and calls over() when its cause is gone."""

    def __init__(self, arena, verdict, load):
        self.arena, self.verdict, self.load = arena, verdict, load
        self.began = time.time()
        self.since = arena.ends()  # of the topics
        self.fault_at = self.over_at = None

    def fault(self):
        self.fault_at = time.time()

    def over(self):
        self.over_at = time.time()

    def _endings(self):
        """{quarter second: orders that ended in it}, on the database's clock, which is this machine's."""
        rows = self.arena.backends.sql(
            f"SELECT FLOOR(UNIX_TIMESTAMP(updated_at) / {BIN}), COUNT(*) FROM orders WHERE status <> 'CREATED' "
            f"AND updated_at > FROM_UNIXTIME({self.began:.3f}) GROUP BY 1", self.arena.services.database("order"), check=False)
        return {int(row[0]): int(row[1]) for row in rows} if rows is not None else None

    def healed(self):
        """Seconds from over() until as many orders end as before; None while that has not been seen."""
        endings = self._endings()
        if endings is None:
            return None

        def ended(begin, seconds):
            first = int(begin / BIN)
            return sum(endings.get(first + place, 0) for place in range(int(seconds / BIN)))

        healthy_from = self.began + 1
        before = ended(healthy_from, self.fault_at - healthy_from) / (self.fault_at - healthy_from)
        before = min(before, self.load.rate)
        begin, now = self.over_at, time.time()
        while begin + 3 <= now:
            if ended(begin, 1) >= HEALED_SHARE * before and ended(begin, 3) >= 3 * HEALED_SHARE * before:
                return max(0.0, begin - self.over_at)
            begin += BIN
        return None

    def wait_healed(self):
        end = time.time() + GIVE_UP_HEALING
        while time.time() < end:
            time.sleep(0.5)
            heal = self.healed()
            if heal is not None:
                self.verdict.heal = heal
                return


class Arena:
    def __init__(self, folder, seed, mysql_options=(), wiring=None, kafka_options="", environment=None, sandbox=False):
        """`wiring(arena)` may put something between services and servers: it gives the settings of each service. `sandbox`: payments go to a
        provider of its own with durable books."""
        self.folder, self.seed = pathlib.Path(folder), seed
        self.backends = Backends(self.folder / "backends", partitions=PARTITIONS, mysql_options=mysql_options)
        self.backends.kafka_options = kafka_options
        self.services = Services(self.backends, self.folder / "services", programs=PROGRAMS, sandbox=sandbox)
        self.wiring, self.environment = wiring, environment or {}
        self.history, self.loads = [], 0
        self.topics = [self.services.topic(name) for name in DATABASES]
        self.watch = OffsetWatch(self.servers, self.topics, PARTITIONS)
        self.leaks = LeakWatch(self.services.pids)
        self.links = None  # proxies, where the wiring made any

    def __enter__(self):
        try:
            extra = self.wiring(self) if self.wiring else {}
            for name in NAMES:
                own = UNREFUSED if name == "gateway" else {}
                self.services.extra[name] = {**own, **self.environment.get(name, {}), **extra.get(name, {})}
            self.backends.start()
            self.services.provision()
            self.services.start()
            self._warm_up()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        self.services.stop()
        self.backends.stop()

    def _warm_up(self):
        """Groups are formed and connections made before anything is measured."""
        load = OpenLoad(self.services.base, RATE / 2, f"{self.seed}/warm-up", f"{self.seed % 10000}-0").start()
        time.sleep(1)
        self.history += load.stop()
        self.drain()
        self.leaks.begin()

    # --- processes

    def process(self, name):
        return self.services.processes[name]

    def signal(self, name, number):
        self.process(name).child.send_signal(number)

    def restart(self, name):
        self.process(name).stop()
        self.services.start(name)

    def start_doomed(self, name, crash_at):
        """Starts a service that will kill itself at a crash point."""
        self.services.extra[name]["CRASH_AT"] = crash_at
        try:
            self.services.start(name)
        except RuntimeError:
            if self.process(name).running:
                raise
        finally:
            del self.services.extra[name]["CRASH_AT"]

    def wait_killed(self, name, seconds=30):
        wait_until(f"{name} to kill itself", lambda: not self.process(name).running, seconds)
        code = self.process(name).child.returncode
        if code != -signal.SIGKILL:
            raise AssertionError(f"{name} ended with {code} instead of killing itself; {self.process(name).log}")

    @contextlib.contextmanager
    def twin(self, name):
        """A second instance of a service, in the same group."""
        settings = {**self.services.environment(name), "HTTP_PORT": str(free_ports(1)[0]), "INSTANCE_ID": f"{name}-twin"}
        process = Process(name, [self.services.program(name)], self.services.folder / f"{name}.log", settings)
        process.start()
        try:
            url = f"http://127.0.0.1:{settings['HTTP_PORT']}/actuator/health/readiness"
            wait_until(f"{name}'s twin", lambda: status_of(url) == 200, process=process.child, log=process.log)
            yield process
        finally:
            process.stop()

    # --- trials

    @contextlib.contextmanager
    def trial(self, name, limit=None, rate=RATE, heal=True):
        verdict = Verdict(name, limit)
        self.loads += 1
        load = OpenLoad(self.services.base, rate, f"{self.seed}/{name}", f"{self.seed % 10000}-{self.loads}")
        trial = Trial(self, verdict, load)
        load.start()
        self.watch.begin()
        try:
            self.check_outboxes(verdict, rate)
            yield trial
            if heal:
                trial.wait_healed()
        finally:
            load.stop()
        self.settle(verdict, load)
        if trial.since is not None:
            verdict.violations += check_timelines(self, trial.since, load.accepted)

    def check_outboxes(self, verdict, rate):
        """While nothing is broken yet: what was sent is soon deleted."""
        most = most_rows(self, BEFORE_SECONDS)
        if most > rows_allowed(rate):
            verdict.violations.append(f"{most} rows in the outboxes at {rate:g} orders/s with nothing broken; {rows_allowed(rate):.0f} are allowed")

    def settle(self, verdict, load=None):
        """Waits until everything has ended, then asks the checker."""
        if load is not None:
            self.history += load.history
            verdict.counts = load.counts()
        try:
            self.drain()
        except RuntimeError as stuck:
            verdict.violations.append(str(stuck).split(";")[0])
        verdict.violations += self.watch.end()
        verdict.violations += strange_letters(self)
        verdict.violations += check(self.services, [order for request in self.history for order in request.ids])
        verdict.violations += check_history(self.services, self.history)
        verdict.violations += self.leaks.end()
        for name in NAMES:
            if not self.process(name).running:
                verdict.violations.append(f"{name} is not running: {self.process(name).child.returncode}")

    def drain(self):
        wait_until("all orders ended", lambda: self.count("order", "orders WHERE status = 'CREATED'") == 0, ENDED_WITHIN_SECONDS)
        wait_until("everything is told", lambda: self.waiting() == 0, ENDED_WITHIN_SECONDS)
        wait_until("every record is consumed", lambda: self.lag() == 0, ENDED_WITHIN_SECONDS)
        wait_until("what it led to is told", lambda: self.waiting() == 0, ENDED_WITHIN_SECONDS)

    def count(self, name, what):
        return int(self.backends.sql(f"SELECT COUNT(*) FROM {what}", self.services.database(name))[0][0])

    def waiting(self):
        return rows_of_outboxes(self) + self.count("notification", "notifications WHERE state = 'PENDING'")

    def servers(self):
        return f"127.0.0.1:{self.backends.kafka_port}"

    def subscriptions(self):
        """{group: topics} as the groups have committed them."""
        found = {}
        for group in GROUPS:
            with Client(self.servers(), group=group) as client:
                committed = client.committed(self.topics, PARTITIONS)
            found[group] = sorted({topic for (topic, _), offset in committed.items() if offset >= 0})
        return found

    def ends(self):
        """{(topic, partition): the offset of the next record}"""
        with Client(self.servers()) as client:
            return {at: end for topic in self.topics for at, (_, end) in client.end_offsets(topic, PARTITIONS).items()}

    def lag(self):
        total = 0
        for group, topics in self.subscriptions().items():
            with Client(self.servers(), group=group) as client:
                for topic in topics:
                    ends, committed = client.end_offsets(topic, PARTITIONS), client.committed([topic], PARTITIONS)
                    total += sum(end - max(committed[at], first) for at, (first, end) in ends.items())
        return total


# The smoke has one arena for all families, so that servers start once.
shared = None


@contextlib.contextmanager
def arena(seed, **options):
    if shared is not None:
        yield shared
        return
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        made = Arena(folder, seed, **options)
        try:
            with made:
                yield made
        except BaseException:
            for log in sorted((pathlib.Path(folder) / "services").glob("*.log")):
                print(f"--- {log.name}\n" + "".join(log.read_text(errors="replace").splitlines(True)[-12:]), flush=True)
            raise
