"""SQL that tells how the store is."""

from __future__ import annotations

import sqlite3

import msgspec

from server.store.engine import wal_reset_fault
from server.store.store import Snapshot, Tx


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers about the store. `fault`: this SQLite has the WAL-reset fault (see `engine`). `oldest`: when
    what has been queued longest was queued (UTC ms)."""

    sqlite: str
    fault: bool
    queued: int
    sending: int
    unknown: int
    oldest: int | None
    bad_deliveries: int


def probe(tx: Tx) -> None:
    """Write something small: it proves that the disk still takes a commit."""
    tx.run(
        "INSERT INTO meta (key, value) VALUES ('probed_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (str(tx.now),),
    )


def health(read: Snapshot) -> Health:
    states = read.all("SELECT state, count(*) AS n, min(created_at) AS oldest FROM outbox GROUP BY state")
    waiting = {r["state"]: r["n"] for r in states}
    return Health(
        sqlite=sqlite3.sqlite_version,
        fault=wal_reset_fault(),
        queued=waiting.get("queued", 0),
        sending=waiting.get("sending", 0),
        unknown=waiting.get("unknown", 0),
        oldest=next((r["oldest"] for r in states if r["state"] == "queued"), None),
        bad_deliveries=int(read.value("SELECT count(*) FROM deliveries WHERE state <> 'done'")),
    )
