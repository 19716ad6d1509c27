"""The eighth set of tables: who is there, what they can take, and how each team gives its work out.

`availability` has a line for everybody of whom it was ever known whether they are there. `chosen`: somebody
(`told_by`) said so, it was not the rules. `console`: a console of theirs is connected; `gone_at`: since when
none is. `absent_at`: since when they are away or offline; `leave_at`: when their open work is looked at next.
`assigned_at`: when they last got a conversation. `stranded_queues` keeps since when a queue has had nobody who could
take from it, and whether that was told (`alarm`); team 0 stands for none.
"""

from __future__ import annotations

V8 = """
CREATE TABLE availability (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    state TEXT NOT NULL DEFAULT 'offline' CHECK (state IN ('online', 'busy', 'away', 'offline')),
    since BIGINT NOT NULL,
    back_at BIGINT,
    told_by TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT '',
    chosen INTEGER NOT NULL DEFAULT 0,
    console INTEGER NOT NULL DEFAULT 0,
    gone_at BIGINT,
    absent_at BIGINT,
    leave_at BIGINT,
    assigned_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX availability_leave ON availability (leave_at) WHERE leave_at IS NOT NULL;

ALTER TABLE users ADD COLUMN skills TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN capacity BIGINT;

ALTER TABLE teams ADD COLUMN assignment TEXT NOT NULL DEFAULT 'pull';
ALTER TABLE teams ADD COLUMN on_leave TEXT NOT NULL DEFAULT 'keep';
ALTER TABLE teams ADD COLUMN leave_after_ms BIGINT NOT NULL DEFAULT 900000;
ALTER TABLE teams ADD COLUMN duty_id BIGINT REFERENCES users (id) ON DELETE SET NULL;

CREATE INDEX team_members_user ON team_members (user_id);
CREATE INDEX conversations_queue ON conversations (team_id, skills, sort_key, id)
    WHERE state = 'queued' AND assignee_id IS NULL AND transfer_id IS NULL;

CREATE TABLE stranded_queues (
    team_id BIGINT NOT NULL,
    skills TEXT NOT NULL,
    since BIGINT NOT NULL,
    alarm TEXT NOT NULL DEFAULT '' CHECK (alarm IN ('', 'raised', 'moved')),
    PRIMARY KEY (team_id, skills)
);
"""
