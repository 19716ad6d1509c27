"""The second set of tables: what all channels need beyond the first one."""

from __future__ import annotations

V2 = """
DROP TRIGGER IF EXISTS messages_fts_update_out;
DROP TRIGGER IF EXISTS messages_fts_update_in;
CREATE TRIGGER IF NOT EXISTS messages_fts_update AFTER UPDATE OF text ON messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, text) SELECT 'delete', old.id, old.text WHERE old.text <> '';
    INSERT INTO messages_fts (rowid, text) SELECT new.id, new.text WHERE new.text <> '';
END;
ALTER TABLE conversations ADD COLUMN surface TEXT NOT NULL DEFAULT 'direct';
ALTER TABLE conversations ADD COLUMN merged_into BIGINT;

ALTER TABLE messages ADD COLUMN delivery_id BIGINT;

ALTER TABLE channels ADD COLUMN account_interval_ms BIGINT NOT NULL DEFAULT 0;

ALTER TABLE messages ADD COLUMN home_id BIGINT;
CREATE INDEX conversations_merged ON conversations (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE contacts ADD COLUMN own TEXT NOT NULL DEFAULT '';
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE attachments ADD COLUMN warning TEXT NOT NULL DEFAULT '';

ALTER TABLE identities ADD COLUMN likeness TEXT NOT NULL DEFAULT '';
ALTER TABLE identities ADD COLUMN origin_id BIGINT;
CREATE INDEX identities_likeness ON identities (likeness) WHERE likeness <> '';
UPDATE identities SET origin_id = contact_id;
UPDATE identities SET likeness = 'phone:' || value WHERE kind = 'phone';

CREATE TABLE noted_likenesses (
    likeness TEXT NOT NULL,
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    PRIMARY KEY (likeness, contact_id)
);
CREATE INDEX noted_likenesses_contact ON noted_likenesses (contact_id);

CREATE TABLE different_people (
    one_id BIGINT NOT NULL REFERENCES contacts (id),
    other_id BIGINT NOT NULL REFERENCES contacts (id),
    user_id BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (one_id, other_id)
);
CREATE INDEX different_people_other ON different_people (other_id);

DROP INDEX messages_about;
CREATE INDEX messages_about ON messages (channel_id, reply_to)
    WHERE kind IN ('reaction', 'edit', 'revoke', 'hide', 'unhide', 'delete');

ALTER TABLE attempts ADD COLUMN channel_id BIGINT;
ALTER TABLE attempts ADD COLUMN reason TEXT NOT NULL DEFAULT '';
CREATE INDEX attempts_at ON attempts (at, channel_id, outcome);

ALTER TABLE messages ADD COLUMN dropped_at BIGINT;
CREATE INDEX messages_failed ON messages (id) WHERE status = 'failed' AND dropped_at IS NULL;
CREATE INDEX messages_failed_channel ON messages (channel_id, id) WHERE status = 'failed' AND dropped_at IS NULL;
CREATE INDEX messages_failed_author ON messages (author_id, id) WHERE status = 'failed' AND dropped_at IS NULL;

ALTER TABLE outbox ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN ask_at BIGINT;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (channel_id, due_at) WHERE state = 'queued';
CREATE INDEX outbox_channel ON outbox (channel_id, state, created_at);
CREATE INDEX outbox_unknown ON outbox (message_id) WHERE state = 'unknown';
CREATE INDEX outbox_ask ON outbox (ask_at) WHERE ask_at IS NOT NULL;

CREATE TABLE cursors (channel_id BIGINT PRIMARY KEY, value TEXT NOT NULL, at BIGINT NOT NULL);

CREATE TABLE channel_health (
    channel_id BIGINT PRIMARY KEY,
    failures INTEGER NOT NULL DEFAULT 0,
    openings INTEGER NOT NULL DEFAULT 0,
    opened_at BIGINT,
    paused_until BIGINT,
    pulled_at BIGINT,
    token_expires_at BIGINT,
    checked_at BIGINT
);

CREATE TABLE channel_problems (
    channel_id BIGINT NOT NULL,
    part TEXT NOT NULL,
    problem TEXT NOT NULL,
    detail TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (channel_id, part)
);

CREATE TABLE merges (
    id BIGINT PRIMARY KEY,
    into_id BIGINT NOT NULL REFERENCES contacts (id),
    other_id BIGINT NOT NULL REFERENCES contacts (id),
    proof TEXT NOT NULL CHECK (proof IN ('provider', 'advisor')),
    user_id BIGINT,
    at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX merges_into ON merges (into_id) WHERE undone_at IS NULL;
INSERT INTO merges (id, into_id, other_id, proof, at)
    SELECT id, merged_into, id, 'provider', updated_at FROM contacts WHERE merged_into IS NOT NULL;

CREATE TABLE conversation_merges (
    id BIGINT PRIMARY KEY,
    other_id BIGINT NOT NULL REFERENCES conversations (id),
    into_id BIGINT NOT NULL REFERENCES conversations (id),
    before TEXT NOT NULL,
    user_id BIGINT,
    at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX conversation_merges_other ON conversation_merges (other_id);
CREATE INDEX conversation_merges_into ON conversation_merges (into_id);

CREATE TABLE event_hooks (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    secrets TEXT NOT NULL,
    kinds TEXT NOT NULL DEFAULT '[]',
    active INTEGER NOT NULL DEFAULT 1,
    seq BIGINT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since BIGINT,
    next_at BIGINT,
    problem TEXT NOT NULL DEFAULT '',
    last_ok_at BIGINT,
    created_at BIGINT NOT NULL
);
"""
