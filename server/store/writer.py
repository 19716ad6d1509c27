"""The one writer: a thread that drains a queue of commands into one transaction and answers after the commit.

Group commit: whatever waits when the writer becomes free goes into one `BEGIN IMMEDIATE … COMMIT` with
`synchronous=FULL`, each command inside a savepoint of its own, so that one refused command never takes its
neighbours with it. Nobody is answered before the disk has it.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)

#: commands in one transaction at most
BATCH = 256

#: primary result codes that mean the file cannot be written now, whatever the command was (sqlite.org/rescode.html)
DISK_ERRORS = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CANTOPEN,
    }
)

Work = Callable[[], Any]


def disk_error(error: Exception) -> bool:
    """Whether the file itself cannot be written now, as opposed to a command that was wrong."""
    return isinstance(error, sqlite3.Error) and (getattr(error, "sqlite_errorcode", 0) & 0xFF) in DISK_ERRORS


class Unavailable(Exception):
    """The store cannot write now (disk full, I/O error, closed): nothing was stored, try again later."""


class _Item:
    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(
        self,
        work: Work,
        loop: asyncio.AbstractEventLoop | None,
        future: asyncio.Future[Any] | Future[Any],
    ) -> None:
        self.work = work
        self.loop = loop
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None


class Writer:
    """Runs submitted work on the writing connection. Work runs in the writer's thread, one at a time.

    `after_commit` runs in that thread too, with the batch's size, once it is durable; `on_rollback` when a savepoint or
    the whole batch was undone.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        after_commit: Callable[[int], None],
        on_rollback: Callable[[], None],
    ) -> None:
        self._conn = conn
        self._after_commit = after_commit
        self._on_rollback = on_rollback
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-write", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], T], loop: asyncio.AbstractEventLoop) -> asyncio.Future[T]:
        """Queue `work` from the event loop; the future is done after the commit. Raises Unavailable if closed."""
        if self._closed:
            raise Unavailable("the store is closed")
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Item(work, loop, future))
        return future

    def submit_now(self, work: Callable[[], T]) -> Future[T]:
        """The same from a plain thread."""
        if self._closed:
            raise Unavailable("the store is closed")
        future: Future[T] = Future()
        self._queue.put(_Item(work, None, future))
        return future

    def depth(self) -> int:
        """Commands waiting now."""
        return self._queue.qsize()

    def close(self) -> None:
        """Finish what is queued, then stop."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while True:
            item = self._queue.get()
            if item is None:
                return
            batch, stop = [item], False
            while len(batch) < BATCH:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    stop = True
                    break
                batch.append(more)
            self._commit(batch)
            _answer(batch)
            if stop:
                return

    def _commit(self, batch: list[_Item]) -> None:
        conn = self._conn
        try:
            conn.execute("BEGIN IMMEDIATE")
            for item in batch:
                self._step(item)
            conn.execute("COMMIT")
        except sqlite3.Error as error:
            log.error("the store could not commit a batch of %d: %s", len(batch), error)
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            self._on_rollback()
            for item in batch:
                item.error = Unavailable(str(error))
            return
        try:
            self._after_commit(len(batch))
        except Exception:
            log.exception("telling about a commit failed")

    def _step(self, item: _Item) -> None:
        """Run one command in its savepoint. Errors of the disk end the batch, all others only this command."""
        conn = self._conn
        conn.execute("SAVEPOINT command")
        try:
            item.result = item.work()
        except sqlite3.Error as error:
            if disk_error(error):
                raise
            self._undo(item, error)
        except Exception as error:
            self._undo(item, error)
        else:
            conn.execute("RELEASE command")

    def _undo(self, item: _Item, error: Exception) -> None:
        self._conn.execute("ROLLBACK TO command")
        self._conn.execute("RELEASE command")
        self._on_rollback()
        item.error = error


def _answer(batch: list[_Item]) -> None:
    """Resolve every future, waking each event loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[_Item]] = {}
    for item in batch:
        if item.loop is None:
            _resolve([item])
        else:
            loops.setdefault(item.loop, []).append(item)
    for loop, items in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, items)
        except RuntimeError:  # the loop is closed: nobody waits any more
            log.warning("%d answers had nobody waiting", len(items))


def _resolve(items: list[_Item]) -> None:
    for item in items:
        if item.future.done():
            continue
        if item.error is not None:
            item.future.set_exception(item.error)
        else:
            item.future.set_result(item.result)
