"""More load than the platform can bear, for a while; it has to shed the excess and come back by itself."""
import re
import subprocess
import time

from arena import HERE, arena

SECONDS = 15
OVERLOAD = 5  # times what is accepted
CONNECTIONS = 512  # many more than are needed to keep every core busy
RECOVERED_WITHIN = 30.0
USUAL_SECONDS = 2.0  # from placed to ended, for 19 of 20 orders, in three seconds one after the other


def recovered(here, since):
    """Seconds after `since` (epoch) from which on orders end as soon as they usually do."""
    rows = here.backends.sql(
        f"SELECT FLOOR(UNIX_TIMESTAMP(created_at)), SUM(status = 'CREATED' OR TIMESTAMPDIFF(MICROSECOND, created_at, updated_at) > {USUAL_SECONDS * 1e6:.0f}), "
        f"COUNT(*) FROM orders WHERE created_at > FROM_UNIXTIME({since:.3f}) AND user_id <> '' GROUP BY 1 ORDER BY 1", here.services.database("order"))
    good = [(int(second), int(late) * 20 <= int(count)) for second, late, count in rows if int(second) < time.time() - 3]
    for place in range(len(good) - 2):
        if all(well for _, well in good[place:place + 3]):
            return max(0.0, good[place][0] - since)
    return None


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
            if trial.verdict.heal is not None:
                break
    trial.verdict.limit = RECOVERED_WITHIN
    trial.verdict.violations += judged(trial.verdict, done)
    return trial.verdict


def judged(verdict, done):
    """It was an overload, some of it was served, and the rest was told to come back later."""
    told = re.search(r"answers: (\d+) accepted, (\d+) shed, (\d+) other.*", done.stdout)
    if not told:
        return [f"wrk: {done.stdout[-200:]} {done.stderr[-200:]}"]
    accepted, shed, other = (int(number) / SECONDS for number in told.groups())
    verdict.note = f"{told[0]}; {accepted:.0f} accepted/s of {accepted + shed + other:.0f}/s"
    bad = []
    if other:
        bad.append(f"{told[3]} answers were neither taken nor put off")
    if not accepted:
        bad.append("nothing was accepted")
    if accepted + shed + other < OVERLOAD * accepted:
        bad.append(f"{accepted + shed + other:.0f} orders/s were offered and {accepted:.0f}/s taken: no overload")
    return bad


def cases(smoke):
    return [] if smoke else [("overload", too_much)]


def run(selected, seed, _smoke):
    with arena(seed, environment={"gateway": {"ROUTE_ORDERS_RATE_LIMIT": "false"}}) as here:  # the order service has to defend itself
        for _, fault in selected:
            yield fault(here)
