"""Wall clocks that jump while the services run (skewed_clock.cpp); MySQL's and Kafka's stay."""
import random
import struct
import time

from arena import PROGRAMS, arena
from services import NAMES

HEALED_WITHIN = 10.0
HOUR = 3600
SECONDS = 6.0


class Clocks:
    def __init__(self):
        self.files = {}

    def wire(self, here):
        library = PROGRAMS / "tests/faults/libskewed_clock.so"
        for name in NAMES:
            self.files[name] = here.folder / f"{name}.clock"
            self.files[name].write_bytes(struct.pack("<q", 0))
        return {name: {"LD_PRELOAD": library, "SKEWED_CLOCK_FILE": self.files[name]} for name in NAMES}

    def move(self, name, seconds):
        with self.files[name].open("r+b") as file:
            file.write(struct.pack("<q", seconds))


def _jump(title, offsets):
    def fault(here, clocks, chosen):
        with here.trial(title, limit=HEALED_WITHIN) as trial:
            trial.fault()
            for name, seconds in offsets(chosen).items():
                clocks.move(name, seconds)
            time.sleep(SECONDS)
            skew = _seen(here)
            for name in NAMES:
                clocks.move(name, 0)
            trial.over()
        trial.verdict.note = f"newest order stamped {skew:+d} s"
        if abs(skew) < 60:
            trial.verdict.violations.append("the order service's clock did not jump")
        return trial.verdict
    return fault


def _seen(here):
    """How far the newest order's time is from the database's, which shows that the jump reached the service."""
    rows = here.backends.sql("SELECT TIMESTAMPDIFF(SECOND, updated_at, created_at) FROM orders ORDER BY updated_at DESC LIMIT 1", here.services.database("order"))
    return int(rows[0][0])


FAULTS = {
    "clock:forward": _jump("clocks of all services +1 h and back", lambda _: dict.fromkeys(NAMES, HOUR)),
    "clock:backward": _jump("clocks of all services -1 h and back", lambda _: dict.fromkeys(NAMES, -HOUR)),
    "clock:skew": _jump("each service's clock up to 10 min off", lambda chosen: {"order": chosen.choice([-600, 600]),
                                                                                 **{name: chosen.randint(-600, 600) for name in NAMES if name != "order"}}),
}


def cases(smoke):
    return [(name, fault) for name, fault in FAULTS.items() if not smoke]


def run(selected, seed, _smoke):
    chosen, clocks = random.Random(seed), Clocks()
    with arena(seed, wiring=clocks.wire) as here:
        for _, fault in selected:
            yield fault(here, clocks, chosen)
