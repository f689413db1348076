"""Processes that end or stand still: orderly restarts, kill -9, a storm of kills, and zombies that wake up after their partitions have moved."""
import os
import random
import signal
import time

from arena import arena

ROUNDS = int(os.environ.get("ROUNDS", "1"))
RESTARTED_WITHIN = 2.0
HEALED_WITHIN = 10.0
STORM_SECONDS = 30 * ROUNDS
SERVICES = ["gateway", "order", "payment", "inventory", "notification"]
CONSUMERS = ["order", "payment", "inventory", "notification"]
ZOMBIE_SECONDS = (8, 16)  # longer than the session timeout of 6 s


def restart(here, service, _chosen):
    with here.trial(f"{service} restarted in order", limit=RESTARTED_WITHIN) as trial:
        trial.fault()
        trial.over()
        began = time.monotonic()
        code = here.process(service).stop()
        stopped = time.monotonic()
        here.services.start(service)
        ready = time.monotonic()
    trial.verdict.note = f"ended in {stopped - began:.2f} s, ready {ready - stopped:.2f} s later"
    if code != 0:
        trial.verdict.violations.append(f"{service} ended with {code} after SIGTERM")
    return trial.verdict


def kill(here, service, _chosen):
    with here.trial(f"{service} kill -9", limit=HEALED_WITHIN) as trial:
        trial.fault()
        trial.over()
        here.services.kill(service)
        here.services.start(service)
    return trial.verdict


def storm(here, _service, chosen, seconds=STORM_SECONDS):
    kills = 0
    with here.trial("kill storm: any service every 0.5-3 s", limit=HEALED_WITHIN) as trial:
        trial.fault()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            victim = chosen.choice(SERVICES)
            here.services.kill(victim)
            here.services.start(victim)
            kills += 1
            time.sleep(chosen.uniform(0.5, 3.0))
        trial.over()
    trial.verdict.note = f"{kills} kills in {seconds} s"
    return trial.verdict


def zombie(here, service, chosen):
    """A second instance takes the partitions of the stopped one, which then goes on with what it had in hand."""
    asleep = chosen.uniform(*ZOMBIE_SECONDS)
    with here.twin(service), here.trial(f"{service} stopped and woken, another instance beside it") as trial:
        trial.fault()
        here.signal(service, signal.SIGSTOP)
        time.sleep(asleep)
        here.signal(service, signal.SIGCONT)
        trial.over()
    trial.verdict.note = f"asleep for {asleep:.0f} s"
    return trial.verdict


def pause(here, service, chosen):
    asleep = chosen.uniform(*ZOMBIE_SECONDS)
    with here.trial(f"{service} stopped and woken, alone", limit=HEALED_WITHIN) as trial:
        trial.fault()
        here.signal(service, signal.SIGSTOP)
        time.sleep(asleep)
        here.signal(service, signal.SIGCONT)
        trial.over()
    trial.verdict.note = f"asleep for {asleep:.0f} s"
    return trial.verdict


def cases(smoke):
    every = [*[(f"restart:{name}", (restart, name)) for name in SERVICES], *[(f"kill:{name}", (kill, name)) for name in SERVICES],
             ("kill:storm", (storm, "")), *[(f"zombie:{name}", (zombie, name)) for name in CONSUMERS],
             ("pause:order", (pause, "order")), ("pause:gateway", (pause, "gateway"))]
    chosen = {"kill:inventory"}
    return [case for case in every if not smoke or case[0] in chosen]


def run(selected, seed, _smoke):
    chosen = random.Random(seed)
    with arena(seed) as here:
        for _ in range(ROUNDS):
            for _, (fault, service) in selected:
                yield fault(here, service, chosen)
