#!/usr/bin/env python3
"""The comparison of ci/bench: starts MySQL, Kafka and Redis, measures the peer (warmed up as its README says), then ours, and prints the table.

Runs inside the test image. Both use the same servers, with databases, topics and groups of their own; nothing of one runs while the other is measured.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/local"))
import syncs  # noqa: E402
from backends import Backends  # noqa: E402
from services import DEFAULT_PORTS, NAMES, Services  # noqa: E402

OUT = ROOT / "build/bench"
PEER = ROOT / "tests/peer"
PARTITIONS = 6
SYNCS = os.environ.get("MEASURE") == "syncs"


def write_pids(folder, pids):
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.pid"):
        file.unlink()
    for name, pid in pids.items():
        (folder / f"{name}.pid").write_text(f"{pid}\n")


def measure_syncs(backends, label, warmup):
    """Durable writes of the database for each order of a load, its drain included."""
    out = OUT / f"{label}-syncs.json"

    def load(seconds):
        subprocess.run([PEER / "bench.py", "load", "--label", label, "--warmup", "0", "--duration", str(seconds), "--out", out], check=True)
        return json.loads(out.read_text())["load"]
    load(int(warmup))
    before = syncs.counted(backends)
    done = load(int(os.environ.get("DURATION", "20")))
    seen = syncs.per_order(before, syncs.counted(backends), done["post"]["accepted"])
    out.write_text(json.dumps({"syncs_per_order": seen, "load": done}, indent=1))
    return {"orders": done["post"]["accepted"], "syncs_per_order": seen}


def measure(backends, label, warmup, pids, backend_pids):
    """What ends up beside the table; the table itself is made of what bench.py writes."""
    if SYNCS:
        return measure_syncs(backends, label, warmup)
    command = [PEER / "bench.py", "all", "--label", label, "--pids", pids, "--pids", backend_pids, "--warmup", warmup,
               "--duration", os.environ.get("DURATION", "20"), "--out", OUT / f"{label}.json"]
    # "all" without start and stop commands leaves the cold start out; ours is measured below.
    done = subprocess.run([str(part) for part in command])
    if done.returncode != 0 and label == "ours":
        raise SystemExit(f"bench.py {label}: exit {done.returncode}")
    # An order that the peer does not end is the peer's affair: its rows say WRONG, and the figures are what they are.
    return {"exit": done.returncode} if done.returncode != 0 else {}


def measure_peer(backends, label, trigger):
    work = OUT / "work"
    for file in (work / "pids/peer").glob("*.pid"):
        file.unlink()
    backends.sql("".join(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4; " for name in ("orders_db", "payments_db", "inventory_db"))
                 + "CREATE USER IF NOT EXISTS 'peer'@'%' IDENTIFIED BY 'peer'; "
                 + "".join(f"GRANT ALL ON {name}.* TO 'peer'@'%'; " for name in ("orders_db", "payments_db", "inventory_db")))
    environment = {**os.environ, "WORK": str(work), "MARIADB_PORT": str(backends.mysql_port), "KAFKA_PORT": str(backends.kafka_port),
                   "REDIS_PORT": str(backends.redis_port), "DB_OPTIONS": "?allowPublicKeyRetrieval=true", "PUBLISH": "outbox",
                   "TOPIC_PARTITIONS": str(PARTITIONS), "INVENTORY_TRIGGER_TOPIC": trigger}
    started = time.monotonic()
    subprocess.run([str(PEER / "run-peer.sh")], check=True, env=environment)
    ready = time.monotonic() - started
    try:
        seen = measure(backends, label, os.environ.get("WARMUP", "170"), work / "pids/peer", OUT / "pids/backends")
    finally:
        subprocess.run([str(PEER / "stop.sh"), "peer"], env=environment)
    return {"start_to_ready_s": round(ready, 2), **seen}


def measure_ours(backends, folder):
    services = Services(backends, folder / "services", ports=DEFAULT_PORTS, prefix="op.",
                        extra={"gateway": {"ROUTE_ORDERS_RATE_LIMIT": "false", "ROUTE_ORDERS_READ_RATE_LIMIT": "false"}})
    services.provision()
    services.start()  # the first start makes the tables and the topics
    services.stop()
    ready = {}
    for name in NAMES:
        began = time.monotonic()
        services.start(name)
        ready[name] = round(time.monotonic() - began, 3)
    write_pids(OUT / "pids/ours", services.pids())
    try:
        seen = measure(backends, "ours", os.environ.get("OUR_WARMUP", "10"), OUT / "pids/ours", OUT / "pids/backends")
    finally:
        codes = services.stop()
        print(f"exit codes of ours: {codes}")
    return {"start_to_ready_s": ready, **seen}


def main():
    extra = {}
    labels = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = pathlib.Path(name)
        backends = Backends(folder / "backends", partitions=PARTITIONS, mysql_options=syncs.MYSQL_OPTIONS if SYNCS else ()).start()
        write_pids(OUT / "pids/backends", backends.pids())
        try:
            if os.environ.get("ONLY") != "ours":
                for label, trigger in (("peer-serial", "payment.events"), ("peer-parallel", "order.events")):
                    if os.environ.get("PEERS", "peer-serial").find(label) >= 0:
                        labels.append(label)
                        extra[label] = measure_peer(backends, label, trigger)
            labels.append("ours")
            extra["ours"] = measure_ours(backends, folder)
        finally:
            backends.stop()
    (OUT / "extra.json").write_text(json.dumps(extra, indent=1))
    if not SYNCS:
        subprocess.run([str(PEER / "bench.py"), "table", *[str(OUT / f"{label}.json") for label in labels]])
    print(json.dumps(extra, indent=1))


if __name__ == "__main__":
    main()
