"""The fifth set of tables: what the rules of service keep with each conversation, and alerts.

`weight` is what a conversation costs of its advisor's capacity, in hundredths of an ordinary one; `open_work.load` is
the sum of it by advisor and state. `paused_at`: since when the clock that is shown stands still.
"""

from __future__ import annotations

V5 = """
ALTER TABLE conversations ADD COLUMN stage TEXT NOT NULL DEFAULT 'welcome';
ALTER TABLE conversations ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN complexity TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN skills TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN campaign_id BIGINT;
ALTER TABLE conversations ADD COLUMN policy_id BIGINT;
ALTER TABLE conversations ADD COLUMN paused_at BIGINT;
ALTER TABLE conversations ADD COLUMN flag TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN flagged_at BIGINT;
ALTER TABLE conversations ADD COLUMN transfer_id BIGINT;
ALTER TABLE conversations ADD COLUMN remind_at BIGINT;
ALTER TABLE conversations ADD COLUMN reviewing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN assigned_at BIGINT;
ALTER TABLE conversations ADD COLUMN weight BIGINT NOT NULL DEFAULT 100;
CREATE INDEX conversations_flagged ON conversations (flagged_at) WHERE flagged_at IS NOT NULL;

ALTER TABLE open_work ADD COLUMN load BIGINT NOT NULL DEFAULT 0;
UPDATE open_work SET load = n * 100;

CREATE TABLE alerts (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    conversation_id BIGINT,
    team_id BIGINT,
    user_id BIGINT,
    level TEXT NOT NULL CHECK (level IN ('advisor', 'supervisor', 'admin')),
    data TEXT NOT NULL DEFAULT '{}',
    raised_at BIGINT NOT NULL,
    escalate_at BIGINT,
    ended_at BIGINT,
    ended_by TEXT NOT NULL DEFAULT '',
    how TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, about) WHERE ended_at IS NULL;
CREATE INDEX alerts_shown ON alerts (id) WHERE ended_at IS NULL;
CREATE INDEX alerts_escalate ON alerts (escalate_at) WHERE ended_at IS NULL AND escalate_at IS NOT NULL;
"""
