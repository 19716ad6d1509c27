"""The eleventh set of tables: reminders, promises and callbacks; and notes that only some may read.

`reminders.told_at`: when its owner was told that it is due; `late_at`: when it was counted as late. Both are taken back
when it is moved. `conversations.reminded_at`: the moment of the earliest reminder that is due and not done, by which
the conversation stands among those whose time runs out. `whispers` holds who may read which note besides supervisors.
"""

from __future__ import annotations

V11 = """
CREATE TABLE reminders (
    id BIGINT PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    user_id BIGINT REFERENCES users (id),
    team_id BIGINT REFERENCES teams (id) ON DELETE SET NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reminder', 'promise', 'callback')),
    text TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    due_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    told_at BIGINT,
    late_at BIGINT,
    done_at BIGINT,
    done_by TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    cancelled_at BIGINT
);
CREATE INDEX reminders_open ON reminders (due_at, id) WHERE done_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX reminders_untold ON reminders (due_at, id)
    WHERE told_at IS NULL AND done_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX reminders_unlate ON reminders (due_at, id)
    WHERE late_at IS NULL AND done_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX reminders_user ON reminders (user_id, due_at, id) WHERE done_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX reminders_team ON reminders (team_id, due_at, id)
    WHERE user_id IS NULL AND done_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX reminders_conversation ON reminders (conversation_id, id);

ALTER TABLE conversations ADD COLUMN reminded_at BIGINT;

CREATE TABLE whispers (
    message_id BIGINT PRIMARY KEY REFERENCES messages (id),
    to_id BIGINT NOT NULL REFERENCES users (id),
    author_id BIGINT NOT NULL REFERENCES users (id)
);
"""
