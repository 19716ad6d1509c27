"""SQL of the routing table, and of what routing asks of people and places."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Any

import msgspec

from server.desk.routing import Route
from server.desk.routing import calendars as asked_calendars
from server.desk.words import plain
from server.store.kept import Kept
from server.store.store import Snapshot, Tx

_ROWS = "SELECT r.*, coalesce(t.name, '') AS team FROM routes r LEFT JOIN teams t ON t.id = r.team_id"
_COLUMNS = ("name", "place", "active", "conditions", "team_id", "skills", "priority", "tags", "language")
_when = msgspec.json.Decoder(dict[str, tuple[str, ...]]).decode
_texts = msgspec.json.Decoder(tuple[str, ...]).decode


def listing(read: Snapshot) -> list[sqlite3.Row]:
    """All routes, with their team's name."""
    return read.all(f"{_ROWS} ORDER BY r.id")


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_ROWS} WHERE r.id = ?", (id,))


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one(f"{_ROWS} WHERE r.name = ?", (name,))


_RULE = ("id", "name", "place", "conditions", "team_id", "skills", "priority", "tags", "language")


def rule(row: sqlite3.Row) -> Route:
    """A row as the rules of routing take it."""
    return _rule(*(row[name] for name in _RULE))


@lru_cache(maxsize=4_096)
def _rule(
    id: int,
    name: str,
    place: int,
    conditions: str,
    team_id: int | None,
    skills: str,
    priority: str,
    tags: str,
    language: str,
) -> Route:
    return Route(
        id=id,
        name=name,
        place=place,
        when=_when(conditions),
        team_id=team_id,
        skills=tuple(skills.split()),
        priority=priority,
        tags=_texts(tags),
        language=language,
    )


def _active(read: Snapshot) -> list[Route]:
    return [_rule(*row) for row in read.all(f"SELECT {', '.join(_RULE)} FROM routes WHERE active = 1")]


#: the routes that are tried, as rules
active = Kept(_active)


def create(tx: Tx, values: dict[str, Any]) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("route")
    marks = ", ".join("?" for _ in _COLUMNS)
    tx.run(
        f"INSERT INTO routes (id, created_at, {', '.join(_COLUMNS)}) VALUES (?, ?, {marks})",
        (id, tx.now, *(values[name] for name in _COLUMNS)),
    )
    return id


def update(tx: Tx, id: int, values: dict[str, Any]) -> None:
    """IntegrityError if the name is taken."""
    columns = ", ".join(f"{name} = ?" for name in _COLUMNS)
    tx.run(f"UPDATE routes SET {columns} WHERE id = ?", (*(values[name] for name in _COLUMNS), id))


def remove(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM routes WHERE id = ?", (id,))


def remove_all(tx: Tx) -> None:
    tx.run("DELETE FROM routes")


def by_hours(read: Snapshot, calendar: str) -> list[sqlite3.Row]:
    """The routes that ask about the hours of a calendar (its plain name; "" for the usual one)."""
    return [row for row in listing(read) if calendar in asked_calendars([rule(row)])]


def calendar_renamed(tx: Tx, was: str, name: str) -> list[str]:
    """A calendar that routes ask about is called something else now: they follow. Their names."""
    using = by_hours(tx, plain(was))
    for row in using:
        when = {key: list(values) for key, values in _when(row["conditions"]).items()}
        when["hours"] = [
            f"{word}:{name}" if plain(calendar.strip()) == plain(was) else value
            for value in when["hours"]
            for word, _, calendar in [value.partition(":")]
        ]
        tx.run("UPDATE routes SET conditions = ? WHERE id = ?", (msgspec.json.encode(when).decode(), row["id"]))
    return [row["name"] for row in using]


def set_tags(tx: Tx, id: int, tags: list[str]) -> None:
    tx.run("UPDATE routes SET tags = ? WHERE id = ?", (msgspec.json.encode(tags).decode(), id))


def leading_to(read: Snapshot, team_id: int) -> list[tuple[str, str]]:
    """The routes and campaigns that lead to a team, each as (route or campaign, its name)."""
    return [
        (row["kind"], row["name"])
        for row in read.all(
            "SELECT 'route' AS kind, name FROM routes WHERE team_id = :team UNION ALL"
            " SELECT 'campaign', name FROM campaigns WHERE team_id = :team AND removed_at IS NULL ORDER BY 1, 2",
            {"team": team_id},
        )
    ]


def team_name(read: Snapshot, id: int) -> str:
    return str(read.value("SELECT name FROM teams WHERE id = ?", (id,)) or "")


def has_anybody(read: Snapshot, team_id: int) -> bool:
    """Whether somebody who can sign in belongs to a team."""
    return (
        read.value(
            "SELECT 1 FROM team_members m JOIN users u ON u.id = m.user_id"
            " WHERE m.team_id = ? AND u.active = 1 LIMIT 1",
            (team_id,),
        )
        is not None
    )
