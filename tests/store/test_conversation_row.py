"""What a change of a conversation writes: every column in one way, and those that an index is about only by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from server.store import conversation_row as row
from server.store import conversations
from server.store.store import Snapshot, Store, Tx
from tests.commands.office import Office

#: what never changes, and what merging writes itself
_ONCE = {"id", "created_at", "surface", "merged_into"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def _contact(tx: Tx) -> None:
    tx.run("INSERT INTO contacts (id, name, created_at, updated_at) VALUES (1, 'Ana', 0, 0)")


def _said(store: Store, change: str, value: object) -> list[str]:
    """The statements with which a conversation is saved of which one thing has changed."""

    def work(tx: Tx) -> list[str]:
        conv = conversations.load(tx, 1)
        assert conv is not None
        setattr(conv, change, value)
        said: list[str] = []
        tx.conn.set_trace_callback(said.append)
        conversations.save(tx, conv)
        tx.conn.set_trace_callback(None)
        return said

    return store.write_now("x", work)


def test_every_column_is_written_in_one_way() -> None:
    groups = [*row.QUIET, *row.SERVICE, *row.INDEXED, *_ONCE]
    assert sorted(groups) == sorted(each.name for each in fields(row.Conversation) if each.init)


def test_no_index_is_about_what_is_always_written(office: Office) -> None:
    def indexes(read: Snapshot) -> list[str]:
        found = read.all("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'conversations'")
        return [each["sql"] for each in found]

    words = {word for sql in office.store.read_now(indexes) for word in re.findall(r"\w+", sql)}
    assert "sort_key" in words
    assert not words & {*row.QUIET, *row.SERVICE}


def test_only_what_changed_costs_its_indexes(office: Office) -> None:
    office.store.write_now("x", _contact)
    office.store.write_now("x", lambda tx: conversations.create(tx, 1, 1, 7, "7", None))
    (quiet,) = _said(office.store, "preview", "hola")
    assert not re.search(r"sort_key|state\s*=|waiting_since", quiet)
    (moved,) = _said(office.store, "sla_due_at", 5)
    assert "sort_key=" in moved
    assert not re.search(r"\bstate=|thread=|assignee_id=", moved)
    update, *counts = _said(office.store, "state", "waiting")
    assert "state=" in update
    assert len(counts) == 2


def test_what_is_saved_is_what_is_loaded(office: Office) -> None:
    office.store.write_now("x", _contact)
    made = office.store.write_now("x", lambda tx: conversations.create(tx, 1, 1, 7, "7", None))
    assert office.store.read_now(lambda read: conversations.load(read, made.id)) == made

    def change(tx: Tx) -> row.Conversation:
        conv = conversations.load(tx, made.id)
        assert conv is not None
        conv.stage, conv.state, conv.snoozed_until, conv.sla_due_at = "diagnosis", "snoozed", 9_000, 8_000
        conversations.save(tx, conv)
        return conv

    changed = office.store.write_now("x", change)
    assert office.store.read_now(lambda read: conversations.load(read, made.id)) == changed
    assert changed.snoozed_until == 9_000
