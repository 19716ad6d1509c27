"""The `:` line at work: what its commands do in the inbox, and what can follow them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent_console.backend import calls, calls_work
from agent_console.i18n import _, clock, day, zone
from agent_console.presentation import command_line, moments, palette
from agent_console.presentation.command_line import PRIORITIES, Kind, Typed
from agent_console.safetext import line
from agent_console.screens.notices import UNDO, Undo
from agent_console.screens.standing import name_of
from agent_console.widgets.command_drawer import CommandDrawer, Ways

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox
    from server import wire

#: for how long (s) people, teams and tags are taken to be as they were
FRESH = 300.0


class Commanding:
    """Reads commands and carries them out; macros are replayed through `run`, too."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self._drawer = CommandDrawer(Ways(self._values, self._said, self._entered), id="command")
        self._users: list[str] = []
        self._teams: list[str] = []
        self._tags: list[str] = []
        self._loaded_at: float | None = None
        #: what else listens to what is typed (the macro that is being recorded)
        self.heard: Callable[[str], None] = lambda text: None
        #: names of macros, and what does one or begins to record one
        self.macros: Callable[[], Sequence[str]] = tuple
        self.replay: Callable[[str], str] = lambda name: _("There is no macro {name}.").format(name=repr(name))
        self.record: Callable[[str], None] = lambda name: None

    def do_command(self) -> None:
        """Open the line."""
        self.open("")

    def open(self, text: str) -> None:
        """Open the line with something typed."""
        self._load()
        self._drawer.begin(self._inbox.state(), text)
        self._inbox.over.raise_(self._drawer)
        self._inbox.sync_bars()

    def _entered(self, text: str) -> str:
        """Enter was pressed: close the line and do it, or say why not."""
        typed = command_line.read(text, self._inbox.state())
        problem = typed.problem or self._why_not(typed)
        if not problem:
            self._inbox.over.close(self._inbox.thelist)
            problem = self.run(text)
            if problem:
                self._inbox.say(problem, "warn")
        return problem if self._drawer.display else ""

    def run(self, text: str) -> str:
        """Do what a line says; why it can't be done, empty if it is."""
        typed = command_line.read(text, self._inbox.state())
        problem = typed.problem or self._why_not(typed)
        if problem:
            return problem
        if typed.action is not None:
            return "" if self._inbox.acts.perform(typed.action.id) else " "
        if typed.number is not None:
            self._inbox.background(self._go_to(typed.number))
        elif typed.verb is not None:
            do = getattr(self, f"_{typed.verb.name.replace('-', '_')}")
            problem = str(do(typed.argument) or "")
        if not problem:
            self.heard(f":{text.strip().removeprefix(':')}")
        return problem

    def _why_not(self, typed: Typed) -> str:
        verb, argument = typed.verb, typed.argument
        if verb is None:
            return (typed.action.enabled(self._inbox.state()) or "") if typed.action is not None else ""
        if verb.here and self._row() is None:
            return _("There is no conversation here.")
        if verb.needs == "moment" and self._moment(argument) is None:
            said = _("{text} is no moment that lies ahead. Try 2h, tomorrow, monday 10:00 or 30 nov.")
            return said.format(text=repr(line(argument, 40)))
        known: Sequence[str] = ()
        if verb.needs == "priority":
            known = PRIORITIES
        elif verb.needs == "theme":
            known = tuple(palette.NAMES)
        elif verb.needs == "macro":
            known = self.macros()
        if verb.needs in ("priority", "theme", "macro") and argument not in known:
            return _("{name} takes one of {names}.").format(name=f":{_(verb.name)}", names=", ".join(known) or "–")
        return ""

    # ------------------------------------------------------------ what can follow, what is said

    def _values(self, kind: Kind) -> Sequence[str]:
        match kind:
            case "who":
                return [*self._users, *self._teams]
            case "tag":
                row = self._row()
                return [tag for tag in self._tags if row is None or tag not in row.tags]
            case "tag_here":
                row = self._row()
                return row.tags if row is not None else ()
            case "priority":
                return PRIORITIES
            case "theme":
                return tuple(palette.NAMES)
            case "macro":
                return self.macros()
            case "moment":
                return [_("tomorrow"), _("monday 8:00"), "2h", "30m"]
            case _:
                return ()

    def _said(self, text: str) -> str:
        """What a moment in words comes to, while it is typed."""
        typed = command_line.read(text, self._inbox.state())
        if typed.verb is None or typed.verb.needs != "moment":
            return ""
        at = self._moment(typed.argument)
        return _("until {day} {time}").format(day=day(at, self._inbox.now()), time=clock(at)) if at is not None else ""

    def _moment(self, text: str) -> int | None:
        return moments.read(text, self._inbox.now(), zone())

    def _load(self) -> None:
        if self._loaded_at is None or time.monotonic() - self._loaded_at > FRESH:
            self._loaded_at = time.monotonic()
            self._inbox.background(self._load_names())

    async def _load_names(self) -> None:
        send = self._session.api.send
        self._users = [user.name for user in (await send(calls.users())).items if user.active]
        self._teams = [team.name for team in (await send(calls.teams())).items]
        self._tags = [tag.name for tag in (await send(calls_work.tags())).items]
        if self._drawer.display:
            self._drawer.settle()

    # ------------------------------------------------------------ the verbs

    def _row(self) -> wire.ConversationRow | None:
        here = self._inbox.here
        return None if here is None else self._session.mirror.row(here)

    async def _go_to(self, conversation: int) -> None:
        if self._session.mirror.row(conversation) is None:
            found = await self._session.api.send(calls.conversation(conversation))
            self._inbox.open_elsewhere(found.row)
        else:
            self._inbox.thelist.go_to(conversation)
            self._inbox.open(conversation)

    def _assign(self, who: str) -> str:
        row = self._row()
        if row is None:
            return ""
        team = who if who in self._teams and who not in self._users else None
        if team is None and self._users and who not in self._users:
            return _("There is nobody and no team called {name}.").format(name=repr(line(who, 40)))
        id, user, before = row.id, row.assignee, row.team
        self._session.assign(id, user=None if team else who, team=team)
        self._offer(
            _("{name}: given to {who}").format(name=self._name(id), who=line(who, 40)),
            lambda: self._session.assign(id, user=user, team=before),
        )
        return ""

    def _tag(self, tags: str) -> None:
        row, wanted = self._row(), tags.replace(",", " ").split()
        new = [tag for tag in wanted if row is not None and tag not in row.tags]
        if row is not None and new:
            said = _("{name}: tagged {tags}").format(name=self._name(row.id), tags=line(" ".join(new), 60))
            self._change(calls_work.tag(row.id, new, []), said, calls_work.tag(row.id, [], new))

    def _untag(self, tags: str) -> None:
        row, wanted = self._row(), tags.replace(",", " ").split()
        old = [tag for tag in wanted if row is not None and tag in row.tags]
        if row is not None and old:
            said = _("{name}: no longer tagged {tags}").format(name=self._name(row.id), tags=line(" ".join(old), 60))
            self._change(calls_work.tag(row.id, [], old), said, calls_work.tag(row.id, old, []))

    def _snooze(self, text: str) -> None:
        row, until = self._row(), self._moment(text)
        if row is not None and until is not None:
            when = f"{day(until, self._inbox.now())} {clock(until)}"
            said = _("{name}: put aside until {when}").format(name=self._name(row.id), when=when)
            self._change(calls_work.snooze(row.id, until), said, calls_work.snooze(row.id, row.snoozed_until))

    def _wake(self, _nothing: str) -> None:
        row = self._row()
        if row is not None:
            said = _("{name}: taken up again").format(name=self._name(row.id))
            self._change(calls_work.snooze(row.id, None), said, None)

    def _priority(self, level: str) -> None:
        row = self._row()
        if row is not None:
            said = _("{name}: priority {level}").format(name=self._name(row.id), level=level)
            wanted = next(each for each in PRIORITIES if each == level)
            self._change(calls_work.priority(row.id, wanted), said, calls_work.priority(row.id, row.priority))

    def _follow(self, _nothing: str, on: bool = True) -> None:
        here = self._inbox.here
        if here is None:
            return
        said = _("{name}: followed") if on else _("{name}: no longer followed")

        async def follow() -> None:
            await self._session.api.send(calls_work.follow(here, on))
            self._offer(said.format(name=self._name(here)), lambda: self._follow("", not on))

        self._inbox.background(follow())

    def _unfollow(self, _nothing: str) -> None:
        self._follow("", on=False)

    def _say(self, text: str) -> str:
        return self._inbox.acts.sending.send_words(text, note=False)

    def _remark(self, text: str) -> str:
        return self._inbox.acts.sending.send_words(text, note=True)

    def _colours(self, name: str) -> None:
        self._inbox.console.choose_theme(palette.named(name))

    def _replay(self, name: str) -> str:
        return self.replay(name)

    def _record_with_text(self, name: str) -> None:
        self.record(name)

    # ------------------------------------------------------------ inside

    def _name(self, conversation: int) -> str:
        return name_of(self._session.mirror, conversation)

    def _offer(self, what: str, opposite: Callable[[], object]) -> None:
        self._inbox.notices.offer(Undo(what, self._inbox.now() + UNDO, opposite))
        self._inbox.sync_bars()

    def _change(
        self,
        call: calls.Call[wire.ConversationRow],
        said: str,
        opposite: calls.Call[wire.ConversationRow] | None,
    ) -> None:
        """Ask the server for a change of the row; then say it, and how to take it back."""

        async def change(call: calls.Call[wire.ConversationRow]) -> None:
            row = await self._session.api.send(call)
            self._inbox.changed(self._session.mirror.know(row))

        async def do() -> None:
            await change(call)
            if opposite is None:
                self._inbox.say(said, "good")
            else:
                back = opposite
                self._offer(said, lambda: self._inbox.background(change(back)))

        self._inbox.background(do())
