"""The `:` line at work: what its commands do in the inbox, and what can follow them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend import calls
from agent_console.backend.overlay import Change, ChangeTags, Follow, SetPriority
from agent_console.i18n import _, clock, day, zone
from agent_console.presentation import command_line, moments, palette
from agent_console.presentation.command_line import PRIORITIES, Kind, Typed
from agent_console.safetext import line
from agent_console.widgets.command_drawer import CommandDrawer, Ways
from server.wire import STAGES

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox
    from server import wire


class Commanding:
    """Reads commands and carries them out; macros are replayed through `run`, too."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self._drawer = CommandDrawer(Ways(self._values, self._said, self._entered), id="command")
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
        self._inbox.need("users", "teams", "tags", "topics")
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
            self._inbox.first(self._go_to(typed.number))
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
        elif verb.needs == "stage":
            known = STAGES[:-1]
        elif verb.needs == "theme":
            known = tuple(palette.NAMES)
        elif verb.needs == "macro":
            known = self.macros()
        if verb.needs in ("priority", "stage", "theme", "macro") and argument not in known:
            return _("{name} takes one of {names}.").format(name=f":{_(verb.name)}", names=", ".join(known) or "–")
        return ""

    # ------------------------------------------------------------ what can follow, what is said

    def _values(self, kind: Kind) -> Sequence[str]:
        directory = self._inbox.directory
        match kind:
            case "who":
                return [*(user.name for user in directory.colleagues), *(team.name for team in directory.teams)]
            case "tag":
                row = self._row()
                return [tag.name for tag in directory.tags if row is None or tag.name not in row.tags]
            case "tag_here":
                row = self._row()
                return row.tags if row is not None else ()
            case "priority":
                return PRIORITIES
            case "topic":
                return [topic.name for topic in directory.topics]
            case "stage":
                return STAGES[:-1]
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

    def names_came(self) -> None:
        """More names are known than before."""
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
        directory = self._inbox.directory
        users = [user.name for user in directory.colleagues]
        team = who in [team.name for team in directory.teams] and who not in users
        if not team and users and who not in users:
            return _("There is nobody and no team called {name}.").format(name=repr(line(who, 40)))
        self._inbox.acts.working.give(("team" if team else "user", who))
        return ""

    def _tag(self, tags: str, on: bool = True) -> None:
        wanted = tags.replace(",", " ").replace("#", " ").split()

        def make(row: wire.ConversationRow) -> Change | None:
            change = tuple(tag for tag in wanted if (tag in row.tags) != on)
            if not change:
                return None
            return ChangeTags(row.id, add=change) if on else ChangeTags(row.id, remove=change)

        said = line(" ".join(f"{'+' if on else '−'}#{tag}" for tag in wanted), 80)
        self._inbox.acts.working.act(make, lambda name: f"{name}: {said}", said)

    def _untag(self, tags: str) -> None:
        self._tag(tags, on=False)

    def _snooze(self, text: str) -> None:
        self._inbox.acts.working.put_aside(self._moment(text))

    def _wake(self, _nothing: str) -> None:
        self._inbox.acts.working.put_aside(None)

    def _priority(self, level: str) -> None:
        wanted = next(each for each in PRIORITIES if each == level)

        def make(row: wire.ConversationRow) -> Change | None:
            return SetPriority(row.id, priority=wanted) if row.priority != wanted else None

        called = words.priority(wanted)
        self._inbox.acts.working.act(make, lambda name: f"{name}: {called}", _("priority changed"))

    def _classify(self, said: str) -> str:
        return self._inbox.acts.protocol.classify_typed(said)

    def _stage(self, stage: str) -> None:
        self._inbox.acts.protocol.put_stage(next(each for each in STAGES if each == stage))

    def _follow(self, _nothing: str, on: bool = True) -> None:
        mirror = self._session.mirror

        def make(row: wire.ConversationRow) -> Change | None:
            return Follow(row.id, on=on) if mirror.followed(row.id) != on else None

        one = _("You follow {name}") if on else _("You no longer follow {name}")
        done = _("followed") if on else _("no longer followed")
        self._inbox.acts.working.act(make, lambda name: one.format(name=name), done)

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
