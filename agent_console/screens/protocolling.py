"""The protocol in the inbox: classify in two keys, the checklist with its stage and outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from agent_console import words
from agent_console.backend import calls_protocol
from agent_console.backend.overlay import Change, Classify, SetStage
from agent_console.i18n import _, ngettext
from agent_console.presentation import checklist as shown
from agent_console.presentation import fuzzy
from agent_console.safetext import line
from agent_console.screens.concluding import Outcomes
from agent_console.screens.notices import REASON, UNDO, Undo
from agent_console.screens.service import ServicePart
from agent_console.screens.standing import name_of
from agent_console.widgets.classify_drawer import ClassifyDrawer
from agent_console.widgets.pick_drawer import Choice, Item, PickDrawer
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.changes import Changes
    from agent_console.screens.inbox import Inbox


#: how hard a conversation can be
DEPTHS: tuple[wire.Complexity, ...] = ("simple", "medium", "complex")


class Protocolling(ServicePart):
    """Classifying, and the checklist of the conversation one is at."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._classify = ClassifyDrawer(self._topics, id="classify")
        self._pick = PickDrawer(id="checklist")
        self._outcomes = Outcomes(inbox, "outcome")
        self._list: wire.Checklist | None = None

    def changed(self, changes: Changes) -> None:
        """The checklist shown may be another one now."""
        here = self._list
        if here is not None and self._pick.display and here.conversation in (changes.about | changes.threads):
            self._inbox.background(self._renew(here.conversation))

    def names_came(self) -> None:
        """More names are known than before."""
        self._classify.again()

    # ------------------------------------------------------------ classification

    def _topics(self) -> Sequence[wire.Topic] | None:
        directory = self._inbox.directory
        return directory.topics if directory.has("topics") else None

    def do_classify(self) -> None:
        working = self._inbox.acts.working
        rows = working.rows()
        if not rows:
            return
        self._inbox.need("topics")
        who = name_of(self._session.mirror, rows[0].id)
        if len(rows) > 1:
            who = ngettext("{n} conversation", "{n} conversations", len(rows)).format(n=len(rows))
        same = {(row.topic, row.complexity) for row in rows}
        topic, depth = same.pop() if len(same) == 1 else ("", "")
        meant = [row.id for row in rows]

        def then(topic: wire.Topic | None, depth: wire.Complexity | None) -> None:
            with working.about(meant):
                self._classified(topic, depth)

        self._classify.ask(_("What it is about: {who}").format(who=who), topic, depth, then)
        self._inbox.over.raise_(self._classify)

    def _classified(self, topic: wire.Topic | None, depth: wire.Complexity | None) -> None:
        said = " ".join(part for part in (topic.name if topic else "", depth or "") if part)
        if said:
            self._inbox.acts.recorded(f":classify {said}")
        self.classify(topic.name if topic else None, depth)

    def classify(self, topic: str | None, depth: wire.Complexity | None) -> None:
        """Say what the conversations one is at are about, and how hard they are; None leaves that as it is."""

        def make(row: wire.ConversationRow) -> Change | None:
            same = (topic is None or row.topic == topic) and (depth is None or row.complexity == depth)
            return None if same else Classify(row.id, topic=topic, complexity=depth)

        name = shown.topic(topic) if topic else ""
        called = " · ".join(part for part in (name, words.complexity(depth) if depth else "") if part)
        if not self._inbox.acts.working.act(make, lambda who: f"{who}: {called}", called or _("classified")):
            self._inbox.say(_("It is that already."), "muted", REASON)

    def classify_typed(self, said: str) -> str:
        """A topic's name, or a few letters of it, and how hard it is; why that means nothing, empty if it does."""
        typed, _gap, last = said.strip().rpartition(" ")
        depth = next((each for each in DEPTHS if last and last.casefold() in (each, words.complexity(each))), None)
        name = typed if depth is not None else said.strip()
        if not name:
            self.classify(None, depth)
            return ""
        known = self._inbox.directory.topics
        exact = [topic for topic in known if fuzzy.plain(topic.name) == fuzzy.plain(name)]
        found = exact or fuzzy.best(name, known, lambda topic: shown.topic(topic.name))
        if not found:
            return words.problem("not_found", {"what": "topic", "id": name[:60]})
        self.classify(found[0].name, depth or found[0].complexity or None)
        return ""

    def put_stage(self, stage: wire.Stage) -> None:
        """Say by hand in which stage it is."""

        def make(row: wire.ConversationRow) -> Change | None:
            return None if row.stage == stage or row.state == "resolved" else SetStage(row.id, stage=stage)

        called = _("stage: {stage}").format(stage=words.stage(stage))
        self._inbox.acts.working.act(make, lambda who: f"{who}: {called}", called)

    # ------------------------------------------------------------ the checklist

    def do_checklist(self) -> None:
        here = self._inbox.here
        if here is None:
            return
        thread = self._session.mirror.thread(here)
        about = thread.about if thread is not None else None
        row = self._session.mirror.row(here)
        self._list = wire.Checklist(
            conversation=here,
            stage=row.stage if row is not None else "welcome",
            items=about.checklist if about is not None else [],
            ending=about.ending if about is not None else wire.Ending(),
        )
        self._show()
        self._inbox.background(self._renew(here))

    def _show(self) -> None:
        name = name_of(self._session.mirror, self._list.conversation) if self._list is not None else ""
        self._pick.take(
            Choice(
                _("Protocol: {who}").format(who=name),
                self._items,
                self._entered,
                _("space ticks · Enter does it · Esc closes"),
                stays=True,
                empty=_("Nothing is called so."),
                marks=True,
                keys={"space": self._toggle},
            )
        )
        self._inbox.over.raise_(self._pick)

    async def _renew(self, conversation: int) -> None:
        found = await self._session.api.send(calls_protocol.checklist(conversation))
        if self._list is not None and self._list.conversation == conversation:
            self._list = found
            self._pick.again()

    def _items(self, typed: str) -> list[Item]:
        found = self._list
        if found is None:
            return []
        now = self._inbox.now()
        items = [
            Item(
                shown.title(item),
                " · ".join(part for part in (self._said(item, now), words.stage(item.stage)) if part),
                item,
                shown.mark(item) if item.done else "",
            )
            for item in found.items
        ]
        if not any(item.kind == "outcome" for item in found.items):
            ended = shown.outcome(found.ending) or _("none yet")
            items.append(Item(_("outcome"), ended, "outcome", "✓" if found.ending.outcome else ""))
        items.append(Item(_("stage"), f"{words.stage(found.stage)} {shown.dots(found.stage)}", "stage"))
        return fuzzy.best(typed, items, lambda item: item.text)

    def _said(self, item: wire.CheckItem, now: int) -> str:
        """Who did it and when; how it ended."""
        if item.kind == "outcome" and self._list is not None:
            return shown.outcome(self._list.ending)
        return shown.who(item, now)

    def _entered(self, value: object) -> None:
        """Enter does what an item is about; what people tick is ticked."""
        kind = value.kind if isinstance(value, wire.CheckItem) else value
        if self._list is None:
            return
        if kind in ("topic", "complexity"):
            with self._inbox.acts.working.about([self._list.conversation]):
                self.do_classify()
        elif kind == "outcome":
            self._outcomes.ask(self._noted, self._list.outcomes)
        elif kind == "stage":
            self._ask_stage(self._list.conversation)
        else:
            self._toggle(value)

    def _toggle(self, value: object) -> None:
        found = self._list
        if found is None or not isinstance(value, wire.CheckItem):
            return
        if not value.can_tick:
            said = words.problem("fills_itself") if not value.done else _("That is done; nobody has to tick it.")
            self._inbox.say(said, "muted", REASON)
            return
        self._inbox.background(self._tick(found.conversation, value, not value.done))

    async def _tick(self, conversation: int, item: wire.CheckItem, on: bool) -> None:
        self._took(await self._session.api.send(calls_protocol.tick(conversation, item.id, on)))

        def back() -> None:
            self._inbox.background(self._untick(conversation, item, not on))

        what = f"{'✓' if on else '·'} {line(shown.title(item), 60)}"
        self._inbox.notices.offer(Undo(what, self._inbox.now() + UNDO, back))
        self._inbox.sync_bars()

    async def _untick(self, conversation: int, item: wire.CheckItem, on: bool) -> None:
        self._took(await self._session.api.send(calls_protocol.tick(conversation, item.id, on)))

    def _took(self, answer: wire.Checklist) -> None:
        """The server's checklist as it is now."""
        if self._list is not None and self._list.conversation == answer.conversation:
            self._list = answer
            self._pick.again()
        self._inbox.background(self._session.renew(answer.conversation))

    def _ask_stage(self, conversation: int) -> None:
        def items(typed: str) -> list[Item]:
            found = [Item(words.stage(each), shown.dots(each), each) for each in wire.STAGES[:-1]]
            return fuzzy.best(typed, found, lambda item: item.text)

        def take(value: object) -> None:
            with self._inbox.acts.working.about([conversation]):
                self.put_stage(msgspec.convert(value, wire.Stage))

        choice = Choice(
            _("Which stage is it in?"),
            items,
            take,
            _("Enter takes it · Esc closes"),
            empty=_("Nothing is called so."),
        )
        self._pick.take(choice)
        self._inbox.over.raise_(self._pick)

    def _noted(self, given: wire.SetOutcome) -> None:
        if self._list is not None:
            self._inbox.background(self._note(self._list.conversation, given))

    async def _note(self, conversation: int, given: wire.SetOutcome) -> None:
        before = self._list.ending if self._list is not None else wire.Ending()
        answer = await self._session.api.send(calls_protocol.outcome(conversation, given))
        self._took(answer)
        was = wire.SetOutcome(
            outcome=before.outcome, amount=before.amount, currency=before.currency, reason=before.reason
        )

        async def back() -> None:
            self._took(await self._session.api.send(calls_protocol.outcome(conversation, was)))

        name = name_of(self._session.mirror, conversation)
        what = f"{name}: {line(shown.outcome(answer.ending), 60) or _('no outcome')}"
        undo = Undo(what, self._inbox.now() + UNDO, lambda: self._inbox.background(back()))
        self._inbox.notices.offer(undo)
        self._inbox.sync_bars()
