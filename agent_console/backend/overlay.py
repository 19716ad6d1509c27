"""Optimistic changes: what the advisor just did, laid over what the server has said, until the server answers.

The truth is never touched. What is shown is the truth with the pending changes folded over it in the order they were
made, so events that arrive meanwhile are kept, and a change taken back leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, cast, get_args

import msgspec
from msgspec import UNSET

from server import wire

#: Under this key `Message.reactions` has the business's own reaction.
OURS = "us"


class _Change(msgspec.Struct, frozen=True, tag=True):
    """Base of the changes: data that can be written to disk and read again."""

    conversation: int


class Claim(_Change, frozen=True):
    """The reader takes the conversation."""


class AssignTo(_Change, frozen=True):
    """To a user, to a team, or to nobody."""

    user: str | None = None
    team: str | None = None


class Resolve(_Change, frozen=True):
    """It is done. `amount` in cents of `currency`; `anyway`: also with something missing that the protocol asks for."""

    outcome: str = ""
    amount: int | None = None
    currency: str = ""
    reason: str = ""
    anyway: bool = False


class Reopen(_Change, frozen=True):
    """It is not done after all. `was`: how it stood before the reader resolved it, where that is taken back."""

    was: wire.State | None = None


class Macro(msgspec.Struct, frozen=True):
    """What a template does with the conversation. `moments`: of each snooze among the acts, UTC ms."""

    template: int
    name: str
    acts: tuple[wire.MacroAct, ...] = ()
    moments: tuple[int, ...] = ()


class Letter(msgspec.Struct, frozen=True):
    """What goes along with the text of an answer, as far as its channel knows it.

    `reply_to`: the message it answers, if it is not simply the newest. `files`: uploaded already. `private`: answer a
    public message in private. `everybody`: whoever got the mail that is answered gets a copy; `cc`: these instead.
    `subject`: another one than the conversation's. `snippet`: the reply template the text was begun with; `macro`: what
    that one does besides once the text is sent.
    """

    reply_to: int | None = None
    files: tuple[wire.Attachment, ...] = ()
    private: bool = False
    everybody: bool = True
    cc: tuple[str, ...] | None = None
    bcc: tuple[str, ...] = ()
    subject: str = ""
    snippet: int | None = None
    macro: Macro | None = None


class Reply(_Change, frozen=True):
    """An answer to the customer. `at`, UTC ms, when it was written; `hold_ms`, how long it can be taken back;
    `send_at`, UTC ms, when it is to leave, if that is later.

    `seen_seq`: the newest event its writer had seen, None to send it whatever a colleague may have answered. The rest
    as in `Letter` and `wire.Reply`.
    """

    text: str
    at: int
    hold_ms: int = 0
    seen_seq: int | None = None
    send_at: int | None = None
    reply_to: int | None = None
    files: tuple[wire.Attachment, ...] = ()
    template: wire.Template | None = None
    private: bool = False
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    snippet: int | None = None

    @property
    def letter(self) -> Letter:
        """What went along with the text, to go on with when it is written anew."""
        return Letter(self.reply_to, self.files, self.private, True, self.cc, self.bcc, self.subject, self.snippet)


class Note(_Change, frozen=True):
    """A note for colleagues. `at`, UTC ms."""

    text: str
    at: int


class Seen(_Change, frozen=True):
    """The reader has seen the customer's first `inbound` messages."""

    inbound: int


class React(_Change, frozen=True):
    """A reaction to a customer's message; an empty `emoji` takes it back."""

    message: int
    emoji: str


class Moderate(_Change, frozen=True):
    """Hide a public message from others, show it again, or delete it. Not shown early: the provider has its say."""

    message: int
    act: Literal["hide", "unhide", "delete"]


class SetStatus(_Change, frozen=True):
    """What becomes of a message of ours: `cancelled` (taken back), `queued` (sent again) or `sent` (settled so).

    `settle`: its fate was unknown and the advisor decides.
    """

    message: int
    status: Literal["cancelled", "queued", "sent"]
    settle: bool = False


class ChangeTags(_Change, frozen=True):
    """Tags put on and taken off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class SetPriority(_Change, frozen=True):
    """How urgent it is."""

    priority: wire.Priority


class Classify(_Change, frozen=True):
    """What it is about, how hard and how urgent it is; None leaves that as it is."""

    topic: str | None = None
    complexity: wire.Complexity | None = None
    priority: wire.Priority | None = None


class SetStage(_Change, frozen=True):
    """Which of the five stages it is in, said by hand."""

    stage: wire.Stage


class Snooze(_Change, frozen=True):
    """Put aside until a moment, UTC ms; None: taken up again."""

    until: int | None


class Follow(_Change, frozen=True):
    """The reader follows it, or no longer."""

    on: bool


class RunMacro(_Change, frozen=True):
    """An answer, if there is one, and what a template does besides: all of it, or nothing. `anyway` as in `Resolve`."""

    macro: Macro
    reply: Reply | None = None
    at: int = 0
    anyway: bool = False

    @property
    def steps(self) -> list[Change]:
        """The changes it is made of, in order."""
        moments, made = iter(self.macro.moments), []
        for act in self.macro.acts:
            if (step := self._step(act, moments)) is not None:
                made.append(step)
        return [*([] if self.reply is None else [self.reply]), *made]

    def _step(self, act: wire.MacroAct, moments: Iterator[int]) -> Change | None:
        id, value = self.conversation, act.value
        match act.do:
            case "tag":
                return ChangeTags(id, add=(value,))
            case "untag":
                return ChangeTags(id, remove=(value,))
            case "assign":
                return AssignTo(id, user=value or None)
            case "team":
                return AssignTo(id, team=value)
            case "priority" if value in get_args(wire.Priority):
                return SetPriority(id, priority=cast(wire.Priority, value))
            case "snooze":
                return Snooze(id, until=next(moments, 1))
            case "resolve":
                return Resolve(id, outcome=value)
        return None  # a note comes with the feed


Change: TypeAlias = (
    Claim
    | AssignTo
    | Resolve
    | Reopen
    | Reply
    | Note
    | Seen
    | React
    | SetStatus
    | Moderate
    | ChangeTags
    | SetPriority
    | Classify
    | SetStage
    | Snooze
    | Follow
    | RunMacro
)


class Ticket(msgspec.Struct, eq=False):
    """A pending change. `shadow` is the message shown in its place (a reply or note), with the id `-number`.

    `base_version`: the row's version when the change was made; `newest`: the newest message then. `not_its`: messages
    known to be those of other changes. `counts`: what it adds to each view's count. `settled`: the server has said yes
    and the row is still to come.
    """

    number: int
    change: Change
    base_version: int = 0
    newest: int = 0
    shadow: wire.Message | None = None
    not_its: set[int] = set()
    counts: dict[str, int] = {}
    settled: bool = False

    @property
    def conversation(self) -> int:
        """The conversation it changes."""
        return self.change.conversation


def shadow_of(number: int, change: Change, me: wire.User | None) -> wire.Message | None:
    """The message to show while a reply or note waits for the server."""
    if isinstance(change, RunMacro):
        return None if change.reply is None else shadow_of(number, change.reply, me)
    if not isinstance(change, Reply | Note):
        return None
    note = isinstance(change, Note)
    message = wire.Message(
        id=-number,
        conversation=change.conversation,
        direction="note" if note else "out",
        kind="text",
        text=change.text,
        author=me.name if me else "",
        author_name=me.display_name if me else "",
        at=change.at,
        received_at=change.at,
        status="note" if note else "queued",
    )
    if isinstance(change, Reply):
        message.reply_to = change.reply_to
        message.send_at = change.send_at or change.at + change.hold_ms
        message.kind = _kind(change)
        message.attachments = list(change.files)
        if change.template is not None:
            message.data = {"template": msgspec.to_builtins(change.template)}
        elif options := _options(change):
            message.data = {"options": options}
        if change.send_at is not None:
            message.data = {**message.data, "scheduled": change.send_at}
    return message


def over_row(row: wire.ConversationRow, change: Change, me: str) -> wire.ConversationRow:
    """The row as it will be after the change. The original is left alone."""
    replace = msgspec.structs.replace
    if isinstance(change, Claim):
        return replace(row, assignee=me, state=_after_assignment(row.state, True))
    if isinstance(change, AssignTo):
        state = _after_assignment(row.state, change.user is not None)
        return replace(row, assignee=change.user, team=change.team or row.team, state=state)
    if isinstance(change, Resolve):
        return replace(row, assignee=row.assignee or me, state="resolved", sla=None)
    if isinstance(change, Reopen):
        waits = change.was == "waiting"
        return replace(row, state="waiting" if waits else "open" if row.assignee else "queued")
    if isinstance(change, Reply) and change.send_at is not None:
        return replace(row, assignee=row.assignee or me, state=_after_assignment(row.state, True))
    if isinstance(change, Reply):
        return replace(
            row,
            assignee=row.assignee or me,
            state="waiting",
            sla=None,
            preview=_preview(change),
            preview_kind=_kind(change),
            preview_direction="out",
            preview_author=me,
            last_at=max(row.last_at, change.at),
        )
    if isinstance(change, Seen):
        seen = 0 if row.seen is UNSET else row.seen
        return row if row.seen is not UNSET and seen >= change.inbound else replace(row, seen=change.inbound)
    return _marked(row, change, me)


def _marked(row: wire.ConversationRow, change: Change, me: str) -> wire.ConversationRow:
    replace = msgspec.structs.replace
    if isinstance(change, RunMacro):
        for step in change.steps:
            row = over_row(row, step, me)
        return row
    if isinstance(change, ChangeTags):
        return replace(row, tags=sorted({*row.tags, *change.add} - set(change.remove)))
    if isinstance(change, SetPriority):
        return replace(row, priority=change.priority)
    if isinstance(change, SetStage):
        return replace(row, stage=change.stage)
    if isinstance(change, Classify):
        named = {name: getattr(change, name) for name in ("topic", "complexity", "priority")}
        return replace(row, **{name: value for name, value in named.items() if value is not None})
    if isinstance(change, Snooze):
        if change.until is not None:
            return replace(row, state="snoozed", snoozed_until=change.until)
        if row.state == "snoozed":
            return replace(row, state="open" if row.assignee else "queued", snoozed_until=None)
    return row


def over_message(message: wire.Message, change: Change) -> wire.Message:
    """The message as it will be after the change. The original is left alone."""
    if isinstance(change, React) and change.message == message.id:
        reactions = {who: emoji for who, emoji in message.reactions.items() if who != OURS}
        if change.emoji:
            reactions[OURS] = change.emoji
        return msgspec.structs.replace(message, reactions=reactions)
    if isinstance(change, SetStatus) and change.message == message.id:
        return msgspec.structs.replace(message, status=change.status, failure="", failure_detail="")
    return message


def _kind(change: Reply) -> str:
    if change.template is not None:
        return "template"
    return change.files[0].kind if change.files else "text"


def _options(change: Reply) -> dict[str, object]:
    """What the writer chose, as the server will keep it."""
    chosen = {"cc": list(change.cc), "bcc": list(change.bcc), "subject": change.subject, "private": change.private}
    return {name: value for name, value in chosen.items() if value}


def _preview(change: Reply) -> str:
    text = change.text or (change.template.name if change.template else "")
    return " ".join(text[:400].split())[:200]


def _after_assignment(state: wire.State, assigned: bool) -> wire.State:
    if state in ("waiting", "snoozed", "resolved"):
        return state
    return "open" if assigned else "queued"


class Overlays:
    """The pending changes, by conversation, in the order they were made."""

    def __init__(self) -> None:
        self._next = 1
        self._by_conversation: dict[int, list[Ticket]] = {}

    def add(self, change: Change, me: wire.User | None, base_version: int, newest: int) -> Ticket:
        """Lay a change over the truth."""
        ticket = Ticket(self._next, change, base_version, newest, shadow_of(self._next, change, me))
        self._next += 1
        self._by_conversation.setdefault(ticket.conversation, []).append(ticket)
        return ticket

    def remove(self, ticket: Ticket) -> bool:
        """Take a change off. False when it was off already."""
        tickets = self._by_conversation.get(ticket.conversation, [])
        if ticket not in tickets:
            return False
        tickets.remove(ticket)
        if not tickets:
            del self._by_conversation[ticket.conversation]
        return True

    def belongs_to(self, ticket: Ticket, message: int) -> None:
        """The server said which message a change made: it is not that of another one with the same words."""
        for other in self._by_conversation.get(ticket.conversation, ()):
            if other is not ticket:
                other.not_its.add(message)

    def of(self, conversation: int) -> list[Ticket]:
        """The changes over one conversation, oldest first."""
        return list(self._by_conversation.get(conversation, ()))

    def all(self) -> list[Ticket]:
        """Every pending change."""
        return [ticket for tickets in self._by_conversation.values() for ticket in tickets]

    def __contains__(self, conversation: object) -> bool:
        return conversation in self._by_conversation

    @staticmethod
    def step(row: wire.ConversationRow, ticket: Ticket, me: str) -> wire.ConversationRow:
        """The row after one more change."""
        return over_row(row, ticket.change, me)

    def row(self, row: wire.ConversationRow, me: str) -> wire.ConversationRow:
        """The row with the pending changes in it."""
        for ticket in self._by_conversation.get(row.id, ()):
            row = over_row(row, ticket.change, me)
        return row

    def messages(self, conversation: int, truth: list[wire.Message], me: str) -> list[wire.Message]:
        """The messages with the pending changes in them; waiting replies and notes at the end.

        A reply whose message the feed has already brought is not shown twice: the newest of ours with the same text
        that came after it was written takes its place.
        """
        tickets = self._by_conversation.get(conversation)
        if not tickets:
            return truth
        shown = truth
        for ticket in tickets:
            if isinstance(ticket.change, React | SetStatus):
                shown = [over_message(message, ticket.change) for message in shown]
        taken: set[int] = set()
        waiting: list[wire.Message] = []
        for ticket in tickets:
            if ticket.shadow is None or ticket.settled:
                continue
            match = _arrived(ticket, truth, me, taken)
            if match is None:
                waiting.append(ticket.shadow)
            else:
                taken.add(match)
        return shown + waiting if waiting else shown


def _arrived(ticket: Ticket, truth: list[wire.Message], me: str, taken: set[int]) -> int | None:
    shadow = ticket.shadow
    for message in reversed(truth):
        if message.id <= ticket.newest:
            return None
        if (
            shadow is not None
            and message.author == me
            and message.direction == shadow.direction
            and message.text == shadow.text
            and message.id not in taken
            and message.id not in ticket.not_its
        ):
            return message.id
    return None
