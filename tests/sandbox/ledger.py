"""The sandbox provider's books: SQLite that is on the disk before anybody is told (WAL, synchronous FULL).

One thread writes; it takes all that waits and commits it at once, so that many charges share one write to the disk.
"""
import dataclasses
import queue
import sqlite3
import threading

TABLE = """CREATE TABLE IF NOT EXISTS operations (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  order_id TEXT NOT NULL,
  units INTEGER NOT NULL,
  currency TEXT NOT NULL,
  charge TEXT NOT NULL,
  status TEXT NOT NULL,
  reference TEXT NOT NULL,
  reason TEXT NOT NULL,
  fingerprint TEXT NOT NULL
)"""


@dataclasses.dataclass
class Operation:
    """A charge or a refund. `units` are 10^-4 of the currency; `fingerprint` of the request's body, "" when any body fits."""
    key: str
    kind: str
    order_id: str
    units: int
    currency: str
    charge: str
    status: str
    reference: str
    reason: str
    fingerprint: str


COLUMNS = [field.name for field in dataclasses.fields(Operation)]


def read(path):
    """All operations of a ledger, while its sandbox runs or after it was killed."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return [Operation(*row) for row in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM operations ORDER BY seq")]


class Ledger:
    """`add` and the look-ups belong to one thread; `on_failure` is called once, from the writer, when the disk refuses."""

    def __init__(self, path, on_failure):
        self.path, self.on_failure = path, on_failure
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(TABLE)
        connection.commit()
        connection.close()
        self.by_key = {operation.key: operation for operation in read(path)}
        self.by_reference = {operation.reference: operation for operation in self.by_key.values() if operation.reference}
        self.refunded = {}
        for operation in self.by_key.values():
            self._count(operation)
        self.waiting = queue.SimpleQueue()
        self.writer = threading.Thread(target=self._write, daemon=True)
        self.writer.start()

    def find(self, key):
        return self.by_key.get(key)

    def left_of(self, charge):
        return charge.units - self.refunded.get(charge.reference, 0)

    def add(self, operation, when_durable):
        """Visible to this thread at once; `when_durable()` is called from the writer once it is on the disk."""
        self.by_key[operation.key] = operation
        if operation.reference:
            self.by_reference[operation.reference] = operation
        self._count(operation)
        self.waiting.put((operation, when_durable))

    def close(self):
        self.waiting.put(None)
        self.writer.join()

    def _count(self, operation):
        if operation.kind == "refund" and operation.status == "succeeded":
            self.refunded[operation.charge] = self.refunded.get(operation.charge, 0) + operation.units

    def _take(self):
        batch = [self.waiting.get()]
        while not self.waiting.empty():
            batch.append(self.waiting.get())
        return [entry for entry in batch if entry is not None], None in batch

    def _write(self):
        statement = f"INSERT INTO operations ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
        try:
            connection = sqlite3.connect(self.path)
            connection.execute("PRAGMA synchronous = FULL")
            last = False
            while not last:
                batch, last = self._take()
                with connection:
                    connection.executemany(statement, [dataclasses.astuple(operation) for operation, _ in batch])
                for _, when_durable in batch:
                    when_durable()
            connection.close()
        except sqlite3.Error as error:
            self.on_failure(error)
