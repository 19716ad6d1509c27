"""Keyboard macros: what is done is recorded by name, kept, and done again where one is.

Recorded are actions and commands with what they were given (`claim`, `:tag mora`, `resolve_next`), never keys: a macro
does the same whatever the key map. What is typed into an answer is not recorded unless it was asked for
(`:record-with-text NAME`), and then as a command of its own. A macro stops at the first step that can't be done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from rich.segment import Segment

from agent_console import actions
from agent_console.i18n import _, ngettext
from agent_console.keys import first
from agent_console.presentation import command_line
from agent_console.presentation.look import Look
from agent_console.safetext import cut, fit, line
from agent_console.screens.notices import LONG
from agent_console.settings import Remembered
from agent_console.widgets.fields_drawer import Field, FieldsDrawer
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent_console.screens.commanding import Commanding
    from agent_console.screens.inbox import Inbox

#: steps of a macro, macros kept, and characters of a name
MOST_STEPS: Final = 100
MOST: Final = 100
LONGEST: Final = 30
#: what is about the console, not about the work; and what only opens something to type in (what raises a drawer is not
#: recorded either: what is chosen there is)
_NOT_RECORDED: Final = frozenset(
    (
        *("record", "replay", "command", "palette", "help", "tour", "jump", "quit", "theme", "refresh"),
        *("reply", "note", "toggle_note", "leave", "send", "audience", "recipients", "attach"),
        *("undo", "quote", "editor", "search"),
    )
)
_MOVES: Final = frozenset(
    ("up", "down", "page_up", "page_down", "half_up", "half_down", "top", "end", "mark_up", "mark_down", "read_on")
)


class Macros:
    """Records and replays in an inbox."""

    def __init__(self, inbox: Inbox, commanding: Commanding) -> None:
        self._inbox = inbox
        self._commanding = commanding
        self._memory: Remembered = inbox.console.remembered or Remembered()
        self._steps: list[str] | None = None
        self._name = ""
        self._with_text = False
        self._replaying = False
        self._form = FieldsDrawer(id="macro-name")
        self._list = ListDrawer(id="macros")
        commanding.heard = self.heard
        commanding.macros = lambda: sorted(self._memory.macros)
        commanding.replay = self.replay
        commanding.record = self._record_with_text

    @property
    def recording(self) -> bool:
        """Whether what is done is being written down."""
        return self._steps is not None

    # ------------------------------------------------------------ recording

    def step_of(self, action: str) -> str:
        """What an action that is about to be done is in a macro; empty if it is not recorded."""
        if self._steps is None or self._replaying:
            return ""
        if action == "send" and self._with_text:
            composer = self._inbox.composer
            return f":{'remark' if composer.note else 'say'} {composer.text.strip()}"
        return "" if action in _NOT_RECORDED else action

    def heard(self, step: str) -> None:
        """An action, or a command (it begins with `:`), was done."""
        if self._steps is None or self._replaying or len(self._steps) >= MOST_STEPS:
            return
        verb = command_line.read(f"{step.partition(' ')[0]} -", self._inbox.state()).verb
        needs = verb.needs if verb is not None and step.startswith(":") else ""
        if needs not in ("macro", "name") and (needs != "text" or self._with_text):
            self._steps.append(step)

    def do_record(self) -> None:
        """Begin, or stop and give it a name."""
        if self._steps is None:
            self._begin()
            return
        steps, self._steps = self._steps, None
        actions.listen(None)
        if not steps:
            self._inbox.say(_("Nothing was done that could be done again."), "muted")
        elif self._name:
            self._keep(self._name, steps)
        else:
            self._ask_for_name(steps)

    def _begin(self) -> None:
        self._steps, self._name, self._with_text = [], "", False
        actions.listen(self._moved)
        said = _("Recording: what you do becomes a macro, without the words of answers. {key} ends it.")
        self._inbox.say(said.format(key=first("record")), "accent", LONG)

    def _record_with_text(self, name: str) -> None:
        if self._steps is None:
            self._begin()
        self._with_text, self._name = True, " ".join(line(name, LONGEST).split())
        said = _("Recording with the words of answers and notes. {key} ends it.")
        self._inbox.say(said.format(key=first("record")), "accent", LONG)

    def _moved(self, action: actions.Action) -> None:
        if action.id in _MOVES:
            self.heard(action.id)

    def _ask_for_name(self, steps: list[str]) -> None:
        def check(values: Mapping[str, str]) -> str:
            return "" if values["name"].strip() else _("A macro needs a name.")

        def then(values: Mapping[str, str]) -> None:
            self._keep(" ".join(line(values["name"], LONGEST).split()), steps)

        title = ngettext("Macro of {n} step", "Macro of {n} steps", len(steps)).format(n=len(steps))
        self._form.ask(title, (Field("name", _("name")),), check, then)
        self._inbox.over.raise_(self._form)

    def _keep(self, name: str, steps: list[str]) -> None:
        if len(self._memory.macros) >= MOST and name not in self._memory.macros:
            self._inbox.say(
                _("There are too many macros; delete one first ({key}).").format(key=first("replay")), "warn"
            )
            return
        self._memory.macros[name] = steps
        why = self._memory.keep()
        if why:
            self._inbox.say(_("The macro could not be kept: {why}").format(why=line(why, 100)), "warn", LONG)
        else:
            said = _("Macro {name} is kept; {key} does it again.").format(name=name, key=first("replay"))
            self._inbox.say(said, "good")

    # ------------------------------------------------------------ replaying

    def do_replay(self) -> None:
        """Choose one."""
        self._show()
        self._inbox.over.raise_(self._list)

    def _show(self, again: bool = False) -> None:
        names = sorted(self._memory.macros, key=str.casefold)
        rows = [Row(partial(_painted, name, self._memory.macros[name]), name) for name in names]
        keys = {
            "enter": (_("do it"), self._chosen),
            "d": (_("delete"), self._delete),
        }
        empty = _("No macro yet: {key} begins to record one.").format(key=first("record"))
        self._list.take(Listing(_("Macros"), rows, keys, empty), again)

    def _chosen(self, value: object) -> None:
        self._inbox.over.close(self._inbox.thelist)
        self.replay(str(value))

    def _delete(self, value: object) -> None:
        self._memory.macros.pop(str(value), None)
        self._memory.keep()
        self._show(again=True)

    def replay(self, name: str) -> str:
        """Do a macro where one is; why it can't be, empty if it has begun."""
        steps = self._memory.macros.get(name)
        if steps is None:
            return _("There is no macro {name}.").format(name=repr(line(name, LONGEST)))
        if self._replaying:
            return _("A macro is being done already.")
        self._replaying = True
        self._inbox.background(self._replay(name, tuple(steps)))
        return ""

    async def _replay(self, name: str, steps: Sequence[str]) -> None:
        inbox = self._inbox
        try:
            for n, step in enumerate(steps, 1):
                await self._settled()
                if inbox.over.open or not self._do(step):
                    said = _("Macro {name} stopped at step {n}: {step}")
                    inbox.say(said.format(name=name, n=n, step=cut(line(step, 60), 60)), "warn", LONG)
                    return
        finally:
            self._replaying = False
            inbox.sync_bars()

    def _do(self, step: str) -> bool:
        inbox = self._inbox
        if step.startswith(":"):
            return not self._commanding.run(step)
        if step in _MOVES:
            return inbox.thread.move(step) if inbox.place == "thread" else inbox.thelist.move(step)
        known = actions.BY_ID.get(step)
        return known is not None and inbox.place in known.where and inbox.acts.perform(step)

    async def _settled(self) -> None:
        """Until the step before is on the screen and the keys are where it put them."""
        done = asyncio.Event()
        if self._inbox.call_after_refresh(done.set):
            await done.wait()


def _painted(name: str, steps: Sequence[str], look: Look, width: int) -> list[list[Segment]]:
    known = [_(actions.BY_ID[step].label) if step in actions.BY_ID else line(step, 40) for step in steps]
    room = max(8, min(24, width // 3))
    return [
        [Segment(fit(name, room) + "  ", look.strong), Segment(cut(" · ".join(known), width - room - 2), look.muted)]
    ]
