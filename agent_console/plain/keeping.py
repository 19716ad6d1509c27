"""Keeping conversations in order: whose they are, how they stand, when they come back, how they are marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from agent_console import i18n, words
from agent_console.backend import calls, calls_work
from agent_console.backend.overlay import ChangeTags, Follow, SetPriority, Snooze
from agent_console.i18n import _, moment
from agent_console.plain import vocabulary, wording
from agent_console.plain.desk import Refused
from agent_console.presentation import moments
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
_NOBODY: Final = {"nobody": ("nadie", "nobody")}


class Keeping:
    """What is done to a conversation besides answering it. All of it can be taken back."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------ whose it is, how it stands

    async def do_claim(self, rest: str) -> None:
        """Take it."""
        desk, row = self._desk, self._desk.row_here()
        if row.assignee == desk.session.mirror.name:
            raise Refused(_("it is yours already."))
        if row.state == "resolved":
            raise Refused(self.resolved())
        desk.session.claim(row.id)
        await self.told(row, _("{name} is yours now.").format(name=wording.name_of(row)), self._give_back(row))

    async def do_assign(self, rest: str) -> None:
        """Give it to somebody."""
        desk, row = self._desk, self._desk.row_here()
        if row.state == "resolved":
            raise Refused(self.resolved())
        user, team, shown = await self.whom(rest.strip())
        desk.session.assign(row.id, user=user, team=team)
        said = _("{name} is with {who} now.") if shown else _("{name} is back in the queue.")
        await self.told(row, said.format(name=wording.name_of(row), who=shown), self._give_back(row))

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
        if key is None or key not in names:
            raise Refused(
                _("there is no colleague or team {name}, or more than one.").format(name=vocabulary.shown(said))
            )
        if int(key) < len(users):
            user = users[int(key)]
            return user.name, None, line(user.display_name or user.name, 60)
        team = teams[int(key) - len(users)]
        return None, team.name, line(team.name, 60)

    def _give_back(self, row: wire.ConversationRow) -> Callable[[], object]:
        before, team = row.assignee, row.team
        return lambda: self._desk.session.assign(row.id, user=before, team=None if before else team)

    async def do_reopen(self, rest: str) -> None:
        """It is not done after all."""
        desk, row = self._desk, self._desk.row_here()
        if row.state != "resolved":
            raise Refused(_("it is not resolved."))
        desk.session.reopen(row.id)
        said = _("{name}: open again.").format(name=wording.name_of(row))
        await self.told(row, said, lambda: desk.session.resolve(row.id))

    def resolved(self) -> str:
        """Why nothing is done to a resolved conversation."""
        return _("it is resolved; {reopen} reopens it.").format(reopen=vocabulary.BY_ID["reopen"].name)

    async def told(self, row: wire.ConversationRow, said: str, opposite: Callable[[], object]) -> None:
        """Wait for the server, say what was done, and let it be taken back."""
        desk = self._desk
        arrived = await desk.settle(row.id)

        async def run() -> str:
            opposite()
            return desk.later(await desk.settle(row.id), _("Taken back: {what}").format(what=said))

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
        put = tuple(each for each in add if each not in row.tags)
        taken = tuple(each for each in remove if each in row.tags)
        desk.session.do(ChangeTags(row.id, add=add, remove=remove))
        said = _("Tags of {name}: {names}.").format(
            name=wording.name_of(row), names=line(", ".join(desk.row_here().tags), 400) or _("none")
        )
        await self.told(row, said, lambda: desk.session.do(ChangeTags(row.id, add=taken, remove=put)))

    async def do_priority(self, rest: str) -> None:
        """How urgent it is."""
        row = self._desk.row_here()
        level = vocabulary.pick(rest, _LEVELS)
        if level is None:
            at = 0 if i18n.language() == "es" else -1
            raise Refused(_("say one of: {choices}").format(choices=", ".join(ways[at] for ways in _LEVELS.values())))
        chosen = next(each for each in _PRIORITIES if each == level)
        session = self._desk.session
        session.do(SetPriority(row.id, priority=chosen))
        said = _("{name}: priority {level}.").format(name=wording.name_of(row), level=words.priority(chosen))
        await self.told(row, said, lambda: session.do(SetPriority(row.id, priority=row.priority)))

    async def do_snooze(self, rest: str) -> None:
        """Put it aside until a moment, or take it up again."""
        desk, row = self._desk, self._desk.row_here()
        until: int | None = None
        if not vocabulary.pick(rest, {"now": ("ahora", "now")}):
            until = moments.read(rest, desk.now(), i18n.zone())
            if until is None:
                raise Refused(_("say until when: mañana, 2h, lunes 10:00, 30 nov; or now to take it up again."))
        desk.session.do(Snooze(row.id, until=until))
        name = wording.name_of(row)
        said = _("{name} is back.").format(name=name)
        if until is not None:
            said = _("{name} is put aside until {time}.").format(name=name, time=moment(until, desk.now()))
        await self.told(row, said, lambda: desk.session.do(Snooze(row.id, until=row.snoozed_until)))

    async def do_follow(self, rest: str) -> None:
        """Be told of what happens in it."""
        desk, row = self._desk, self._desk.row_here()
        on = vocabulary.pick(rest, {"no": ("no", "stop", "dejar")}) is None
        desk.session.do(Follow(row.id, on=on))
        said = _("You follow {name}.") if on else _("You no longer follow {name}.")
        text = said.format(name=wording.name_of(row))
        await self.told(row, text, lambda: desk.session.do(Follow(row.id, on=not on)))
