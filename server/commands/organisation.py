"""The organisation: its name, and the time zone its screens show."""

from __future__ import annotations

import zoneinfo
from typing import ClassVar

from msgspec import UNSET

from server import wire
from server.commands.door import Actor, Command, Need, Query, Refusal
from server.desk import likeness
from server.store import organisation
from server.store.store import Snapshot, Tx


def _known(zone: str) -> bool:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


class GetOrganisation(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Organisation:
        return wire.Organisation(**organisation.get(read))


class UpdateOrganisation(Command, kw_only=True):
    """Change the name, the zone (an IANA name, like America/El_Salvador) or the country (two letters, like SV)."""

    needs: ClassVar[Need] = "admin"

    change: wire.ChangeOrganisation

    def run(self, tx: Tx, actor: Actor) -> wire.Organisation:
        changes: dict[str, str] = {}
        if self.change.name is not UNSET:
            changes["name"] = self.change.name.strip()[:120]
        if self.change.zone is not UNSET:
            if not _known(self.change.zone):
                raise Refusal(422, "unknown_zone", zone=self.change.zone[:80])
            changes["zone"] = self.change.zone
        if self.change.country is not UNSET:
            country = self.change.country.strip().upper()
            if not likeness.known_country(country):
                raise Refusal(422, "unknown_country", country=country[:80])
            changes["country"] = country
        organisation.put(tx, changes)
        tx.emit("organisation.updated", fields=sorted(changes))
        return wire.Organisation(**organisation.get(tx))
