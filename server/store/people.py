"""SQL of users, teams and their tokens."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx
from server.store.words import plain

_USERS = (
    "SELECT u.*, (SELECT group_concat(t.name, char(31)) FROM team_members m JOIN teams t ON t.id = m.team_id"
    " WHERE m.user_id = u.id) AS teams FROM users u"
)


def team_names(row: sqlite3.Row) -> list[str]:
    return sorted(row["teams"].split("\x1f")) if row["teams"] else []


def user(read: Snapshot, name: str) -> sqlite3.Row | None:
    """By sign-in name, whatever its case."""
    return read.one(f"{_USERS} WHERE u.name = ?", (name.lower(),))


def user_by_id(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_USERS} WHERE u.id = ?", (id,))


def users(read: Snapshot) -> list[sqlite3.Row]:
    return read.all(f"{_USERS} ORDER BY u.name")


def create_user(tx: Tx, name: str, display_name: str, role: str, password_hash: str, language: str) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("user")
    tx.run(
        "INSERT INTO users (id, name, display_name, role, password_hash, language, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id, name, display_name, role, password_hash, language, tx.now),
    )
    return id


def update_user(tx: Tx, row: sqlite3.Row, changes: dict[str, str | int]) -> None:
    """Set some of: display_name, role, password_hash, language, active."""
    columns = ("display_name", "role", "password_hash", "language", "active")
    values = [changes.get(column, row[column]) for column in columns]
    tx.run(
        "UPDATE users SET display_name = ?, role = ?, password_hash = ?, language = ?, active = ? WHERE id = ?",
        (*values, row["id"]),
    )


def other_admins(read: Snapshot, but: int) -> int:
    """How many active admins there are besides this one."""
    return int(read.value("SELECT count(*) FROM users WHERE role = 'admin' AND active = 1 AND id <> ?", (but,)))


def team(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one("SELECT * FROM teams WHERE name = ?", (name,))


def team_called(read: Snapshot, name: str) -> sqlite3.Row | None:
    """By name, exactly, or else whatever its case and accents."""
    return team(read, name) or read.one("SELECT * FROM teams WHERE plain(name) = ? ORDER BY id LIMIT 1", (plain(name),))


def teams(read: Snapshot) -> list[sqlite3.Row]:
    """With `members`: their sign-in names, separated by U+001F."""
    return read.all(
        "SELECT t.*, (SELECT group_concat(u.name, char(31)) FROM team_members m JOIN users u ON u.id = m.user_id"
        " WHERE m.team_id = t.id) AS members, d.name AS duty FROM teams t LEFT JOIN users d ON d.id = t.duty_id"
        " ORDER BY t.name"
    )


def create_team(tx: Tx, name: str) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("team")
    tx.run("INSERT INTO teams (id, name, created_at) VALUES (?, ?, ?)", (id, name, tx.now))
    return id


def rename_team(tx: Tx, id: int, name: str) -> None:
    tx.run("UPDATE teams SET name = ? WHERE id = ?", (name, id))


def remove_team(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM teams WHERE id = ?", (id,))


def team_has_work(read: Snapshot, id: int) -> bool:
    return (
        read.value("SELECT 1 FROM conversations WHERE team_id = ? AND state <> 'resolved' LIMIT 1", (id,)) is not None
    )


def set_members(tx: Tx, team_id: int, user_ids: list[int]) -> None:
    tx.run("DELETE FROM team_members WHERE team_id = ?", (team_id,))
    tx.conn.executemany(
        "INSERT INTO team_members (team_id, user_id) VALUES (?, ?)", [(team_id, id) for id in sorted(set(user_ids))]
    )


def set_teams(tx: Tx, user_id: int, team_ids: list[int]) -> None:
    tx.run("DELETE FROM team_members WHERE user_id = ?", (user_id,))
    tx.conn.executemany(
        "INSERT INTO team_members (team_id, user_id) VALUES (?, ?)", [(id, user_id) for id in sorted(set(team_ids))]
    )


def teams_of(read: Snapshot, user_id: int) -> list[int]:
    """The teams (ids) that somebody belongs to."""
    rows = read.all("SELECT team_id FROM team_members WHERE user_id = ? ORDER BY team_id", (user_id,))
    return [int(row["team_id"]) for row in rows]


def open_conversations(read: Snapshot, user_id: int) -> list[int]:
    """What somebody still has in hand."""
    return [
        row["id"]
        for row in read.all(
            "SELECT id FROM conversations WHERE assignee_id = ? AND state <> 'resolved' ORDER BY sort_key, id",
            (user_id,),
        )
    ]


# ---------------------------------------------------------------- tokens


def open_token(tx: Tx, hash: str, user_id: int, label: str, expires_at: int) -> None:
    tx.run("DELETE FROM tokens WHERE expires_at <= ?", (tx.now,))
    tx.run(
        "INSERT INTO tokens (hash, user_id, label, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
        (hash, user_id, label, tx.now, expires_at),
    )


def close_token(tx: Tx, hash: str) -> bool:
    return tx.run("DELETE FROM tokens WHERE hash = ?", (hash,)) > 0


def has_session(read: Snapshot, user_id: int) -> bool:
    """Whether a token of theirs is good still."""
    sql = "SELECT 1 FROM tokens WHERE user_id = ? AND expires_at > ? LIMIT 1"
    return read.value(sql, (user_id, read.now)) is not None


def close_tokens(tx: Tx, user_id: int) -> None:
    tx.run("DELETE FROM tokens WHERE user_id = ?", (user_id,))


def token_owner(read: Snapshot, hash: str) -> sqlite3.Row | None:
    """The active user a valid token belongs to, with the token's `expires_at`."""
    return read.one(
        "SELECT u.id, u.name, u.role, t.expires_at FROM tokens t JOIN users u ON u.id = t.user_id"
        " WHERE t.hash = ? AND t.expires_at > ? AND u.active = 1",
        (hash, read.now),
    )


def named(read: Snapshot, names: list[str]) -> list[sqlite3.Row]:
    """(id, name) of the active users whom these names call: their own, or that of a team they belong to."""
    marks = ", ".join("?" * len(names))
    return read.all(
        f"SELECT id, name FROM users WHERE active = 1 AND (name IN ({marks}) OR id IN (SELECT m.user_id"
        f" FROM team_members m JOIN teams t ON t.id = m.team_id WHERE plain(t.name) IN ({marks}))) ORDER BY name",
        (*names, *map(plain, names)),
    )
