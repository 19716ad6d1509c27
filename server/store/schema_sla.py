"""The sixth set of tables: calendars, policies with conditions, several clocks at once, after-hours messages.

`calendars.week` is a list of seven lists of [begin, end] in minutes; `days` are those of single days by date,
`holidays` the names of holidays by date, as computed from country and subdivision for some years (`holidays_until`:
the last). `sla_policies.conditions` is a `server.wire.PolicyWhen` as JSON. A clock ran last since `since_at`, when it
had `left_ms` of its `span_ms` of business time left. `conversations.waiting_since`: since when the customer waits for
an answer; `opened_at`: when that began first, since the beginning or a reopening; `sla_time`: business time of the
clock that is shown, as JSON, where that is not the clock's on the wall. `meta['sla.rules']` changes with every change
of policies and calendars; the open clocks were last computed by `meta['sla.applied']`.
"""

from __future__ import annotations

V6 = """
CREATE TABLE calendars (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    zone TEXT NOT NULL,
    week TEXT NOT NULL,
    days TEXT NOT NULL DEFAULT '{}',
    country TEXT NOT NULL DEFAULT '',
    subdivision TEXT NOT NULL DEFAULT '',
    holidays TEXT NOT NULL DEFAULT '{}',
    holidays_until BIGINT NOT NULL DEFAULT 0,
    is_usual INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE policies (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    conditions TEXT NOT NULL DEFAULT '{}',
    first_response_ms BIGINT,
    next_response_ms BIGINT,
    resolution_ms BIGINT,
    transfer_ms BIGINT,
    warn_percent INTEGER NOT NULL DEFAULT 75,
    pause INTEGER NOT NULL DEFAULT 1,
    calendar_id BIGINT REFERENCES calendars (id),
    is_default INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
INSERT INTO policies (id, name, first_response_ms, next_response_ms, warn_percent, is_default, created_at)
    SELECT id, name, first_response_ms, next_response_ms, warn_percent, is_default, created_at FROM sla_policies;
DROP TABLE sla_policies;
ALTER TABLE policies RENAME TO sla_policies;

ALTER TABLE sla_clocks ADD COLUMN policy_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sla_clocks ADD COLUMN span_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sla_clocks ADD COLUMN since_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sla_clocks ADD COLUMN left_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sla_clocks ADD COLUMN paused_at BIGINT;
ALTER TABLE sla_clocks ADD COLUMN paused_by BIGINT;
UPDATE sla_clocks SET span_ms = due_at - started_at, left_ms = due_at - started_at, since_at = started_at;
DROP INDEX sla_clocks_due;
DROP INDEX sla_clocks_warn;
DROP INDEX sla_clocks_running;
CREATE INDEX sla_clocks_due ON sla_clocks (due_at)
    WHERE stopped_at IS NULL AND breached_at IS NULL AND paused_at IS NULL;
CREATE INDEX sla_clocks_warn ON sla_clocks (warn_at)
    WHERE stopped_at IS NULL AND warned_at IS NULL AND paused_at IS NULL;
CREATE UNIQUE INDEX sla_clocks_running ON sla_clocks (conversation_id, target) WHERE stopped_at IS NULL;

ALTER TABLE conversations ADD COLUMN waiting_since BIGINT;
ALTER TABLE conversations ADD COLUMN opened_at BIGINT;
ALTER TABLE conversations ADD COLUMN sla_time TEXT NOT NULL DEFAULT '';
UPDATE conversations SET waiting_since = sla_started_at WHERE sla_target IS NOT NULL;
CREATE INDEX conversations_unresolved ON conversations (id) WHERE state <> 'resolved';

CREATE TABLE after_hours (
    channel_id BIGINT PRIMARY KEY,
    calendar_id BIGINT NOT NULL REFERENCES calendars (id),
    texts TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE after_hours_told (
    conversation_id BIGINT PRIMARY KEY REFERENCES conversations (id),
    opening BIGINT NOT NULL,
    at BIGINT NOT NULL
);

INSERT INTO meta (key, value) VALUES ('sla.applied', '');
"""
