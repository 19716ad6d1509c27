"""The fifteenth set of tables: what searching needs beside the full-text index.

`words` are those that messages have, but for numbers, folded as they are compared, so that the beginning of one leads
to all that begin so; a job learns them. Of the messages up to `meta['words.upto']` they are known already;
`meta['words.known']` is there once that was the whole history.
"""

from __future__ import annotations

V15 = """
CREATE TABLE words (word TEXT PRIMARY KEY);
INSERT INTO meta (key, value) VALUES ('words.upto', '0');
CREATE INDEX identities_value ON identities (value);
"""
