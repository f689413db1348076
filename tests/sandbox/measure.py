#!/usr/bin/env python3
"""How many charges a second the sandbox carries: keep-alive connections, each waits for its answer.

    tests/sandbox/measure.py [CHARGES] [CONNECTIONS]
"""
import asyncio
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from sandbox_test import TOKEN, Running  # noqa: E402


async def client(port, numbers):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        body = f'{{"orderId":"{number}","amount":"19.99","price":"19.99","currency":"EUR"}}'
        writer.write(f"POST /v1/charges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nIdempotency-Key: order:{number}:charge\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
    writer.close()


async def load(port, count, connections):
    numbers = iter(range(count))
    await asyncio.gather(*(client(port, numbers) for _ in range(connections)))


def main():
    count, connections = (int(text) for text in (sys.argv[1:] + ["20000", "32"][len(sys.argv) - 1:])[:2])
    with tempfile.TemporaryDirectory(prefix="sandbox-measure-") as folder:
        sandbox = Running(pathlib.Path(folder) / "ledger.db")
        began = time.monotonic()
        asyncio.run(load(sandbox.port, count, connections))
        took = time.monotonic() - began
        charges = sandbox.summary()["charges"]
        sandbox.end()
    print(f"{charges} charges over {connections} connections in {took:.1f} s: {charges / took:.0f} charges/s, each on the disk before its answer")


if __name__ == "__main__":
    main()
