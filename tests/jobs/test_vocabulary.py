"""The words of messages are learnt: those of the whole history once, those that come as they come."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from server.commands import vocabulary
from server.commands.inbox import ListConversations
from server.jobs.vocabulary import Vocabulary
from tests.commands.office import Office, says


async def knows(office: Office, *words: str) -> None:
    """Wait until these words are known."""

    def known() -> set[str]:
        return office.store.read_now(lambda read: {row["word"] for row in read.all("SELECT word FROM words")})

    async with asyncio.timeout(20):
        while not known() >= set(words):
            await asyncio.sleep(0.01)


def without_words(path: Path) -> None:
    """The store as the version before left it."""
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("DROP TABLE words")
        conn.execute("DROP INDEX identities_value")
        conn.execute("DELETE FROM meta WHERE key LIKE 'words.%'")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'v15_search'")


async def test_the_history_of_an_earlier_version_is_learnt(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.take_in(says("w1", "mi tarjeta"))
    office.close()
    without_words(tmp_path / "agent-console.db")
    office = Office(tmp_path)
    job = Vocabulary(office.door)
    try:

        def found(text: str) -> int:
            return len(office.ask(office.ana, ListConversations(q=text)).items)

        assert (found("tarj"), found("from:50370000001")) == (1, 1), "at once"
        job.start()
        await knows(office, "tarjeta")
        assert found("tarj") == 1
    finally:
        await job.stop()
        office.close()


async def test_a_long_history_and_what_comes_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST", 3)
    monkeypatch.setattr(Vocabulary, "rest", 0.0)
    office = Office(tmp_path)
    for n, text in enumerate(("Buenos días", "crédito", "", "caso 4711", "línea", "crédito", "tarjetahabiente")):
        office.take_in(says(f"w{n}", text))
    job = Vocabulary(office.door)
    try:
        job.start()
        await knows(office, "buenos", "dias", "credito", "caso", "linea", "tarjetahabiente")
        office.take_in(says("w9", "quiero refinanciamiento"))
        await knows(office, "refinanciamiento")
        for text, count in (("refinan", 1), ("TARJETAH", 1), ("créd", 1), ("4711", 1), ("zapa", 0)):
            assert len(office.ask(office.ana, ListConversations(q=text)).items) == count, text
        assert office.store.read_now(lambda read: read.value("SELECT count(*) FROM words WHERE word = '4711'")) == 0
    finally:
        await job.stop()
        office.close()
