"""The payment provider of tests/sandbox: away, silent, slow, losing its answers, killed; and a payment service killed while money moves.

What has to hold is looked up in the provider's own books: money moved once, and only where an order is paid.
"""
import os
import random
import time

from arena import arena
from crash_points import try_point

HEALED_WITHIN = 10.0
SECONDS = 10.0
KILLS = int(os.environ.get("KILLS", "3"))
QUIET = {"outage": "none", "latencyMs": 0, "errorPercent": 0, "lostAnswerPercent": 0, "lostAnswerMode": "cut", "refundDeclinedPercent": 0}


def misbehaves(what, **rules):
    def fault(here, _chosen):
        with here.trial(f"provider: {what}", limit=HEALED_WITHIN) as trial:
            trial.fault()
            here.services.sandbox.rules(**rules)
            try:
                time.sleep(SECONDS)
            finally:
                here.services.sandbox.rules(**QUIET)
            trial.over()
        trial.verdict.note = asked(here)
        return trial.verdict
    return fault


def provider_killed(here, _chosen):
    with here.trial("provider: kill -9, away for 5 s", limit=HEALED_WITHIN) as trial:
        trial.fault()
        here.services.sandbox.kill()
        time.sleep(5)
        here.services.sandbox.start()
        trial.over()
    trial.verdict.note = asked(here)
    return trial.verdict


def payment_killed(here, chosen):
    """With a slow provider: charges are under way at the moment of each kill."""
    with here.trial("payment kill -9 while charges are under way", limit=HEALED_WITHIN) as trial:
        trial.fault()
        here.services.sandbox.rules(latencyMs=100)
        for _ in range(KILLS):
            time.sleep(chosen.uniform(0.5, 2.0))
            here.services.kill("payment")
            here.services.start("payment")
        here.services.sandbox.rules(**QUIET)
        trial.over()
    trial.verdict.note = f"{KILLS} kills; {asked(here)}"
    return trial.verdict


def crash(point):
    def fault(here, chosen):
        verdict = try_point(here, point, "payment", 10, 1, chosen)
        verdict.name += ", with the provider"
        verdict.note = asked(here)
        return verdict
    return fault


def asked(here):
    """What the provider was asked for so far."""
    return ", ".join(f"{count} {name}" for name, count in sorted(here.services.sandbox.summary()["asked"].items()))


FAULTS = {
    "provider:errors": misbehaves("a third of all calls fail", errorPercent=33),
    "provider:slow": misbehaves("400 ms before each answer", latencyMs=400),
    "provider:lost": misbehaves("a third of the answers are lost", lostAnswerPercent=33),
    "provider:silent": misbehaves("a tenth of the answers never come", lostAnswerPercent=10, lostAnswerMode="hang"),
    "provider:refunds": misbehaves("half of the refunds are declined", refundDeclinedPercent=50),
    "provider:away": misbehaves("answers 503 only", outage="error"),
    "provider:hangs": misbehaves("takes every call and says nothing", outage="hang"),
    "provider:kill": provider_killed,
    "provider:payment-kill": payment_killed,
    "provider:crash:payment.after_intent": crash("payment.after_intent"),
    "provider:crash:payment.after_provider": crash("payment.after_provider"),
}


def cases(smoke):
    return [] if smoke else list(FAULTS.items())


def run(selected, seed, _smoke):
    chosen = random.Random(seed)
    with arena(seed, sandbox=True) as here:
        for _, fault in selected:
            yield fault(here, chosen)
