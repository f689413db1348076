"""A TCP proxy that spoils what passes: delays, cuts, corrupts, and connections that stand open with nothing coming through."""
import asyncio
import contextlib
import random
import re
import threading

CHUNK = 65536
# The head of a record batch of Kafka's: offset (8 bytes, a small one), length, epoch of the leader (0, it is the only broker), format 2.
BATCH = re.compile(rb"\x00{4}.{4}.{4}\x00{4}\x02", re.DOTALL)


class Proxy:
    """Listens on a port of its own and connects to `target` (host, port). Its faults are plain fields that may be set from any thread."""

    def __init__(self, target, seed=0, port=0):
        self.target, self.port = target, port
        self.random = random.Random(seed)
        self.delay = 0.0  # seconds, each way
        self.swallow_answers = False  # requests pass, answers do not
        self.silent = False  # nothing passes, nothing is closed
        self.refusing = False
        self.corrupt_share = 0.0  # of the chunks from the server, one byte each
        self.corrupt_from = 1024  # bytes; smaller chunks are left alone
        self.moved_share = 0.0  # of Kafka's record batches: their offset, which no checksum covers, is 2^40 higher
        self.cut_after = None  # bytes in a chunk from the client that are passed on and then the connection is cut
        self.cut_share = 1.0
        self.cuts = self.corrupted = 0
        self.pairs = set()
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        if not started.wait(10):
            raise RuntimeError("the proxy did not start")

    def _run(self, started):
        asyncio.set_event_loop(self.loop)

        async def listen():
            server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = server.sockets[0].getsockname()[1]
            started.set()

        self.loop.run_until_complete(listen())
        self.loop.run_forever()

    def close(self):
        self.cut_all()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def cut_all(self):
        """Ends all connections with a reset."""
        def cut():
            for pair in list(self.pairs):
                self._cut(pair)

        self.loop.call_soon_threadsafe(cut)

    def heal(self):
        self.delay, self.corrupt_share, self.moved_share = 0.0, 0.0, 0.0
        self.swallow_answers = self.silent = self.refusing = False
        self.cut_after = None
        self.cut_all()  # what stood still has lost bytes, so those connections are of no use any more

    def _cut(self, pair):
        self.cuts += 1
        self.pairs.discard(pair)
        for writer in pair:
            with contextlib.suppress(Exception):
                writer.transport.abort()

    def _moved(self, head):
        if self.random.random() >= self.moved_share:
            return head[0]
        self.corrupted += 1
        return head[0][:2] + b"\1" + head[0][3:]

    async def _serve(self, client_in, client_out):
        if self.refusing:
            client_out.transport.abort()
            return
        try:
            server_in, server_out = await asyncio.open_connection(*self.target)
        except OSError:
            client_out.transport.abort()
            return
        pair = (client_out, server_out)
        self.pairs.add(pair)
        await asyncio.gather(self._pass(client_in, server_out, pair, False), self._pass(server_in, client_out, pair, True))
        self.pairs.discard(pair)

    async def _pass(self, source, sink, pair, is_answer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while chunk := await source.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if self.silent or is_answer and self.swallow_answers:
                    continue
                if is_answer and len(chunk) >= self.corrupt_from and self.random.random() < self.corrupt_share:
                    place = self.random.randrange(len(chunk) // 2, len(chunk))
                    chunk = chunk[:place] + bytes([chunk[place] ^ 1 << self.random.randrange(8)]) + chunk[place + 1:]
                    self.corrupted += 1
                if is_answer and self.moved_share:
                    chunk = BATCH.sub(self._moved, chunk)
                sink.write(chunk)
                await sink.drain()
                if not is_answer and self.cut_after and self.cut_after in chunk and self.random.random() < self.cut_share:
                    # The server acts on it, its answer never arrives.
                    await asyncio.sleep(0.02)
                    self._cut(pair)
                    return
        with contextlib.suppress(Exception):
            sink.close()
