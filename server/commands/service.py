"""The organisation's service settings."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from server import wire
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.store import people, service
from server.store.store import Snapshot, Tx

#: no length of time in the settings is longer (ms)
LONGEST = 366 * 24 * 3_600_000


class GetServiceSettings(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.ServiceSettings:
        return service.settings(read)


class UpdateServiceSettings(Command, kw_only=True):
    """Change some settings. Refused (422 bad_setting) for a name or value that does not exist."""

    needs: ClassVar[Need] = "admin"

    change: wire.ChangeServiceSettings

    def run(self, tx: Tx, actor: Actor) -> wire.ServiceSettings:
        known = msgspec.to_builtins(service.settings(tx))
        fresh = msgspec.to_builtins(wire.ServiceSettings())
        for name, value in self.change.change.items():
            if name not in known:
                raise Refusal(422, "bad_setting", setting=name[:60])
            known[name] = fresh[name] if value is None else value
            _check(tx, name, known[name])
        try:
            settings = msgspec.convert(known, wire.ServiceSettings)
        except msgspec.ValidationError as error:
            raise Refusal(422, "bad_setting", setting=str(error).rpartition("$.")[2].rstrip("`")[:60]) from error
        service.put(tx, settings)
        tx.emit("service.updated", fields=sorted(self.change.change))
        return settings


def team_renamed(tx: Tx, was: str, name: str) -> bool:
    """What the settings say of a team they say of it under its new name. Whether they say anything of it."""
    known = before = service.settings(tx)
    thresholds = {_of_team(about, was, name): limit for about, limit in known.thresholds.items()}
    last_resort = name if known.last_resort == was else known.last_resort
    known = msgspec.structs.replace(known, thresholds=thresholds, last_resort=last_resort)
    fields = [field for field in ("last_resort", "thresholds") if getattr(known, field) != getattr(before, field)]
    if fields:
        service.put(tx, known)
        tx.emit("service.updated", fields=fields, follows=name)
    return bool(fields)


def _of_team(about: str, was: str, name: str) -> str:
    figure, _, team = about.partition(":")
    return f"{figure}:{name}" if team == was else about


def team_removed(tx: Tx, name: str) -> None:
    """Forget what the settings say of a team that is no more. Refused for the team of last resort."""
    known = service.settings(tx)
    if known.last_resort == name:
        raise Refusal(409, "last_resort", team=name)
    thresholds = {about: limit for about, limit in known.thresholds.items() if about.partition(":")[2] != name}
    if thresholds != known.thresholds:
        service.put(tx, msgspec.structs.replace(known, thresholds=thresholds))


def _check(tx: Tx, name: str, value: Any) -> None:
    """Numbers have bounds, and a team must exist."""
    if name == "transfer_text":
        return  # texts: their shape is checked with the whole
    numbers = value.values() if isinstance(value, dict) else [value] if isinstance(value, int) else []
    if any(not isinstance(n, int) or not 0 <= n <= LONGEST for n in numbers):
        raise Refusal(422, "bad_setting", setting=name)
    if name == "last_resort" and value and (not isinstance(value, str) or people.team(tx, value) is None):
        raise not_found("team", str(value)[:80])
