"""A spoilt network between the services and what they need, by proxies of our own (proxy.py)."""
import contextlib
import os
import random
import re
import signal
import threading
import time

from arena import arena
from backends import free_ports
from proxy import Proxy
from servers import limited_alone, limited_together, nobody_noticed
from services import DATABASES, NAMES

HEALED_WITHIN = 10.0
SECONDS = 10.0
CHAOS_SECONDS = 40.0 * int(os.environ.get("ROUNDS", "1"))
CHAOS_HEALED_WITHIN = 18.0  # as for processes killed again while they join their groups
CONSUMERS = list(DATABASES)


class Links:
    """Proxies before MySQL, Kafka and Redis, and between gateway and order."""

    def __init__(self):
        self.mysql = self.kafka = self.redis = self.http = None

    def wire(self, here):
        backends, services = here.backends, here.services
        inner = free_ports(1)[0]
        here.links = self
        self.kafka = Proxy(("127.0.0.1", inner), here.seed)
        # A listener of its own: clients that come by the proxy are told the proxy's address.
        backends.kafka_proxied = (inner, self.kafka.port)
        self.mysql = Proxy(("127.0.0.1", backends.mysql_port), here.seed)
        self.redis = Proxy(("127.0.0.1", backends.redis_port), here.seed)
        self.http = Proxy(("127.0.0.1", services.ports["order"]), here.seed)
        settings = {name: {"MYSQL_PORT": self.mysql.port, "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{self.kafka.port}"} for name in CONSUMERS}
        settings["gateway"] = {"REDIS_PORT": self.redis.port, "UPSTREAM_ORDER": f"127.0.0.1:{self.http.port}"}
        return settings

    def close(self):
        for link in (self.mysql, self.kafka, self.redis, self.http):
            if link:
                link.close()


def _spoil(name, link, note=None, during=None, limit=HEALED_WITHIN, heal=True, **faults):
    """A fault that sets fields of one proxy for SECONDS."""
    def fault(here, links):
        proxy = getattr(links, link)
        before = proxy.cuts, proxy.corrupted
        with here.trial(name, limit=limit, heal=heal) as trial:
            trial.fault()
            for field, value in faults.items():
                setattr(proxy, field, value)
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                if during:
                    during(proxy)
                time.sleep(0.5)
            proxy.heal()
            trial.over()
        trial.verdict.note = note(proxy, *before) if note else ""
        if note and trial.verdict.note.startswith("0 "):
            trial.verdict.violations.append(f"the fault did not happen: {trial.verdict.note}")
        return trial.verdict
    return fault


def _cuts(proxy, cuts, _corrupted):
    return f"{proxy.cuts - cuts} connections cut"


def _corrupted(proxy, _cuts_before, corrupted):
    return f"{proxy.corrupted - corrupted} chunks corrupted"


@contextlib.contextmanager
def _started_again(here):
    """Starts consumers again that an assertion of librdkafka has ended, as a kubelet does; yields their names. Who ends for another reason stays down, and the trial fails."""
    ended, over = [], threading.Event()

    def watch():
        while not over.wait(0.25):
            for name in CONSUMERS:
                process = here.process(name)
                if process.child.poll() != -signal.SIGABRT:
                    continue
                last_line = process.log.read_text(errors="replace").splitlines()[-1]
                if re.search(r"\brd\w*\.[ch]:\d+:", last_line):
                    ended.append(name)
                    process.start()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield ended
    finally:
        over.set()
        thread.join()


def kafka_corrupt(here, links):
    spoilt = _spoil("Kafka: one byte wrong in 1 of 5 answers with records", "kafka", _corrupted, corrupt_share=0.2)
    with _started_again(here) as ended:
        verdict = spoilt(here, links)
    if ended:
        verdict.note += f"; ended by librdkafka and started again: {', '.join(ended)}"
    return verdict


def redis_silent(here, links):
    with here.trial("Redis: connections stand open, nothing passes", limit=HEALED_WITHIN) as trial:
        trial.fault()
        links.redis.silent = True
        limited_alone(here, trial.verdict, SECONDS)
        links.redis.heal()
        trial.over()
        limited_together(here, trial.verdict)
    nobody_noticed(trial.verdict)
    return trial.verdict


def chaos(here, links):
    """Several faults at once, drawn by the seed: links slow, silent, one-way or cut while services are killed."""
    chosen = random.Random(here.seed)
    ways = {"cut": lambda link: link.cut_all(), "slow": lambda link: setattr(link, "delay", 0.03), "silent": lambda link: setattr(link, "silent", True),
            "one-way": lambda link: setattr(link, "swallow_answers", True), "commits cut": lambda link: setattr(link, "cut_after", b"COMMIT")}
    done = 0
    with here.trial("everything at once", limit=CHAOS_HEALED_WITHIN) as trial:
        trial.fault()
        end = time.monotonic() + CHAOS_SECONDS
        while time.monotonic() < end:
            link = getattr(links, chosen.choice(["mysql", "kafka", "redis", "http"]))
            ways[chosen.choice(list(ways))](link)
            if chosen.random() < 0.5:
                victim = chosen.choice(NAMES)
                here.services.kill(victim)
                here.process(victim).start()  # it gets ready when the links allow
            time.sleep(chosen.uniform(0.5, 3))
            link.heal()
            done += 1
        here.services.wait_ready()
        trial.over()
    trial.verdict.note = f"{done} faults in {CHAOS_SECONDS:.0f} s"
    return trial.verdict


@contextlib.contextmanager
def proxied_arena(seed):
    links = Links()
    try:
        with arena(seed, wiring=links.wire) as here:
            yield here
    finally:
        links.close()


FAULTS = {
    "net:mysql:commit": _spoil("MySQL: connection cut during COMMIT, 1 in 5", "mysql", _cuts, cut_after=b"COMMIT", cut_share=0.2),
    "net:mysql:slow": _spoil("MySQL: 20 ms each way", "mysql", delay=0.02),
    "net:mysql:cut": _spoil("MySQL: all connections cut twice a second", "mysql", _cuts, during=lambda proxy: proxy.cut_all()),
    "net:mysql:silent": _spoil("MySQL: connections stand open, nothing passes", "mysql", silent=True),
    "net:kafka:slow": _spoil("Kafka: 50 ms each way", "kafka", delay=0.05),
    "net:kafka:cut": _spoil("Kafka: all connections cut twice a second", "kafka", _cuts, during=lambda proxy: proxy.cut_all()),
    "net:kafka:deaf": _spoil("Kafka: requests pass, answers do not", "kafka", swallow_answers=True),
    "net:kafka:refused": _spoil("Kafka: refuses every connection", "kafka", refusing=True, during=lambda proxy: proxy.cut_all()),
    "net:kafka:corrupt": kafka_corrupt,
    "net:kafka:moved": _spoil("Kafka: one of 20 record batches with another offset", "kafka", _corrupted, moved_share=0.05),
    "net:redis:silent": redis_silent,
    "net:http:cut": _spoil("gateway to order: connections cut twice a second", "http", _cuts, during=lambda proxy: proxy.cut_all()),
    "net:chaos": chaos,
    "net:http:deaf": _spoil("gateway to order: requests pass, answers do not", "http", swallow_answers=True),
}
SMOKE = {"net:kafka:deaf"}  # the cut COMMIT takes a minute: messages in doubt wait for their lease


def cases(smoke):
    return [(name, fault) for name, fault in FAULTS.items() if not smoke or name in SMOKE]


def run(selected, seed, _smoke):
    with proxied_arena(seed) as here:
        for _, fault in selected:
            yield fault(here, here.links)
