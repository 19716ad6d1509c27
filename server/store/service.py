"""SQL of the organisation's service settings: one value, as JSON."""

from __future__ import annotations

import msgspec

from server.store.kept import Kept
from server.store.store import Snapshot, Tx
from server.wire import ServiceSettings

_KEY = "service"
_decode = msgspec.json.Decoder(ServiceSettings).decode


def _settings(read: Snapshot) -> ServiceSettings:
    value = read.value("SELECT value FROM meta WHERE key = ?", (_KEY,))
    return ServiceSettings() if value is None else _decode(value)


#: what the rules of service go by now
settings = Kept(_settings)


def put(tx: Tx, settings: ServiceSettings) -> None:
    tx.run(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_KEY, msgspec.json.encode(settings).decode()),
    )
