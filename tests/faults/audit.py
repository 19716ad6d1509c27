"""Is a stopped server's store whole? Asked in SQL, on a read-only connection and on a copy."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.office import look

#: kinds that are kept as messages, but tell of another one and have an event of their own
_ABOUT = "('reaction', 'edit', 'revoke', 'hide', 'unhide', 'delete')"

#: open work by assignee and state: as it is counted, and as it is
_COUNTED = "SELECT assignee_id, state, n FROM open_work WHERE n <> 0"
_THERE = (
    "SELECT coalesce(assignee_id, 0), state, count(*) FROM conversations WHERE state <> 'resolved'"
    " GROUP BY coalesce(assignee_id, 0), state"
)

#: what must not be found: a name, and a query whose rows are faults
FAULTS: tuple[tuple[str, str], ...] = (
    ("the file is damaged", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
    ("a row refers to nothing", "SELECT * FROM pragma_foreign_key_check"),
    (
        "the journal has gaps",
        "SELECT count(*), min(seq), max(seq) FROM events HAVING count(*) <> max(seq) OR min(seq) <> 1",
    ),
    (
        "a provider's message is stored twice",
        "SELECT channel_id, external_id, count(*) FROM messages NOT INDEXED WHERE external_id IS NOT NULL"
        " GROUP BY 1, 2 HAVING count(*) > 1",
    ),
    (
        "a customer's message without exactly one message.received",
        "SELECT m.id, count(e.message) FROM messages m LEFT JOIN (SELECT json_extract(data, '$.message') AS message"
        f" FROM events WHERE kind = 'message.received') e ON e.message = m.id WHERE m.direction = 'in'"
        f" AND m.kind NOT IN {_ABOUT} GROUP BY m.id HAVING count(e.message) <> 1",
    ),
    (
        "an answer without exactly one first message.queued",
        "SELECT m.id, count(e.message) FROM messages m LEFT JOIN (SELECT json_extract(data, '$.message') AS message"
        " FROM events WHERE kind = 'message.queued' AND json_extract(data, '$.again') IS NULL) e ON e.message = m.id"
        f" WHERE m.direction = 'out' AND m.via = '' AND m.kind NOT IN {_ABOUT} GROUP BY m.id"
        " HAVING count(e.message) <> 1",
    ),
    (
        "a note without exactly one event that tells of it",
        "SELECT m.id, count(e.message) FROM messages m LEFT JOIN (SELECT json_extract(data, '$.message') AS message"
        " FROM events WHERE kind IN ('note.added', 'supervision.whispered')) e ON e.message = m.id"
        " WHERE m.direction = 'note' GROUP BY m.id"
        " HAVING count(e.message) <> 1",
    ),
    (
        "an event tells of a message that is not there",
        "SELECT seq, kind, data FROM events WHERE json_extract(data, '$.message') IS NOT NULL"
        " AND json_extract(data, '$.message') NOT IN (SELECT id FROM messages)",
    ),
    (
        "a conversation miscounts its customer's messages",
        "SELECT c.id, c.inbound, count(m.id) FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id"
        " AND m.direction = 'in' AND m.kind NOT IN ('system', 'reaction', 'edit', 'revoke')"
        " AND CASE WHEN m.data = '' THEN NULL ELSE json_extract(m.data, '$.automatic') END IS NULL"
        " GROUP BY c.id HAVING c.inbound <> count(m.id)",
    ),
    (
        "the counts of open work are wrong",
        f"SELECT * FROM ({_COUNTED} EXCEPT {_THERE}) UNION ALL SELECT * FROM ({_THERE} EXCEPT {_COUNTED})",
    ),
    (
        "a message and its place in the outbox disagree",
        "SELECT m.id, m.status, o.state FROM outbox o JOIN messages m ON m.id = o.message_id WHERE m.status <> o.state"
        " UNION ALL SELECT m.id, m.status, NULL FROM messages m WHERE m.status IN ('queued', 'sending')"
        " AND m.id NOT IN (SELECT message_id FROM outbox)",
    ),
    (
        "a message was recorded as sent more than once, though nobody sent it again",
        "SELECT message_id, count(*) FROM attempts WHERE outcome = 'sent' GROUP BY 1"
        " HAVING count(*) > 1 + (SELECT count(*) FROM events WHERE kind = 'message.queued'"
        " AND json_extract(data, '$.again') IS NOT NULL AND json_extract(data, '$.message') = message_id)",
    ),
    (
        "a clock on a row is not the most urgent one that runs",
        "SELECT id, sla_due_at FROM conversations c WHERE coalesce(sla_due_at, 0) <> coalesce((SELECT s.due_at"
        " FROM sla_clocks s WHERE s.conversation_id = c.id AND s.stopped_at IS NULL"
        " ORDER BY s.paused_at IS NOT NULL, s.due_at LIMIT 1), 0)",
    ),
    (
        "two open conversations of one thread",
        "SELECT channel_id, thread, count(*) FROM conversations NOT INDEXED WHERE state <> 'resolved'"
        " GROUP BY 1, 2 HAVING count(*) > 1",
    ),
)


def audit(data: Path) -> list[str]:
    """What is wrong with the store in this folder (its server stopped); nothing if it is whole."""
    found: list[str] = []
    with contextlib.closing(look(data)) as store:
        for name, query in FAULTS:
            rows = store.execute(query).fetchmany(5)
            if rows:
                found.append(f"{name}: {rows}")
    return found + _search(data)


#: an index made anew of what there is to find, and the words (where each stands) of both
_ANEW = """
CREATE VIRTUAL TABLE {index}_anew USING fts5({columns}, content='', tokenize='unicode61 remove_diacritics 2');
INSERT INTO {index}_anew (rowid, {columns}) SELECT id, {columns} FROM {table} WHERE {indexed};
CREATE VIRTUAL TABLE {index}_words USING fts5vocab('{index}', 'instance');
CREATE VIRTUAL TABLE {index}_anew_words USING fts5vocab('{index}_anew', 'instance');
"""


def _search(data: Path) -> list[str]:
    """Whether the search index says what the messages say: on a copy, beside an index made anew."""
    found: list[str] = []
    with TemporaryDirectory() as folder:
        for file in data.glob("agent-console.db*"):
            shutil.copy(file, folder)
        with contextlib.closing(sqlite3.connect(Path(folder) / "agent-console.db")) as copy:
            for index, table, columns, indexed in (
                ("messages_fts", "messages", "text", "text <> ''"),
                ("contacts_fts", "contacts", "name, region", "1"),
            ):
                try:
                    copy.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
                except sqlite3.DatabaseError as error:
                    found.append(f"{index} is damaged: {error}")
                copy.executescript(_ANEW.format(index=index, table=table, columns=columns, indexed=indexed))
                for one, other in (
                    (f"{index}_words", f"{index}_anew_words"),
                    (f"{index}_anew_words", f"{index}_words"),
                ):
                    rows = copy.execute(f"SELECT * FROM {one} EXCEPT SELECT * FROM {other} LIMIT 3").fetchall()
                    if rows:
                        found.append(f"words in {one} and not in {other}: {rows}")
    return found
