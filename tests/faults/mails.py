"""kill -9 of the notification service between the sending of mails and their marks, with a mail server that counts what it took."""
import asyncio
import collections
import contextlib
import random
import re
import threading

from arena import arena
from crash_points import KILLS, try_point

RATE = 30  # orders/s; each has two or three mails, sent one after the other
BATCH = 200  # mails that a process may have in hand


class MailSink:
    """Counts mails by Message-ID."""

    def __init__(self):
        self.taken = collections.Counter()
        self.port = 0
        started = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._listen(started)), daemon=True).start()
        if not started.wait(10):
            raise RuntimeError("the mail server did not start")

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    async def _listen(self, started):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await server.serve_forever()

    async def _serve(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                if line[:4].upper() == b"QUIT":
                    break
                if line[:4].upper() == b"DATA":
                    writer.write(b"354 go on\r\n")
                    mail = await reader.readuntil(b"\r\n.\r\n")
                    self.taken[re.search(rb"(?mi)^Message-ID: <(.*)>", mail)[1].decode()] += 1
                writer.write(b"250 well\r\n")
        with contextlib.suppress(OSError):
            writer.close()


def killed(here, sink, chosen):
    before = sink.taken.total() - len(sink.taken)
    verdict = try_point(here, "notification.after_send", "notification", 10, KILLS, chosen, rate=RATE)
    verdict.name += ", by mail"
    again = sink.taken.total() - len(sink.taken) - before
    sent = {row[0] for row in here.backends.sql("SELECT message_id FROM notifications WHERE state = 'SENT'", here.services.database("notification"))}
    verdict.note += f"; {len(sink.taken)} mails, {again} of them again"
    verdict.violations += [f"{one} is marked as sent and no mail came" for one in sorted(sent - sink.taken.keys())]
    verdict.violations += [f"the mail {one} came and is not marked" for one in sorted(sink.taken.keys() - sent)]
    verdict.violations += [f"the mail {one} came {count} times" for one, count in sink.taken.items() if count > 1 + KILLS]
    if not KILLS <= again <= KILLS * BATCH:  # each kill found a mail sent and not marked, and nothing but a kill repeats one
        verdict.violations.append(f"{again} mails came again after {KILLS} kills")
    return verdict


FAULTS = {"mail:notification.after_send": killed}


def cases(smoke):
    return [] if smoke else list(FAULTS.items())


def run(selected, seed, _smoke):
    chosen, sink = random.Random(seed), MailSink()
    with arena(seed, environment={"notification": {"SMTP_URL": sink.url}}) as here:
        for _, fault in selected:
            yield fault(here, sink, chosen)
