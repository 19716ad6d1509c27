"""SQL of campaigns."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Any

import msgspec

from server.desk.campaigns import Campaign
from server.desk.routing import Route
from server.store.kept import Kept
from server.store.store import Snapshot, Tx

_ROWS = "SELECT m.*, coalesce(t.name, '') AS team FROM campaigns m LEFT JOIN teams t ON t.id = m.team_id"
_COLUMNS = (
    "title",
    "active",
    "sources",
    "refs",
    "words",
    "channel",
    "starts_at",
    "ends_at",
    "team_id",
    "skills",
    "priority",
    "greeting",
    "policy",
)
_texts = msgspec.json.Decoder(tuple[str, ...]).decode


def listing(read: Snapshot) -> list[sqlite3.Row]:
    """All campaigns that were not removed, the newest first, with `open`: how many of their conversations are not
    resolved."""
    return read.all(
        "SELECT m.*, coalesce(t.name, '') AS team, (SELECT count(*) FROM conversations c WHERE c.campaign_id = m.id"
        " AND c.state <> 'resolved') AS open FROM campaigns m LEFT JOIN teams t ON t.id = m.team_id"
        " WHERE m.removed_at IS NULL ORDER BY m.id DESC"
    )


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one(f"{_ROWS} WHERE m.name = ? AND m.removed_at IS NULL", (name,))


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    """A campaign, removed or not."""
    return read.one(f"{_ROWS} WHERE m.id = ?", (id,))


def running(read: Snapshot) -> list[sqlite3.Row]:
    """Those that are switched on and not over."""
    return [row for row in _active(read) if row["ends_at"] is None or row["ends_at"] > read.now]


_active = Kept(lambda read: read.all(f"{_ROWS} WHERE m.removed_at IS NULL AND m.active = 1"))


def rule(row: sqlite3.Row) -> Campaign:
    """A row as the rules take it that recognise a campaign."""
    return _rule(*(row[name] for name in _RULE))


_RULE = ("id", "name", "sources", "refs", "words", "channel", "starts_at", "ends_at")


@lru_cache(maxsize=4_096)
def _rule(
    id: int,
    name: str,
    sources: str,
    refs: str,
    words: str,
    channel: str,
    starts_at: int | None,
    ends_at: int | None,
) -> Campaign:
    return Campaign(
        id=id,
        name=name,
        sources=_texts(sources),
        refs=_texts(refs),
        words=_texts(words),
        channel=channel,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def route(row: sqlite3.Row) -> Route | None:
    """A campaign's own route, if it says anything of where its conversations go."""
    if row["team_id"] is None and not row["skills"] and not row["priority"]:
        return None
    return Route(
        id=row["id"],
        name=row["title"] or row["name"],
        when={"campaign": (row["name"],)},
        team_id=row["team_id"],
        skills=tuple(row["skills"].split()),
        priority=row["priority"],
        campaign_id=row["id"],
    )


def create(tx: Tx, name: str, values: dict[str, Any]) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("campaign")
    marks = ", ".join("?" for _ in _COLUMNS)
    tx.run(
        f"INSERT INTO campaigns (id, name, created_at, {', '.join(_COLUMNS)}) VALUES (?, ?, ?, {marks})",
        (id, name, tx.now, *(values[column] for column in _COLUMNS)),
    )
    return id


def update(tx: Tx, id: int, values: dict[str, Any]) -> None:
    columns = ", ".join(f"{name} = ?" for name in _COLUMNS)
    tx.run(f"UPDATE campaigns SET {columns} WHERE id = ?", (*(values[name] for name in _COLUMNS), id))


def with_policy(read: Snapshot, policy: str) -> list[str]:
    """The names of the campaigns that prescribe a service-level policy."""
    rows = read.all("SELECT name FROM campaigns WHERE policy = ? AND removed_at IS NULL ORDER BY name", (policy,))
    return [row["name"] for row in rows]


def policy_renamed(tx: Tx, was: str, name: str) -> None:
    tx.run("UPDATE campaigns SET policy = ? WHERE policy = ?", (name, was))


def remove(tx: Tx, id: int) -> None:
    """Take it away from now on; what it brought keeps its name."""
    tx.run("UPDATE campaigns SET removed_at = ? WHERE id = ?", (tx.now, id))
