"""The shapes of the HTTP API and of the live feed, shared by the server, the console and the command line.

This module imports nothing of ours. All times are integers, UTC milliseconds since 1970; all ids are integers that
fit in 53 bits (so JavaScript reads them exactly). Unknown fields are ignored on both sides, so that an older console
talks to a newer server.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

T = TypeVar("T")

API = "/api/v1"

Role = Literal["advisor", "supervisor", "admin"]
State = Literal["bot", "queued", "open", "waiting", "snoozed", "resolved"]
View = Literal["mine", "unassigned", "open", "waiting", "resolved", "all"]
Direction = Literal["in", "out", "note"]
Status = Literal[
    "received",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "played",
    "failed",
    "unknown",
    "cancelled",
    "note",
]
Priority = Literal["low", "normal", "high", "urgent"]
Target = Literal["first_response", "next_response"]

VIEWS: tuple[View, ...] = ("mine", "unassigned", "open", "waiting", "resolved", "all")
ROLES: tuple[Role, ...] = ("advisor", "supervisor", "admin")


class Model(msgspec.Struct, kw_only=True):
    """Base of every shape. Each one takes its fields by name (`kw_only` is not inherited, so each class repeats it)."""


# ---------------------------------------------------------------- people


class User(Model, kw_only=True):
    """An advisor, supervisor or admin. `name` is what they sign in with, unique."""

    id: int
    name: str
    display_name: str
    role: Role
    language: str = "es"
    active: bool = True
    teams: list[str] = []


class Organisation(Model, kw_only=True):
    """Who runs this contact centre. `zone`: the IANA time zone its screens and reports show times in."""

    name: str = ""
    zone: str = "UTC"


class ChangeOrganisation(Model, kw_only=True):
    name: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET


class Team(Model, kw_only=True):
    id: int
    name: str
    members: list[str] = []


class Session(Model, kw_only=True):
    """Answer to a sign-in: a bearer token (shown once) and who it belongs to. `expires_at` in UTC ms."""

    token: str
    user: User
    expires_at: int


class Identity(Model, kw_only=True):
    """A contact's handle on one channel. `kind`: phone, bsuid, parent_bsuid, username, visitor …"""

    channel: str
    kind: str
    value: str


class Contact(Model, kw_only=True):
    id: int
    name: str
    language: str = ""
    region: str = ""
    attributes: dict[str, Any] = {}
    identities: list[Identity] = []
    created_at: int = 0


# ---------------------------------------------------------------- conversations


class Sla(Model, kw_only=True):
    """The clock that runs on a conversation now. `warn_at` and `due_at` are wall-clock UTC ms."""

    target: Target
    started_at: int
    warn_at: int
    due_at: int


class ConversationRow(Model, kw_only=True):
    """One line of the inbox: all that a list shows, and nothing that differs between advisors but `unread`.

    `version` grows by one with each change of the conversation: keep the row with the higher one. `sort_key` orders
    every view, ascending, ties by `id`. `inbound` counts the customer's messages ever received here; the reader's
    unread messages are `inbound - seen`, where `seen` is known to each reader only (absent in the feed).
    """

    id: int
    version: int
    state: State
    channel: str
    channel_kind: str
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
    sort_key: int = 0
    window_until: int | None = None


class Capabilities(Model, kw_only=True):
    """What a channel can do, as data. Lengths in characters, sizes in bytes, times in ms."""

    text_limit: int = 4096
    caption_limit: int = 1024
    window_ms: int | None = None
    receipts: list[str] = []
    media: dict[str, int] = {}
    reactions: bool = False
    quotes: bool = False
    templates: bool = False
    typing: bool = False
    pair_interval_ms: int = 0


class Conversation(Model, kw_only=True):
    """A conversation opened: its row, who writes, what the channel can do."""

    row: ConversationRow
    contact: Contact
    capabilities: Capabilities
    campaign: dict[str, Any] = {}
    outcome: str = ""
    resolved_at: int | None = None
    draft: str = ""


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
    """`state`: pending (to be fetched), stored, failed or refused (`error` says why). `size` in bytes."""

    id: int
    kind: str
    mime: str = ""
    file_name: str = ""
    size: int | None = None
    state: str = "pending"
    error: str = ""


class Message(Model, kw_only=True):
    """One message, inbound, outbound or an internal note. `at` is the provider's time for inbound messages.

    `author`: the advisor's sign-in name for out and note, empty for the customer; `via` names another tool when an
    outbound message was not sent from here (for example the phone app). `send_at`: a queued message leaves no
    earlier. `failure`: reason code (see `docs`), `failure_detail`: the provider's own words.
    """

    id: int
    conversation: int
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


class Page(Model, Generic[T], kw_only=True):
    """One page of a list. `next` (and `previous`) are opaque cursors, null at the end.

    `as_of` is the journal's `seq` that this page already contains: resume the feed from there.
    """

    items: list[T]
    next: str | None = None
    previous: str | None = None
    as_of: int = 0


# ---------------------------------------------------------------- commands


class SignIn(Model, kw_only=True):
    user: str
    password: str
    label: str = ""


class Template(Model, kw_only=True):
    """An approved WhatsApp template to send. `parameters` fill its body, in order."""

    name: str
    language: str
    parameters: list[str] = []


class Reply(Model, kw_only=True):
    """An answer to the customer. `seen_seq`: the newest event the writer had seen; 409 if a colleague answered since.

    `hold_ms`: how long the reply can still be taken back before it leaves (0 to 60,000). `attachment`: id of an
    uploaded file, then `text` is its caption. `template`: an approved template, then `text` must be empty.
    """

    text: str = ""
    seen_seq: int | None = None
    hold_ms: int = 0
    reply_to: int | None = None
    attachment: int | None = None
    template: Template | None = None


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
    outcome: str = ""


class Seen(Model, kw_only=True):
    """The reader has seen the conversation up to its `inbound`-th customer message."""

    inbound: int


class Draft(Model, kw_only=True):
    text: str


class Settle(Model, kw_only=True):
    """What the advisor decides about a message whose fate is unknown: it did arrive, or send it again."""

    decision: Literal["sent", "resend"]


class NewUser(Model, kw_only=True):
    name: str
    password: str
    role: Role = "advisor"
    display_name: str = ""
    language: str = "es"
    teams: list[str] = []


class ChangeUser(Model, kw_only=True):
    password: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    teams: list[str] | UnsetType = UNSET


class NewTeam(Model, kw_only=True):
    name: str
    members: list[str] = []


class ChangeTeam(Model, kw_only=True):
    name: str | UnsetType = UNSET
    members: list[str] | UnsetType = UNSET


class Channel(Model, kw_only=True):
    """One configured account. Secret settings are shown as `"set"` or `"missing"`, never in clear."""

    id: int
    kind: str
    name: str
    active: bool = True
    team: str | None = None
    settings: dict[str, str] = {}
    capabilities: Capabilities
    hook: str = ""
    last_in_at: int | None = None
    last_out_at: int | None = None
    created_at: int = 0


class NewChannel(Model, kw_only=True):
    kind: str
    name: str
    settings: dict[str, str] = {}
    team: str | None = None


class ChangeChannel(Model, kw_only=True):
    settings: dict[str, str] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    team: str | UnsetType | None = UNSET


class Check(Model, kw_only=True):
    """One finding of `channel test` or `doctor`: `ok`, or what is wrong and what to do about it."""

    name: str
    ok: bool
    detail: str = ""


class Checks(Model, kw_only=True):
    items: list[Check]


class Delivery(Model, kw_only=True):
    """One raw provider call as it arrived. `state`: done, partial (some items unreadable), failed."""

    id: int
    channel: str
    received_at: int
    state: str
    error: str = ""
    size: int = 0
    offered: int = 1


class Problem(Model, kw_only=True):
    """RFC 9457 problem document. `code` is stable and what programs and translations go by; `params` fill its words."""

    type: str = "about:blank"
    title: str = ""
    status: int = 500
    detail: str = ""
    code: str = "internal"
    params: dict[str, Any] = {}


# ---------------------------------------------------------------- journal and feed


class Event(Model, kw_only=True):
    """One line of the journal. `actor`: `user:NAME`, `contact:ID` or `system`."""

    seq: int
    at: int
    kind: str
    conversation: int | None
    actor: str
    data: dict[str, Any] = {}


class Hello(Model, kw_only=True):
    """First frame from the client. `since`: newest `seq` it holds; `epoch`: of the journal it came from."""

    since: int = 0
    epoch: str = ""


class ClientFrame(Model, kw_only=True, omit_defaults=True):
    """What a client sends: `hello` once, then what it is looking at (`viewing` null when nothing) and typing in."""

    hello: Hello | None = None
    viewing: int | UnsetType | None = UNSET
    typing: bool | UnsetType = UNSET


class Resume(Model, kw_only=True):
    """The server continues after `since`; `head` is the journal's newest seq, `now` the server's clock in UTC ms."""

    since: int
    head: int
    epoch: str
    now: int


class Reset(Model, kw_only=True):
    """The client's place is gone (`reason`: new_epoch, too_far): load the lists anew, then go on from `head`."""

    reason: str
    head: int
    epoch: str
    now: int


class Heartbeat(Model, kw_only=True):
    head_seq: int
    now: int


class Presence(Model, kw_only=True):
    """Who looks at a conversation now, other than oneself too. `typing` is the subset that is writing."""

    conversation: int
    viewing: list[str] = []
    typing: list[str] = []
    customer_typing: bool = False


class FeedEvent(Event, kw_only=True, omit_defaults=True):
    """An event as the feed sends it: with the conversation's row and the message it speaks of, as they are *now*.

    Both carry a `version`; applying one twice, or an older one after a newer one, changes nothing.
    """

    row: ConversationRow | None = None
    message: Message | None = None


class ServerFrame(Model, kw_only=True, omit_defaults=True):
    """Every frame but events: exactly one field is set. A frame with a `seq` is a `FeedEvent` instead."""

    resume: Resume | None = None
    reset: Reset | None = None
    heartbeat: Heartbeat | None = None
    presence: Presence | None = None
    counts: Counts | None = None
