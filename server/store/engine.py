"""Connections to the SQLite file: one that writes, a few that only read, and the rule for affected versions.

SQLite from 3.7.0 to 3.51.2 (except 3.44.6 and 3.50.7) can lose committed writes when two connections write or
checkpoint a WAL database at the same time (sqlite.org/wal.html#walresetbug). There exactly one connection writes and
checkpoints; every other one is opened read-only, which can do neither.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TypeVar

from server.store.words import plain, said
from server.store.writer import Unavailable

T = TypeVar("T")

#: pages of 4 KiB in the WAL before the writer checkpoints within a commit (16 MiB)
CHECKPOINT_PAGES = 4000
#: KiB of pages that the writer keeps in memory: what it changes lies all over the indexes, and with an eighth of this a
#: message costs a quarter more. Readers keep what SQLite keeps by itself (2 MiB each): more made no list any faster,
#: and a search of frequent words by 1 ms.
WRITER_CACHE = 16_384


def sqlite_version() -> str:
    """The SQLite that Python uses here, for people."""
    return sqlite3.sqlite_version


def wal_reset_fault(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite version has the WAL-reset fault."""
    return version < (3, 51, 3) and version[:3] not in {(3, 44, 6), (3, 50, 7)}


def open_writer(path: Path) -> sqlite3.Connection:
    """The connection that writes. In autocommit mode: the writer says BEGIN IMMEDIATE and COMMIT itself."""
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    conn.row_factory = sqlite3.Row
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "temp_store=MEMORY",
        f"cache_size=-{WRITER_CACHE}",
        "journal_size_limit=67108864",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        conn.execute(f"PRAGMA {pragma}")
    _teach(conn)
    return conn


def open_reader(path: Path) -> sqlite3.Connection:
    """A read-only connection: it can neither write nor checkpoint."""
    conn = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    conn.row_factory = sqlite3.Row
    for pragma in ("busy_timeout=5000", "temp_store=MEMORY", "query_only=ON"):
        conn.execute(f"PRAGMA {pragma}")
    _teach(conn)
    return conn


def _teach(conn: sqlite3.Connection) -> None:
    """Our own functions, of texts as people compare them."""
    conn.create_function("plain", 1, plain, deterministic=True)
    conn.create_function("said", 2, said, deterministic=True)


def lock_folder(folder: Path) -> IO[bytes]:
    """Take the folder for this process: a second server on one store would be a second writer.

    The lock goes with the process, however it ends. Raises Unavailable if another one holds it.
    """
    file = (folder / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Unavailable(f"{folder} is in use by another server") from None
    return file


class Readers:
    """A pool of threads, each with its own read-only connection. Every call sees one snapshot of the store."""

    def __init__(self, path: Path, threads: int = 3) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="store-read")

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the calling thread (one of the pool's) inside one read transaction."""
        conn: sqlite3.Connection | None = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._local.conn = open_reader(self._path)
            with self._lock:
                self._opened.append(conn)
        conn.execute("BEGIN")
        try:
            return work(conn)
        finally:
            conn.execute("ROLLBACK")

    def close(self) -> None:
        self.pool.shutdown(wait=True)
        for conn in self._opened:
            conn.close()
