"""The tenth set of tables: topics, what each team's protocol asks for, what was ticked, and how conversations ended.

`protocols.content` is a `wire.ProtocolContent` as JSON, `topics.content` a `wire.TopicContent`. Amounts are in cents.
"""

from __future__ import annotations

V10 = """
CREATE TABLE topics (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    plain TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    team_id BIGINT REFERENCES teams (id) ON DELETE SET NULL,
    uses BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE protocols (
    team_id BIGINT PRIMARY KEY REFERENCES teams (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE ticks (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    item TEXT NOT NULL,
    user_id BIGINT REFERENCES users (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, item)
);

CREATE TABLE endings (
    conversation_id BIGINT PRIMARY KEY REFERENCES conversations (id),
    amount BIGINT,
    currency TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    user_id BIGINT REFERENCES users (id),
    at BIGINT NOT NULL
);

UPDATE conversations SET stage = 'closure' WHERE state = 'resolved';
UPDATE conversations SET stage = 'diagnosis' WHERE state <> 'resolved' AND first_reply_at IS NOT NULL;
"""
