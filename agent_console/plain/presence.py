"""Who is there, line by line: saying it of oneself, and hearing it of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from agent_console import i18n
from agent_console.backend import calls_service
from agent_console.i18n import _
from agent_console.plain import vocabulary
from agent_console.plain.refusals import Refused
from agent_console.presentation import availability, moments
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk
    from server import wire

_STATES: Final[dict[str, tuple[str, ...]]] = {
    "online": ("online", "disponible", "línea"),
    "busy": ("busy", "ocupado", "ocupada"),
    "away": ("away", "ausente"),
    "offline": ("offline", "desconectado", "desconectada"),
}


class Presence:
    """One's own state, and colleagues'."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def do_presence(self, rest: str) -> None:
        """Say a state (and when one is back), or read everybody's; NAME: STATE says a colleague's."""
        if not rest.strip():
            await self._everybody()
            return
        who, colon, told = rest.partition(": ")
        people = (await self._desk.send(calls_service.availability())).items if colon else []
        name = self._colleague(who, people) if colon else self._desk.session.mirror.name
        said = told if colon else rest
        first, _space, more = said.strip().partition(" ")
        state = vocabulary.pick(first, _STATES)
        back = more.strip() if state else said.strip()
        at: int | None = None
        if back:
            if state not in (None, "away"):
                raise Refused(_("only who is away says when they are back."))
            at = moments.read(back, self._desk.now(), i18n.zone())
            if at is None:
                raise Refused(_("say online, busy, away or offline, or when you are back: away 13:00"))
        chosen = cast("wire.AvailabilityState", state or "away")
        found = await self._desk.send(calls_service.set_availability(name, chosen, at))
        called = line(found.display_name or found.user, 60) if colon else _("You")
        self._desk.say(f"{called}: {availability.spoken(found, self._desk.now())}.")

    @staticmethod
    def _colleague(said: str, people: Sequence[wire.Availability]) -> str:
        """The sign-in name of whoever is meant. Raises Refused."""
        chosen = vocabulary.pick(said, {each.user: (each.user, each.display_name) for each in people})
        if chosen is None:
            raise Refused(_("there is no colleague {name}, or more than one.").format(name=vocabulary.shown(said)))
        return chosen

    async def _everybody(self) -> None:
        people = (await self._desk.send(calls_service.availability())).items
        now = self._desk.now()
        shown = sorted(people, key=availability.could_take)
        for each in shown:
            said = f"{line(each.display_name or each.user, 60)}: {availability.spoken(each, now)}"
            if each.state != "offline" or each.load:
                carried = _("load {load} of {capacity}")
                said += ", " + carried.format(load=f"{each.load / 100:g}", capacity=f"{each.capacity / 100:g}")
            self._desk.say(f"{said}, {line(each.skills, 60)}" if each.skills else said)
