"""One customer, several identities: likely the same person, merged contacts, conversations that could be one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from agent_console.backend import calls
from agent_console.i18n import _
from agent_console.presentation import people
from agent_console.presentation.drawers import Question
from agent_console.presentation.look import channel_code
from agent_console.safetext import line
from agent_console.screens.notices import REASON, UNDO, Undo
from agent_console.screens.standing import name_of
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row
from server.wire import Contact, Likely, Merge, PastConversation

if TYPE_CHECKING:
    from agent_console.backend.calls import Call
    from agent_console.screens.inbox import Inbox
    from server.wire import Conversation


class People:
    """Merging and taking apart, in an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._drawer = ListDrawer(id="people")
        self._conversation = 0

    def do_people(self) -> None:
        here = self._inbox.here
        if here is None:
            return
        self._conversation = here
        self._drawer.take(self._listing())
        self._inbox.over.raise_(self._drawer)
        self._inbox.first(self._renew())

    async def _renew(self) -> None:
        await self._inbox.session.renew(self._conversation)
        self._drawer.take(self._listing(), again=True)

    # ------------------------------------------------------------ what there is

    def _about(self) -> Conversation | None:
        thread = self._inbox.session.mirror.thread(self._conversation)
        return thread.about if thread is not None else None

    def _listing(self) -> Listing:
        about = self._about()
        rows = self._rows(about) if about is not None else []
        keys = {"enter": (_("merge, take apart"), self._enter), "x": (_("not the same"), self._different)}
        name = name_of(self._inbox.session.mirror, self._conversation)
        empty = _("Nobody else looks like them, and there is no other conversation.") if about else _("loading…")
        return Listing(_("{name}: same person").format(name=name), rows, keys, empty)

    def _rows(self, about: Conversation) -> list[Row]:
        now = self._inbox.now()
        thread = self._inbox.session.mirror.thread(self._conversation)
        history = (thread.history if thread is not None else None) or []
        direct = about.row.surface == "direct"
        others = [past for past in history if past.id != self._conversation and direct]
        parts: list[tuple[str, list[Row]]] = [
            (
                _("Likely the same person"),
                [
                    Row(lambda look, width, each=each: people.likely_lines(each, look, width), each)  # type: ignore[misc]
                    for each in about.suggestions
                ],
            ),
            (
                _("Merged into this customer"),
                [
                    Row(lambda look, width, each=each: people.merge_lines(each, now, look, width), each)  # type: ignore[misc]
                    for each in about.contact.merges
                ],
            ),
            (
                _("Other conversations of theirs"),
                [
                    Row(
                        lambda look, width, past=past, part=past.id in about.merged: people.past_lines(  # type: ignore[misc]
                            past, now, look, width, part
                        ),
                        past,
                    )
                    for past in others
                ],
            ),
        ]
        rows: list[Row] = []
        for title, found in parts:
            if found:
                first = not rows
                head = Row(
                    lambda look, width, title=title, first=first: people.heading(title, look, first),  # type: ignore[misc]
                    heading=True,
                )
                rows += [head, *found]
        return rows

    # ------------------------------------------------------------ with the one chosen

    def _enter(self, value: object) -> None:
        about = self._about()
        if about is None:
            return
        if isinstance(value, Likely):
            self._merge(about.contact, value)
        elif isinstance(value, Merge):
            self._unmerge(about.contact, value)
        elif isinstance(value, PastConversation):
            if value.id in about.merged:
                self._split(value)
            else:
                self._join(value)

    def _merge(self, contact: Contact, likely: Likely) -> None:
        one, other = line(contact.name, 60) or _("No name"), line(likely.name, 60) or _("No name")
        question = Question(
            _("Are {one} and {other} the same person?").format(one=one, other=other),
            (
                people.reason(likely),
                _("They become one customer, {one}, with all addresses and the history of both. Their conversations "
                  "stay apart. It can be undone at any time.").format(one=one),
            ),
            (("enter", _("the same: merge")), ("x", _("not the same")), ("escape", _("back"))),
        )  # fmt: skip

        def then(answer: str) -> None:
            if answer == "enter":
                self._inbox.background(self._do_merge(contact.id, likely.contact, other))
            elif answer == "x":
                self._different(likely)
            self._back()

        self._inbox.ask(question, then)

    async def _do_merge(self, contact: int, other: int, name: str) -> None:
        merged = await self._inbox.session.api.send(calls.merge_contacts(contact, other))
        merge = merged.merges[0].id if merged.merges else None

        async def undo() -> None:
            if merge is not None:
                await self._done(calls.unmerge_contacts(merged.id, merge), _("Taken apart again."))

        await self._finish(_("{name} is part of this customer now").format(name=name), undo)

    def _unmerge(self, contact: Contact, merge: Merge) -> None:
        name = line(merge.name, 60) or _("No name")
        if merge.proof == "provider":
            self._inbox.say(_("The channel itself says that they are one person, so they stay one contact."), "warn")
            return
        question = Question(
            _("Take {name} apart again?").format(name=name),
            (_("{name} becomes a customer of their own again, with the addresses and conversations that came with "
               "them, and what arrived there since.").format(name=name),),
            (("enter", _("take apart")), ("escape", _("back"))),
        )  # fmt: skip

        def then(answer: str) -> None:
            if answer == "enter":
                self._inbox.background(self._do_unmerge(contact.id, merge.id, name))
            self._back()

        self._inbox.ask(question, then)

    async def _do_unmerge(self, contact: int, merge: int, name: str) -> None:
        freed = await self._inbox.session.api.send(calls.unmerge_contacts(contact, merge))

        async def undo() -> None:
            await self._done(calls.merge_contacts(contact, freed.id), _("Merged again."))

        await self._finish(_("{name} is a customer of their own again").format(name=name), undo)

    def _different(self, value: object) -> None:
        about = self._about()
        if not isinstance(value, Likely) or about is None:
            self._inbox.say(_("That is for those who are likely the same person."), "muted")
            return
        call = calls.reject_suggestion(about.contact.id, value.contact)
        self._inbox.background(self._done(call, _("Noted: they are different people.")))

    def _join(self, past: PastConversation) -> None:
        what = f"{channel_code(past.channel_kind)} «{line(past.preview, 80)}»"
        question = Question(
            _("Make this one conversation?"),
            (
                what,
                _("Its messages move here, and what they write there from now on comes here too. The earlier of both "
                  "promises counts. It can be taken apart again."),
            ),
            (("enter", _("make them one")), ("escape", _("back"))),
        )  # fmt: skip

        def then(answer: str) -> None:
            if answer == "enter":
                self._inbox.background(self._do_join(self._conversation, past.id, join=True))
            self._back()

        self._inbox.ask(question, then)

    def _split(self, past: PastConversation) -> None:
        question = Question(
            _("Take this conversation out again?"),
            (
                f"{channel_code(past.channel_kind)} «{line(past.preview, 80)}»",
                _("It has its own messages again, also what came in it since."),
            ),
            (("enter", _("take it out")), ("escape", _("back"))),
        )

        def then(answer: str) -> None:
            if answer == "enter":
                self._inbox.background(self._do_join(self._conversation, past.id, join=False))
            self._back()

        self._inbox.ask(question, then)

    async def _do_join(self, conversation: int, other: int, join: bool) -> None:
        do, back = calls.merge_conversations, calls.split_conversation
        if not join:
            do, back = back, do
        await self._inbox.session.api.send(do(conversation, other))

        async def undo() -> None:
            await self._done(back(conversation, other), _("As it was before."))

        said = _("One conversation now") if join else _("Two conversations again")
        await self._finish(said, undo)

    # ------------------------------------------------------------ inside

    def _back(self) -> None:
        """To the list; the question stood in its place."""
        self._inbox.over.raise_(self._drawer)

    async def _finish(self, what: str, undo: Callable[[], Coroutine[Any, Any, None]]) -> None:
        inbox = self._inbox
        inbox.notices.offer(Undo(what, inbox.now() + UNDO, lambda: inbox.background(undo())))
        inbox.say(what, "good", REASON)
        await self._renew()
        inbox.sync_bars()

    async def _done(self, call: Call[Any], said: str) -> None:
        await self._inbox.session.api.send(call)
        self._inbox.say(said, "good")
        await self._renew()
