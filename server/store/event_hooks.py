"""SQL of outgoing event webhooks: who is told, how far each has come, and what is wrong with it."""

from __future__ import annotations

import sqlite3

import msgspec

from server.store.store import Snapshot, Tx


def listing(read: Snapshot) -> list[sqlite3.Row]:
    return read.all("SELECT * FROM event_hooks ORDER BY name")


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one("SELECT * FROM event_hooks WHERE name = ?", (name,))


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM event_hooks WHERE id = ?", (id,))


def active(read: Snapshot) -> list[int]:
    """The ids of those in service."""
    return [int(row["id"]) for row in read.all("SELECT id FROM event_hooks WHERE active = 1 ORDER BY id")]


def kinds(row: sqlite3.Row) -> list[str]:
    """The kinds of events a hook is told of; none: all."""
    return msgspec.json.decode(row["kinds"], type=list[str])


def secret(read: Snapshot, row: sqlite3.Row) -> str:
    return read.secrets.open(row["secrets"])["secret"]


def create(tx: Tx, *, name: str, url: str, secret: str, kinds: list[str], seq: int) -> None:
    """Begins after event `seq`. IntegrityError if the name is taken."""
    tx.run(
        "INSERT INTO event_hooks (id, name, url, secrets, kinds, seq, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            tx.short_id("event_hook"),
            name,
            url,
            tx.secrets.seal({"secret": secret}),
            msgspec.json.encode(kinds).decode(),
            seq,
            tx.now,
        ),
    )


def update(tx: Tx, id: int, *, url: str, secret: str, kinds: list[str], active: bool, seq: int) -> None:
    """What an administrator changed; whatever was wrong is tried anew."""
    tx.run(
        "UPDATE event_hooks SET url = ?, secrets = ?, kinds = ?, active = ?, seq = ?, failures = 0, next_at = NULL,"
        " failing_since = NULL, problem = '' WHERE id = ?",
        (
            url,
            tx.secrets.seal({"secret": secret}),
            msgspec.json.encode(kinds).decode(),
            int(active),
            seq,
            id,
        ),
    )


def advance(tx: Tx, id: int, seq: int) -> None:
    """It has taken everything up to `seq`."""
    tx.run(
        "UPDATE event_hooks SET seq = max(seq, ?), failures = 0, failing_since = NULL, next_at = NULL, problem = '',"
        " last_ok_at = ? WHERE id = ?",
        (seq, tx.now, id),
    )


def skip(tx: Tx, id: int, seq: int) -> None:
    """There was nothing for it up to `seq`."""
    tx.run("UPDATE event_hooks SET seq = max(seq, ?) WHERE id = ?", (seq, id))


def fail(tx: Tx, id: int, problem: str, next_at: int | None) -> None:
    """It did not take an event; tried again at `next_at`, or (None) not any more."""
    tx.run(
        "UPDATE event_hooks SET failures = failures + 1, failing_since = coalesce(failing_since, ?), problem = ?,"
        " next_at = ?, active = ? WHERE id = ?",
        (tx.now, problem[:300], next_at, int(next_at is not None), id),
    )


def remove(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM event_hooks WHERE id = ?", (id,))
