"""Conversations and their messages, and what can be done to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from server.wire.base import Complexity, Direction, Model, Priority, Stage, State, Status, Target
from server.wire.channels import Capabilities
from server.wire.contacts import Contact, Likely
from server.wire.protocol import CheckItem, Ending
from server.wire.reminders import Reminder
from server.wire.transfers import Transfer

__all__ = [
    "Assign",
    "Attachment",
    "Conversation",
    "ConversationRow",
    "Counts",
    "Draft",
    "Message",
    "Moderate",
    "Note",
    "PastConversation",
    "Reaction",
    "Reply",
    "Resolve",
    "Seen",
    "Settle",
    "Sla",
    "Template",
]


class Sla(Model, kw_only=True):
    """The most urgent clock that runs on a conversation now. `warn_at` and `due_at` are wall-clock UTC ms.

    `paused_at`: since when it stands still (then `due_at` is where it would have ended). `span_ms`: the promise in
    business time (0: all time counts), of which `closed` spans, in order, are none: what is left at a moment is the
    time to `due_at` without them.
    """

    target: Target
    started_at: int
    warn_at: int
    due_at: int
    paused_at: int | None = None
    span_ms: int = 0
    closed: list[tuple[int, int]] = []


class ConversationRow(Model, kw_only=True):
    """One line of the inbox: all that a list shows, and nothing that differs between advisors but `unread`.

    `version` grows by one with each change of the conversation: keep the row with the higher one. `sort_key` orders
    every view, ascending, ties by `id`. `inbound` counts the customer's messages ever received here; the reader's
    unread messages are `inbound - seen`, where `seen` is known to each reader only (absent in the feed). `surface`:
    direct (between us and the customer) or comment (in public, under a post). `merged_into`: the conversation of the
    same contact that this one has become part of. `stage`: of the service's five. `topic`: what it is about (a name).
    `flag`: why its advisor asks for help, since `flagged_at`. `transfer`: the transfer that waits to be accepted.
    `waiting_since`: since when the customer waits for an answer. `remind_at`: when the next reminder or promise is due.
    `reviewing`: answers that wait for a reviewer.
    """

    id: int
    version: int
    state: State
    channel: str
    channel_kind: str
    surface: str = "direct"
    contact: int
    contact_name: str
    subject: str = ""
    preview: str = ""
    preview_kind: str = "text"
    preview_direction: Direction = "in"
    preview_author: str = ""
    assignee: str | None = None
    team: str | None = None
    priority: Priority = "normal"
    region: str = ""
    campaign: str = ""
    created_at: int
    last_at: int
    inbound: int = 0
    seen: int | UnsetType = UNSET
    failed: bool = False
    sla: Sla | None = None
    waiting_since: int | None = None
    sort_key: int = 0
    window_until: int | None = None
    tags: list[str] = []
    snoozed_until: int | None = None
    merged_into: int | None = None
    stage: Stage = "welcome"
    topic: str = ""
    complexity: Complexity = ""
    flag: str = ""
    flagged_at: int | None = None
    transfer: int | None = None
    remind_at: int | None = None
    reviewing: int = 0


class Conversation(Model, kw_only=True):
    """A conversation opened: its row, who writes, what the channel can do.

    `suggestions`: other contacts that are likely the same person. `merged`: conversations that are part of this one.
    `checklist`: what the protocol of its team asks for; `ending`: the amount or reason of its outcome.
    `reminders`: what is open with this customer, in whichever conversation, the earliest first.
    `transfers`: what waits for an answer here, the transfer and questions put to colleagues.
    """

    row: ConversationRow
    contact: Contact
    capabilities: Capabilities
    campaign: dict[str, Any] = {}
    outcome: str = ""
    resolved_at: int | None = None
    draft: str = ""
    followed: bool = False
    suggestions: list[Likely] = []
    merged: list[int] = []
    checklist: list[CheckItem] = []
    ending: Ending = msgspec.field(default_factory=Ending)
    reminders: list[Reminder] = []
    transfers: list[Transfer] = []


class PastConversation(Model, kw_only=True):
    """An earlier conversation of the same contact, for the customer pane."""

    id: int
    channel: str
    channel_kind: str
    state: State
    created_at: int
    resolved_at: int | None = None
    outcome: str = ""
    assignee: str | None = None
    preview: str = ""


class Attachment(Model, kw_only=True):
    """`state`: pending (to be fetched), stored, failed or refused (`error` says why). `size` in bytes. `mime`: what it
    is, if its content tells, else what is claimed. `warning`: program (would run if opened), active (brings scripts or
    macros), disguised (is not what it claims to be), or nothing."""

    id: int
    kind: str
    mime: str = ""
    file_name: str = ""
    size: int | None = None
    state: str = "pending"
    error: str = ""
    warning: str = ""


class Message(Model, kw_only=True):
    """One message, inbound, outbound or an internal note. `at` is the provider's time for inbound messages.

    `author`: the advisor's sign-in name for out and note, empty for the customer; `via` names another tool when an
    outbound message was not sent from here (for example the phone app). `send_at`: a queued message leaves no
    earlier. `failure`: reason code (see `docs`), `failure_detail`: the provider's own words.
    `channel`: the channel's name, where the message is of a conversation that was merged into this one; an answer to it
    (`Reply.reply_to`) goes there, every other one to the conversation's own channel.
    """

    id: int
    conversation: int
    channel: str = ""
    direction: Direction
    kind: str
    text: str
    author: str = ""
    author_name: str = ""
    via: str = ""
    at: int
    received_at: int
    status: Status = "received"
    external_id: str | None = None
    reply_to: int | None = None
    data: dict[str, Any] = {}
    attachments: list[Attachment] = []
    reactions: dict[str, str] = {}
    edited_at: int | None = None
    revoked_at: int | None = None
    send_at: int | None = None
    failure: str = ""
    failure_detail: str = ""
    version: int = 0


class Counts(Model, kw_only=True):
    """How many conversations each view holds, for one advisor. Resolved ones are never counted."""

    mine: int = 0
    unassigned: int = 0
    open: int = 0
    waiting: int = 0


class Template(Model, kw_only=True):
    """An approved WhatsApp template to send. `parameters` fill its body, in order, `header` its header.

    `names`: what those of header and body are called, in that order, where they have names. `links`: the endings of
    the addresses of its buttons, by the button's position.
    """

    name: str
    language: str
    parameters: list[str] = []
    header: list[str] = []
    names: list[str] = []
    links: dict[int, str] = {}


class Reply(Model, kw_only=True):
    """An answer to the customer. `seen_seq`: the newest event the writer had seen; 409 if a colleague answered since.

    `hold_ms`: how long the reply can still be taken back before it leaves (0 to 60,000). `send_at`: it leaves at this
    moment instead (UTC ms, up to 60 days ahead; until then it can be taken back, no clock stops, and it is held back as
    failed, reason customer_wrote, if the customer writes first). `attachment`: id of an
    uploaded file, then `text` is its caption; `attachments`: several, where the channel takes several. `template`: an
    approved template, then `text` must be empty. `snippet`: the reply template that the text came from, to count its
    uses. `private`: answer a public comment in a private message, once.
    `cc`, `bcc`: e-mail addresses in copy; `subject`: another one than the conversation's (both e-mail only).
    """

    text: str = ""
    seen_seq: int | None = None
    hold_ms: int = 0
    send_at: int | None = None
    reply_to: int | None = None
    attachment: int | None = None
    attachments: list[int] = []
    template: Template | None = None
    snippet: int | None = None
    private: bool = False
    cc: list[str] = []
    bcc: list[str] = []
    subject: str = ""


class Moderate(Model, kw_only=True):
    """What to do with a public message: hide it from others, show it again, or delete it for good."""

    message: int
    act: Literal["hide", "unhide", "delete"]


class Note(Model, kw_only=True):
    text: str


class Reaction(Model, kw_only=True):
    """React to a customer's message; an empty `emoji` takes the reaction back."""

    message: int
    emoji: str


class Assign(Model, kw_only=True):
    """To a user (sign-in name), to a team (name), or to nobody (`user` and `team` null: back to the queue)."""

    user: str | None = None
    team: str | None = None


class Resolve(Model, kw_only=True):
    """End a conversation. `outcome`: how it ended; `amount` (cents of `currency`) of a sale, `reason` why it was lost.

    Without an outcome the one noted before counts. `anyway`: also with something missing that the team's protocol asks
    for.
    """

    outcome: str = ""
    amount: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] | None = None
    currency: str = ""
    reason: str = ""
    anyway: bool = False


class Seen(Model, kw_only=True):
    """The reader has seen the conversation up to its `inbound`-th customer message."""

    inbound: int


class Draft(Model, kw_only=True):
    text: str


class Settle(Model, kw_only=True):
    """What the advisor decides about a message whose fate is unknown: it did arrive, or send it again."""

    decision: Literal["sent", "resend"]
