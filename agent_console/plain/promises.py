"""Reminders and help, line by line: noting what to do at a moment, what is due, what came of it; asking for help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from agent_console import i18n
from agent_console.backend import calls_reminders
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.keeping import Keeping
from agent_console.plain.refusals import Refused, numbered
from agent_console.presentation import moments, reminders
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "promise": ("promesa", "promise"),
    "callback": ("llamada", "call"),
}
_ENDED: Final[dict[str, tuple[str, ...]]] = {
    "reached": ("contestó", "reached"),
    "no_answer": ("nadie", "nobody"),
}
#: a telephone number in one word
_PHONE: Final = re.compile(r"\+?\d[\d()-]{6,}")
_NO: Final = {"no": ("no", "stop", "dejar")}
_TEAM: Final = {"team": ("equipo", "team")}
#: reminders that are read out
MOST = 50


class Promises:
    """Reminders, and help asked for."""

    def __init__(self, desk: Desk, keeping: Keeping) -> None:
        self._desk = desk
        self._keeping = keeping
        self._listed: list[wire.Reminder] = []

    # ------------------------------------------------------------ reminders

    async def do_remind(self, rest: str) -> None:
        """Note what to do: a moment, a colon, the words; before it, whose it is and a colon (else one's own), and that
        it is a promise or a call, with another number than the customer's."""
        desk, row = self._desk, self._desk.row_here()
        kind, said = _kind(rest)
        whose, (when, what) = "", _divided(said)
        if not self._says_when(when):
            also, said = _kind(what)
            whose, kind, (when, what) = when, kind or also, _divided(said)
        phone = ""
        if kind != "promise" and self._read(when) is None:
            phone, when = _number(when)
        at = self._moment(when)  # before the name: whoever mistypes a moment means no colleague
        user, team = await self._owner(whose) if whose else (None, None)
        kind_of = cast(wire.ReminderKind, kind or ("callback" if phone else "reminder"))
        new = wire.NewReminder(text=what, due_at=at, kind=kind_of, user=user, team=team, phone=phone)
        made = await desk.send(calls_reminders.remind(row.id, new))
        told = _("{name}: {what}").format(name=wording.name_of(row), what=self._said(made))
        self._undoable(told, made.id, wire.ChangeReminder(cancelled=True))
        desk.say(told)

    async def do_reminders(self, rest: str) -> None:
        """Read one's reminders, or the team's, the earliest first; NUMBER MOMENT puts one at another time, NUMBER no
        takes it away."""
        desk = self._desk
        number, _space, said = rest.strip().partition(" ")
        if number.isdecimal():
            await self._change(self._listed[numbered(number, len(self._listed), "reminders")], said.strip())
            return
        whose = vocabulary.pick(rest, _TEAM) or "mine"
        page = await desk.send(calls_reminders.reminders(whose, limit=MOST))
        self._listed = page.items
        if not page.items:
            desk.say(_("Nothing is promised."))
        for at, each in enumerate(page.items, 1):
            late = ", " + _("late") if each.late_at is not None else ""
            desk.say(f"{at}. {line(each.contact_name, 60)}, #{each.conversation}: {self._said(each)}{late}")

    async def _change(self, reminder: wire.Reminder, said: str) -> None:
        """Another moment, or none."""
        desk = self._desk
        if vocabulary.pick(said, _NO):
            await desk.send(calls_reminders.change_reminder(reminder.id, wire.ChangeReminder(cancelled=True)))
            told = _("Taken away: {what}").format(what=reminders.what(reminder))
            self._undoable(told, reminder.id, wire.ChangeReminder(cancelled=False))
            desk.say(told)
            return
        at = self._moment(said)
        moved = await desk.send(calls_reminders.change_reminder(reminder.id, wire.ChangeReminder(due_at=at)))
        told = f"{line(reminder.contact_name, 60)}: {self._said(moved)}"
        if reminder.due_at > desk.now():
            self._undoable(told, reminder.id, wire.ChangeReminder(due_at=reminder.due_at))
        desk.say(told)

    async def do_done(self, rest: str) -> None:
        """A reminder of the list is done; a call says how it ended, and when to try again."""
        desk = self._desk
        number, _space, more = rest.strip().partition(" ")
        if not number.isdecimal() or not 1 <= int(number) <= len(self._listed):
            name = vocabulary.BY_ID["reminders"].name
            said = _("say its number in {reminders}: 2, or for a call 2 reached, 2 nobody 3h.")
            raise Refused(said.format(reminders=name))
        reminder = self._listed[int(number) - 1]
        word, _space, when = more.strip().partition(" ")
        outcome = vocabulary.pick(word, _ENDED) or ""
        if reminder.kind != "callback":
            outcome = more.strip()
        again = self._moment(when) if outcome == "no_answer" and when.strip() else None
        change = wire.ChangeReminder(done=True, outcome=outcome, again_at=again)
        done = await desk.send(calls_reminders.change_reminder(reminder.id, change))
        if again is not None:
            desk.say(_("Call again: {what}").format(what=self._said(done)))
            return
        told = _("Done: {what}").format(what=reminders.what(done))
        self._undoable(told, reminder.id, wire.ChangeReminder(done=False))
        desk.say(told)

    async def _owner(self, said: str) -> tuple[str | None, str | None]:
        """The colleague or the team that is meant. Raises Refused."""
        user, team, shown = await self._keeping.whom(said)
        if not shown:
            raise Refused(_("say to whom."))
        return user, team

    def _says_when(self, said: str) -> bool:
        """Whether that is a moment, perhaps after the number to call."""
        return self._read(said) is not None or self._read(_number(said)[1]) is not None

    def _read(self, said: str) -> int | None:
        return moments.read(said, self._desk.now(), i18n.zone())

    def _moment(self, said: str) -> int:
        at = self._read(said)
        if at is None:
            raise Refused(_("say when, a colon and what: jueves 10:00: llamarla"))
        return at

    def _said(self, reminder: wire.Reminder) -> str:
        return reminders.sentence(reminder, self._desk.now(), self._desk.session.mirror.name)

    def _undoable(self, told: str, id: int, back: wire.ChangeReminder) -> None:
        desk = self._desk

        async def run() -> str:
            await desk.send(calls_reminders.change_reminder(id, back))
            return _("Taken back: {what}").format(what=told)

        desk.undoable(told, run)

    # ------------------------------------------------------------ help

    async def do_flag(self, rest: str) -> None:
        """Ask a supervisor for help, or no longer."""
        desk, row = self._desk, self._desk.row_here()
        on = vocabulary.pick(rest, _NO) is None or not rest.strip()
        desk.session.know(await desk.send(calls_reminders.flag(row.id, rest.strip() if on else "", on)))
        said = _("Help is asked for: {name}.") if on else _("Help is no longer asked for: {name}.")
        told = said.format(name=wording.name_of(row))

        async def run() -> str:
            desk.session.know(await desk.send(calls_reminders.flag(row.id, row.flag, not on)))
            return _("Taken back: {what}").format(what=told)

        desk.undoable(told, run)
        desk.say(told)


def _kind(said: str) -> tuple[str | None, str]:
    """The kind of reminder that is said first, if one is, and the rest."""
    first, _space, more = said.strip().partition(" ")
    kind = vocabulary.pick(first, _KINDS) if len(first) > 2 else None
    return (kind, more) if kind else (None, said.strip())


def _divided(said: str) -> tuple[str, str]:
    """What stands before the first colon that ends a word, and after it: a time of day has one, too."""
    first, *more = re.split(r":\s+", said.strip(), maxsplit=1)
    return first, more[0] if more else ""


def _number(said: str) -> tuple[str, str]:
    """The telephone number that is said first, if one is, and the rest."""
    first, _space, more = said.strip().partition(" ")
    return (first, more) if _PHONE.fullmatch(first) else ("", said.strip())
