"""SQL of messages, their attachments and the providers' receipts."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

import msgspec

from server.facts import Media
from server.store import whispers
from server.store.store import Named, Snapshot, Tx

_encode = msgspec.json.Encoder().encode

#: kinds that speak of another message (`reply_to`) and change how it shows
ABOUT = ("reaction", "edit", "revoke", "hide", "unhide", "delete")
_ABOUT = "('reaction', 'edit', 'revoke', 'hide', 'unhide', 'delete')"


@dataclass(slots=True, kw_only=True)
class NewMessage:
    """A message to insert. `reply_to`: the provider's id of the message it answers or speaks of. `home_id`: the
    conversation it belongs to, where that one is part of `conversation_id`.
    """

    conversation_id: int
    channel_id: int
    direction: str
    kind: str
    text: str = ""
    data: dict[str, Any] | None = None
    author_id: int | None = None
    via: str = ""
    at: int
    status: str
    external_id: str | None = None
    client_ref: str | None = None
    reply_to: str = ""
    files: int = 0
    delivery_id: int | None = None
    home_id: int | None = None


def insert(tx: Tx, new: NewMessage) -> int | None:
    """Insert a message; its id, or None if the channel has one with this external id already."""
    id = tx.time_id()
    changed = tx.run(
        "INSERT INTO messages (id, conversation_id, channel_id, direction, kind, text, data, author_id, via, at,"
        " received_at, status, status_at, external_id, client_ref, reply_to, files,"
        " delivery_id, home_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (channel_id, external_id) DO NOTHING",
        (
            id,
            new.conversation_id,
            new.channel_id,
            new.direction,
            new.kind,
            new.text.replace("\0", ""),  # PostgreSQL has no NUL in text
            _encode(new.data).decode() if new.data else "",
            new.author_id,
            new.via,
            new.at,
            tx.now,
            new.status,
            tx.now,
            new.external_id,
            new.client_ref,
            new.reply_to,
            new.files,
            new.delivery_id,
            new.home_id,
        ),
    )
    return id if changed else None


def known(tx: Snapshot, channel_id: int, external_id: str) -> bool:
    """Whether the channel has this message already."""
    return (
        tx.value("SELECT 1 FROM messages WHERE channel_id = ? AND external_id = ?", (channel_id, external_id))
        is not None
    )


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    """A message's own columns."""
    return read.one("SELECT * FROM messages WHERE id = ?", (id,))


def by_external(read: Snapshot, channel_id: int, external_id: str) -> sqlite3.Row | None:
    return read.one("SELECT * FROM messages WHERE channel_id = ? AND external_id = ?", (channel_id, external_id))


def by_client_ref(read: Snapshot, client_ref: str) -> sqlite3.Row | None:
    return read.one("SELECT * FROM messages WHERE client_ref = ?", (client_ref,))


def about(tx: Tx, channel_id: int, external_id: str) -> list[sqlite3.Row]:
    """Reactions, edits, revocations … that arrived before the message they speak of."""
    return tx.all(
        f"SELECT * FROM messages WHERE channel_id = ? AND reply_to = ? AND kind IN {_ABOUT} ORDER BY at, id",
        (channel_id, external_id),
    )


def set_status(tx: Tx, id: int, status: str, failure: str = "", detail: str = "") -> None:
    tx.run(
        "UPDATE messages SET status = ?, status_at = ?, failure = ?, failure_detail = ?, version = version + 1"
        " WHERE id = ?",
        (status, tx.now, failure, detail, id),
    )


def set_client_ref(tx: Tx, id: int) -> None:
    """Our own reference, which providers give back in their reports.

    Unique over all installations that share a provider's account, and not to be guessed: whoever quotes it (in a mail
    that answers) shows that they have our message.
    """
    tx.run("UPDATE messages SET client_ref = ? WHERE id = ?", (f"{id:x}.{secrets.token_hex(8)}", id))


def set_external_id(tx: Tx, id: int, channel_id: int, external_id: str) -> None:
    """What the provider calls a message of ours. If its echo came first, the echo gives way to our own row."""
    tx.run(
        "UPDATE messages SET external_id = NULL, status = 'cancelled', revoked_at = ?, text = '', version = version + 1"
        " WHERE channel_id = ? AND external_id = ? AND id <> ?",
        (tx.now, channel_id, external_id, id),
    )
    tx.run("UPDATE messages SET external_id = ?, version = version + 1 WHERE id = ?", (external_id, id))


def set_text(tx: Tx, id: int, text: str, data: dict[str, Any], edited_at: int) -> None:
    tx.run(
        "UPDATE messages SET text = ?, data = ?, edited_at = ?, version = version + 1 WHERE id = ?",
        (text, _encode(data).decode(), edited_at, id),
    )


def rewrite(tx: Tx, id: int, text: str) -> None:
    """Another text for a message that nobody has read."""
    tx.run("UPDATE messages SET text = ?, version = version + 1 WHERE id = ?", (text.replace("\0", ""), id))


def set_data(tx: Tx, id: int, data: dict[str, Any]) -> None:
    tx.run(
        "UPDATE messages SET data = ?, version = version + 1 WHERE id = ?",
        (_encode(data).decode() if data else "", id),
    )


def followed(read: Snapshot, channel_id: int, external_ids: list[str], refs: list[str]) -> sqlite3.Row | None:
    """The newest of these messages, named by the provider's ids or by our own references."""
    if not external_ids and not refs:
        return None
    ids, own = ", ".join("?" * len(external_ids)), ", ".join("?" * len(refs))
    return read.one(
        f"SELECT * FROM messages WHERE channel_id = ? AND (external_id IN ({ids}) OR client_ref IN ({own}))"
        " ORDER BY id DESC LIMIT 1",
        (channel_id, *external_ids, *refs),
    )


def chain(read: Snapshot, conversation_id: int, home_id: int, newest: int) -> list[str]:
    """Provider's ids of the messages at home in one conversation, which show in this one, oldest first: the first one
    and the `newest` last ones."""
    first = read.all(
        "SELECT id, external_id FROM messages WHERE conversation_id = ? AND coalesce(home_id, conversation_id) = ?"
        " AND direction <> 'note'"
        f" AND external_id IS NOT NULL AND kind NOT IN {_ABOUT} ORDER BY id LIMIT 1",
        (conversation_id, home_id),
    )
    last = read.all(
        "SELECT id, external_id FROM messages WHERE conversation_id = ? AND coalesce(home_id, conversation_id) = ?"
        " AND direction <> 'note'"
        f" AND external_id IS NOT NULL AND kind NOT IN {_ABOUT} ORDER BY id DESC LIMIT ?",
        (conversation_id, home_id, newest),
    )
    found = {row["id"]: str(row["external_id"]) for row in [*first, *reversed(last)]}
    return list(found.values())


def up_to(read: Snapshot, conversation_id: int, home_id: int, until: int, limit: int) -> list[sqlite3.Row]:
    """Our newest messages at home in one conversation, which show in this one, that left by `until` (UTC ms), newest
    first. Not by their status: a report of it may take longer than the next one's. One of unknown fate is not
    among them: that others were read does not say that it arrived."""
    return read.all(
        "SELECT * FROM messages m WHERE conversation_id = ? AND coalesce(home_id, conversation_id) = ?"
        " AND direction = 'out' AND status IN ('sent', 'delivered')"
        " AND coalesce((SELECT max(a.at) FROM attempts a WHERE a.message_id = m.id), m.at) <= ?"
        " ORDER BY id DESC LIMIT ?",
        (conversation_id, home_id, until, limit),
    )


def under_way(read: Snapshot, conversation_id: int, home_id: int, until: int, limit: int) -> list[int]:
    """Those of the same that were sent by `until` (UTC ms) but of which the provider's answer is not here yet."""
    rows = read.all(
        "SELECT id FROM messages m WHERE conversation_id = ? AND coalesce(home_id, conversation_id) = ?"
        " AND direction = 'out' AND status IN ('sending', 'unknown')"
        " AND (SELECT max(a.at) FROM attempts a WHERE a.message_id = m.id) <= ?"
        " ORDER BY id DESC LIMIT ?",
        (conversation_id, home_id, until, limit),
    )
    return [row["id"] for row in rows]


def set_revoked(tx: Tx, id: int, at: int) -> None:
    tx.run("UPDATE messages SET revoked_at = ?, version = version + 1 WHERE id = ?", (at, id))


def set_reactions(tx: Tx, id: int, reactions: dict[str, str]) -> None:
    tx.run(
        "UPDATE messages SET reactions = ?, version = version + 1 WHERE id = ?",
        (_encode(reactions).decode() if reactions else "", id),
    )


def last_shown(tx: Tx, conversation_id: int) -> sqlite3.Row | None:
    """The newest message that a list can show in one line."""
    return tx.one(
        "SELECT m.*, u.name AS author FROM messages m LEFT JOIN users u ON u.id = m.author_id"
        f" WHERE m.conversation_id = ? AND m.status <> 'cancelled' AND m.kind NOT IN {_ABOUT}"
        f" AND {whispers.common('m.id')}"
        " ORDER BY m.id DESC LIMIT 1",
        (conversation_id,),
    )


def last_inbound(read: Snapshot, conversation_id: int, home_id: int | None = None) -> sqlite3.Row | None:
    """The customer's newest message that has a provider's id; only one that is at home in `home_id`, if given."""
    return read.one(
        "SELECT * FROM messages WHERE conversation_id = :id AND direction = 'in' AND external_id IS NOT NULL"
        " AND (:home IS NULL OR coalesce(home_id, conversation_id) = :home)"
        f" AND kind NOT IN {_ABOUT} ORDER BY id DESC LIMIT 1",
        {"id": conversation_id, "home": home_id},
    )


def answered_in_private(read: Snapshot, conversation_id: int, external_id: str) -> bool:
    """Whether a private answer to this public message left, or may still."""
    return (
        read.value(
            "SELECT 1 FROM messages WHERE conversation_id = ? AND direction = 'out'"
            " AND status NOT IN ('failed', 'cancelled') AND data LIKE ? ESCAPE '!' LIMIT 1",
            (conversation_id, f'%"private":"{_like(external_id)}"%'),
        )
        is not None
    )


def _like(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def any_failed(tx: Tx, conversation_id: int, since: int) -> bool:
    """Whether an outbound message of the last while stands failed, and nobody has let it be."""
    return (
        tx.value(
            "SELECT 1 FROM messages WHERE conversation_id = ? AND status = 'failed' AND dropped_at IS NULL"
            " AND received_at >= ? LIMIT 1",
            (conversation_id, since),
        )
        is not None
    )


# ---------------------------------------------------------------- lists

_MESSAGES = """
SELECT m.*, u.name AS author, u.display_name AS author_name, r.id AS answered, o.due_at AS send_at,
       h.name AS channel
FROM ({page}) m
LEFT JOIN users u ON u.id = m.author_id
LEFT JOIN messages r ON m.reply_to <> '' AND r.channel_id = m.channel_id AND r.external_id = m.reply_to
LEFT JOIN outbox o ON o.message_id = m.id AND o.state = 'queued'
LEFT JOIN channels h ON m.home_id IS NOT NULL AND h.id = m.channel_id
"""


def thread(
    read: Snapshot, conversation_id: int, before: int | None, after: int | None, limit: int, reader: int | None
) -> list[Named]:
    """`limit` + 1 messages: the newest (before `before`), newest first, or those after `after`, oldest first; of
    whispers those that `reader` may read (None: all)."""
    seen = whispers.visible("messages.id", reader)
    if after is not None:
        page = f"SELECT * FROM messages WHERE conversation_id = ? AND id > ? AND {seen} ORDER BY id LIMIT ?"
        return read.named(_MESSAGES.format(page=page) + " ORDER BY m.id", (conversation_id, after, limit + 1))
    page = f"SELECT * FROM messages WHERE conversation_id = ? AND id < ? AND {seen} ORDER BY id DESC LIMIT ?"
    return read.named(
        _MESSAGES.format(page=page) + " ORDER BY m.id DESC", (conversation_id, before or 2**62, limit + 1)
    )


def rows(read: Snapshot, ids: list[int]) -> list[Named]:
    """These messages, in no order."""
    if not ids:
        return []
    page = f"SELECT * FROM messages WHERE id IN ({', '.join('?' * len(ids))})"
    return read.named(_MESSAGES.format(page=page), ids)


# ---------------------------------------------------------------- attachments


def attach(tx: Tx, message_id: int, channel_id: int, media: Media) -> int:
    """Note a provider's file, to be fetched by a job."""
    id = tx.time_id()
    tx.run(
        "INSERT INTO attachments (id, message_id, channel_id, kind, mime, file_name, size, claimed_sha256, provider_id,"
        " url, state, due_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)",
        (
            id,
            message_id,
            channel_id,
            media.kind,
            media.mime,
            media.file_name,
            media.size,
            media.sha256,
            media.provider_id,
            media.url,
            tx.now,
            tx.now,
        ),
    )
    return id


def upload(tx: Tx, kind: str, mime: str, file_name: str, size: int, sha256: str, uploader_id: int) -> int:
    """Note a file that an advisor brought; it belongs to no message yet."""
    id = tx.time_id()
    tx.run(
        "INSERT INTO attachments (id, kind, mime, file_name, size, sha256, state, uploader_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 'stored', ?, ?)",
        (id, kind, mime, file_name, size, sha256, uploader_id, tx.now),
    )
    return id


def attachment(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM attachments WHERE id = ?", (id,))


def attachments(read: Snapshot, message_ids: list[int]) -> list[sqlite3.Row]:
    if not message_ids:
        return []
    marks = ", ".join("?" * len(message_ids))
    return read.all(f"SELECT * FROM attachments WHERE message_id IN ({marks}) ORDER BY id", message_ids)


def adopt(tx: Tx, file: sqlite3.Row, message_id: int, channel_id: int) -> None:
    """Give a stored file to the message that carries it; of one that another message carries too it gets a copy."""
    if file["message_id"] is not None:
        carry(tx, file, message_id, channel_id)
    else:
        tx.run(
            "UPDATE attachments SET message_id = ?, channel_id = ? WHERE id = ?", (message_id, channel_id, file["id"])
        )


def carry(tx: Tx, file: sqlite3.Row, message_id: int, channel_id: int) -> None:
    """Note a stored file once more, for a message that carries it too; the bytes are the same."""
    id = upload(tx, file["kind"], file["mime"], file["file_name"], file["size"], file["sha256"], file["uploader_id"])
    tx.run("UPDATE attachments SET message_id = ?, channel_id = ? WHERE id = ?", (message_id, channel_id, id))


def due_attachments(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """Files to fetch now."""
    return read.all(
        "SELECT * FROM attachments WHERE state IN ('pending', 'fetching') AND due_at <= ? ORDER BY due_at LIMIT ?",
        (read.now, limit),
    )


def documents(read: Snapshot, message_ids: list[int]) -> dict[int, int]:
    """Message → the raw call (delivery) it came in, where there is one."""
    if not message_ids:
        return {}
    marks = ", ".join("?" * len(message_ids))
    rows = read.all(
        f"SELECT id, delivery_id FROM messages WHERE delivery_id IS NOT NULL AND id IN ({marks})", message_ids
    )
    return {row["id"]: row["delivery_id"] for row in rows}


def next_attachment_due(read: Snapshot) -> int | None:
    due: int | None = read.value("SELECT min(due_at) FROM attachments WHERE state IN ('pending', 'fetching')")
    return due


def lease_attachment(tx: Tx, id: int, until: int) -> None:
    tx.run("UPDATE attachments SET state = 'fetching', attempts = attempts + 1, due_at = ? WHERE id = ?", (until, id))


def finish_attachment(
    tx: Tx, id: int, state: str, *, sha256: str = "", mime: str = "", size: int | None = None, warning: str = ""
) -> None:
    tx.run(
        "UPDATE attachments SET state = ?, sha256 = ?, mime = CASE WHEN ? <> '' THEN ? ELSE mime END,"
        " size = coalesce(?, size), warning = ?, error = '', due_at = NULL WHERE id = ?",
        (state, sha256, mime, mime, size, warning, id),
    )


def fail_attachment(tx: Tx, id: int, state: str, error: str, due_at: int | None) -> None:
    """`state` pending with a new `due_at`, or failed / refused for good."""
    tx.run("UPDATE attachments SET state = ?, error = ?, due_at = ? WHERE id = ?", (state, error, due_at, id))


def touch(tx: Tx, id: int) -> None:
    """Something shown with the message changed."""
    tx.run("UPDATE messages SET version = version + 1 WHERE id = ?", (id,))


# ---------------------------------------------------------------- receipts


def note_receipt(
    tx: Tx, channel_id: int, external_id: str, status: str, at: int, client_ref: str, failure: str, detail: str
) -> bool:
    """Keep a provider's report, also of a message we do not know (yet). False if it was kept before."""
    return (
        tx.run(
            "INSERT INTO receipts (channel_id, external_id, status, at, client_ref, failure, failure_detail,"
            " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel_id, external_id, status) DO NOTHING",
            (channel_id, external_id, status, at, client_ref, failure, detail, tx.now),
        )
        > 0
    )


def receipts(read: Snapshot, channel_id: int, external_id: str, message_id: int) -> list[sqlite3.Row]:
    """What was reported of a message before its provider's id was known: under that id, or ahead of it (see
    `note_ahead`), if that was about its last attempt."""
    return read.all(
        "SELECT * FROM receipts WHERE channel_id = :channel AND external_id IN (:id, :ahead) AND (external_id = :id"
        " OR at >= (SELECT max(a.at) FROM attempts a WHERE a.message_id = :message)) ORDER BY at",
        {"channel": channel_id, "id": external_id, "ahead": _ahead(message_id), "message": message_id},
    )


def note_ahead(tx: Tx, channel_id: int, message_id: int, status: str, until: int) -> None:
    """Keep that all up to a moment (UTC ms) was delivered or read while this message was on its way."""
    tx.run(
        "INSERT INTO receipts (channel_id, external_id, status, at, received_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (channel_id, external_id, status) DO UPDATE SET at = max(at, excluded.at)",
        (channel_id, _ahead(message_id), status, until, tx.now),
    )


def _ahead(message_id: int) -> str:
    return f"message {message_id}"
