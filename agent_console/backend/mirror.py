"""What this advisor can see, kept in step by the feed's events. Pure: no I/O, no widgets, no clock of its own.

The server's word is kept as it came (rows and messages by version, so that anything may come twice or out of order);
what the advisor did and the server has not yet answered lies over it (`overlay`). What is shown is always the fold of
both, so it never has to be undone by hand. Each method says in its `Changes` what looks different now.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeAlias

import msgspec
from msgspec import UNSET

from agent_console.backend import offers
from agent_console.backend.changes import Alert, Changes, Line
from agent_console.backend.lists import Edge, Lists
from agent_console.backend.overlay import Change, Follow, Overlays, Reply, Seen, Ticket
from agent_console.backend.rows import Rows
from agent_console.backend.tally import Tally
from agent_console.backend.thread import Thread
from agent_console.backend.views import ListSpec
from agent_console.backend.window import ListWindow
from server import wire

Frame: TypeAlias = wire.FeedEvent | wire.ServerFrame

#: Kinds of events that the console may want to say something about.
ALERTS = frozenset(
    (
        "sla.warned",
        "sla.breached",
        "message.received",
        "message.status",
        "conversation.assigned",
        "conversation.followed",
        "conversation.resolved",
        "conversation.reopened",
        "note.added",
        "attachment.failed",
        "delivery.failed",
        "channel.notice",
        "channel.trouble",
        "channel.recovered",
        "alert.raised",
        "alert.escalated",
        "alert.ended",
        "availability.changed",
        "reminder.due",
        *(f"review.{what}" for what in ("requested", "sent", "edited", "returned", "withdrawn", "late")),
    )
)


#: What has names that are kept in `directory`.
NAMED = frozenset(("user", "team", "tag", "topic", "view"))


def _alert(event: wire.FeedEvent) -> Alert:
    return Alert(event.kind, event.conversation, event.at, event.seq, event.actor, dict(event.data))


class Mirror:
    """The state that the console paints. `limit`: rows of a list, `threads`: conversations kept ready."""

    def __init__(self, me: wire.User | None = None, *, limit: int = 2_000, threads: int = 50) -> None:
        self.epoch = ""
        #: the newest event held; the feed goes on from here
        self.seq = 0
        #: add it to the local clock (UTC ms) to get the server's
        self.clock_offset = 0
        #: the conversation at which the reader looks on silently
        self.observed: int | None = None
        self._thread_limit = threads
        self._rows = Rows(memory=limit * 2 + 2_000)
        self._threads: OrderedDict[int, Thread] = OrderedDict()
        self._overlays = Overlays()
        self._tally = Tally(self._overlays)
        self._lists = Lists(self._rows, self._overlays, limit)
        self.me = me

    @property
    def me(self) -> wire.User | None:
        """The reader."""
        return self._me

    @me.setter
    def me(self, user: wire.User | None) -> None:
        self._me = user
        self._lists.me = self.name

    @property
    def name(self) -> str:
        """The reader's sign-in name."""
        return self._me.name if self._me else ""

    # ------------------------------------------------------------ reading

    @property
    def window(self) -> ListWindow:
        """The list shown: positions, cursor, what is fresh. Do not change it but through the mirror."""
        return self._lists.window

    @property
    def counts(self) -> wire.Counts:
        """How many conversations each view holds, with the pending changes in it."""
        return self._tally.counts

    @property
    def counts_unsure(self) -> bool:
        """Whether the counts should be asked for: a change the server has answered may not be in them yet."""
        return self._tally.unsure

    def row(self, conversation: int) -> wire.ConversationRow | None:
        """A row with the pending changes in it, if it is held."""
        return self._lists.row(conversation)

    def line(self, conversation: int) -> Line | None:
        """A line ready to paint; the same object until something in it changes."""
        return self._lists.line(conversation)

    def lines(self, start: int = 0, stop: int | None = None) -> list[Line]:
        """The lines at positions `start` to `stop` (exclusive) of the list shown."""
        found = (self._lists.line(each) for each in self.window.ids(start, stop))
        return [line for line in found if line is not None]

    def thread(self, conversation: int) -> Thread | None:
        """An opened (or prefetched) conversation, if it is held."""
        return self._threads.get(conversation)

    def messages(self, conversation: int) -> list[wire.Message]:
        """A conversation's messages with the pending changes in them, oldest first. Do not change the list.

        A reply or note that waits for the server has a negative id.
        """
        thread = self._threads.get(conversation)
        truth = thread.messages() if thread else []
        return self._overlays.messages(conversation, truth, self.name)

    def presence(self, conversation: int) -> wire.Presence | None:
        """Who else is at a conversation now."""
        return self._lists.presence(conversation)

    def followed(self, conversation: int) -> bool:
        """Whether the reader follows a conversation, as far as it has been opened."""
        thread = self._threads.get(conversation)
        on = thread is not None and thread.about is not None and thread.about.followed
        for ticket in self._overlays.of(conversation):
            on = ticket.change.on if isinstance(ticket.change, Follow) else on
        return on

    def server_now(self, now: int) -> int:
        """The server's clock when the local one says `now` (UTC ms)."""
        return now + self.clock_offset

    def next_unanswered(self, after: int | None = None) -> int | None:
        """The next conversation below `after` whose customer waits for us, going round at the end."""
        return self._lists.unanswered(after, +1)

    def previous_unanswered(self, before: int | None = None) -> int | None:
        """The one above, going round at the top."""
        return self._lists.unanswered(before, -1)

    # ------------------------------------------------------------ the reader

    def show(self, spec: ListSpec) -> bool:
        """Make a list the one shown. True if it is held already and in step, False if it has to be loaded."""
        return self._lists.show(spec)

    def search(self, spec: ListSpec, home: ListSpec | None) -> None:
        """Make a search, whose first page is about to be loaded, the list shown; `home` is kept to come back to."""
        before = self.window.spec
        self._lists.home = home
        self._lists.show(spec)
        if before not in (home, spec) and before.q:
            self._lists.drop(before)

    def leave_search(self) -> None:
        """No search is shown any more."""
        self._lists.home = None

    def take_doubtful(self) -> set[int]:
        """Conversations that changed, of which only the server knows whether the search shown finds them."""
        doubtful = self._lists.doubtful
        self._lists.doubtful = set()
        return doubtful

    def doubt(self, conversations: set[int]) -> None:
        """The server could not be asked about these: they are doubtful still."""
        self._lists.doubtful |= conversations

    def told(self, spec: ListSpec, asked: set[int], page: wire.Page[wire.ConversationRow]) -> Changes:
        """The server said which of the conversations `asked` a search finds: those of `page`."""
        changes = Changes()
        for row in page.items:
            self._take_row(row, changes)
        self._lists.told(spec, asked, {row.id for row in page.items}, changes)
        return changes

    def set_cursor(self, conversation: int | None) -> Changes:
        """The cursor moved; the row it leaves goes where it belongs."""
        return self._lists.set_cursor(conversation)

    def set_open(self, conversation: int | None) -> Changes:
        """A conversation was opened, or closed (None)."""
        return self._lists.set_open(conversation)

    def seen_fresh(self, start: int = 0, stop: int | None = None) -> Changes:
        """The rows at these positions have been on the screen: they are not new any more."""
        return self._lists.seen_fresh(start, stop)

    # ------------------------------------------------------------ pages

    def load_page(self, spec: ListSpec, page: wire.Page[wire.ConversationRow], edge: Edge = "first") -> Changes:
        """A page of a list came. Rows the feed has already brought further are kept as they are."""
        changes = Changes()
        if self.seq == 0:
            self.seq = page.as_of
        for row in page.items:
            self._take_row(row, changes)
        self._lists.load(spec, page, edge, changes)
        self._rows.forget(self._needed)
        return changes

    def know(self, row: wire.ConversationRow) -> Changes:
        """A row came by another way than a list or the feed."""
        changes = Changes()
        self._rows.answered(row)
        self._take_row(row, changes)
        return changes

    def load_counts(self, counts: wire.Counts) -> Changes:
        """The server's counts came; they contain every change it has answered."""
        before = self.counts
        self._tally.said(counts)
        for conversation in {ticket.conversation for ticket in self._overlays.all()}:
            self._weigh(conversation)
        return Changes(counts=self.counts != before)

    def expect_thread(self, conversation: int) -> Thread:
        """A thread is about to be loaded: what the feed brings meanwhile is kept for it."""
        thread = self._threads.get(conversation)
        if thread is None:
            thread = self._threads[conversation] = Thread(conversation)
        self._threads.move_to_end(conversation)
        for old in list(self._threads)[: max(0, len(self._threads) - self._thread_limit)]:
            if old != self.window.open and old not in self._overlays:
                del self._threads[old]
        return thread

    def load_conversation(self, about: wire.Conversation) -> Changes:
        """The conversation's own data came."""
        thread = self.expect_thread(about.row.id)
        changes = Changes(threads={about.row.id} if thread.about != about else set())
        thread.about = about
        self._take_row(about.row, changes)
        return changes

    def load_messages(self, conversation: int, page: wire.Page[wire.Message], *, older: bool = False) -> Changes:
        """The newest messages came, or (`older`) those before the ones held."""
        changed = self.expect_thread(conversation).load(page, older)
        return Changes(threads={conversation} if changed else set())

    def load_history(self, conversation: int, items: Iterable[wire.PastConversation]) -> Changes:
        """The customer's earlier conversations came."""
        self.expect_thread(conversation).history = list(items)
        return Changes(threads={conversation})

    # ------------------------------------------------------------ the feed

    def apply(self, frame: Frame) -> Changes:
        """One frame of the feed. An event that was applied before changes nothing."""
        changes = Changes()
        if isinstance(frame, wire.FeedEvent):
            if frame.seq > self.seq:
                self._event(frame, changes)
        elif frame.resume is not None:
            self.epoch = frame.resume.epoch
        elif frame.reset is not None:
            self._reset(frame.reset, changes)
        elif frame.presence is not None:
            others = msgspec.structs.replace(
                frame.presence,
                viewing=[name for name in frame.presence.viewing if name != self.name],
                typing=[name for name in frame.presence.typing if name != self.name],
            )
            self._lists.present(others, changes)
        elif frame.counts is not None:
            changes = self.load_counts(frame.counts)
        return changes

    def alone(self) -> Changes:
        """The connection is lost: nothing is known any more of who is where."""
        changes = Changes()
        self._lists.alone(changes)
        return changes

    def _event(self, event: wire.FeedEvent, changes: Changes) -> None:
        self.seq = event.seq
        if event.row is not None:
            row = event.row
            if event.kind == "conversation.created" and row.seen is UNSET and self._rows.get(row.id) is None:
                row = msgspec.structs.replace(row, seen=0)
            self._take_row(row, changes, seq=event.seq, fresh=event.actor != f"user:{self.name}")
        if event.message is not None:
            self._take_message(event.message, changes)
        if event.kind in ALERTS or event.kind in offers.KINDS:
            changes.alerts.append(_alert(event))
        if event.kind == "note.added":
            self._mentioned(event, changes)
        if event.kind == "conversation.followed" and event.data.get("user") == self.name:
            self._follow(event.conversation, bool(event.data.get("on")), changes)
        if (head := event.kind.partition(".")[0]) in NAMED:
            changes.names.add(f"{head}s")
        thread = self._threads.get(event.conversation or 0)
        if thread is not None and (thread.checked_by(event.kind) or event.kind in offers.KINDS):
            changes.about.add(thread.conversation)
        if event.kind in ("conversation.merged", "conversation.split"):
            self._moved(event.conversation, changes)
        changes.channels |= event.kind.startswith("channel.")
        if event.kind.startswith("template.") and event.kind != "template.run":
            changes.names.add("templates")
        if event.kind.startswith(("contact.", "identity.", "reminder.")):
            self._contact(event, changes)
        elif event.kind == "conversation.seen" and event.actor == f"user:{self.name}":
            self._read_elsewhere(event, changes)

    def _mentioned(self, event: wire.FeedEvent, changes: Changes) -> None:
        """A note calls people: if the reader is one of them, its row says so."""
        called, here = event.data.get("mentions"), event.conversation
        if here is not None and isinstance(called, list) and self.name in called and event.actor != f"user:{self.name}":
            self._lists.mention(here, changes)

    def _follow(self, conversation: int | None, on: bool, changes: Changes) -> None:
        thread = self._threads.get(conversation or 0)
        if thread is not None and thread.about is not None and thread.about.followed != on:
            thread.about = msgspec.structs.replace(thread.about, followed=on)
            changes.threads.add(thread.conversation)

    def _contact(self, event: wire.FeedEvent, changes: Changes) -> None:
        contact, name = event.data.get("contact"), event.data.get("name")
        if isinstance(contact, int) and isinstance(name, str):
            for conversation in self._rows.rename(contact, name):
                self._lists.reshow(conversation, changes)
        concerned = {contact, event.data.get("into"), event.data.get("merged")}
        if isinstance(reminder := event.data.get("reminder"), dict):
            concerned = {reminder.get("contact")}
        for thread in self._threads.values():
            if thread.about is not None and thread.about.contact.id in concerned:
                changes.about.add(thread.conversation)

    def _moved(self, conversation: int | None, changes: Changes) -> None:
        """Messages went from one conversation to another: what is held of this one is no whole any more."""
        thread = self._threads.get(conversation or 0)
        if thread is not None and thread.loaded:
            thread.stale = True
            changes.anew.add(thread.conversation)

    def _read_elsewhere(self, event: wire.FeedEvent, changes: Changes) -> None:
        """The reader has read it on another console of theirs."""
        row, inbound = self._rows.get(event.conversation or 0), event.data.get("inbound")
        if row is not None and isinstance(inbound, int):
            self._take_row(msgspec.structs.replace(row, seen=inbound), changes)

    def _reset(self, reset: wire.Reset, changes: Changes) -> None:
        if not self.epoch and self.seq <= reset.head:
            # The first word from this server: it only tells the epoch that what was loaded belongs to.
            self.epoch = reset.epoch
            return
        self.epoch, self.seq = reset.epoch, reset.head
        self._rows.grow_old()
        for thread in self._threads.values():
            thread.stale = thread.loaded
        for ticket in self._overlays.all():
            ticket.base_version = -1  # versions begin anew: whatever row comes next has the change in it
            if ticket.settled:
                self._overlays.remove(ticket)
        self._lists.grow_stale()
        self._lists.alone(changes)
        changes.reload = True

    # ------------------------------------------------------------ optimistic changes

    def pretend(self, change: Change) -> Ticket:
        """Show a change before the server has answered. `dirty(ticket)` says what looks different."""
        row = self._rows.get(change.conversation)
        thread = self._threads.get(change.conversation)
        ticket = self._overlays.add(
            change, self._me, base_version=row.version if row else 0, newest=thread.newest if thread else 0
        )
        self._weigh(change.conversation)
        self._lists.reshow(change.conversation, Changes())
        return ticket

    def confirm(self, ticket: Ticket, answer: wire.ConversationRow | wire.Message | None = None) -> Changes:
        """The server said yes, with the row or message as it is now."""
        row, changes = self._rows.get(ticket.conversation), Changes()
        if isinstance(ticket.change, Seen) and row is not None:
            self._take_row(msgspec.structs.replace(row, seen=ticket.change.inbound), changes)
        if isinstance(ticket.change, Follow):
            self._follow(ticket.conversation, ticket.change.on, changes)
        if isinstance(answer, wire.ConversationRow):
            changes.merge(self.know(answer))
        if isinstance(answer, wire.Message):
            self._take_message(answer, changes)
            self._overlays.belongs_to(ticket, answer.id)
        row = self._rows.get(ticket.conversation)
        # The row with the reply in it comes by the feed: until it is here, keep showing what it will say.
        if isinstance(ticket.change, Reply) and row is not None and row.version <= ticket.base_version:
            ticket.settled = True
            self._tally.answered(ticket)
        elif self._overlays.remove(ticket):
            self._tally.answered(ticket)
        changes.merge(self.dirty(ticket))
        return changes

    def take_back(self, ticket: Ticket) -> Changes:
        """The server said no, or the advisor took it back: as if it had never been."""
        self._overlays.remove(ticket)
        self._weigh(ticket.conversation)
        return self.dirty(ticket)

    def dirty(self, ticket: Ticket) -> Changes:
        """What a ticket makes look different."""
        changes = Changes(threads={ticket.conversation}, counts=True)
        self._lists.reshow(ticket.conversation, changes)
        return changes

    def pending(self, conversation: int) -> list[Ticket]:
        """The changes that the server has not answered yet."""
        return [ticket for ticket in self._overlays.of(conversation) if not ticket.settled]

    # ------------------------------------------------------------ inside

    def _weigh(self, conversation: int) -> None:
        row = self._rows.get(conversation)
        if row is not None:
            self._tally.weigh(row, self.name)

    def _needed(self, conversation: int) -> bool:
        return conversation in self._threads or conversation in self._overlays or self._lists.holds(conversation)

    def _take_row(self, row: wire.ConversationRow, changes: Changes, seq: int = 0, fresh: bool = False) -> None:
        if not self._rows.put(row, seq):
            if seq:
                # Known already, from an event that carried it ahead of its time; a list may have been loaded since
                # that was not read late enough to have it there, and did not reach this far before.
                self._lists.settle(row.id, changes, fresh)
            return
        for ticket in self._overlays.of(row.id):
            if ticket.settled and row.version > ticket.base_version:
                self._overlays.remove(ticket)
        self._lists.reshow(row.id, changes, fresh)
        if row.id in self._threads:
            changes.threads.add(row.id)
        if seq:
            self._rows.forget(self._needed)

    def _take_message(self, message: wire.Message, changes: Changes) -> None:
        thread = self._threads.get(message.conversation)
        if thread is not None and thread.put(message):
            changes.threads.add(message.conversation)
