"""A store of the first schema in which contacts were merged is understood by the second one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from server.store import merges, schema
from server.store.store import Store


def first_schema(path: Path) -> sqlite3.Connection:
    """A store as the first version left it, with two contacts that the provider had proven to be one."""
    conn = sqlite3.connect(path)
    schema.migrations.apply(Database(conn), stop_before="v2_channels")
    with conn:
        for id, into in ((1, None), (2, 1)):
            conn.execute("INSERT INTO contacts VALUES (?, ?, '', '', '{}', ?, 5, 6)", (id, f"Ana {id}", into))
        conn.execute("INSERT INTO channels (id, kind, name, created_at) VALUES (1, 'whatsapp', 'wa', 0)")
        for id, kind, value in ((1, "phone", "50370000001"), (2, "bsuid", "SV.1")):
            conn.execute("INSERT INTO identities VALUES (?, 1, 1, 7, ?, ?, 5)", (id, kind, value))
    return conn


def test_contacts_that_were_merged_stay_one(tmp_path: Path) -> None:
    first_schema(tmp_path / "agent-console.db").close()
    store = Store(tmp_path, clock=lambda: 1_795_000_000_000)
    try:
        [made] = store.read_now(lambda read: merges.of_contact(read, 1))
        assert (made.contact, made.name, made.proof) == (2, "Ana 2", "provider")
        rows = store.read_now(lambda read: read.all("SELECT origin_id, likeness FROM identities ORDER BY id"))
        assert [tuple(row) for row in rows] == [(1, "phone:50370000001"), (1, "")]
        assert store.read_now(lambda read: merges.live(read, 2)["id"]) == 1  # type: ignore[index]
    finally:
        store.close()
