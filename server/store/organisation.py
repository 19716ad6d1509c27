"""SQL of what is known of the organisation itself."""

from __future__ import annotations

from server.store.store import Snapshot, Tx

_KEYS = ("name", "zone")


def get(read: Snapshot) -> dict[str, str]:
    """`name` and `zone`, as far as they are set."""
    rows = read.all("SELECT key, value FROM meta WHERE key IN ('organisation.name', 'organisation.zone')")
    return {row["key"].removeprefix("organisation."): row["value"] for row in rows}


def put(tx: Tx, changes: dict[str, str]) -> None:
    """Set some of `name` and `zone`."""
    tx.conn.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [(f"organisation.{key}", changes[key]) for key in _KEYS if key in changes],
    )
