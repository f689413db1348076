"""kill -9 at each named crash point (shared/core/crash_point.hpp), several times in a row under load."""
import os
import random
import re

from arena import RATE, arena
from services import ROOT

KILLS = int(os.environ.get("KILLS", "3"))
# A process that is killed while it joins its group costs the group a second session timeout.
HEALED_WITHIN = {True: 10.0, False: 18.0}

# point, service, passes among which the fatal one is drawn[, kills in a row if not KILLS]
POINTS = [
    ("gateway.after_forward", "gateway", 60),
    ("order.before_commit", "order", 60),
    ("order.after_commit", "order", 60),
    ("order.after_hand_off", "order", 60),
    ("relay.after_produce", "order", 60),
    ("relay.before_delete", "order", 10),
    ("consumer.after_poll", "order", 20),
    ("mysql.before_commit", "order", 60),
    ("mysql.after_commit", "order", 60),
    ("consumer.before_offset_commit", "order", 20),
    ("payment.after_intent", "payment", 10),
    ("payment.after_provider", "payment", 10),
    ("mysql.before_commit", "payment", 20),
    ("mysql.after_commit", "payment", 20),
    ("relay.before_delete", "payment", 10),
    ("consumer.after_poll", "inventory", 20),
    ("mysql.before_commit", "inventory", 20),
    ("mysql.after_commit", "inventory", 20),
    ("consumer.before_offset_commit", "inventory", 20),
    ("relay.after_produce", "inventory", 60),
    ("consumer.before_offset_commit", "notification", 20),
    ("notification.after_send", "notification", 10),
    # Code that the services share, seen at length in others above.
    ("consumer.after_poll", "payment", 20, 1),
    ("consumer.before_offset_commit", "payment", 20, 1),
    ("relay.after_produce", "payment", 60, 1),
    ("relay.before_delete", "inventory", 10, 1),
    ("consumer.after_poll", "notification", 20, 1),
    ("mysql.before_commit", "notification", 20, 1),
    ("mysql.after_commit", "notification", 20, 1),
    ("relay.after_produce", "notification", 60, 1),
    ("relay.before_delete", "notification", 10, 1),
]
SMOKE = {("order.after_commit", "order"), ("payment.after_provider", "payment")}


def try_point(here, point, service, passes, kills, chosen, rate=RATE):
    with here.trial(f"{service} at {point}", limit=HEALED_WITHIN[kills == 1], rate=rate) as trial:
        trial.fault()
        here.process(service).stop()
        for _ in range(kills):
            here.start_doomed(service, f"{point}:{chosen.randint(1, passes)}")
            here.wait_killed(service)
        trial.over()
        here.services.start(service)
    trial.verdict.note = f"{kills} kills"
    return trial.verdict


def cases(smoke):
    named = {point for point, *_ in POINTS}
    if passed_points() != named:
        raise RuntimeError(f"crash points of the code that no row has, or the other way round: {sorted(passed_points() ^ named)}")
    return [(f"crash:{service}:{point}", (point, service, passes, *kills)) for point, service, passes, *kills in POINTS
            if not smoke or (point, service) in SMOKE]


def passed_points():
    """The crash points that services/ and shared/ have."""
    files = [file for room in ("services", "shared") for file in (ROOT / room).rglob("*.cpp")]
    return {point for file in files for point in re.findall(r'\bcrash_point\("([^"]+)"\)', file.read_text())}


def run(selected, seed, smoke):
    chosen = random.Random(seed)
    with arena(seed) as here:
        for _, (point, service, passes, *kills) in selected:
            yield try_point(here, point, service, passes, 1 if smoke else min([KILLS, *kills]), chosen)
