"""The tables, as numbered migrations. Portable SQL: what SQLite 3.40 and PostgreSQL 14 both understand.

Integers are UTC milliseconds or app-made ids, booleans are 0/1, structured data is JSON in TEXT. No sequences, no
AUTOINCREMENT. `FTS` is SQLite's own and stands apart, because PostgreSQL has its own full-text search.

`conversations.sort_key` orders every view ascending: a running SLA clock's due time comes first, then conversations
without a clock (newest activity first), then resolved ones (newest first); see `server.desk.inbox`.
"""

from __future__ import annotations

import uuid

from sqlite_utils import Database, Migrations

from server.store.schema_automation import V12
from server.store.schema_availability import V8
from server.store.schema_channels import V2
from server.store.schema_kept import V14
from server.store.schema_protocol import V10
from server.store.schema_reminders import V11
from server.store.schema_review import V13
from server.store.schema_routing import V7
from server.store.schema_search import V15
from server.store.schema_service import V5
from server.store.schema_sla import V6
from server.store.schema_templates import V4
from server.store.schema_transfers import V9
from server.store.schema_work import V3

V1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);

CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('advisor', 'supervisor', 'admin')),
    password_hash TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT 'es',
    active INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL
);

CREATE TABLE teams (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at BIGINT NOT NULL);

CREATE TABLE team_members (
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, user_id)
);

CREATE TABLE tokens (
    hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE channels (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT '{}',
    secrets TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 1,
    removed_at BIGINT,
    team_id BIGINT REFERENCES teams (id) ON DELETE SET NULL,
    window_ms BIGINT,
    pair_interval_ms BIGINT NOT NULL DEFAULT 0,
    last_in_at BIGINT,
    last_out_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE contacts (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    region TEXT NOT NULL DEFAULT '',
    attributes TEXT NOT NULL DEFAULT '{}',
    merged_into BIGINT REFERENCES contacts (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE identities (
    id BIGINT PRIMARY KEY,
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    handle_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (channel_id, kind, value)
);
CREATE INDEX identities_contact ON identities (contact_id);
CREATE INDEX identities_handle ON identities (handle_id);

CREATE TABLE conversations (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 1,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    handle_id BIGINT NOT NULL,
    thread TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('bot', 'queued', 'open', 'waiting', 'snoozed', 'resolved')),
    priority TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    team_id BIGINT REFERENCES teams (id) ON DELETE SET NULL,
    assignee_id BIGINT REFERENCES users (id),
    subject TEXT NOT NULL DEFAULT '',
    campaign TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    preview TEXT NOT NULL DEFAULT '',
    preview_kind TEXT NOT NULL DEFAULT 'text',
    preview_direction TEXT NOT NULL DEFAULT 'in',
    preview_author TEXT NOT NULL DEFAULT '',
    inbound BIGINT NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    last_in_at BIGINT,
    window_from BIGINT,
    first_reply_at BIGINT,
    resolved_at BIGINT,
    sla_target TEXT,
    sla_started_at BIGINT,
    sla_warn_at BIGINT,
    sla_due_at BIGINT,
    sort_key BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversations_one_open ON conversations (channel_id, thread) WHERE state <> 'resolved';
CREATE INDEX conversations_thread ON conversations (channel_id, thread, id);
CREATE INDEX conversations_sort ON conversations (sort_key, id);
CREATE INDEX conversations_assignee ON conversations (assignee_id, sort_key, id);
CREATE INDEX conversations_channel ON conversations (channel_id, sort_key, id) WHERE state <> 'resolved';
CREATE INDEX conversations_team ON conversations (team_id, sort_key, id) WHERE state <> 'resolved';
CREATE INDEX conversations_waiting ON conversations (sort_key, id) WHERE state = 'waiting';
CREATE INDEX conversations_contact ON conversations (contact_id, id);

CREATE TABLE open_work (
    assignee_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (assignee_id, state)
);

CREATE TABLE messages (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 1,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out', 'note')),
    kind TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT '',
    author_id BIGINT REFERENCES users (id),
    via TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    status_at BIGINT,
    external_id TEXT,
    client_ref TEXT,
    reply_to TEXT NOT NULL DEFAULT '',
    reactions TEXT NOT NULL DEFAULT '',
    edited_at BIGINT,
    revoked_at BIGINT,
    failure TEXT NOT NULL DEFAULT '',
    failure_detail TEXT NOT NULL DEFAULT '',
    files INTEGER NOT NULL DEFAULT 0,
    UNIQUE (channel_id, external_id)
);
CREATE INDEX messages_about ON messages (channel_id, reply_to) WHERE kind IN ('reaction', 'edit', 'revoke');
CREATE INDEX messages_conversation ON messages (conversation_id, id);
CREATE UNIQUE INDEX messages_client_ref ON messages (client_ref) WHERE client_ref IS NOT NULL;

CREATE TABLE attachments (
    id BIGINT PRIMARY KEY,
    message_id BIGINT REFERENCES messages (id),
    channel_id BIGINT REFERENCES channels (id),
    kind TEXT NOT NULL,
    mime TEXT NOT NULL DEFAULT '',
    file_name TEXT NOT NULL DEFAULT '',
    size BIGINT,
    claimed_sha256 TEXT NOT NULL DEFAULT '',
    provider_id TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('pending', 'fetching', 'stored', 'failed', 'refused')),
    error TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT,
    uploader_id BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX attachments_message ON attachments (message_id);
CREATE INDEX attachments_due ON attachments (due_at) WHERE state IN ('pending', 'fetching');

CREATE TABLE receipts (
    channel_id BIGINT NOT NULL,
    external_id TEXT NOT NULL,
    status TEXT NOT NULL,
    at BIGINT NOT NULL,
    client_ref TEXT NOT NULL DEFAULT '',
    failure TEXT NOT NULL DEFAULT '',
    failure_detail TEXT NOT NULL DEFAULT '',
    received_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, external_id, status)
);

CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    received_at BIGINT NOT NULL,
    digest TEXT NOT NULL,
    body BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'partial', 'failed')),
    error TEXT NOT NULL DEFAULT '',
    offered BIGINT NOT NULL DEFAULT 1,
    UNIQUE (channel_id, digest)
);
CREATE INDEX deliveries_bad ON deliveries (state, id) WHERE state <> 'done';

CREATE TABLE events (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    conversation_id BIGINT,
    actor TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX events_conversation ON events (conversation_id, seq) WHERE conversation_id IS NOT NULL;

CREATE TABLE outbox (
    message_id BIGINT PRIMARY KEY REFERENCES messages (id),
    conversation_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    recipient BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown')),
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until BIGINT
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_conversation ON outbox (conversation_id, message_id);

CREATE TABLE attempts (
    message_id BIGINT NOT NULL,
    n INTEGER NOT NULL,
    at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, n)
);

CREATE TABLE pacing (
    channel_id BIGINT NOT NULL,
    recipient BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, recipient)
);

CREATE TABLE sla_policies (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    first_response_ms BIGINT NOT NULL,
    next_response_ms BIGINT NOT NULL,
    warn_percent INTEGER NOT NULL DEFAULT 75,
    is_default INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE sla_clocks (
    id BIGINT PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    target TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    warn_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    warned_at BIGINT,
    breached_at BIGINT,
    stopped_at BIGINT,
    outcome TEXT NOT NULL DEFAULT '',
    stopped_by BIGINT
);
CREATE INDEX sla_clocks_due ON sla_clocks (due_at) WHERE stopped_at IS NULL AND breached_at IS NULL;
CREATE INDEX sla_clocks_warn ON sla_clocks (warn_at) WHERE stopped_at IS NULL AND warned_at IS NULL;
CREATE UNIQUE INDEX sla_clocks_running ON sla_clocks (conversation_id) WHERE stopped_at IS NULL;
CREATE INDEX sla_clocks_stopped_by ON sla_clocks (stopped_by) WHERE stopped_by IS NOT NULL;

CREATE TABLE idempotency (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE last_seen (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    inbound BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
);

CREATE TABLE drafts (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
);
"""

#: SQLite's full-text index. External content, so that a deleted or changed text leaves the index with its row.
FTS = """
CREATE VIRTUAL TABLE messages_fts USING fts5(
    text, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages WHEN new.text <> '' BEGIN
    INSERT INTO messages_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages WHEN old.text <> '' BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER messages_fts_update AFTER UPDATE OF text ON messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, text) SELECT 'delete', old.id, old.text WHERE old.text <> '';
    INSERT INTO messages_fts (rowid, text) SELECT new.id, new.text WHERE new.text <> '';
END;
CREATE VIRTUAL TABLE contacts_fts USING fts5(
    name, region, content='contacts', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
CREATE TRIGGER contacts_fts_insert AFTER INSERT ON contacts BEGIN
    INSERT INTO contacts_fts (rowid, name, region) VALUES (new.id, new.name, new.region);
END;
CREATE TRIGGER contacts_fts_delete AFTER DELETE ON contacts BEGIN
    INSERT INTO contacts_fts (contacts_fts, rowid, name, region)
    VALUES ('delete', old.id, old.name, old.region);
END;
CREATE TRIGGER contacts_fts_update AFTER UPDATE OF name, region ON contacts BEGIN
    INSERT INTO contacts_fts (contacts_fts, rowid, name, region)
    VALUES ('delete', old.id, old.name, old.region);
    INSERT INTO contacts_fts (rowid, name, region) VALUES (new.id, new.name, new.region);
END;
"""

migrations = Migrations("agent_console")


def statements(script: str) -> list[str]:
    """Split a script of ours into statements: they end at a line ending in `;` outside a trigger body."""
    found: list[str] = []
    lines: list[str] = []
    in_trigger = False
    for line in script.splitlines():
        if not line.strip():
            continue
        lines.append(line)
        in_trigger = in_trigger or line.startswith("CREATE TRIGGER")
        if line.rstrip().endswith(";") and (not in_trigger or line.startswith("END;")):
            found.append("\n".join(lines))
            lines, in_trigger = [], False
    return found


@migrations()
def v1_tables(db: Database) -> None:
    for statement in statements(V1):
        # In SQLite only the exact type INTEGER makes `id` the row's own key instead of a second index.
        db.execute(statement.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB"))


@migrations()
def v1_full_text(db: Database) -> None:
    for statement in statements(FTS):
        db.execute(statement)


@migrations()
def v2_channels(db: Database) -> None:
    for statement in statements(V2):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v3_work(db: Database) -> None:
    for statement in statements(V3):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v4_templates(db: Database) -> None:
    for statement in statements(V4):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v5_service(db: Database) -> None:
    for statement in statements(V5):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v9_transfers(db: Database) -> None:
    for statement in statements(V9):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v11_reminders(db: Database) -> None:
    for statement in statements(V11):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v7_routing(db: Database) -> None:
    for statement in statements(V7):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v12_automation(db: Database) -> None:
    for statement in statements(V12):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v10_protocol(db: Database) -> None:
    for statement in statements(V10):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v8_availability(db: Database) -> None:
    for statement in statements(V8):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v6_sla(db: Database) -> None:
    for statement in statements(V6):
        db.execute(statement.replace("BIGINT", "INTEGER"))
    db.execute("INSERT INTO meta (key, value) VALUES ('sla.rules', ?)", (uuid.uuid4().hex,))


@migrations()
def v13_review(db: Database) -> None:
    for statement in statements(V13):
        db.execute(statement.replace("BIGINT", "INTEGER"))


@migrations()
def v14_kept(db: Database) -> None:
    for statement in statements(V14):
        db.execute(statement)


@migrations()
def v15_search(db: Database) -> None:
    for statement in statements(V15):
        db.execute(statement)
