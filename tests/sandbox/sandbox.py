#!/usr/bin/env python3
"""A payment provider over HTTP with durable books of its own, for tests.

    tests/sandbox/sandbox.py --ledger FILE [--port N] [--token TOKEN]

Prints "listening on PORT" once it serves. Only on loopback. README.md has its rules and its control endpoint.
"""
import argparse
import asyncio
import json
import os
import signal
import urllib.parse

from ledger import Ledger
from provider import Provider, Refusal
from rules import Rules

MAX_BYTES = 64 * 1024
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 422: "Unprocessable Content",
           500: "Internal Server Error", 503: "Service Unavailable"}


class Cut(Exception):
    """The connection ends without an answer."""


class Silence(Exception):
    """The connection stays open without an answer, until the other side closes it or the rules change."""


class Sandbox:
    def __init__(self, provider, rules, token):
        self.provider, self.rules, self.token = provider, rules, token
        self.rules_changed = asyncio.Event()

    async def serve(self, reader, writer):
        try:
            while (request := await self.read(reader)) is not None:
                status, body = await self.answer(*request)
                text = json.dumps(body).encode()
                writer.write(f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
                             .encode() + text)
        except Silence:
            closed, changed = asyncio.ensure_future(reader.read()), asyncio.ensure_future(self.rules_changed.wait())
            await asyncio.wait((closed, changed), return_when=asyncio.FIRST_COMPLETED)
            closed.cancel()
            changed.cancel()
            writer.transport.abort()
        except (Cut, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            writer.transport.abort()
        finally:
            writer.close()

    @staticmethod
    async def read(reader):
        """(method, path, headers, body), or nothing at the end of the connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        length = int(headers.get("content-length", 0))
        if not 0 <= length <= MAX_BYTES:
            raise Cut
        return method, urllib.parse.unquote(path), headers, await reader.readexactly(length) if length else b""

    async def answer(self, method, path, headers, body):
        try:
            if path.startswith("/control/"):
                return 200, self.control(method, path, body)
            if self.token and headers.get("authorization") != f"Bearer {self.token}":
                raise Refusal(401, "unauthorized", "the bearer token is not right")
            await self.disturb()
            answer = await self.work(method, path, headers.get("idempotency-key", ""), body)
            if method == "POST" and self.rules.happens("lostAnswerPercent"):
                raise Silence if self.rules["lostAnswerMode"] == "hang" else Cut
            return 200, answer
        except Refusal as refusal:
            return refusal.status, refusal.body

    async def disturb(self):
        """What goes wrong before anything happens."""
        if self.rules["outage"] == "hang":
            raise Silence
        if self.rules["outage"] == "cut":
            raise Cut
        if self.rules["outage"] == "error":
            raise Refusal(503, "outage", "away on purpose")
        if self.rules["latencyMs"]:
            await asyncio.sleep(self.rules["latencyMs"] / 1000)
        if self.rules.happens("errorPercent"):
            raise Refusal(500, "failure", "failed on purpose")

    async def work(self, method, path, key, body):
        if (method, path) == ("POST", "/v1/charges"):
            return await self.provider.charge(key, body)
        if (method, path) == ("POST", "/v1/refunds"):
            return await self.provider.refund(key, body)
        if (method, path) == ("POST", "/v1/voids"):
            return await self.provider.void(body)
        if method == "GET" and path.startswith("/v1/operations/"):
            return await self.provider.find(path.removeprefix("/v1/operations/"))
        raise Refusal(404, "no-such-page", f"{method} {path} is not part of the contract")

    def control(self, method, path, body):
        if path == "/control/summary":
            return self.provider.summary()
        if path != "/control/rules":
            raise Refusal(404, "no-such-page", "there are /control/rules and /control/summary")
        if method == "PUT":
            try:
                self.rules.change(json.loads(body))
            except (ValueError, AttributeError) as error:
                raise Refusal(400, "invalid-rules", str(error)) from None
            self.rules_changed.set()
            self.rules_changed = asyncio.Event()
        return self.rules.values


async def run(arguments):
    loop = asyncio.get_running_loop()

    def give_up(error):
        print(f"the ledger cannot be written: {error}", flush=True)
        os._exit(1)

    ledger, rules = Ledger(arguments.ledger, give_up), Rules()
    sandbox = Sandbox(Provider(ledger, rules, loop), rules, arguments.token)
    server = await asyncio.start_server(sandbox.serve, "127.0.0.1", arguments.port, limit=MAX_BYTES, backlog=512)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    server.close()
    ledger.close()
    os._exit(0)  # connections that hang on purpose would keep the loop


def main():
    parser = argparse.ArgumentParser(description="A payment provider for tests.")
    parser.add_argument("--ledger", required=True, help="file of the books; kept from start to start")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--token", default="", help="the bearer token that callers have to have")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
