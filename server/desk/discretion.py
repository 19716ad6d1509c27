"""Which lines of the journal are not for everybody. Pure.

A whisper is read by its author, by whom it is for, and by supervisors; that somebody looked on silently is read by
whoever did and by admins. For everybody else such a line says only that there is one: the journal has no gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from server.wire import Event, Role

WHISPERED: Final = "supervision.whispered"
OBSERVED: Final = "supervision.observed"
#: what a line is called for those who may not read it
WITHHELD: Final = "withheld"
#: the roles that may read each kind that is not for everybody
CONFIDENTIAL: Final[Mapping[str, frozenset[Role]]] = {
    WHISPERED: frozenset({"supervisor", "admin"}),
    OBSERVED: frozenset({"admin"}),
}


class Audience(msgspec.Struct, frozen=True):
    """Who may read something: everybody of these roles, and these people by their sign-in names."""

    roles: frozenset[Role]
    names: frozenset[str]

    def has(self, name: str, role: str | None) -> bool:
        """Whether this person is among them. The server itself (no role) reads everything."""
        return role is None or role in self.roles or name in self.names


def audience(kind: str, actor: str, data: Mapping[str, Any]) -> Audience | None:
    """Who may read a line of the journal; None: everybody."""
    roles = CONFIDENTIAL.get(kind)
    if roles is None:
        return None
    return Audience(roles, frozenset({actor.removeprefix("user:"), str(data.get("to", ""))} - {""}))


def withheld(event: Event) -> Event:
    """What stands in an event's place for those who may not read it."""
    return Event(seq=event.seq, at=event.at, kind=WITHHELD, conversation=None, actor="system")
