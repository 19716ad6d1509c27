"""The store as the rest of the server sees it: transactions to write in, snapshots to read from.

SQL lives in this room only: `Tx` and `Snapshot` carry a connection for its modules (`server.store.contacts`, …),
which the commands call.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlite_utils import Database

from server.store import engine
from server.store.ids import TimeOrderedIds
from server.store.schema import migrations
from server.store.secrets import SecretBox
from server.store.writer import Unavailable, Writer

__all__ = ["Named", "Row", "Snapshot", "Store", "Tx", "Unavailable", "now_ms"]

T = TypeVar("T")
log = logging.getLogger(__name__)
#: one row of an answer: by column name or by place
Row = sqlite3.Row
#: the same by name only, quick to ask for many columns
Named = dict[str, Any]
Params = dict[str, Any] | Sequence[Any]
_encode = msgspec.json.Encoder().encode


def now_ms() -> int:
    """The server's clock, UTC ms."""
    return time.time_ns() // 1_000_000


class Snapshot:
    """One consistent read of the store. `now` in UTC ms is the moment the reader asked."""

    __slots__ = ("_stamp", "conn", "now", "secrets")

    def __init__(self, conn: sqlite3.Connection, now: int, secrets: SecretBox) -> None:
        self.conn = conn
        self.now = now
        self.secrets = secrets
        self._stamp = (-1, "")

    def one(self, sql: str, params: Params = ()) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.conn.execute(sql, params).fetchone()
        return row

    def all(self, sql: str, params: Params = ()) -> list[sqlite3.Row]:
        return self.conn.execute(sql, params).fetchall()

    def named(self, sql: str, params: Params = ()) -> list[Named]:
        """The same for rows of many columns: a Row looks through all names before the one that it is asked for."""
        cursor = self.conn.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def value(self, sql: str, params: Params = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.conn.execute(sql, params).fetchone()
        return None if row is None else row[0]

    def stamp(self) -> str:
        """What names the state of all that is kept in memory (see `kept`): asked once, and again after any change."""
        changes = self.conn.total_changes
        if self._stamp[0] != changes:
            self._stamp = (changes, str(self.value("SELECT value FROM meta WHERE key = 'kept'")))
        return self._stamp[1]

    def head(self) -> int:
        """The newest seq of the journal in this snapshot, 0 if it is empty."""
        return int(self.value("SELECT coalesce(max(seq), 0) FROM events"))


class Tx(Snapshot):
    """One command's part of a write transaction. `actor` is who does it, as the journal names them."""

    __slots__ = ("_events", "_store", "actor", "kinds")

    def __init__(self, store: Store, now: int, actor: str) -> None:
        super().__init__(store.writing, now, store.secrets)
        self._store = store
        self.actor = actor
        self._events: list[tuple[int, str, int | None, str, bytes]] = []

    def run(self, sql: str, params: Params = ()) -> int:
        """Execute a statement; the number of rows it changed."""
        return self.conn.execute(sql, params).rowcount

    def emit(self, kind: str, conversation: int | None = None, actor: str = "", /, **data: Any) -> None:
        """Write one line into the journal, in this transaction. `actor`: someone other than who does the command."""
        self._events.append((self.now, kind, conversation, actor or self.actor, _encode(data)))

    def written(self, after: int) -> list[tuple[str, int | None, dict[str, Any]]]:
        """(kind, conversation, data) of this command's lines after the first `after`."""
        return [(kind, conv, msgspec.json.decode(data)) for _, kind, conv, _, data in self._events[after:]]

    def sign(self, after: int, actor: str) -> None:
        """Name `actor` as who wrote all of this command's lines after the first `after`."""
        self._events[after:] = [(at, kind, conv, actor, data) for at, kind, conv, _, data in self._events[after:]]

    def pending(self) -> int:
        """How many lines this command has for the journal so far."""
        return len(self._events)

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the command that counts whole or not at all: if it raises, what it wrote is undone, its lines for
        the journal too."""
        pending = len(self._events)
        self.conn.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            if self.conn.in_transaction:  # a full disk may have ended all of it
                self.conn.execute("ROLLBACK TO attempt")
                self.conn.execute("RELEASE attempt")
            del self._events[pending:]
            self._stamp = (-1, "")
            raise
        self.conn.execute("RELEASE attempt")

    def time_id(self) -> int:
        """A new id that sorts by time (messages, deliveries, attachments, …)."""
        return self._store.ids.next(self.now)

    def short_id(self, name: str) -> int:
        """The next small number of a series that people type (conversations, contacts, users, …)."""
        row = self.conn.execute(
            "INSERT INTO counters (name, value) VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value",
            (name,),
        ).fetchone()
        return int(row[0])

    def flush(self) -> None:
        """Give the journal's lines their seq: gap-free, in commit order, as the command's last statement."""
        if not self._events:
            return
        rows = []
        for at, kind, conversation, actor, data in self._events:
            self._store.seq += 1
            self._store.committing.add(kind)
            rows.append((self._store.seq, at, kind, conversation, actor, data.decode()))
        self.conn.executemany(
            "INSERT INTO events (seq, at, kind, conversation_id, actor, data) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
        self._events.clear()


class _Listener(NamedTuple):
    tell: Callable[[int], None]
    kinds: frozenset[str] | None
    loop: asyncio.AbstractEventLoop | None


def _tell(listeners: list[Callable[[int], None]], seq: int) -> None:
    for tell in listeners:
        try:
            tell(seq)
        except Exception:
            log.exception("telling about a commit failed")


class Store:
    """An open store. One process at a time may have it open for writing (held by a lock file in the folder).

    `folder` holds everything: the database, the key of the secrets, the media. Raises Unavailable if it is in use.
    """

    def __init__(self, folder: Path, clock: Callable[[], int] = now_ms, readers: int = 3) -> None:
        self.folder = folder
        self.clock = clock
        self.path = folder / "agent-console.db"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = engine.lock_folder(folder)
        self.secrets = SecretBox.load(folder / "secret.key")
        self.writing = engine.open_writer(self.path)
        migrations.apply(Database(self.writing))
        self.path.chmod(0o600)
        self.seq = int(self.writing.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
        self.epoch = self._epoch()
        self.ids = TimeOrderedIds(self._newest_id())
        self.committing: set[str] = set()
        self._listeners: list[_Listener] = []
        self.last_batch = 0
        self._readers = engine.Readers(self.path, readers)
        self._writer = Writer(self.writing, after_commit=self._committed, on_rollback=self._rolled_back)

    @property
    def media(self) -> Path:
        """The folder of files, each under the first two letters of its sha256."""
        return self.folder / "media"

    def queue_depth(self) -> int:
        """Commands waiting for the writer now."""
        return self._writer.depth()

    def on_commit(
        self,
        listener: Callable[[int], None],
        kinds: frozenset[str] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Call `listener(newest seq)` after each commit (that has an event of `kinds`): in `loop`, or without one in
        the writer's thread."""
        self._listeners.append(_Listener(listener, kinds, loop))

    async def write(self, actor: str, work: Callable[[Tx], T]) -> T:
        """Run `work` in a write transaction; returns after the commit. Raises what `work` raised, or Unavailable."""
        return await self._writer.submit(lambda: self._transact(actor, work), asyncio.get_running_loop())

    def write_now(self, actor: str, work: Callable[[Tx], T]) -> T:
        """The same, from a plain thread; waits."""
        future: Future[T] = self._writer.submit_now(lambda: self._transact(actor, work))
        return future.result()

    async def read(self, work: Callable[[Snapshot], T]) -> T:
        """Run `work` on a read-only snapshot in the pool."""
        return await asyncio.get_running_loop().run_in_executor(self._readers.pool, self._look, work)

    def read_now(self, work: Callable[[Snapshot], T]) -> T:
        """The same, from a plain thread; waits."""
        return self._readers.pool.submit(self._look, work).result()

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        self._writer.close()
        self._readers.close()
        self.writing.close()
        self._lock.close()

    # ------------------------------------------------------------ inside

    def _transact(self, actor: str, work: Callable[[Tx], T]) -> T:
        tx = Tx(self, self.clock(), actor)
        answer = work(tx)
        tx.flush()
        return answer

    def _look(self, work: Callable[[Snapshot], T]) -> T:
        return self._readers.run(lambda conn: work(Snapshot(conn, self.clock(), self.secrets)))

    def _committed(self, batch: int) -> None:
        self.last_batch = batch
        if not self.committing:
            return
        kinds, self.committing = self.committing, set()
        loops: dict[asyncio.AbstractEventLoop, list[Callable[[int], None]]] = {}
        for tell, wanted, loop in self._listeners:
            if wanted is not None and wanted.isdisjoint(kinds):
                continue
            if loop is None:
                tell(self.seq)
            else:
                loops.setdefault(loop, []).append(tell)
        for loop, listeners in loops.items():  # each loop is woken once, however many listen there
            with contextlib.suppress(RuntimeError):  # it is closed: nobody listens any more
                loop.call_soon_threadsafe(_tell, listeners, self.seq)

    def _rolled_back(self) -> None:
        self.seq = int(self.writing.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

    def _epoch(self) -> str:
        """The journal's own name, made once (and anew when a backup is restored)."""
        self.writing.execute(
            "INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT (key) DO NOTHING",
            (uuid.uuid4().hex,),
        )
        row = self.writing.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        return str(row[0])

    def _newest_id(self) -> int:
        newest = 0
        for table in ("messages", "deliveries", "attachments", "identities", "sla_clocks", "alerts", "transfers"):
            row = self.writing.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
            newest = max(newest, int(row[0]))
        return newest
