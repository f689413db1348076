"""MySQL, Kafka and Redis killed, away for long, standing still, or busy with locks that somebody else holds."""
import os
import random
import signal
import subprocess
import time

from arena import arena, wait_until
from backends import answers
from records import asked_again
from watches import most_rows

HEALED_WITHIN = 10.0
LONG_OUTAGE = float(os.environ.get("OUTAGE", "60"))
OUTBOX_BOUND = 30  # seconds, the setting's default: from this age of the oldest row on no orders are taken
NOTICED_WITHIN = 5  # seconds, until the age is looked at and those who were let in have their rows
# Of the orders. The sweeper does not know it: it asks for 100 every 5 s until they have ended, which comes to 4 to 6 % where a busy machine takes 10 s for that.
ASKED_AGAIN_SHARE = 0.05
LOCK_SECONDS = 12
QUARREL_SECONDS = 8


def broker_killed(here, _chosen, away=0.0, limit=HEALED_WITHIN):
    with here.trial(f"Kafka kill -9, away for {away:.0f} s" if away else "Kafka kill -9 and restart", limit=limit) as trial:
        trial.fault()
        here.backends.kafka.kill()
        most = most_rows(here, away)
        here.backends.start_kafka()
        wait_until("Kafka", lambda: answers(here.backends.kafka_port), process=here.backends.kafka.child, log=here.backends.kafka.log)
        trial.over()
    if away:
        _check_outage(here, trial, most)
    return trial.verdict


def broker_away(here, chosen):
    return broker_killed(here, chosen, LONG_OUTAGE)


def _check_outage(here, trial, most):
    """Nothing grows without end, nobody is asked over and over, and no order is cancelled for want of an answer.

    Nothing but new orders writes to outboxes while no record arrives: one row an order, for as long as orders are taken, and the sweeper's
    questions about stuck ones."""
    bound = trial.load.rate * (1 + ASKED_AGAIN_SHARE) * (OUTBOX_BOUND + NOTICED_WITHIN)
    again, orders = asked_again(here, trial.since)
    late = here.count("order", "orders WHERE failure_code = 'DEADLINE_EXCEEDED'")
    trial.verdict.note = f"{most} rows in the outboxes, {again} of {orders} orders asked for again"
    if not 0 < most <= bound:
        trial.verdict.violations.append(f"{most} rows stood in the outboxes, which has to be more than 0 and at most {bound:.0f}")
    if again > ASKED_AGAIN_SHARE * orders:
        trial.verdict.violations.append(f"{again} of {orders} orders were asked for again")
    if late:
        trial.verdict.violations.append(f"{late} orders were cancelled for want of an answer")


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


def _quarrel(here, verdict, statements, database):
    """Runs statements in a session of their own, which may lose against a service (1213) or wait too long for one (1205)."""
    done = subprocess.run(
        ["mysql", "--no-defaults", "-uroot", f"--socket={here.backends.folder / 'mysql.sock'}", "--force", "-BN", database],
        input=statements, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
    wrong = [line for line in done.stderr.splitlines() if not line.startswith(("ERROR 1213 ", "ERROR 1205 "))]
    if wrong or done.returncode not in (0, 1):  # 1: the last statement lost
        verdict.violations.append(f"the session that holds locks ended with {done.returncode}: {wrong[:2]}")


class _Retried:
    """Batches that services had to try again since it was made."""

    def __init__(self, here, *names):
        self.here, self.names = here, names
        self.before = self._now()

    def _now(self):
        return {name: self.here.services.metric(name, "kafka_listener_records_total", 'result="retried"') for name in self.names}

    def check(self, verdict):
        """Each of them met the locks."""
        for name, count in self._now().items():
            verdict.note += f"{', ' if verdict.note else ''}{count - self.before[name]:.0f} records tried again by {name}"
            if count <= self.before[name]:
                verdict.violations.append(f"{name} never met the locks")


def stock_locked(here, _chosen):
    """Longer than a statement waits for a lock: the handlers get 1205 and have to roll the whole transaction back."""
    with here.trial(f"all stock rows locked for {LOCK_SECONDS} s", limit=HEALED_WITHIN) as trial:
        retried = _Retried(here, "inventory")
        trial.fault()
        _quarrel(here, trial.verdict, f"BEGIN; SELECT * FROM inventory_items FOR UPDATE; SELECT SLEEP({LOCK_SECONDS}); ROLLBACK;\n",
                 here.services.database("inventory"))
        trial.over()
    retried.check(trial.verdict)
    return trial.verdict


def orders_locked(here, _chosen):
    with here.trial(f"all order and payment rows locked for {LOCK_SECONDS} s", limit=HEALED_WITHIN) as trial:
        retried = _Retried(here, "order", "payment")
        trial.fault()
        payments = here.services.database("payment")
        # Payments first: without new orders nobody asks for a payment.
        _quarrel(here, trial.verdict, f"BEGIN; SELECT COUNT(*) FROM {payments}.payments FOR UPDATE; SELECT SLEEP(1); SELECT COUNT(*) FROM orders FOR UPDATE; "
                                      f"SELECT SLEEP({LOCK_SECONDS}); ROLLBACK;\n", here.services.database("order"))
        trial.over()
    retried.check(trial.verdict)
    return trial.verdict


def deadlocks(here, chosen):
    """Sessions that lock the same stock rows in the opposite order, so that the services' transactions are victims of 1213."""
    products = [f"P-100{number}" for number in range(8, 0, -1)]
    with here.trial(f"opposite locks on stock for {QUARREL_SECONDS} s", limit=HEALED_WITHIN) as trial:
        retried, before = _Retried(here, "inventory"), _deadlocks_seen(here)
        trial.fault()
        end = time.monotonic() + QUARREL_SECONDS
        while time.monotonic() < end:
            first, second = sorted(chosen.sample(products, 2), reverse=True)
            # Heavy on purpose: InnoDB undoes the transaction that changed fewer rows.
            heavy = "".join(f"UPDATE quarrel SET n = n + 1 WHERE id <= {chosen.randint(50, 400)}; " for _ in range(2))
            _quarrel(here, trial.verdict, "CREATE TABLE IF NOT EXISTS quarrel (id INT PRIMARY KEY AUTO_INCREMENT, n INT DEFAULT 0); "
                     + "INSERT INTO quarrel (n) VALUES " + ",".join(["(0)"] * 100) + "; BEGIN; " + heavy
                     + f"UPDATE inventory_items SET reserved = reserved WHERE product_id = '{first}'; "
                     f"SELECT * FROM inventory_items WHERE product_id = '{first}' FOR UPDATE; SELECT SLEEP(0.2); "
                     f"SELECT * FROM inventory_items WHERE product_id = '{second}' FOR UPDATE; ROLLBACK;\n", here.services.database("inventory"))
        trial.over()
    seen = _deadlocks_seen(here) - before
    trial.verdict.note = f"{seen} deadlocks seen by MySQL"
    if seen == 0:
        trial.verdict.violations.append("the fault did not happen: no deadlock")
    retried.check(trial.verdict)
    here.backends.sql("DROP TABLE IF EXISTS quarrel", here.services.database("inventory"))
    return trial.verdict


def _deadlocks_seen(here):
    return int(here.backends.sql("SELECT `count` FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'")[0][0])


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
