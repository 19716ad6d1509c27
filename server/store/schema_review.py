"""The tables of reviews: each team's rule (`content`: a `server.wire.ReviewRule`), and the answers that wait or waited.

`reviews.team_id`: whose rule made it wait. `original`: the author's text where the reviewer sent another.
"""

from __future__ import annotations

V13 = """
CREATE TABLE review_rules (
    team_id BIGINT PRIMARY KEY REFERENCES teams (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE reviews (
    message_id BIGINT PRIMARY KEY REFERENCES messages (id),
    team_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL REFERENCES users (id),
    why TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'edited', 'returned', 'withdrawn')),
    requested_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    late_at BIGINT,
    decided_at BIGINT,
    decided_by TEXT NOT NULL DEFAULT '',
    remark TEXT NOT NULL DEFAULT '',
    original TEXT NOT NULL DEFAULT ''
);
CREATE INDEX reviews_pending ON reviews (due_at, message_id) WHERE state = 'pending';
CREATE INDEX reviews_late ON reviews (due_at) WHERE state = 'pending' AND late_at IS NULL;
"""
