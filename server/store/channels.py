"""SQL of configured channels and of the raw calls they made."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import NamedTuple

import msgspec

from server.store.ids import first_of
from server.store.store import Snapshot, Tx


class Limits(NamedTuple):
    """What the outbox and the lists need to know of a channel, in ms; see `server.wire.Capabilities`."""

    window_ms: int | None
    pair_interval_ms: int
    account_interval_ms: int


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM channels WHERE id = ?", (id,))


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one("SELECT * FROM channels WHERE name = ? AND removed_at IS NULL", (name,))


def by_account(read: Snapshot, kind: str, account: str) -> sqlite3.Row | None:
    """The active channel for one of the provider's accounts: of this kind, else of another kind of the same provider
    (an application may have its pages' and its Instagram accounts' calls brought to one address)."""
    return read.one(
        "SELECT * FROM channels WHERE account = ? AND active = 1 AND removed_at IS NULL ORDER BY kind <> ?, id LIMIT 1",
        (account, kind),
    )


def listing(read: Snapshot) -> list[sqlite3.Row]:
    """All channels that were not removed."""
    return read.all("SELECT * FROM channels WHERE removed_at IS NULL ORDER BY name")


def kinds(read: Snapshot) -> list[str]:
    """The kinds of all channels that there are or were."""
    return [row["kind"] for row in read.all("SELECT DISTINCT kind FROM channels")]


#: how exact `last_in_at` and `last_out_at` are, in ms: a busy channel is not written on every message
TRAFFIC_STEP = 10_000


def note_traffic(tx: Tx, row: sqlite3.Row, column: str) -> None:
    """Remember that the channel took something in (`last_in_at`) or sent something (`last_out_at`) just now."""
    if (row[column] or 0) < tx.now - TRAFFIC_STEP:
        tx.run(f"UPDATE channels SET {column} = ? WHERE id = ?", (tx.now, row["id"]))


def settings(row: sqlite3.Row) -> dict[str, str]:
    """The settings that may be shown."""
    return msgspec.json.decode(row["settings"], type=dict[str, str])


def create(
    tx: Tx,
    *,
    kind: str,
    name: str,
    account: str,
    settings: dict[str, str],
    secrets: dict[str, str],
    limits: Limits,
    team_id: int | None,
) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("channel")
    tx.run(
        "INSERT INTO channels (id, kind, name, account, settings, secrets, window_ms, pair_interval_ms,"
        " account_interval_ms, team_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            id,
            kind,
            name,
            account,
            msgspec.json.encode(settings).decode(),
            tx.secrets.seal(secrets),
            *limits,
            team_id,
            tx.now,
        ),
    )
    return id


def update(
    tx: Tx,
    id: int,
    *,
    account: str,
    settings: dict[str, str],
    secrets: dict[str, str],
    active: bool,
    team_id: int | None,
) -> None:
    tx.run(
        "UPDATE channels SET account = ?, settings = ?, secrets = ?, active = ?, team_id = ?, version = version + 1"
        " WHERE id = ?",
        (account, msgspec.json.encode(settings).decode(), tx.secrets.seal(secrets), int(active), team_id, id),
    )


def set_secrets(tx: Tx, id: int, secrets: dict[str, str]) -> None:
    """Other secrets for a channel that goes on as it is."""
    tx.run("UPDATE channels SET secrets = ? WHERE id = ?", (tx.secrets.seal(secrets), id))


def set_limits(tx: Tx, id: int, limits: Limits) -> None:
    """What a channel's adapter says of it today, kept beside it for lists and pacing."""
    tx.run(
        "UPDATE channels SET window_ms = ?, pair_interval_ms = ?, account_interval_ms = ? WHERE id = ?",
        (*limits, id),
    )


def remove(tx: Tx, row: sqlite3.Row) -> None:
    """Switch a channel off for good. Its conversations stay; its name is free again and its secrets are gone."""
    tx.run(
        "UPDATE channels SET active = 0, removed_at = ?, secrets = '', name = ?, version = version + 1 WHERE id = ?",
        (tx.now, f"{row['name']} (removed {row['id']})", row["id"]),
    )


# ---------------------------------------------------------------- deliveries


def put_delivery(tx: Tx, channel_id: int, body: bytes) -> tuple[int, bool]:
    """Keep one raw call; (its id, whether the same bytes were taken in without fault before)."""
    digest = hashlib.sha256(body).hexdigest()
    id = tx.time_id()
    new = tx.run(
        "INSERT INTO deliveries (id, channel_id, received_at, digest, body, state) VALUES (?, ?, ?, ?, ?, 'done')"
        " ON CONFLICT (channel_id, digest) DO NOTHING",
        (id, channel_id, tx.now, digest, body),
    )
    if new:
        return id, False
    known = (channel_id, digest)
    tx.run("UPDATE deliveries SET offered = offered + 1 WHERE channel_id = ? AND digest = ?", known)
    row = tx.one("SELECT id, state FROM deliveries WHERE channel_id = ? AND digest = ?", known)
    assert row is not None
    return int(row["id"]), row["state"] == "done"


def end_delivery(tx: Tx, id: int, state: str, error: str) -> None:
    tx.run("UPDATE deliveries SET state = ?, error = ? WHERE id = ?", (state, error[:1000], id))


def delivery(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM deliveries WHERE id = ?", (id,))


def deliveries(read: Snapshot, state: str | None, before: int | None, limit: int) -> list[sqlite3.Row]:
    """Newest first, `limit` + 1 of them. `state` 'bad' is everything that is not done."""
    where = {"bad": " AND d.state <> 'done'", None: ""}.get(state, " AND d.state = :state")
    return read.all(
        "SELECT d.id, ch.name AS channel, d.received_at, d.state, d.error, length(d.body) AS size, d.offered"
        f" FROM deliveries d JOIN channels ch ON ch.id = d.channel_id WHERE d.id < :before{where}"
        " ORDER BY d.id DESC LIMIT :limit",
        {"before": before or 2**62, "state": state, "limit": limit + 1},
    )


def forget_deliveries(tx: Tx, after: int, before: int, kept: list[str], limit: int) -> int | None:
    """Drop raw calls with ids after `after` that were received before `before` (UTC ms), but for those of `kept` kinds
    of channel. Looks at `limit` of them; the last one's id, None if there were none."""
    found = tx.all(
        "SELECT d.id, c.kind FROM deliveries d JOIN channels c ON c.id = d.channel_id WHERE d.id > ? AND d.id < ?"
        " ORDER BY d.id LIMIT ?",
        (after, first_of(before), limit),
    )
    gone = [row["id"] for row in found if row["kind"] not in kept]
    if gone:
        tx.run(f"DELETE FROM deliveries WHERE id IN ({', '.join('?' * len(gone))})", gone)
    return int(found[-1]["id"]) if found else None


# ---------------------------------------------------------------- places


def cursor(read: Snapshot, channel_id: int) -> str:
    """How far a channel's documents were fetched; empty at first."""
    return str(read.value("SELECT value FROM cursors WHERE channel_id = ?", (channel_id,)) or "")


def set_cursor(tx: Tx, channel_id: int, value: str) -> None:
    tx.run(
        "INSERT INTO cursors (channel_id, value, at) VALUES (?, ?, ?)"
        " ON CONFLICT (channel_id) DO UPDATE SET value = excluded.value, at = excluded.at",
        (channel_id, value, tx.now),
    )
