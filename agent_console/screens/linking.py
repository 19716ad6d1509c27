"""Links in the inbox: offered while one types `http`, `www.` or `//`, and all in a drawer to insert, copy or open.

Offered are the links of this conversation, those the advisor sends to one customer and another, and those of the reply
templates. What a customer sent is opened only after asking where it leads.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from agent_console.backend import clipboard, computer, keeping, links
from agent_console.backend.api import ApiError, Unreachable
from agent_console.i18n import _, moment, ngettext
from agent_console.presentation import fuzzy, linked, osc
from agent_console.presentation.drawers import Question
from agent_console.safetext import line
from agent_console.screens.notices import LONG
from agent_console.screens.offering import Offering
from agent_console.screens.standing import name_of
from agent_console.widgets.offer_drawer import Offer, OfferDrawer
from agent_console.widgets.pick_drawer import Choice, Item, PickDrawer
from agent_console.widgets.terminal_out import send

if TYPE_CHECKING:
    from agent_console.backend.templates import Templates
    from agent_console.screens.inbox import Inbox
    from server.wire import Message

#: links offered at once while one types
MOST: Final = 6
#: how a link begins; `//` and some letters look for one
_TYPED: Final = re.compile(r"(?:^|(?<=[\s(«\"¡¿]))(?:https?(?::/{0,2})?|(?:https?://|www\.|//)(\S*))$", re.IGNORECASE)
_LEAD: Final = re.compile(r"https?://(?:www\.)?|www\.", re.IGNORECASE)


class Known(NamedTuple):
    """A link, what is said of where it is from, and whether a customer sent it."""

    link: str
    said: str
    foreign: bool = False

    @property
    def bare(self) -> str:
        """Without what all of them begin with."""
        return _LEAD.sub("", self.link, count=1)


class Links(Offering):
    """The links of an inbox."""

    def __init__(self, inbox: Inbox, templates: Templates) -> None:
        super().__init__(inbox, OfferDrawer(_("Links"), 72, lambda: inbox.composer.region.y, id="link-offers"))
        self._templates = templates
        self._loading = False
        self._all = PickDrawer(id="links")

    # ------------------------------------------------------------ what there is

    def known(self, about: int | None, writing: bool) -> list[Known]:
        """All links worth offering in a conversation: its own, the newest first, those sent often, those of templates.
        While one writes, what the customer sent comes last, and what only a note has is offered only in notes."""
        inbox, marked = self._inbox, self._inbox.thread.marked
        messages = inbox.session.mirror.messages(about) if about is not None else []
        here = linked.of_messages(messages, notes=inbox.composer.note or not writing)
        found = {
            each.link: Known(each.link, self._whose(each.message), each.message.direction == "in") for each in here
        }
        for link, times in inbox.session.outgoing.links():
            said = ngettext("sent by you {n} time", "sent by you {n} times", times).format(n=times)
            found.setdefault(link, Known(link, said))
        for each in linked.of_templates(self._templates.all):
            shortcut, name = line(each.template.shortcut, 30), line(each.template.name, 40)
            found.setdefault(each.link, Known(each.link, f";{shortcut}" if shortcut else name))
        of_marked = {each.link for each in here if marked is not None and each.message.id == marked.id}
        order = sorted(found.values(), key=lambda each: each.foreign and writing)
        return sorted(order, key=lambda each: each.link not in of_marked)

    def _whose(self, message: Message) -> str:
        mirror, when = self._inbox.session.mirror, moment(message.at, self._inbox.now())
        if message.direction == "in":
            who = name_of(mirror, message.conversation)
        else:
            who = _("You") if message.author == mirror.name else line(message.author_name or message.author, 30)
        who = _("note ({name})").format(name=who) if message.direction == "note" else who
        return f"{who} · {when}" if who else when

    def _fitting(self, typed: str, about: int | None, writing: bool) -> list[Known]:
        fits = [(fuzzy.rank(typed, f"{each.bare} {each.said}"), each) for each in self.known(about, writing)]
        ranked = [(rank, each) for rank, each in fits if rank is not None and rank < fuzzy.SCATTERED]
        return [each for _rank, each in sorted(ranked, key=lambda pair: pair[0])]

    def _want_templates(self, then: Callable[[], None]) -> None:
        """Ask for the templates, unless they are known; the keys that come meanwhile wait."""
        if self._templates.fresh or self._loading:
            return

        async def load() -> None:
            try:
                await self._templates.load()
            except (ApiError, Unreachable):
                return  # the other links are there
            finally:
                self._loading = False
            then()

        self._loading = True
        self._inbox.first(load())

    # ------------------------------------------------------------ while one types

    def begun(self, before: str) -> str:
        """The beginning of a link."""
        match = _TYPED.search(before)
        return match[0] if match is not None else ""

    def fitting(self, word: str) -> Sequence[Offer]:
        """The links that have it in them."""
        box = self._inbox.composer.prepare()
        self._want_templates(lambda: self.typed(box.before))
        match = _TYPED.search(word)
        found = self._fitting(match[1] or "", self._inbox.opened, True) if match is not None else []
        return [Offer(each.link, each.bare, each.said) for each in found[:MOST] if each.link != word]

    # ------------------------------------------------------------ all of them

    def do_links(self) -> None:
        """Choose one: to insert while one writes, else to copy; in the list, of the conversation under the cursor."""
        inbox, about = self._inbox, self._inbox.here
        writing = inbox.place == "composer" and inbox.composer.writing
        title = _("Links")
        if inbox.place == "list" and about is not None:
            title = _("Links: {who}").format(who=name_of(inbox.session.mirror, about))

        def items(typed: str) -> list[Item]:
            return [Item(each.link, each.said, each) for each in self._fitting(typed, about, writing)]

        def act(do: Callable[[Known], None]) -> Callable[[object], None]:
            def then(value: object) -> None:
                if self._all.display:
                    inbox.over.close(inbox.thelist)
                if isinstance(value, Known):
                    do(value)

            return then

        foot = _("Enter inserts · ctrl+y copies · ctrl+o opens · Esc closes")
        if not writing:
            foot = _("Enter copies · ctrl+o opens · Esc closes")
        self._all.take(
            Choice(
                title,
                items,
                act(self._insert if writing else self._copy),
                foot,
                empty=_("There is no such link here, nor in your templates."),
                keys={"ctrl+y": act(self._copy), "ctrl+o": act(self._open)},
            )
        )
        inbox.over.raise_(self._all)
        self._want_templates(self._all.again)
        if about is not None and about != inbox.opened:
            self._want_messages(about)

    def _want_messages(self, about: int) -> None:
        """Have the messages of a conversation that is not open here; the keys that come meanwhile wait."""

        async def load() -> None:
            with contextlib.suppress(ApiError, Unreachable):  # the other links are there
                await self._inbox.session.get_ready(about)
            self._all.again()

        self._inbox.first(load())

    def link_clicked(self, link: str) -> None:
        """One was clicked in the conversation."""
        self._ask(Known(link, "", True))

    def _insert(self, known: Known) -> None:
        box = self._inbox.composer.prepare()
        word = self.begun(box.before)
        if not (word and box.swap(word, known.link)):
            lead = " " if box.before and not box.before[-1].isspace() else ""
            box.put(lead + known.link)

    # ------------------------------------------------------------ copying, opening

    def _copy(self, known: Known) -> None:
        self._inbox.background(self._copied(known.link, _("Copied: {link}")))

    async def _copied(self, link: str, said: str) -> None:
        """Through the terminal, which may be far from this computer, and through this computer, if it is the
        reader's."""
        inbox = self._inbox
        through = inbox.telling.through if inbox.telling is not None else osc.multiplexer("auto", os.environ)
        send(inbox.app, osc.clipboard(link, through))
        await asyncio.to_thread(clipboard.put, link, os.environ)
        inbox.say(said.format(link=line(link, 300)), "good", LONG)

    def _open(self, known: Known) -> None:
        if known.foreign:
            self._ask(known)
        else:
            self._opened(known)

    def _ask(self, known: Known) -> None:
        question = Question(
            _("Open this link in the browser?"),
            (
                line(known.link, 600),
                _("It leads to {place}.").format(place=links.host(known.link)),
                _("It comes from outside. Open it only if you expected it."),
            ),
            (("o", _("open it")), ("c", _("copy it")), ("escape", _("leave it"))),
        )

        def then(answer: str) -> None:
            if answer == "o":
                self._opened(known)
            elif answer == "c":
                self._copy(known)

        self._inbox.ask(question, then)

    def _opened(self, known: Known) -> None:
        inbox, target = self._inbox, links.target(known.link)
        if not computer.is_the_readers():
            inbox.app.open_url(target)
            return
        program = keeping.opener(os.environ)
        if not program:
            said = _("There is no browser in front of you here; copied instead: {link}")
            inbox.background(self._copied(known.link, said))
            return
        try:
            keeping.start(program, target)
        except OSError as error:
            inbox.say(_("Not opened: {why}").format(why=line(error.strerror or str(error), 120)), "warn", LONG)
