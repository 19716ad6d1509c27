"""SQL of the words that messages have: learnt a little at a time, asked for by how they begin."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.json import encode

from server.store.store import Row, Snapshot, Tx


def upto(read: Snapshot) -> int:
    """The id of the last message whose words are known."""
    return int(read.value("SELECT value FROM meta WHERE key = 'words.upto'"))


def following(read: Snapshot, after: int, most: int) -> list[Row]:
    """(id, text) of the next messages, in the order in which they came."""
    return read.all("SELECT id, text FROM messages WHERE id > ? ORDER BY id LIMIT ?", (after, most))


def unknown(read: Snapshot, words: Iterable[str]) -> list[str]:
    """Those of `words` that are not known yet."""
    sql = "SELECT j.value FROM json_each(?) j WHERE NOT EXISTS (SELECT 1 FROM words w WHERE w.word = j.value)"
    return [row[0] for row in read.all(sql, (encode(sorted(words)).decode(),))]


def learn(tx: Tx, words: Iterable[str], last: int, everything: bool) -> None:
    """Know these words, and that they are all of the messages up to `last`. `everything`: there were no more."""
    sql = "INSERT INTO words (word) SELECT value FROM json_each(?) WHERE TRUE ON CONFLICT (word) DO NOTHING"
    tx.run(sql, (encode(sorted(words)).decode(),))
    tx.run("UPDATE meta SET value = ? WHERE key = 'words.upto'", (str(last),))
    if everything:
        tx.run("INSERT INTO meta (key, value) VALUES ('words.known', '1') ON CONFLICT (key) DO NOTHING")
