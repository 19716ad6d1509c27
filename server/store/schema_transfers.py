"""The tables of transfers: conversations offered to somebody with their context, and questions put to a colleague.

`from_id`: who offers or asks. `ping_pong`: accepting it brought the conversation back to somebody who had handed it on
before. `note_id`: of a consult, the note with the question; `answer_id`, the note with the answer.
"""

from __future__ import annotations

V9 = """
CREATE TABLE transfers (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('transfer', 'consult')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'expired', 'withdrawn')),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    from_id BIGINT NOT NULL REFERENCES users (id),
    to_user_id BIGINT REFERENCES users (id),
    to_team_id BIGINT REFERENCES teams (id) ON DELETE SET NULL,
    to_team TEXT NOT NULL DEFAULT '',
    responsible_id BIGINT NOT NULL REFERENCES users (id),
    reason TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '',
    promised TEXT NOT NULL DEFAULT '',
    mood TEXT NOT NULL DEFAULT '',
    tell_customer INTEGER NOT NULL DEFAULT 0,
    told TEXT NOT NULL DEFAULT '',
    ping_pong INTEGER NOT NULL DEFAULT 0,
    note_id BIGINT,
    answer_id BIGINT,
    made_at BIGINT NOT NULL,
    expires_at BIGINT,
    answered_at BIGINT,
    answered_by BIGINT REFERENCES users (id),
    decline_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX transfers_one ON transfers (conversation_id) WHERE state = 'pending' AND kind = 'transfer';
CREATE UNIQUE INDEX transfers_one_consult ON transfers (conversation_id, to_user_id)
    WHERE state = 'pending' AND kind = 'consult';
CREATE INDEX transfers_conversation ON transfers (conversation_id, id);
CREATE INDEX transfers_expire ON transfers (expires_at) WHERE state = 'pending' AND expires_at IS NOT NULL;
CREATE INDEX transfers_pending ON transfers (id) WHERE state = 'pending';
"""
