"""A small closed-loop load: places orders and remembers which ones were accepted."""
import http.client
import json
import threading
import time
import urllib.parse

from backends import wait_until


def place(connection, payload, headers=None):
    connection.request("POST", "/api/orders", json.dumps(payload), {"Content-Type": "application/json", **(headers or {})})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"{}")


class Load:
    """`count` orders over `threads` connections; every fifth is one that has to be undone."""

    def __init__(self, base, count, threads=8):
        self.host = urllib.parse.urlsplit(base).netloc
        self.left = list(range(count))
        self.accepted, self.refused = [], []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def join(self, seconds):
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0, end - time.monotonic()))
        if any(thread.is_alive() for thread in self.threads):
            raise AssertionError(f"the load did not end within {seconds} s")

    def wait_accepted(self, count, seconds=60):
        wait_until(f"{count} accepted orders", lambda: len(self.accepted) >= count, seconds)

    @staticmethod
    def payload(number):
        special = {3: {"price": 9999.99}, 8: {"productId": "P-0000"}}.get(number % 10, {})
        return {"productId": f"P-100{1 + number % 8}", "quantity": 1 + number % 3, "price": 19.99, **special}

    def _next(self):
        with self.lock:
            return self.left.pop() if self.left else None

    def _run(self):
        connection = http.client.HTTPConnection(self.host, timeout=15)
        while (number := self._next()) is not None:
            try:
                status, answer = place(connection, self.payload(number))
            except (OSError, http.client.HTTPException):
                connection.close()
                status, answer = 0, {}
            with self.lock:
                if status == 202:
                    self.accepted.append(answer["orderId"])
                else:
                    self.refused.append(status)
            if status != 202:
                time.sleep(0.02)  # a service is away: a pause, so that the load lasts longer than the outage
