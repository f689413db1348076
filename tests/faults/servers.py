"""MySQL, Kafka and Redis killed, away for long, standing still, or busy with locks that somebody else holds."""
import contextlib
import os
import random
import signal
import subprocess
import time

from arena import arena, wait_until
from backends import answers

HEALED_WITHIN = 10.0
LONG_OUTAGE = float(os.environ.get("OUTAGE", "60"))
LOCK_SECONDS = 12
QUARREL_SECONDS = 8


def broker_killed(here, _chosen, away=0.0, limit=HEALED_WITHIN):
    with here.trial(f"Kafka kill -9, away for {away:.0f} s" if away else "Kafka kill -9 and restart", limit=limit) as trial:
        trial.fault()
        here.backends.kafka.kill()
        time.sleep(away)
        here.backends.start_kafka()
        wait_until("Kafka", lambda: answers(here.backends.kafka_port), process=here.backends.kafka.child, log=here.backends.kafka.log)
        trial.over()
    return trial.verdict


def broker_away(here, chosen):
    return broker_killed(here, chosen, LONG_OUTAGE)


def mysql_killed(here, _chosen, away=0.0):
    with here.trial(f"MySQL kill -9, away for {away:.0f} s" if away else "MySQL kill -9 and restart", limit=HEALED_WITHIN) as trial:
        trial.fault()
        here.backends.mysql.kill()
        time.sleep(away)
        here.backends.start_mysql()
        wait_until("MySQL", lambda: here.backends.sql("SELECT 1", check=False) == [["1"]], process=here.backends.mysql.child, log=here.backends.mysql.log)
        trial.over()
    return trial.verdict


def mysql_away(here, chosen):
    return mysql_killed(here, chosen, 20)


def redis_killed(here, _chosen):
    with here.trial("Redis kill -9, away for 5 s", limit=HEALED_WITHIN) as trial:
        trial.fault()
        here.backends.redis.kill()
        limited_alone(here, trial.verdict, 5)
        here.backends.start_redis()
        trial.over()
        limited_together(here, trial.verdict)
    nobody_noticed(trial.verdict)
    return trial.verdict


def redis_hangs(here, _chosen):
    with here.trial("Redis stands still for 6 s", limit=HEALED_WITHIN) as trial:
        trial.fault()
        here.backends.redis.child.send_signal(signal.SIGSTOP)
        limited_alone(here, trial.verdict, 6)
        here.backends.redis.child.send_signal(signal.SIGCONT)
        trial.over()
        limited_together(here, trial.verdict)
    nobody_noticed(trial.verdict)
    return trial.verdict


def limited_alone(here, verdict, seconds):
    """Redis is away for so long: the gateway has to find out, and to say so until the end."""
    began = time.monotonic()
    _limiter_is(here, verdict, 1, seconds)
    time.sleep(max(0, began + seconds - time.monotonic()))
    if _degraded(here) != 1:
        verdict.violations.append("the gateway says that it shares its rate limit, and Redis is away")


def limited_together(here, verdict):
    _limiter_is(here, verdict, 0, HEALED_WITHIN)


def _degraded(here):
    return here.services.metric("gateway", "redis_ratelimit_degraded")


def _limiter_is(here, verdict, wanted, seconds):
    try:
        wait_until("redis_ratelimit_degraded", lambda: _degraded(here) == wanted, seconds)
    except RuntimeError:
        verdict.violations.append(f"redis_ratelimit_degraded was not {wanted} within {seconds:g} s")


def nobody_noticed(verdict):
    """The limiter falls back to a bucket of its own (I10: no failed request)."""
    failed = verdict.counts["unknown"] + verdict.counts["refused"]
    if failed:
        verdict.violations.append(f"{failed} requests failed though only the rate limiter's store was away")


@contextlib.contextmanager
def _client(here, statements, database):
    """Runs statements in a session of their own."""
    child = subprocess.Popen(
        ["mysql", "--no-defaults", "-uroot", f"--socket={here.backends.folder / 'mysql.sock'}", "--force", "-BN", database],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    child.stdin.write(statements)
    child.stdin.close()
    try:
        yield child
    finally:
        child.wait(60)


def stock_locked(here, _chosen):
    """Longer than a statement waits for a lock: the handlers get 1205 and have to roll the whole transaction back."""
    with here.trial(f"all stock rows locked for {LOCK_SECONDS} s", limit=HEALED_WITHIN) as trial:
        trial.fault()
        with _client(here, f"BEGIN; SELECT * FROM inventory_items FOR UPDATE; SELECT SLEEP({LOCK_SECONDS}); ROLLBACK;\n",
                     here.services.database("inventory")):
            pass
        trial.over()
    return trial.verdict


def orders_locked(here, _chosen):
    with here.trial(f"all order and payment rows locked for {LOCK_SECONDS} s", limit=HEALED_WITHIN) as trial:
        trial.fault()
        payments = here.services.database("payment")
        with _client(here, f"BEGIN; SELECT COUNT(*) FROM orders FOR UPDATE; SELECT COUNT(*) FROM {payments}.payments FOR UPDATE; "
                           f"SELECT SLEEP({LOCK_SECONDS}); ROLLBACK;\n", here.services.database("order")):
            pass
        trial.over()
    return trial.verdict


def deadlocks(here, chosen):
    """Sessions that lock the same stock rows in the opposite order, so that the services' transactions are victims of 1213."""
    products = [f"P-100{number}" for number in range(8, 0, -1)]
    with here.trial(f"opposite locks on stock for {QUARREL_SECONDS} s", limit=HEALED_WITHIN) as trial:
        trial.fault()
        end = time.monotonic() + QUARREL_SECONDS
        while time.monotonic() < end:
            first, second = sorted(chosen.sample(products, 2), reverse=True)
            # Heavy on purpose: InnoDB undoes the transaction that changed fewer rows.
            heavy = "".join(f"UPDATE quarrel SET n = n + 1 WHERE id <= {chosen.randint(50, 400)}; " for _ in range(2))
            with _client(here, "CREATE TABLE IF NOT EXISTS quarrel (id INT PRIMARY KEY AUTO_INCREMENT, n INT DEFAULT 0); "
                               + "INSERT INTO quarrel (n) VALUES " + ",".join(["(0)"] * 100) + "; BEGIN; " + heavy
                               + f"UPDATE inventory_items SET reserved = reserved WHERE product_id = '{first}'; "
                               f"SELECT * FROM inventory_items WHERE product_id = '{first}' FOR UPDATE; SELECT SLEEP(0.2); "
                               f"SELECT * FROM inventory_items WHERE product_id = '{second}' FOR UPDATE; ROLLBACK;\n",
                         here.services.database("inventory")):
                pass
        trial.over()
    seen = here.backends.sql("SELECT `count` FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'")
    trial.verdict.note = f"{seen[0][0]} deadlocks seen by MySQL" if seen else ""
    here.backends.sql("DROP TABLE IF EXISTS quarrel", here.services.database("inventory"))
    return trial.verdict


FAULTS = {"kafka:kill": broker_killed, "mysql:kill": mysql_killed, "mysql:away": mysql_away, "redis:kill": redis_killed, "redis:hang": redis_hangs,
          "locks:stock": stock_locked, "locks:orders": orders_locked, "locks:deadlock": deadlocks, "kafka:away": broker_away}
SMOKE = {"kafka:kill", "mysql:kill"}


def cases(smoke):
    return [(name, fault) for name, fault in FAULTS.items() if not smoke or name in SMOKE]


def run(selected, seed, _smoke):
    chosen = random.Random(seed)
    with arena(seed) as here:
        for _, fault in selected:
            yield fault(here, chosen)
