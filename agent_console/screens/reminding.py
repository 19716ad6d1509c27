"""Reminders in the inbox: made in a sheet, told when they are due, listed, moved and done."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from agent_console import words
from agent_console.backend import calls_reminders
from agent_console.backend.api import ApiError, Unreachable
from agent_console.i18n import _, zone
from agent_console.presentation import fuzzy, moments, reminders, when
from agent_console.presentation.drawers import Question
from agent_console.safetext import line
from agent_console.screens.notices import UNDO, Undo
from agent_console.screens.service import ServicePart
from agent_console.screens.standing import name_of
from agent_console.widgets.fields_drawer import Field, FieldsDrawer, Sheet, Values
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.calls import Call
    from agent_console.backend.changes import Changes
    from agent_console.screens.inbox import Inbox

#: reminders that the list holds
MOST = 200
#: what is changed on the sheet
Owner = tuple[str | None, str | None]


class Reminding(ServicePart):
    """The reminders of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._sheet = FieldsDrawer(id="remind")
        self._list = ListDrawer(id="reminders")
        self._items: list[wire.Reminder] = []
        self._whose = "mine"
        self._loaded = False

    @property
    def _me(self) -> str:
        return self._session.mirror.name

    # ------------------------------------------------------------ making one

    def do_remind(self) -> None:
        here = self._inbox.here
        if here is None:
            return
        self._inbox.need("users", "teams")
        kinds = [(kind, words.reminder_kind(kind)) for kind in ("reminder", "promise", "callback")]
        fields = (
            Field("text", _("What"), hint=_("call her about the credit")),
            Field("at", _("When"), reading=self._read_moment, hint=_("thursday 10:00, 2h, tomorrow, 30 nov 4 pm")),
            Field("kind", _("Kind"), "reminder", choices=kinds),
            Field("phone", _("Number"), hint=self._number(here), shown=lambda values: values["kind"] == "callback"),
            Field("owner", _("Whose"), reading=self._read_owner, hint=_("me")),
        )
        name = name_of(self._session.mirror, here)
        sheet = Sheet(
            _("Remind: {who}").format(who=name),
            fields,
            lambda values: self._make(here, values),
            _("Tab next · ← → choose · Enter notes it · Esc"),
            self._check,
            key=("remind", here),
        )
        self._sheet.take(sheet)
        self._inbox.over.raise_(self._sheet)

    def _number(self, conversation: int) -> str:
        """The number that is called if none is written."""
        thread = self._session.mirror.thread(conversation)
        known = thread.about.contact.identities if thread is not None and thread.about is not None else []
        number = next((each.value for each in known if each.kind == "phone"), "")
        return reminders.said_number(f"+{number.removeprefix('+')}") if number else _("a number to call")

    def _read_moment(self, typed: str) -> str:
        if not typed.strip():
            return ""
        at = self._moment(typed)
        return "= " + when.ahead(at, self._inbox.now()) if at is not None else _("no moment ahead")

    def _moment(self, typed: str) -> int | None:
        return moments.read(typed, self._inbox.now(), zone())

    def _read_owner(self, typed: str) -> str:
        if not typed.strip():
            return ""
        owner = self._owner(typed)
        if owner is None:
            return _("nobody is called so")
        user, team = owner
        people = {each.name: each.display_name or each.name for each in self._inbox.directory.users}
        return "= " + (line(people.get(user, user), 40) if user else f"{line(team or '', 40)} ({_('team')})")

    def _owner(self, typed: str) -> Owner | None:
        """Whom the words mean: (user, team), both None for oneself; None if nobody."""
        if not typed.strip():
            return None, None
        directory = self._inbox.directory
        known: list[tuple[str, Owner]] = [
            (f"{each.display_name} {each.name}", (each.name, None)) for each in directory.colleagues
        ]
        known += [(each.name, (None, each.name)) for each in directory.teams]
        found = fuzzy.best(typed.strip(), known, lambda each: each[0])
        return found[0][1] if found else None

    def _check(self, values: Values) -> str:
        if not values["text"].strip() and values["kind"] != "callback":
            return _("Say what is to be done.")
        if self._moment(values["at"]) is None:
            return _("Say a moment ahead: 2h, monday, tomorrow 4 pm, 30 nov")
        return "" if self._owner(values["owner"]) is not None else _("Nobody is called so.")

    def _make(self, conversation: int, values: Values) -> None:
        user, team = self._owner(values["owner"]) or (None, None)
        at = self._moment(values["at"])
        assert at is not None
        kind = cast(wire.ReminderKind, values["kind"])
        phone = values["phone"] if kind == "callback" else ""
        new = wire.NewReminder(text=values["text"], due_at=at, kind=kind, user=user, team=team, phone=phone)

        async def send() -> None:
            made = await self._session.api.send(calls_reminders.remind(conversation, new))
            self._sheet.done()
            name = name_of(self._session.mirror, conversation)
            said = f"{name}: {reminders.sentence(made, self._inbox.now(), self._me)}"
            self._offer(said, made.id, wire.ChangeReminder(cancelled=True))

        self._inbox.background(self._kept(send()))

    async def _kept(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what the sheet asks for; a refusal is shown on it, with all that was typed."""
        try:
            await work
        except ApiError as error:
            self._sheet.refuse(line(words.problem(error.code, error.problem.params, error.problem.detail), 200))
        except Unreachable:
            self._sheet.refuse(_("The server does not answer. What you typed stays here: try again."))

    # ------------------------------------------------------------ the list

    def do_reminders(self) -> None:
        self._whose = "mine"
        self._loaded, self._items = False, []
        self._list.take(self._listing())
        self._inbox.over.raise_(self._list)
        self._inbox.first(self._load())

    async def _load(self) -> None:
        whose = self._whose
        page = await self._session.api.send(calls_reminders.reminders(whose, limit=MOST))
        if whose != self._whose:
            return  # the others were asked for meanwhile
        self._items, self._loaded = page.items, True
        self._list.take(self._listing(), again=True)

    def _listing(self) -> Listing:
        now, me = self._inbox.now(), self._me
        rows = [
            Row(lambda look, width, each=each: reminders.list_lines(each, now, me, look, width), each)  # type: ignore[misc]
            for each in self._items
        ]
        keys = {
            "enter": (_("open"), self._open),
            "d": (_("done"), self._done),
            "m": (_("move"), self._move),
            "x": (_("cancel it"), self._cancel),
            "t": (_("mine only") if self._whose == "team" else _("colleagues' too"), self._turn),
        }
        empty = _("Nothing is promised. b notes a reminder.") if self._loaded else _("loading…")
        title = _("Reminders of my teams") if self._whose == "team" else _("My reminders")
        return Listing(title, rows, keys, empty)

    def _open(self, value: object) -> None:
        reminder = cast(wire.Reminder, value)
        self._inbox.over.close(self._inbox.thelist)

        async def go() -> None:
            self._inbox.open_elsewhere(await self._session.find_row(reminder.conversation))

        self._inbox.first(go())

    def _turn(self, value: object) -> None:
        self._whose = "mine" if self._whose == "team" else "team"
        self._inbox.first(self._load())

    # ------------------------------------------------------------ done, moved, cancelled

    def _done(self, value: object) -> None:
        reminder = cast(wire.Reminder, value)
        if reminder.kind != "callback":
            change = wire.ChangeReminder(done=True)
            self._change(reminder, change, _("{what}: done"), wire.ChangeReminder(done=False))
            return
        question = Question(
            _("How did the call end?"),
            (f"{line(reminder.contact_name, 60)} · {reminders.what(reminder)}",),
            (("r", _("reached")), ("n", _("no answer: try again …")), ("escape", _("back"))),
        )

        def then(answer: str) -> None:
            if answer == "n":
                self._try_again(reminder)
                return
            self._inbox.over.raise_(self._list)
            if answer == "r":
                done = wire.ChangeReminder(done=True, outcome="reached")
                self._change(reminder, done, _("{what}: reached"), wire.ChangeReminder(done=False))

        self._inbox.ask(question, then)

    def _try_again(self, reminder: wire.Reminder) -> None:
        def change(at: int) -> wire.ChangeReminder:
            return wire.ChangeReminder(done=True, outcome="no_answer", again_at=at)

        self._ask_moment(reminder, _("Call again: {who}"), "2h", change)

    def _move(self, value: object) -> None:
        def change(at: int) -> wire.ChangeReminder:
            return wire.ChangeReminder(due_at=at)

        self._ask_moment(cast(wire.Reminder, value), _("Move: {who}"), "", change)

    def _ask_moment(
        self, reminder: wire.Reminder, title: str, text: str, change: Callable[[int], wire.ChangeReminder]
    ) -> None:
        def check(values: Values) -> str:
            good = self._moment(values["at"]) is not None
            return "" if good else _("Say a moment ahead: 2h, monday, tomorrow 4 pm, 30 nov")

        def take(values: Values) -> None:
            at = self._moment(values["at"])
            assert at is not None

            async def send() -> None:
                moved = await self._session.api.send(calls_reminders.change_reminder(reminder.id, change(at)))
                asked = self._sheet.display
                self._sheet.forget()
                said = _("{what}: {moment}").format(
                    what=reminders.what(moved), moment=when.ahead(moved.due_at, self._inbox.now())
                )
                back = wire.ChangeReminder(due_at=reminder.due_at) if reminder.due_at > self._inbox.now() else None
                if asked:  # who left the sheet meanwhile is not called back
                    self._inbox.over.raise_(self._list)
                self._offer(said, reminder.id, back)
                await self._load()

            self._inbox.background(self._kept(send()))

        sheet = Sheet(
            title.format(who=line(reminder.contact_name, 60)),
            (Field("at", _("When"), text, reading=self._read_moment, hint=_("thursday 10:00, 2h, tomorrow")),),
            take,
            _("Enter takes it · Esc back"),
            check,
        )
        self._sheet.take(sheet)
        self._inbox.over.raise_(self._sheet)

    def _cancel(self, value: object) -> None:
        reminder = cast(wire.Reminder, value)
        cancel = wire.ChangeReminder(cancelled=True)
        self._change(reminder, cancel, _("{what}: cancelled"), wire.ChangeReminder(cancelled=False))

    def _change(
        self, reminder: wire.Reminder, change: wire.ChangeReminder, said: str, back: wire.ChangeReminder
    ) -> None:
        async def send() -> None:
            await self._session.api.send(calls_reminders.change_reminder(reminder.id, change))
            self._items = [each for each in self._items if each.id != reminder.id]
            self._list.take(self._listing(), again=True)
            self._offer(said.format(what=reminders.what(reminder)), reminder.id, back)

        self._inbox.background(send())

    def _offer(self, said: str, id: int, back: wire.ChangeReminder | None) -> None:
        """Say what was done, and offer to take it back."""
        inbox = self._inbox
        if back is None:
            inbox.say(said, "good")
            return

        def undo() -> None:
            inbox.background(self._undo(calls_reminders.change_reminder(id, back)))

        inbox.notices.offer(Undo(said, inbox.now() + UNDO, undo))
        if self._list.display:  # where z is not offered
            inbox.say(said, "good")
        inbox.sync_bars()

    async def _undo(self, call: Call[wire.Reminder]) -> None:
        again = await self._session.api.send(call)
        self._inbox.say(_("As it was before: {what}").format(what=reminders.what(again)), "good")
        if self._list.display:
            await self._load()

    # ------------------------------------------------------------ what the journal tells

    def changed(self, changes: Changes) -> None:
        """Names may have come; what is due comes to the head of the list."""
        self._sheet.again()
        if self._list.display and any(each.kind == "reminder.due" for each in changes.alerts):
            self._inbox.background(self._load())
