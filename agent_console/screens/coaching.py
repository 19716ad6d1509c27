"""Help in the inbox: an advisor asks for it with a flag; a supervisor whispers, looks on silently, takes over."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from agent_console import keys, words
from agent_console.backend import calls_reminders
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.overlay import AssignTo
from agent_console.i18n import _
from agent_console.safetext import line
from agent_console.screens.notices import UNDO, Undo
from agent_console.screens.service import ServicePart
from agent_console.screens.standing import name_of
from agent_console.widgets.fields_drawer import Field, FieldsDrawer, Sheet, Values

if TYPE_CHECKING:
    from agent_console.backend.changes import Changes
    from agent_console.screens.inbox import Inbox


class Coaching(ServicePart):
    """Asking for help and giving it."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._sheet = FieldsDrawer(id="coach")

    def _ask(self, what: str, conversation: int, title: str, field: Field, foot: str, needed: str) -> None:
        """One line to fill in; `needed`: what is said where nothing was written, if something has to be."""

        def check(values: Values) -> str:
            return "" if values["text"].strip() else needed

        def take(values: Values) -> None:
            self._inbox.background(self._kept(getattr(self, f"_{what}")(conversation, values["text"])))

        name = name_of(self._session.mirror, conversation)
        self._sheet.take(Sheet(title.format(who=name), (field,), take, foot, check, key=(what, conversation)))
        self._inbox.over.raise_(self._sheet)

    async def _kept(self, work: Coroutine[Any, Any, str]) -> None:
        """Do what the sheet asks for and say so; a refusal is shown on it, with what was typed."""
        try:
            said = await work
        except ApiError as error:
            self._sheet.refuse(line(words.problem(error.code, error.problem.params, error.problem.detail), 200))
        except Unreachable:
            self._sheet.refuse(_("The server does not answer. What you typed stays here: try again."))
        else:
            self._sheet.done()
            if said:
                self._inbox.say(said, "good")
            self._inbox.sync_bars()

    def _offer(self, said: str, undo: Callable[[], Coroutine[Any, Any, None]]) -> None:
        inbox = self._inbox
        inbox.notices.offer(Undo(said, inbox.now() + UNDO, lambda: inbox.background(undo())))
        inbox.sync_bars()

    # ------------------------------------------------------------ asking for help

    def do_flag(self) -> None:
        here = self._inbox.here
        row = self._session.mirror.row(here) if here is not None else None
        if here is None or row is None:
            return
        if row.flagged_at is not None:
            self._inbox.background(self._unflag(here, row.flag))
            return
        self._ask(
            "flag",
            here,
            _("Ask a supervisor for help: {who}"),
            Field("text", _("Why"), hint=_("if you want to say")),
            _("Enter asks · Esc back"),
            "",
        )

    async def _flag(self, conversation: int, reason: str) -> str:
        await self._flagged(conversation, reason, on=True)
        name = name_of(self._session.mirror, conversation)
        self._offer(
            _("{name}: help asked for").format(name=name), lambda: self._flagged(conversation, reason, on=False)
        )
        return ""

    async def _unflag(self, conversation: int, reason: str) -> None:
        await self._flagged(conversation, reason, on=False)
        name = name_of(self._session.mirror, conversation)
        self._offer(
            _("{name}: help no longer asked for").format(name=name),
            lambda: self._flagged(conversation, reason, on=True),
        )

    async def _flagged(self, conversation: int, reason: str, on: bool) -> None:
        self._session.know(await self._session.api.send(calls_reminders.flag(conversation, reason, on)))

    # ------------------------------------------------------------ whispering

    def do_whisper(self) -> None:
        here = self._inbox.here
        row = self._session.mirror.row(here) if here is not None else None
        if here is not None and row is not None:
            self._ask(
                "whisper",
                here,
                _("Whisper to {to}: {{who}}").format(to=line(row.assignee or "", 40)),
                Field("text", "┃", hint=_("only they and supervisors see it")),
                _("Enter says it · Esc back"),
                _("There is nothing written yet."),
            )

    async def _whisper(self, conversation: int, text: str) -> str:
        message = await self._session.api.send(calls_reminders.whisper(conversation, text))
        return _("Whispered to {to}.").format(to=line(str(message.data.get("to", "")), 40))

    # ------------------------------------------------------------ looking on silently

    def do_observe(self) -> None:
        here, session = self._inbox.here, self._session
        if here is None:
            return
        if session.mirror.observed == here:
            session.observe(None)
            self._sign()
            self._inbox.say(_("You are seen here again."), "muted")
            return
        self.look_on(here)

    def look_on(self, conversation: int) -> None:
        """Open a conversation, which may be in no list shown, unseen."""
        self._inbox.first(self._look_on(conversation))

    async def _look_on(self, conversation: int) -> None:
        """First the journal has it, then nobody else sees it."""
        row = await self._session.find_row(conversation)
        await self._session.api.send(calls_reminders.observe(conversation))
        self._session.observe(conversation)
        self._inbox.open_elsewhere(row)
        self._sign()

    def _sign(self) -> None:
        """What the status line says as long as one looks on."""
        here = self._session.mirror.observed
        said = ""
        if here is not None:
            name = name_of(self._session.mirror, here)
            said = _("◎ Looking on silently at {name}: nobody sees you · {key} ends it")
            said = said.format(name=name, key=keys.first("observe"))
        if said != self._inbox.edges.observing:
            self._inbox.edges.observing = said
            self._inbox.thread.sync()
            self._inbox.sync_bars()

    def changed(self, changes: Changes) -> None:
        """Whoever opens something else, or begins to write, looks on no longer."""
        self._sign()

    # ------------------------------------------------------------ taking over

    def do_take_over(self) -> None:
        here = self._inbox.here
        row = self._session.mirror.row(here) if here is not None else None
        if here is not None and row is not None:
            self._ask(
                "take_over",
                here,
                _("Take it from {whom}: {{who}}").format(whom=line(row.assignee or _("nobody"), 40)),
                Field("text", _("Why"), hint=_("the journal keeps it")),
                _("Enter takes it · Esc back"),
                _("Say why you take it over."),
            )

    async def _take_over(self, conversation: int, reason: str) -> str:
        before = self._session.mirror.row(conversation)
        was = before.assignee if before is not None else None
        self._session.know(await self._session.api.send(calls_reminders.take_over(conversation, reason)))
        if self._session.mirror.observed == conversation:
            self._session.observe(None)

        async def back() -> None:
            self._session.do(AssignTo(conversation, user=was))

        name = name_of(self._session.mirror, conversation)
        self._offer(_("{name} is yours now").format(name=name), back)
        return ""
