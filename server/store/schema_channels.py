"""The second set of tables: what all channels need beyond the first one."""

from __future__ import annotations

V2 = """
ALTER TABLE conversations ADD COLUMN surface TEXT NOT NULL DEFAULT 'direct';
ALTER TABLE conversations ADD COLUMN merged_into BIGINT;

ALTER TABLE messages ADD COLUMN delivery_id BIGINT;

ALTER TABLE channels ADD COLUMN account_interval_ms BIGINT NOT NULL DEFAULT 0;

ALTER TABLE identities ADD COLUMN likeness TEXT NOT NULL DEFAULT '';
CREATE INDEX identities_likeness ON identities (likeness) WHERE likeness <> '';
UPDATE identities SET likeness = 'phone:' || value WHERE kind = 'phone';

DROP INDEX messages_about;
CREATE INDEX messages_about ON messages (channel_id, reply_to)
    WHERE kind IN ('reaction', 'edit', 'revoke', 'hide', 'unhide', 'delete');

CREATE INDEX attempts_at ON attempts (at);

CREATE TABLE cursors (channel_id BIGINT PRIMARY KEY, value TEXT NOT NULL, at BIGINT NOT NULL);

CREATE TABLE channel_health (
    channel_id BIGINT PRIMARY KEY,
    problem TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    since BIGINT,
    failures INTEGER NOT NULL DEFAULT 0,
    paused_until BIGINT,
    pulled_at BIGINT,
    token_expires_at BIGINT,
    checked_at BIGINT
);

CREATE TABLE merges (
    id BIGINT PRIMARY KEY,
    into_id BIGINT NOT NULL REFERENCES contacts (id),
    other_id BIGINT NOT NULL REFERENCES contacts (id),
    handles TEXT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT,
    undone_at BIGINT
);
CREATE INDEX merges_into ON merges (into_id, id);

CREATE TABLE event_hooks (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    secrets TEXT NOT NULL,
    kinds TEXT NOT NULL DEFAULT '[]',
    active INTEGER NOT NULL DEFAULT 1,
    seq BIGINT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    next_at BIGINT,
    problem TEXT NOT NULL DEFAULT '',
    last_ok_at BIGINT,
    created_at BIGINT NOT NULL
);
"""
