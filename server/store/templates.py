"""SQL of reply templates, and of those that providers approve."""

from __future__ import annotations

import sqlite3

import msgspec

from server import wire
from server.store.store import Snapshot, Tx

_TEMPLATES = "SELECT p.*, t.name AS team FROM templates p LEFT JOIN teams t ON t.id = p.team_id"
#: whose a template is for a reader: their own, everybody's, or their team's
_MINE = (
    "(p.owner_id = :me OR (p.owner_id IS NULL AND (p.team_id IS NULL OR p.team_id IN"
    " (SELECT team_id FROM team_members WHERE user_id = :me))))"
)


class Content(msgspec.Struct, omit_defaults=True):
    """What is kept of a template as one document."""

    variants: list[wire.Variant] = []
    fields: list[wire.AskField] = []
    acts: list[wire.MacroAct] = []


_decode = msgspec.json.Decoder(Content).decode


def content(row: sqlite3.Row) -> Content:
    return _decode(row["content"])


def every(read: Snapshot) -> list[sqlite3.Row]:
    """All templates, whoever has them."""
    return read.all(f"{_TEMPLATES} ORDER BY p.name, p.id")


def for_user(read: Snapshot, user_id: int) -> list[sqlite3.Row]:
    """The templates somebody has, by name."""
    return read.all(f"{_TEMPLATES} WHERE {_MINE} ORDER BY p.name, p.id", {"me": user_id})


def shared(read: Snapshot) -> list[sqlite3.Row]:
    """All templates that are not one person's own, by name."""
    return read.all(f"{_TEMPLATES} WHERE p.owner_id IS NULL ORDER BY p.name, p.id")


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_TEMPLATES} WHERE p.id = ?", (id,))


def visible(read: Snapshot, id: int, user_id: int) -> sqlite3.Row | None:
    """A template, if this person has it."""
    return read.one(f"{_TEMPLATES} WHERE p.id = :id AND {_MINE}", {"id": id, "me": user_id})


def twin(read: Snapshot, column: str, value: str, owner_id: int | None, team_id: int | None, but: int) -> bool:
    """Whether another template of the same people has this `column` (name or shortcut)."""
    found = read.value(
        f"SELECT 1 FROM templates WHERE {'shortcut' if column == 'shortcut' else 'name'} = ?"
        " AND coalesce(owner_id, 0) = ? AND coalesce(team_id, 0) = ? AND id <> ?",
        (value, owner_id or 0, team_id or 0, but),
    )
    return found is not None


def create(
    tx: Tx, name: str, title: str, shortcut: str, owner_id: int | None, team_id: int | None, content: str
) -> int:
    id = tx.short_id("template")
    tx.run(
        "INSERT INTO templates (id, name, title, shortcut, owner_id, team_id, content, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (id, name, title, shortcut, owner_id, team_id, content, tx.now, tx.now),
    )
    return id


def update(
    tx: Tx, id: int, name: str, title: str, shortcut: str, owner_id: int | None, team_id: int | None, content: str
) -> None:
    tx.run(
        "UPDATE templates SET name = ?, title = ?, shortcut = ?, owner_id = ?, team_id = ?, content = ?,"
        " updated_at = ? WHERE id = ?",
        (name, title, shortcut, owner_id, team_id, content, tx.now, id),
    )


def set_content(tx: Tx, id: int, content: Content) -> None:
    tx.run(
        "UPDATE templates SET content = ?, updated_at = ? WHERE id = ?",
        (msgspec.json.encode(content).decode(), tx.now, id),
    )


def remove(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM template_files WHERE template_id = ?", (id,))
    tx.run("DELETE FROM templates WHERE id = ?", (id,))


def used(tx: Tx, id: int) -> None:
    """It was sent once more."""
    tx.run("UPDATE templates SET uses = uses + 1, last_used_at = ? WHERE id = ?", (tx.now, id))


def files(read: Snapshot, template_ids: list[int]) -> list[sqlite3.Row]:
    """The files of these templates, each with its `template_id`."""
    if not template_ids:
        return []
    marks = ", ".join("?" * len(template_ids))
    return read.all(
        "SELECT a.*, f.template_id FROM template_files f JOIN attachments a ON a.id = f.attachment_id"
        f" WHERE f.template_id IN ({marks}) ORDER BY a.id",
        template_ids,
    )


def set_files(tx: Tx, id: int, attachment_ids: list[int]) -> None:
    """Exactly these files belong to a template."""
    tx.run("DELETE FROM template_files WHERE template_id = ?", (id,))
    tx.conn.executemany(
        "INSERT INTO template_files (template_id, attachment_id) VALUES (?, ?)", [(id, one) for one in attachment_ids]
    )


# ---------------------------------------------------------------- approved by a provider


def approved(read: Snapshot, channel_id: int | None = None) -> list[sqlite3.Row]:
    """What providers approved, of one channel or of all."""
    return read.all(
        "SELECT a.*, ch.name AS channel FROM approved_templates a JOIN channels ch ON ch.id = a.channel_id"
        " WHERE ch.removed_at IS NULL AND (:channel IS NULL OR a.channel_id = :channel) ORDER BY a.name, a.language",
        {"channel": channel_id},
    )


def one_approved(read: Snapshot, channel_id: int, name: str, language: str) -> sqlite3.Row | None:
    return read.one(
        "SELECT * FROM approved_templates WHERE channel_id = ? AND name = ? AND language = ?",
        (channel_id, name, language),
    )


def replace_approved(tx: Tx, channel_id: int, rows: list[tuple[str, str, str, str, str, int, str]]) -> bool:
    """Keep all that a channel's provider knows; whether it is news.

    `rows`: (name, language, status, category, body, parameters, the rest as a document).
    """
    columns = "name, language, status, category, body, parameters, content"
    before = tx.all(f"SELECT {columns} FROM approved_templates WHERE channel_id = ?", (channel_id,))
    if {tuple(row) for row in before} == set(rows):
        return False
    tx.run("DELETE FROM approved_templates WHERE channel_id = ?", (channel_id,))
    tx.conn.executemany(
        f"INSERT INTO approved_templates (channel_id, {columns}, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(channel_id, *row, tx.now) for row in rows],
    )
    return True
