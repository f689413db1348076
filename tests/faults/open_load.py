"""An open-loop load with a history: orders are sent at their time whether earlier ones were answered or not, and what each client saw is kept.

A client whose request ended in doubt (no answer, 502, 504) or was put off (409, 429, 503) sends it again with the same Idempotency-Key when it has one;
without a key the doubt stays, as it would for a real client.
"""
import asyncio
import contextlib
import json
import random
import threading
import time
import urllib.parse

ANSWER_WITHIN = 10.0
PATIENCE = 60.0  # of one client with a key, all its tries together
AGAIN_AFTER = 0.3
KEYED_SHARE = 0.6
TWIN_SHARE = 0.05  # of keyed requests: the same request twice at once
ACCEPTED = (200, 201, 202)
PUT_OFF = (409, 425, 429, 503)


class Request:
    def __init__(self, number, user, key, body):
        self.number, self.user, self.key, self.body = number, user, key, body
        self.ids = set()  # of all answers that accepted it
        self.statuses = []  # of all tries; 0 = no answer
        self.foreign = False  # an answer carried another request's correlation id
        self.faults = []  # what no answer may be, whatever is broken behind the gateway

    @property
    def outcome(self):
        if self.ids:
            return "accepted"
        if any(status in (0, 502, 504) for status in self.statuses):
            return "unknown"
        return "refused"


def faults_of(status, headers):
    """502 and 504 tell of a service that is away or late; 500 tells of nothing but a defect."""
    found = []
    if status == 500:
        found.append("500")
    if status in (429, 503) and not headers.get("retry-after", "").isdigit():
        found.append(f"{status} without Retry-After")
    if "x-correlation-id" not in headers:
        found.append(f"{status} without a correlation id")
    return found


class OpenLoad:
    def __init__(self, base, rate, seed, name):
        self.at = urllib.parse.urlsplit(base)
        self.rate, self.name = rate, name
        self.random = random.Random(seed)
        self.history = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self.idle = []
        self.worst_lateness = 0.0

    def start(self):
        self.thread.start()
        return self

    def stop(self, seconds=PATIENCE + 30):
        self.stopping.set()
        self.thread.join(seconds)
        if self.thread.is_alive():
            raise AssertionError(f"the clients did not end within {seconds} s")
        return self.history

    @property
    def accepted(self):
        return [order for request in self.history for order in request.ids]

    def counts(self):
        found = {"accepted": 0, "refused": 0, "unknown": 0}
        for request in self.history:
            found[request.outcome] += 1
        return found

    def body(self, number, user):
        special = {3: {"price": 9999.99}, 8: {"productId": "P-0000"}}.get(number % 10, {})
        return {"productId": f"P-100{1 + number % 8}", "quantity": 1 + number % 3, "price": 19.99, "userId": user, **special}

    def _make(self, number):
        user = f"{self.name}-{number}"
        key = f"key-{user}" if self.random.random() < KEYED_SHARE else None
        return Request(number, user, key, self.body(number, user))

    async def _main(self):
        began, number, clients = time.monotonic(), 0, set()
        while not self.stopping.is_set():
            due = began + number / self.rate
            pause = due - time.monotonic()
            if pause > 0:
                await asyncio.sleep(min(pause, 0.1))
                continue
            self.worst_lateness = max(self.worst_lateness, -pause)
            request = self._make(number)
            self.history.append(request)
            tries = 2 if request.key and self.random.random() < TWIN_SHARE else 1
            for _ in range(tries):
                client = asyncio.create_task(self._client(request))
                clients.add(client)
                client.add_done_callback(clients.discard)
            number += 1
        if clients:
            await asyncio.wait(clients)
        for _, writer in self.idle:
            writer.close()

    async def _client(self, request):
        give_up = time.monotonic() + PATIENCE
        while True:
            status = await self._try(request)
            if status in ACCEPTED or not request.key or 400 <= status < 500 and status not in PUT_OFF:
                return
            if time.monotonic() > give_up or self.stopping.is_set() and time.monotonic() > give_up - PATIENCE / 2:
                return
            await asyncio.sleep(AGAIN_AFTER)

    async def _try(self, request):
        status = 0
        try:
            status, headers, answer = await asyncio.wait_for(self._exchange(request), ANSWER_WITHIN)
            request.foreign = request.foreign or headers.get("x-correlation-id") not in (None, request.user)
            request.faults += faults_of(status, headers)
            if status in ACCEPTED:
                request.ids.add(json.loads(answer)["orderId"])
        except (OSError, ValueError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            status = 0
        request.statuses.append(status)
        return status

    async def _exchange(self, request):
        idle = self._take_idle()
        reused = idle is not None
        reader, writer = idle or await asyncio.open_connection(self.at.hostname, self.at.port)
        try:
            body = json.dumps(request.body).encode()
            key = f"Idempotency-Key: {request.key}\r\n" if request.key else ""
            writer.write((f"POST /api/orders HTTP/1.1\r\nHost: {self.at.netloc}\r\nContent-Type: application/json\r\n{key}"
                          f"X-Correlation-Id: {request.user}\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)
            await writer.drain()
            status, headers, answer = await self._answer(reader)
        except BaseException:
            with contextlib.suppress(Exception):
                writer.transport.abort()
            if reused:
                self.idle.clear()  # its neighbours are of the same age
            raise
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        return status, headers, answer

    def _take_idle(self):
        """A connection that the server has not closed, as far as this side knows."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    @staticmethod
    async def _answer(reader):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        return int(lines[0].split(" ")[1]), headers, await reader.readexactly(int(headers.get("content-length", 0)))
