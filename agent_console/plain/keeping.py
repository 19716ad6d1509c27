"""Keeping conversations in order: whose they are, how they stand, when they come back, how they are marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from agent_console import i18n, words
from agent_console.backend import calls, calls_work
from agent_console.backend.opposites import opposite
from agent_console.backend.overlay import (
    AssignTo,
    Change,
    ChangeTags,
    Claim,
    Follow,
    Reopen,
    SetPriority,
    Snooze,
)
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused
from agent_console.presentation import moments, when
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk
    from server import wire

_LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "low": ("baja", "low"),
    "normal": ("normal",),
    "high": ("alta", "high"),
    "urgent": ("urgente", "urgent"),
}
_PRIORITIES: Final[tuple[wire.Priority, ...]] = ("low", "normal", "high", "urgent")
#: what may stand before a name
_TO: Final = re.compile(r"^(?:a|al|para|to|for)\s+", re.IGNORECASE)
_NOBODY: Final = {"nobody": ("nadie", "nobody")}


class Keeping:
    """What is done to a conversation besides answering it. All of it can be taken back."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------ whose it is, how it stands

    async def do_claim(self, rest: str) -> None:
        """Take it."""
        desk, row = self._desk, self._desk.row_here()
        if row.state == "resolved":
            raise Refused(self.resolved())
        if row.assignee == desk.session.mirror.name:
            raise Refused(_("it is yours already."))
        await self.change(row, Claim(row.id), _("{name} is yours now.").format(name=wording.name_of(row)))

    async def do_assign(self, rest: str) -> None:
        """Give it to somebody."""
        row = self._desk.row_here()
        if row.state == "resolved":
            raise Refused(self.resolved())
        user, team, shown = await self.whom(rest.strip())
        said = _("{name} is with {who} now.") if shown else _("{name} is back in the queue.")
        said = said.format(name=wording.name_of(row), who=shown)
        await self.change(row, AssignTo(row.id, user=user, team=team), said)

    async def whom(self, said: str) -> tuple[str | None, str | None, str]:
        """Sign-in name or team, and how to say it. Without a name, they are read out and one is asked for."""
        users = [each for each in (await self._desk.send(calls.users())).items if each.active]
        teams = (await self._desk.send(calls.teams())).items
        if not said:
            lines = [f"{at}. {line(each.display_name or each.name, 60)}" for at, each in enumerate(users, 1)]
            lines += [
                _("{n}. team {name}").format(n=at, name=line(each.name, 60))
                for at, each in enumerate(teams, len(users) + 1)
            ]
            self._desk.say(*lines)
            said = (await self._desk.ask(_("To whom? A number, a name, or nobody"))).strip()
        if vocabulary.pick(said, _NOBODY) and len(said) > 2:
            return None, None, ""
        names: dict[str, tuple[str, ...]] = {str(at): (each.name, each.display_name) for at, each in enumerate(users)}
        names |= {str(at): (each.name,) for at, each in enumerate(teams, len(users))}
        key = str(int(said) - 1) if said.isdecimal() else vocabulary.pick(said, names)
        key = key or vocabulary.pick(_TO.sub("", said), names)
        if key is None or key not in names:
            raise Refused(
                _("there is no colleague or team {name}, or more than one.").format(name=vocabulary.shown(said))
            )
        if int(key) < len(users):
            user = users[int(key)]
            return user.name, None, line(user.display_name or user.name, 60)
        team = teams[int(key) - len(users)]
        return None, team.name, line(team.name, 60)

    async def do_reopen(self, rest: str) -> None:
        """It is not done after all."""
        row = self._desk.row_here()
        if row.state != "resolved":
            raise Refused(_("it is not resolved."))
        await self.change(row, Reopen(row.id), _("{name}: open again.").format(name=wording.name_of(row)))

    def resolved(self) -> str:
        """Why nothing is done to a resolved conversation."""
        return _("it is resolved; {reopen} reopens it.").format(reopen=vocabulary.BY_ID["reopen"].name)

    async def change(self, row: wire.ConversationRow, change: Change, said: str) -> None:
        """Do it, wait for the server, say what was done, and let it be taken back. `row`: as it was before."""
        desk, back = self._desk, opposite(change, row)
        desk.session.do(change)
        arrived = await desk.settle(row.id)

        async def run() -> str:
            for each in back:
                desk.session.do(each)
            return desk.later(await desk.settle(row.id), _("Taken back: {what}").format(what=said))

        if back:
            desk.undoable(said, run)
        desk.say(desk.later(arrived, said))

    # ------------------------------------------------------------ marks

    async def do_tag(self, rest: str) -> None:
        """Put tags on, take tags off, or read the tags there are."""
        desk, row = self._desk, self._desk.row_here()
        if not rest.strip():
            known = [line(each.name, 60) for each in (await desk.send(calls_work.tags())).items]
            desk.say(_("Tags here: {names}.").format(names=line(", ".join(row.tags), 400) or _("none")))
            desk.say(_("Tags there are: {names}.").format(names=", ".join(known) or _("none")))
            return
        add = tuple(each.removeprefix("+") for each in rest.split() if not each.startswith("-"))
        remove = tuple(each[1:] for each in rest.split() if each.startswith("-"))
        tags = sorted({*row.tags, *add} - set(remove))
        said = _("Tags of {name}: {names}.").format(
            name=wording.name_of(row), names=line(", ".join(tags), 400) or _("none")
        )
        await self.change(row, ChangeTags(row.id, add=add, remove=remove), said)

    async def do_priority(self, rest: str) -> None:
        """How urgent it is."""
        row = self._desk.row_here()
        level = vocabulary.pick(rest, _LEVELS)
        if level is None:
            at = 0 if i18n.language() == "es" else -1
            raise Refused(_("say one of: {choices}").format(choices=", ".join(ways[at] for ways in _LEVELS.values())))
        chosen = next(each for each in _PRIORITIES if each == level)
        said = _("{name}: priority {level}.").format(name=wording.name_of(row), level=words.priority(chosen))
        await self.change(row, SetPriority(row.id, priority=chosen), said)

    async def do_snooze(self, rest: str) -> None:
        """Put it aside until a moment, or take it up again."""
        desk, row = self._desk, self._desk.row_here()
        until: int | None = None
        if not vocabulary.pick(rest, {"now": ("ahora", "now")}):
            until = moments.read(rest, desk.now(), i18n.zone())
            if until is None:
                raise Refused(_("say until when: mañana, 2h, lunes 10:00, 30 nov; or now to take it up again."))
        name = wording.name_of(row)
        said = _("{name} is back.").format(name=name)
        if until is not None:
            said = _("{name} is put aside until {time}.").format(name=name, time=when.ahead(until, desk.now()))
        await self.change(row, Snooze(row.id, until=until), said)

    async def do_follow(self, rest: str) -> None:
        """Be told of what happens in it."""
        row = self._desk.row_here()
        on = vocabulary.pick(rest, {"no": ("no", "stop", "dejar")}) is None
        said = _("You follow {name}.") if on else _("You no longer follow {name}.")
        await self.change(row, Follow(row.id, on=on), said.format(name=wording.name_of(row)))
