"""The writer answers after the commit, keeps commands apart, and says so plainly when the disk is full."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from server.store import engine
from server.store.ids import TimeOrderedIds, time_of
from server.store.schema import migrations, statements
from server.store.secrets import KeyLost, SecretBox
from server.store.store import Store, Tx, Unavailable


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def heads(store: Store) -> list[int]:
    return store.read_now(lambda read: [row["seq"] for row in read.all("SELECT seq FROM events ORDER BY seq")])


def emit(tx: Tx) -> None:
    tx.emit("test.happened", None, n=1)


def fail(tx: Tx) -> NoReturn:
    tx.emit("test.happened", None, n=2)
    raise ValueError("no")


async def test_one_refused_command_takes_no_neighbour_with_it(store: Store) -> None:
    works = [emit, fail, emit, fail, emit]
    answers = await asyncio.gather(*(store.write("system", work) for work in works), return_exceptions=True)
    assert [type(a) for a in answers] == [type(None), ValueError, type(None), ValueError, type(None)]
    assert heads(store) == [1, 2, 3]


async def test_listeners_hear_of_commits_and_only_of_their_kinds(store: Store) -> None:
    heard: list[tuple[str, int]] = []
    store.on_commit(lambda seq: heard.append(("all", seq)))
    store.on_commit(lambda seq: heard.append(("other", seq)), frozenset({"other.kind"}))
    await store.write("system", emit)
    await store.write("system", lambda tx: tx.emit("other.kind"))
    await store.write("system", lambda tx: None)
    assert heard == [("all", 1), ("all", 2), ("other", 2)]


async def test_a_full_disk_is_unavailable_and_nothing_is_half_done(store: Store) -> None:
    await store.write("system", emit)
    pages = store.writing.execute("PRAGMA page_count").fetchone()[0]
    store.writing.execute(f"PRAGMA max_page_count = {pages + 3}")

    def much(tx: Tx) -> None:
        for n in range(100):
            tx.emit("test.happened", None, text=f"{n}" * 2000)

    answers = await asyncio.gather(
        *(store.write("system", work) for work in (emit, much, emit)), return_exceptions=True
    )
    assert any(isinstance(answer, Unavailable) for answer in answers)
    store.writing.execute("PRAGMA max_page_count = 1000000")
    await store.write("system", emit)
    seqs = heads(store)
    assert seqs == list(range(1, len(seqs) + 1))
    done = 2 + sum(1 for answer in answers if answer is None)
    assert len(seqs) == done


async def test_a_wrong_statement_fails_alone(store: Store) -> None:
    def wrong(tx: Tx) -> None:
        tx.run("SELECT no_such_column FROM events")

    answers = await asyncio.gather(
        *(store.write("system", work) for work in (emit, wrong, emit)), return_exceptions=True
    )
    assert [type(a) for a in answers] == [type(None), sqlite3.OperationalError, type(None)]


def test_closed_it_takes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.close()
    with pytest.raises(Unavailable):
        store.write_now("system", emit)


def test_one_server_at_a_time(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(Unavailable, match="in use"):
        Store(tmp_path)
    store.close()
    Store(tmp_path).close()


def test_opened_again_it_goes_on_where_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write_now("system", emit)
    epoch = store.epoch
    store.close()
    store = Store(tmp_path)
    store.write_now("system", emit)
    assert heads(store) == [1, 2] and store.epoch == epoch
    store.close()


def test_readers_cannot_write(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.read_now(lambda read: read.conn.execute("DELETE FROM events"))
    store.close()


def test_only_the_owner_can_read_what_is_stored(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    Store(folder).close()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes["data"] == 0o700 and modes["secret.key"] == 0o600 and modes["agent-console.db"] == 0o600


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 40, 1), True),
        ((3, 44, 6), False),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_which_versions_have_the_wal_reset_fault(version: tuple[int, int, int], faulty: bool) -> None:
    assert engine.wal_reset_fault(version) is faulty


def test_erased_text_leaves_the_index(store: Store) -> None:
    def put(tx: Tx) -> None:
        tx.run("INSERT INTO contacts (id, name, created_at, updated_at) VALUES (1, 'Águeda', 0, 0)")

    def hits() -> int:
        sql = "SELECT count(*) FROM contacts_fts WHERE contacts_fts MATCH 'agueda'"
        return int(store.read_now(lambda read: read.value(sql)))

    store.write_now("system", put)
    assert hits() == 1
    store.write_now("system", lambda tx: tx.run("UPDATE contacts SET name = '' WHERE id = 1"))
    assert hits() == 0


def test_ids_grow_whatever_the_clock_does() -> None:
    ids = TimeOrderedIds()
    times = [1_795_000_000_000] * 5000 + [1_794_000_000_000, 1_796_000_000_000]
    made = [ids.next(now) for now in times]
    assert made == sorted(set(made)) and made[-1] < 2**53
    assert time_of(made[-1]) == 1_796_000_000_000


def test_secrets_open_only_with_their_key(tmp_path: Path) -> None:
    box = SecretBox.load(tmp_path / "a.key")
    sealed = box.seal({"access_token": "EAAG…"})
    assert "EAAG" not in sealed
    assert SecretBox.load(tmp_path / "a.key").open(sealed) == {"access_token": "EAAG…"}
    with pytest.raises(KeyLost):
        SecretBox.load(tmp_path / "b.key").open(sealed)


def test_migrations_are_applied_once_and_split_into_statements(store: Store) -> None:
    from sqlite_utils import Database

    assert migrations.pending(Database(store.writing)) == []
    assert statements("CREATE TABLE a (x);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM a;\nEND;\n") == [
        "CREATE TABLE a (x);",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM a;\nEND;",
    ]
