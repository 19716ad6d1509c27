"""A large store: conversations of one WhatsApp channel, half of them open, and their messages, made in SQL.

Of the open ones half have an advisor (who opens the console on them), the others wait in the queue.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from server.desk import inbox
from server.store.engine import open_writer
from server.store.ids import EPOCH_MS
from server.store.words import completable

_NAMES = "María,José,Ana,Luis,Rosa,Carlos,Lidia,Ernesto,Marta,Óscar,Sonia,Tito,Blanca,Mauricio,Delmy,Nelson"
_FAMILIES = "Ramos,Mejía,Portillo,Batres,Alvarenga,Umaña,Hernández,Flores,Guevara,Cañas,Zelaya,Orellana,Escobar"
_WORDS = (
    "tarjeta,crédito,cuota,ahorro,remesa,clave,agencia,seguro,transferencia,saldo,préstamo,cajero,boleta,requisitos"
)


_BEFORE, _AFTER = "buenos días, consulta ", ", ¿me puede ayudar por favor?"

#: what a store filled before must have been filled by, to be used again
VERSION = 3


def fill(folder_of_store: Path, conversations: int, messages: int, advisor: str) -> None:
    """Fill an initialised, stopped store (channel 1 and user `advisor` exist). `messages` in all, at least one each."""
    conn = open_writer(folder_of_store / "agent-console.db")
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "foreign_keys=OFF", "cache_size=-262144"):
        conn.execute(f"PRAGMA {pragma}")
    each = max(1, round(messages / conversations))
    now = time.time_ns() // 1_000_000
    names, families, words = (
        [f"WHEN {i} THEN '{word}'" for i, word in enumerate(text.split(","))] for text in (_NAMES, _FAMILIES, _WORDS)
    )
    (user,) = conn.execute("SELECT id FROM users WHERE name = ?", (advisor,)).fetchone()
    values = {"n": conversations, "now": now, "each": each, "base": (now - EPOCH_MS) << 12, "user": user}
    series = "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :n)"
    word = f"CASE abs(n * 2654435761) % {len(words)} {' '.join(words)} END"
    text = f"'{_BEFORE}' || n || ' sobre ' || {word} || '{_AFTER}'"
    open_key, resolved_key = (inbox.sort_key(state, None, 0, 1) for state in ("queued", "resolved"))
    sort = f"CASE WHEN n % 2 THEN {open_key} ELSE {resolved_key + 1} END - (:now - n)"
    conn.execute("BEGIN")
    conn.execute(
        f"{series} INSERT INTO contacts (id, name, region, created_at, updated_at)"
        f" SELECT n, CASE n / 4 % {len(names)} {' '.join(names)} END || ' '"
        f" || CASE n / 64 % {len(families)} {' '.join(families)} END, 'San Miguel', :now, :now FROM s",
        values,
    )
    conn.execute(
        f"{series} INSERT INTO identities (id, contact_id, channel_id, handle_id, kind, value, created_at)"
        " SELECT n, n, 1, n, 'phone', '503' || (60000000 + n), :now FROM s",
        values,
    )
    conn.execute(
        f"{series} INSERT INTO conversations (id, channel_id, contact_id, handle_id, thread, state, preview, inbound,"
        " assignee_id, created_at, last_at, last_in_at, window_from, resolved_at, sort_key)"
        " SELECT n, 1, n, n, n, CASE n % 4 WHEN 1 THEN 'open' WHEN 3 THEN 'queued' ELSE 'resolved' END,"
        f" {text}, :each, CASE WHEN n % 4 <> 3 THEN :user END, :now - n, :now - n, :now - n, :now - n,"
        f" CASE WHEN n % 2 THEN NULL ELSE :now - n END, {sort} FROM s",
        values,
    )
    many = values | {"n": conversations * each, "c": conversations}
    # Ids ascending, as they come in life: the full-text index begins anew for each one that does not.
    back = "WITH RECURSIVE s (n) AS (SELECT :n UNION ALL SELECT n - 1 FROM s WHERE n > 1)"
    conn.execute(
        f"{back} INSERT INTO messages (id, conversation_id, channel_id, direction, kind, text, at, received_at,"
        f" status, external_id) SELECT :base - 1 - n, (n - 1) % :c + 1, 1, 'in', 'text', {text}, :now - n, :now - n,"
        " 'received', 'fill.' || n FROM s",
        {key: many[key] for key in ("n", "c", "now", "base")},
    )
    conn.execute(
        f"{series} INSERT INTO events (seq, at, kind, conversation_id, actor, data) SELECT n + 1000, :now - 1000,"
        " 'message.received', n, 'contact:' || n, '{}' FROM s",
        {"n": conversations, "now": now},
    )
    conn.execute(
        "INSERT INTO open_work (assignee_id, state, n, load)"
        " SELECT coalesce(assignee_id, 0), state, count(*), sum(weight) FROM conversations"
        " WHERE state <> 'resolved' GROUP BY 1, 2"
    )
    for name in ("conversation", "contact"):
        conn.execute("INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)", (name, conversations))
    known = sorted(completable(f"{_BEFORE} sobre {_WORDS} {_AFTER}"))
    conn.executemany("INSERT OR IGNORE INTO words (word) VALUES (?)", [(word,) for word in known])
    conn.execute("UPDATE meta SET value = (SELECT max(id) FROM messages) WHERE key = 'words.upto'")
    conn.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('words.known', '1')")
    _close_the_gap(conn)
    conn.execute("COMMIT")
    conn.execute("ANALYZE")
    conn.close()


def _close_the_gap(conn: sqlite3.Connection) -> None:
    """The journal has no gaps: renumber what set-up wrote to lie just before the filling."""
    head = conn.execute("SELECT max(seq) FROM events WHERE seq <= 1000").fetchone()[0] or 0
    conn.execute("UPDATE events SET seq = seq + ? WHERE seq <= 1000", (1000 - head,))
    conn.execute("UPDATE events SET seq = -seq WHERE seq > 0")
    conn.execute("UPDATE events SET seq = -seq - ?", (1000 - head,))
