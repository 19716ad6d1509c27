"""Messages of ours that failed, or of which nobody knows whether they arrived: seen together, and decided on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from agent_console import words
from agent_console.backend import calls
from agent_console.backend.api import ApiError
from agent_console.backend.resending import send_all_again
from agent_console.i18n import _, ngettext
from agent_console.presentation import media, outbox
from agent_console.presentation.drawers import Question
from agent_console.safetext import line
from agent_console.screens.notices import LONG
from agent_console.screens.standing import name_of
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.calls import Call
    from agent_console.screens.inbox import Inbox

#: messages of each state that are listed
MOST = 100


class DeadLetters:
    """The dead letters of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._drawer = ListDrawer(id="dead-letters")
        self._items: list[wire.OutboxItem] = []
        self._loaded = False

    def do_dead_letters(self) -> None:
        self._loaded = False
        self._items = []
        self._drawer.take(self._listing())
        self._inbox.over.raise_(self._drawer)
        self._inbox.first(self._load())

    async def _load(self) -> None:
        api = self._inbox.session.api
        unknown, failed = await asyncio.gather(
            api.send(calls.outbox("unknown", limit=MOST)), api.send(calls.outbox("failed", limit=MOST))
        )
        self._items = [*unknown.items, *failed.items]
        self._loaded = True
        self._drawer.take(self._listing(), again=True)

    def _listing(self) -> Listing:
        now = self._inbox.now()
        rows = [
            Row(lambda look, width, item=item: outbox.item_lines(item, now, look, width), item)  # type: ignore[misc]
            for item in self._items
        ]
        keys = {
            "enter": (_("open"), self._open),
            "R": (_("send again"), self._resend),
            "a": (_("it arrived"), self._arrived),
            "d": (_("let it be"), self._drop),
        }
        me = self._inbox.session.mirror.me
        if me is not None and me.role != "advisor":
            keys["A"] = (_("all of this channel again"), self._resend_all)
        empty = _("Everything has left.") if self._loaded else _("loading…")
        return Listing(_("Not sent"), rows, keys, empty)

    # ------------------------------------------------------------ with the one chosen

    def _open(self, value: object) -> None:
        item, inbox = cast(wire.OutboxItem, value), self._inbox
        inbox.over.close(inbox.thelist)
        inbox.open_elsewhere(item.conversation, item.message.id)

    def _resend(self, value: object) -> None:
        item = cast(wire.OutboxItem, value)
        call = calls.settle(item.message.id, "resend") if item.state == "unknown" else calls.resend(item.message.id)
        self._do(item, call, _("Sending it again…"))

    def _arrived(self, value: object) -> None:
        item = cast(wire.OutboxItem, value)
        if item.state == "unknown":
            self._do(item, calls.settle(item.message.id, "sent"), _("Noted: it arrived."))
        else:
            self._inbox.say(_("It certainly did not arrive: R sends it again, d lets it be."), "warn")

    def _drop(self, value: object) -> None:
        item, inbox = cast(wire.OutboxItem, value), self._inbox
        if item.state == "unknown":
            inbox.say(_("Nobody knows whether it arrived: say so (a) or send it again (R)."), "warn")
            return
        text = media.preview(item.message.kind, item.message.text)
        question = Question(
            _("Let this message be?"),
            (
                f"{line(item.conversation.contact_name, 40)}: «{text}»",
                _("It was not sent and will not be. It stays in the conversation, and leaves this list."),
            ),
            (("d", _("let it be")), ("escape", _("back"))),
        )

        def then(answer: str) -> None:
            inbox.over.raise_(self._drawer)
            if answer == "d":
                self._do(item, calls.drop(item.message.id), _("It will not be sent."))

        inbox.ask(question, then)

    def _do(self, item: wire.OutboxItem, call: Call[wire.Message], said: str) -> None:
        async def work() -> None:
            try:
                await self._inbox.session.api.send(call)
            except ApiError as error:
                # What the list shows may be old news: show it as it is now, with the reason.
                await self._load()
                problem = error.problem
                self._inbox.say(line(words.problem(problem.code, problem.params, problem.detail), 200), "warn", LONG)
                return
            self._items = [each for each in self._items if each.message.id != item.message.id]
            self._drawer.take(self._listing(), again=True)
            name = name_of(self._inbox.session.mirror, item.message.conversation)
            self._inbox.say(f"{name}: {said}", "good")

        self._inbox.background(work())

    # ------------------------------------------------------------ with all of a channel

    def _resend_all(self, value: object) -> None:
        item, inbox = cast(wire.OutboxItem, value), self._inbox
        channel = item.conversation.channel
        count = sum(1 for each in self._items if each.state == "failed" and each.conversation.channel == channel)
        if not count:
            inbox.say(_("No message of this channel failed."), "muted")
            return
        question = Question(
            _("Send all failed messages of {channel} again?").format(channel=line(channel, 40)),
            (
                ngettext("{n} message is listed here; older ones go too.", "{n} messages are listed here; older ones "
                         "go too.", count).format(n=count),
                _("Customers may have got an answer meanwhile. Oldest go first, at the channel's pace."),
            ),
            (("A", _("send them all")), ("escape", _("back"))),
        )  # fmt: skip

        def then(answer: str) -> None:
            inbox.over.raise_(self._drawer)
            if answer == "A":
                inbox.background(self._send_all(channel))

        inbox.ask(question, then)

    async def _send_all(self, channel: str) -> None:
        done = await send_all_again(self._inbox.session.api, channel)
        self._inbox.say(" · ".join(outbox.sent_again(done)), "warn" if done.left else "good", LONG)
        await self._load()
