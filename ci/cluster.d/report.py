"""How progress and failures are shown: on stderr, so that stdout stays the answer of a command."""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

TICK_SECONDS = 30
TAIL_LINES = 25


class Failure(Exception):
    """Something a person must read: one sentence, and perhaps the log that has the rest."""

    def __init__(self, message, log=None):
        super().__init__(message)
        self.log = log


def say(text):
    print(text, file=sys.stderr, flush=True)


def clock():
    return time.strftime("[%H:%M:%S]")


@contextmanager
def step(name, usually, log=None):
    """Prints the name of a step, how long it usually takes, and every half minute that it still runs."""
    say(f"{clock()} {name} (usually {usually}{f'; log {log}' if log else ''})")
    started, done = time.monotonic(), threading.Event()

    def tick():
        while not done.wait(TICK_SECONDS):
            say(f"           ... {name}, {time.monotonic() - started:.0f} s")

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    except (Failure, OSError) as error:
        say(f"failed: step \"{name}\" after {time.monotonic() - started:.0f} s")
        raise name_log(error, log) from error
    finally:
        done.set()
        ticker.join()
    say(f"{clock()} {name}: done in {time.monotonic() - started:.1f} s")


def name_log(error, log):
    if not isinstance(error, Failure):
        return Failure(str(error), log)
    error.log = error.log or log
    return error


def tail(path):
    try:
        lines = Path(path).read_text(errors="replace").splitlines()[-TAIL_LINES:]
    except OSError:
        return
    for line in lines:
        say(f"    | {line}")


def run(command, *, log=None, env=None, stdin=None, cwd=None):
    """Runs a command to its end with its output in a log, or returns the output when there is no log."""
    if log:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab") as file:
            file.write(f"$ {' '.join(map(str, command))}\n".encode())
            file.flush()
            result = subprocess.run(command, stdout=file, stderr=file, stdin=stdin or subprocess.DEVNULL, env=env, cwd=cwd)
        if result.returncode:
            raise Failure(f"{command[0]} exited with {result.returncode}", log)
        return ""
    result = subprocess.run(command, capture_output=True, text=True, stdin=stdin or subprocess.DEVNULL, env=env, cwd=cwd)
    if result.returncode:
        raise Failure(f"{' '.join(map(str, command))}: {(result.stderr or result.stdout).strip()}")
    return result.stdout


def wait_until(condition, seconds, what, log=None):
    """Asks a condition until it holds. It returns None when it holds, else what is still missing."""
    end = time.monotonic() + seconds
    while True:
        missing = condition()
        if missing is None:
            return
        if time.monotonic() > end:
            raise Failure(f"{what} not reached within {seconds} s: {missing}", log)
        time.sleep(0.2)
