"""SQL of what is known of the organisation itself."""

from __future__ import annotations

from server.store.store import Snapshot, Tx

_KEYS = ("name", "zone", "country")
#: where numbers without a country's code belong until somebody says otherwise (ISO 3166-1)
COUNTRY = "SV"


def get(read: Snapshot) -> dict[str, str]:
    """`name`, `zone` and `country`, as far as they are set."""
    keys = [f"organisation.{key}" for key in _KEYS]
    rows = read.all("SELECT key, value FROM meta WHERE key IN (?, ?, ?)", keys)
    return {row["key"].removeprefix("organisation."): row["value"] for row in rows}


def put(tx: Tx, changes: dict[str, str]) -> None:
    """Set some of `name`, `zone` and `country`."""
    tx.conn.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [(f"organisation.{key}", changes[key]) for key in _KEYS if key in changes],
    )
