"""SQL of who is there: states, loads, skills, what a team's rules say, and the queues that wait for somebody."""

from __future__ import annotations

import sqlite3
from typing import Any

from server.desk import inbox
from server.desk.availability import Standing
from server.store.store import Snapshot, Tx

#: what somebody carries, weighed by state; a sub-select for each keeps it to one row a person
_LOADS = (
    ", (SELECT sum(w.load) FROM open_work w WHERE w.assignee_id = u.id AND w.state NOT IN ('waiting', 'snoozed'))"
    " AS load_open, (SELECT w.load FROM open_work w WHERE w.assignee_id = u.id AND w.state = 'waiting') AS load_waiting"
)
_PERSON = (
    "SELECT u.id, u.name, u.display_name, u.role, u.skills, u.capacity, coalesce(a.state, 'offline') AS state,"
    " a.since, a.back_at, a.told_by, a.why, coalesce(a.assigned_at, 0) AS assigned_at" + _LOADS
)


def row(read: Snapshot, user_id: int) -> sqlite3.Row | None:
    """Their line, with `name`; None for somebody of whom it was never known whether they are there."""
    return read.one(
        "SELECT a.*, u.name FROM availability a JOIN users u ON u.id = a.user_id WHERE a.user_id = ?", (user_id,)
    )


def standing(row: sqlite3.Row | None) -> Standing:
    if row is None:
        return Standing()
    return Standing(
        state=row["state"],
        back_at=row["back_at"],
        why=row["why"],
        chosen=bool(row["chosen"]),
        gone_at=row["gone_at"],
        said_at=row["since"] if row["told_by"] else 0,
    )


def rows(read: Snapshot) -> list[sqlite3.Row]:
    """Everybody's line: as many as there are people."""
    return read.all("SELECT * FROM availability")


def put(tx: Tx, user_id: int, values: dict[str, Any]) -> None:
    """Set some columns of somebody's line; they get one if they have none."""
    tx.run("INSERT INTO availability (user_id, since) VALUES (?, ?) ON CONFLICT DO NOTHING", (user_id, tx.now))
    sets = ", ".join(f"{column} = ?" for column in values)
    tx.run(f"UPDATE availability SET {sets} WHERE user_id = ?", (*values.values(), user_id))


def got_one(tx: Tx, user_id: int) -> None:
    """They were given a conversation now."""
    tx.run("UPDATE availability SET assigned_at = ? WHERE user_id = ?", (tx.now, user_id))


def server_started(tx: Tx) -> int:
    """No console is connected yet: whoever had one has the usual time to come back."""
    return tx.run(
        "UPDATE availability SET console = 0, gone_at = ? WHERE console = 1 OR gone_at IS NOT NULL", (tx.now,)
    )


# ---------------------------------------------------------------- people


def everybody(read: Snapshot) -> list[sqlite3.Row]:
    """Everybody who works here now, with state, `load_open`, `load_waiting`, `open`, `waiting` and their `teams`."""
    return read.all(
        f"{_PERSON}, (SELECT sum(w.n) FROM open_work w WHERE w.assignee_id = u.id AND w.state NOT IN"
        " ('waiting', 'snoozed')) AS open, (SELECT w.n FROM open_work w WHERE w.assignee_id = u.id AND"
        " w.state = 'waiting') AS waiting, (SELECT group_concat(t.name, char(31)) FROM team_members m JOIN teams t"
        " ON t.id = m.team_id WHERE m.user_id = u.id) AS teams FROM users u"
        " LEFT JOIN availability a ON a.user_id = u.id WHERE u.active = 1 ORDER BY u.name"
    )


def person(read: Snapshot, user_id: int) -> sqlite3.Row | None:
    """One of them, without counts and teams."""
    return read.one(f"{_PERSON} FROM users u LEFT JOIN availability a ON a.user_id = u.id WHERE u.id = ?", (user_id,))


def members(read: Snapshot, team_id: int) -> list[sqlite3.Row]:
    """The active members of a team."""
    return read.all(
        f"{_PERSON} FROM team_members m JOIN users u ON u.id = m.user_id"
        " LEFT JOIN availability a ON a.user_id = u.id WHERE m.team_id = ? AND u.active = 1 ORDER BY u.name",
        (team_id,),
    )


# ---------------------------------------------------------------- teams


def team(read: Snapshot, team_id: int) -> sqlite3.Row | None:
    """Its rules: name, assignment, on_leave, leave_after_ms, duty_id."""
    return read.one("SELECT * FROM teams WHERE id = ?", (team_id,))


def teams(read: Snapshot) -> list[sqlite3.Row]:
    return read.all("SELECT * FROM teams ORDER BY id")


def set_rules(tx: Tx, team_id: int, values: dict[str, Any]) -> None:
    """Set some of: assignment, on_leave, leave_after_ms, duty_id."""
    sets = ", ".join(f"{column} = ?" for column in values)
    tx.run(f"UPDATE teams SET {sets} WHERE id = ?", (*values.values(), team_id))


def set_skills(tx: Tx, user_id: int, skills: str) -> None:
    tx.run("UPDATE users SET skills = ? WHERE id = ?", (skills, user_id))


def set_capacity(tx: Tx, user_id: int, capacity: int | None) -> None:
    tx.run("UPDATE users SET capacity = ? WHERE id = ?", (capacity, user_id))


# ---------------------------------------------------------------- queues

#: what waits to be taken; what is offered to somebody as a transfer waits for their answer
_QUEUED = "state = 'queued' AND assignee_id IS NULL AND transfer_id IS NULL"


def head(read: Snapshot, team_id: int, skills: str) -> sqlite3.Row | None:
    """The most urgent conversation of a team's queue that needs exactly these skills."""
    return read.one(
        f"SELECT id, sort_key, weight, contact_id, skills, team_id FROM conversations WHERE {_QUEUED}"
        " AND team_id = ? AND skills = ? ORDER BY sort_key, id LIMIT 1",
        (team_id, skills),
    )


def needs(read: Snapshot, team_id: int) -> list[str]:
    """The different skills that a team's queue needs: one look into the index for each, however long the queue is."""
    found: list[str] = []
    at = read.value(f"SELECT min(skills) FROM conversations WHERE {_QUEUED} AND team_id = ?", (team_id,))
    while at is not None:
        found.append(at)
        at = read.value(
            f"SELECT min(skills) FROM conversations WHERE {_QUEUED} AND team_id = ? AND skills > ?", (team_id, at)
        )
    return found


def anything_without_team(read: Snapshot) -> bool:
    return read.value(f"SELECT 1 FROM conversations WHERE {_QUEUED} AND team_id IS NULL LIMIT 1") is not None


def queued(read: Snapshot, team_id: int, skills: str, limit: int) -> list[int]:
    """The most urgent of a queue; team 0 stands for none, whatever they need."""
    if not team_id:
        sql = f"SELECT id FROM conversations WHERE {_QUEUED} AND team_id IS NULL ORDER BY sort_key, id LIMIT ?"
        return [r["id"] for r in read.all(sql, (limit,))]
    sql = f"SELECT id FROM conversations WHERE {_QUEUED} AND team_id = ? AND skills = ? ORDER BY sort_key, id LIMIT ?"
    return [r["id"] for r in read.all(sql, (team_id, skills, limit))]


def last_advisor(read: Snapshot, conversation_id: int, contact_id: int, since: int) -> int | None:
    """Who looked after a customer last, if that was after `since`: who wrote here, else who had their last one."""
    wrote = read.value(
        "SELECT author_id FROM (SELECT author_id, direction, at, id FROM messages WHERE conversation_id = ?"
        " ORDER BY id DESC LIMIT 50) WHERE direction = 'out' AND author_id IS NOT NULL AND at >= ?"
        " ORDER BY id DESC LIMIT 1",
        (conversation_id, since),
    )
    if wrote is not None:
        return int(wrote)
    had: int | None = read.value(
        "SELECT assignee_id FROM (SELECT assignee_id, last_at, id FROM conversations WHERE contact_id = ? AND id <> ?"
        " ORDER BY id DESC LIMIT 10) WHERE assignee_id IS NOT NULL AND last_at >= ? ORDER BY id DESC LIMIT 1",
        (contact_id, conversation_id, since),
    )
    return had


# ---------------------------------------------------------------- who left


def leaving(read: Snapshot, limit: int) -> list[int]:
    """Whose open work is to be looked at now."""
    sql = "SELECT user_id FROM availability WHERE leave_at <= ? ORDER BY leave_at LIMIT ?"
    return [r["user_id"] for r in read.all(sql, (read.now, limit))]


def next_leave(read: Snapshot) -> int | None:
    at: int | None = read.value("SELECT min(leave_at) FROM availability WHERE leave_at IS NOT NULL")
    return at


def in_hand(read: Snapshot, user_id: int, team_ids: list[int], limit: int) -> list[int]:
    """What somebody works on for these teams, most urgent first; without what waits for the customer, was put aside,
    or is offered to somebody else already."""
    if not team_ids:
        return []
    marks = ", ".join("?" * len(team_ids))
    found = read.all(
        f"SELECT id FROM conversations WHERE assignee_id = ? AND sort_key < {inbox.RESOLVED_FROM}"
        f" AND state IN ('open', 'queued', 'bot') AND transfer_id IS NULL AND team_id IN ({marks})"
        " ORDER BY sort_key, id LIMIT ?",
        (user_id, *team_ids, limit),
    )
    return [r["id"] for r in found]


# ---------------------------------------------------------------- stranded queues


def stranded(read: Snapshot) -> dict[tuple[int, str], tuple[int, str]]:
    """Since when which queue has nobody, and whether that was told, by (team, skills)."""
    found = read.all("SELECT * FROM stranded_queues")
    return {(r["team_id"], r["skills"]): (r["since"], r["alarm"]) for r in found}


def note_stranded(tx: Tx, team_id: int, skills: str) -> None:
    tx.run(
        "INSERT INTO stranded_queues (team_id, skills, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (team_id, skills, tx.now),
    )


def forget_stranded(tx: Tx, team_id: int, skills: str) -> None:
    tx.run("DELETE FROM stranded_queues WHERE team_id = ? AND skills = ?", (team_id, skills))


def note_alarm(tx: Tx, team_id: int, skills: str, alarm: str) -> None:
    tx.run("UPDATE stranded_queues SET alarm = ? WHERE team_id = ? AND skills = ?", (alarm, team_id, skills))
