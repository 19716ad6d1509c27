"""The tables of automation.

`rules.content` is the rule as one document (`server.wire.NewRule`). A rule minds events after `from_seq`; a time-based
one has fired for every wait up to (`waited_at`, `waited_id`). `rule_firings` holds the last hour only, for the limit
on how often; `rule_waits` says for each open conversation who waits for whom since when (side: `waits`, the customer
for us; `silent`, we for the customer), and is kept only while a rule asks for it.
"""

from __future__ import annotations

V12 = """
CREATE TABLE rules (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    place BIGINT NOT NULL DEFAULT 100,
    active INTEGER NOT NULL DEFAULT 0,
    from_seq BIGINT NOT NULL DEFAULT 0,
    waited_at BIGINT NOT NULL DEFAULT 0,
    waited_id BIGINT NOT NULL DEFAULT 0,
    last_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE rule_firings (
    rule_id BIGINT NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
    conversation_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    limited INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX rule_firings_often ON rule_firings (rule_id, conversation_id, at);
CREATE INDEX rule_firings_at ON rule_firings (at);

CREATE TABLE rule_days (
    rule_id BIGINT NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    fired BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    limited BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (rule_id, day)
);

CREATE TABLE rule_waits (
    conversation_id BIGINT PRIMARY KEY,
    side TEXT NOT NULL CHECK (side IN ('waits', 'silent')),
    since BIGINT NOT NULL
);
CREATE INDEX rule_waits_since ON rule_waits (side, since, conversation_id);
"""
