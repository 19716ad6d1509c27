"""The seventh set of tables: where conversations go, and the campaigns that bring them.

`conditions` is a `server.wire.RouteWhen` as JSON; `skills` are divided by spaces; lists of texts and `greeting` are
JSON. A campaign that was removed stays, for the conversations that it brought.
"""

from __future__ import annotations

V7 = """
CREATE TABLE routes (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    place BIGINT NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 1,
    conditions TEXT NOT NULL DEFAULT '{}',
    team_id BIGINT REFERENCES teams (id) ON DELETE SET NULL,
    skills TEXT NOT NULL DEFAULT '',
    priority TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    language TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

CREATE TABLE campaigns (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    sources TEXT NOT NULL DEFAULT '[]',
    refs TEXT NOT NULL DEFAULT '[]',
    words TEXT NOT NULL DEFAULT '[]',
    channel TEXT NOT NULL DEFAULT '',
    starts_at BIGINT,
    ends_at BIGINT,
    team_id BIGINT REFERENCES teams (id) ON DELETE SET NULL,
    skills TEXT NOT NULL DEFAULT '',
    priority TEXT NOT NULL DEFAULT '',
    greeting TEXT NOT NULL DEFAULT '{}',
    policy TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE UNIQUE INDEX campaigns_name ON campaigns (name) WHERE removed_at IS NULL;
CREATE INDEX conversations_campaign ON conversations (campaign_id)
    WHERE campaign_id IS NOT NULL AND state <> 'resolved';
"""
