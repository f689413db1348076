"""More load than the platform can bear, for a while; it has to shed the excess and come back by itself."""
import subprocess
import time

from arena import HERE, arena

SECONDS = 15
CONNECTIONS = 512  # many more than are needed to keep every core busy
RECOVERED_WITHIN = 30.0
USUAL_SECONDS = 1.0  # from placed to ended, for 19 of 20 orders


def recovered(here, since):
    """Seconds after `since` (epoch) from which on orders end as soon as they usually do."""
    rows = here.backends.sql(
        f"SELECT FLOOR(UNIX_TIMESTAMP(created_at)), SUM(status = 'CREATED' OR TIMESTAMPDIFF(MICROSECOND, created_at, updated_at) > {USUAL_SECONDS * 1e6:.0f}), "
        f"COUNT(*) FROM orders WHERE created_at > FROM_UNIXTIME({since:.3f}) AND user_id <> '' GROUP BY 1 ORDER BY 1", here.services.database("order"))
    healthy = None
    for second, late, count in rows:
        if int(late) * 20 > int(count):
            healthy = None
        elif healthy is None:
            healthy = max(0.0, int(second) - since)
    return healthy


def too_much(here):
    with here.trial("overload: 512 connections as fast as they can", heal=False) as trial:
        trial.fault()
        done = subprocess.run(["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--timeout", "10s", "-s", str(HERE / "post.lua"), here.services.base],
                              capture_output=True, text=True)
        trial.over()
        end = time.time() + RECOVERED_WITHIN + 10
        while time.time() < end:
            time.sleep(1)
            trial.verdict.heal = recovered(here, trial.over_at)
            if trial.verdict.heal is not None and time.time() > trial.over_at + trial.verdict.heal + 5:
                break
    trial.verdict.limit = RECOVERED_WITHIN
    if trial.verdict.heal is None:
        print(here.backends.sql(
            "SELECT FLOOR(UNIX_TIMESTAMP(created_at)) - %d s, COUNT(*), SUM(status = 'CREATED'), AVG(TIMESTAMPDIFF(MICROSECOND, created_at, updated_at)) / 1e6, "
            "MAX(TIMESTAMPDIFF(MICROSECOND, created_at, updated_at)) / 1e6 FROM orders WHERE user_id <> '' GROUP BY 1 ORDER BY 1" % trial.over_at,
            here.services.database("order")), flush=True)
    told = [line for line in done.stdout.splitlines() if line.startswith("answers")]
    trial.verdict.note = told[0] if told else f"wrk: {done.stdout[-200:]} {done.stderr[-200:]}"
    if not told:
        trial.verdict.violations.append("the overload did not happen")
    return trial.verdict


def cases(smoke):
    return [] if smoke else [("overload", too_much)]


def run(selected, seed, _smoke):
    with arena(seed) as here:
        for _, fault in selected:
            yield fault(here)
