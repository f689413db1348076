#!/usr/bin/env python3
"""What an order costs the database, memory after many orders and over time, speed with many orders stored, what traces and metrics cost. Ours alone; see ci/endurance.

Runs inside the test image. PARTS chooses among: costs memory stored tracing metrics.
"""
import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/local"))
import syncs  # noqa: E402
from backends import Backends  # noqa: E402
from services import DATABASES, Services  # noqa: E402

OUT = ROOT / "build/bench"
PARTS = os.environ.get("PARTS", "costs memory stored").split()
ORDERS = int(os.environ.get("ORDERS", "100000"))
MINUTES = float(os.environ.get("MINUTES", "15"))
STORED = int(os.environ.get("STORED", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SAMPLED = float(os.environ.get("SAMPLED", "0.1"))
FIRST = 10000
SCRAPE_EVERY = 15  # seconds; what Prometheus does when nothing else is said
PACE = 100  # orders/s while memory is watched
BESIDE_PACE = 120  # orders/s to each of two platforms beside each other
PARTITIONS = 6
# Tables that grow with the orders: database, table, column of the order's id.
GROWING = [("order", "orders", "id"), ("order", "order_timeline", "order_id"), ("payment", "payments", "order_id"),
           ("inventory", "reservations", "order_id"), ("notification", "notifications", "order_id")]


class Place:
    """Servers and services for one part, and loads that go to them."""

    def __init__(self, mysql_options=()):
        self.folder = tempfile.TemporaryDirectory(prefix="endurance-")
        self.backends = Backends(pathlib.Path(self.folder.name) / "backends", partitions=PARTITIONS, mysql_options=mysql_options)
        self.services = Services(self.backends, pathlib.Path(self.folder.name) / "services",
                                 extra={"gateway": {"ROUTE_ORDERS_RATE_LIMIT": "false", "ROUTE_ORDERS_READ_RATE_LIMIT": "false"}})

    def __enter__(self):
        self.backends.start()
        self.services.provision()
        self.services.start()
        return self

    def __exit__(self, *_):
        self.services.stop()
        self.backends.stop()
        self.folder.cleanup()

    def count(self, name, what):
        return int(self.backends.sql(f"SELECT COUNT(*) FROM {what}", self.services.database(name))[0][0])

    def stored_mib(self):
        """Of each database's files."""
        sizes = {name: self.backends.sql("SELECT ROUND(SUM(file_size) / 1048576) FROM information_schema.innodb_tablespaces "
                                         f"WHERE name LIKE '{self.services.database(name)}/%'") for name in DATABASES}
        return {name: int(rows[0][0]) for name, rows in sizes.items()}

    def load(self, seconds):
        """Closed loop of 32 connections; returns when every order has ended."""
        return bench(self.services, "load", "--duration", seconds)["load"]

    def load_orders(self, count):
        """At least `count` orders are stored in the end."""
        while (missing := count - self.count("order", "orders")) > 0:
            print(f"  {missing} orders to go", flush=True)
            self.load(max(5, min(60, missing // 800)))

    def pace(self, seconds):
        return bench(self.services, "paced", "--rate", PACE, "--paced-s", seconds)["paced"]

    def memory(self):
        """Resident MiB of each service."""
        def resident(pid):
            return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024
        return {name: round(resident(pid), 1) for name, pid in self.services.pids().items()}


def bench(services, command, *options):
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run([sys.executable, str(ROOT / "tests/peer/bench.py"), command, "--base", services.base, "--warmup", "0",
                               "--out", out.name, *[str(option) for option in options]], stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            raise SystemExit(f"bench.py {command}: exit {done.returncode}")
        return json.loads(pathlib.Path(out.name).read_text())


def processor_seconds(services):
    """Of all its processes together."""
    def used(pid):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return sum(used(pid) for pid in services.pids().values())


class Sink(http.server.BaseHTTPRequestHandler):
    """A collector that takes everything and looks at nothing; counts bytes. Connections are kept, as collectors do."""
    protocol_version = "HTTP/1.1"
    taken = 0

    def do_POST(self):
        Sink.taken += len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def costs():
    """Row writes and syncs per order, as MySQL counts them. Counting slows it down, so that speed is no result of this part."""
    with Place(syncs.MYSQL_OPTIONS) as here:
        here.load(5)
        names = ",".join(f"'{here.services.database(name)}'" for name in DATABASES)
        rows = (f"SELECT CONCAT(object_schema, '.', object_name), count_insert + count_update + count_delete "
                f"FROM performance_schema.table_io_waits_summary_by_table WHERE object_schema IN ({names})")

        def now():
            values = {name: int(value) for name, value in here.backends.sql(rows)}
            for kind in ("inserted", "updated", "deleted"):
                values[f"rows {kind}"] = int(here.backends.sql(f"SHOW GLOBAL STATUS LIKE 'Innodb_rows_{kind}'")[0][1])
            return values
        before, synced, orders = now(), syncs.counted(here.backends), here.count("order", "orders")
        speed = here.load(20)
        after, orders = now(), here.count("order", "orders") - orders
        synced = syncs.per_order(synced, syncs.counted(here.backends), orders)
        # By table, an INSERT that becomes an update counts twice; InnoDB's own counters have it once.
        # Timelines and sent marks follow within the drain of the load; what is left is purged in the background.
        per_order = {name: round((value - before.get(name, 0)) / orders, 3) for name, value in after.items() if value != before.get(name, 0)}
        written = round(sum(per_order.get(f"rows {kind}", 0) for kind in ("inserted", "updated", "deleted")), 2)
        return {"orders": orders, "orders_per_s": speed["end_to_end_per_s"], "row_writes_per_order": written, "syncs_per_order": synced, "per_order": per_order}


def memory():
    with Place() as here:
        result = {"at_start": here.memory()}
        here.load_orders(ORDERS)
        result["orders"] = here.count("order", "orders")
        result["after_them"] = here.memory()
        seen = []
        end = time.monotonic() + MINUTES * 60
        while time.monotonic() < end:
            here.pace(max(10, int(min(60, end - time.monotonic()))))
            seen.append(here.memory())
            print(f"  {seen[-1]}", flush=True)
        result |= {"minutes": MINUTES, "orders_per_s": PACE, "each_minute": seen}
        return result


def copy_rows(here, copies):
    """Stores every order `copies` more times. A copy's id has the same time and another end, as ids made in the same moment have."""
    for name, table, key in GROWING:
        database = here.services.database(name)
        columns = [row[0] for row in here.backends.sql(
            f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{database}' AND table_name = '{table}' ORDER BY ordinal_position")]
        others = ", ".join(column for column in columns if column != key)
        here.backends.sql(f"CREATE TABLE originals AS SELECT * FROM {table}", database)
        for number in range(1, copies + 1):
            here.backends.sql(f"INSERT INTO {table} ({key}, {others}) SELECT CONCAT(LEFT({key}, 12), UNHEX('{number:08X}')), {others} FROM originals", database)
        here.backends.sql("DROP TABLE originals", database)
        print(f"  {table}: {here.count(name, table)} rows", flush=True)


def stored():
    with Place() as here:
        here.load_orders(FIRST)
        few, at_first = here.load(20), here.count("order", "orders")
        copy_rows(here, STORED // at_first)
        many_stored = here.count("order", "orders")
        here.load(10)
        many = here.load(20)
        result = {"few_stored": at_first, "many_stored": many_stored, "stored_mib": here.stored_mib()}
        for key in ("accepted_per_s", "end_to_end_per_s"):
            result[key] = {"few": few[key], "many": many[key], "ratio": round(many[key] / few[key], 3)}
        return result


def scrapes(services, stop):
    """As a Prometheus would."""
    while not stop.wait(SCRAPE_EVERY):
        for port in services.ports.values():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/actuator/prometheus", timeout=10) as answer:
                answer.read()


def in_turns(here, switch):
    """Speed with `switch`(services, "off") and (services, "on") in turns on the same servers."""
    seen = {"off": [], "on": []}
    for number in range(2 * ROUNDS):
        mode = ("off", "on", "on", "off")[number % 4]
        here.services.stop()
        switch(here.services, mode)
        here.services.start()
        here.load(5)
        speed = here.load(20)["end_to_end_per_s"]
        seen[mode].append(speed)
        print(f"  {mode}: {speed} orders/s", flush=True)
    here.services.stop()
    middle = {mode: statistics.median(speeds) for mode, speeds in seen.items()}
    return {"rounds": seen, **middle, "ratio": round(middle["on"] / middle["off"], 3)}


def paced_together(platforms, seconds):
    """Orders at the same pace to all of them; processor time an order of each, in milliseconds."""
    before = [processor_seconds(services) for services in platforms]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        told = list(pool.map(lambda services: bench(services, "paced", "--rate", BESIDE_PACE, "--paced-s", seconds)["paced"], platforms))
    for one in told:
        if one["failed"]:
            raise SystemExit(f"{one['failed']} of {one['orders']} orders were refused or did not end")
    return [1000 * (processor_seconds(services) - used) / one["orders"] for services, used, one in zip(platforms, before, told)]


def side_by_side(here, switch, meanwhile=None):
    """Processor time of two platforms on the same servers at the same time, one of them switched "on": whatever else happens meets both alike, so that one per
    cent can be told. Who is on changes from round to round. `meanwhile`(services that are on, stop) runs beside."""
    another = Services(here.backends, pathlib.Path(here.folder.name) / "another", prefix="another.", extra=here.services.extra)
    another.provision()
    seen = []
    try:
        for number in range(2 * ROUNDS):
            pair = [here.services, another] if number % 2 == 0 else [another, here.services]
            stop = threading.Event()
            for services, mode in zip(pair, ("off", "on")):
                services.stop()
                switch(services, mode)
                services.start()
            with concurrent.futures.ThreadPoolExecutor(1) as beside:
                running = beside.submit(meanwhile, pair[1], stop) if meanwhile else None
                try:
                    paced_together(pair, 5)
                    off, on = paced_together(pair, 40)
                finally:
                    stop.set()
            if running:
                running.result()  # throws what it threw
            seen.append({"off": round(off, 4), "on": round(on, 4), "ratio": round(on / off, 4)})
            print(f"  beside each other: {seen[-1]}", flush=True)
    finally:
        another.stop()
    ratios = sorted(one["ratio"] for one in seen)
    return {"orders_per_s_each": BESIDE_PACE, "rounds": seen, "ratio": round(statistics.mean(ratios), 4), "least": ratios[0], "most": ratios[-1]}


def tracing():
    """A share of the traces recorded against none."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    to = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}", "OTEL_TRACES_SAMPLER_ARG": str(SAMPLED)}
    with Place() as here:
        off = here.services.extra
        on = {name: {**off.get(name, {}), **to} for name in here.services.ports}

        def switch(services, mode):
            services.extra = on if mode == "on" else off
        result = {"processor_ms_per_order": side_by_side(here, switch), "orders_per_s": in_turns(here, switch)}
        server.shutdown()
        return {**result, "bytes_of_spans": Sink.taken}


def metrics():
    """Programs that count, and are scraped, against programs that do neither."""
    with Place() as here:
        counting, silent = here.services.programs, here.services.programs.parent / "uncounted"

        def switch(services, mode):
            services.programs = counting if mode == "on" else silent
        return {"processor_ms_per_order": side_by_side(here, switch, scrapes), "scraped_every_s": SCRAPE_EVERY}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    results = {}
    for part in PARTS:
        print(f"{part} ...", flush=True)
        results[part] = {"costs": costs, "memory": memory, "stored": stored, "tracing": tracing, "metrics": metrics}[part]()
        print(json.dumps(results[part], indent=1), flush=True)
        (OUT / "endurance.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
