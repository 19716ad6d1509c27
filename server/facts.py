"""What a channel can tell the desk: the facts an adapter reads out of one provider call.

Adapters (`server.channels`) make them, `server.commands.receive` writes them down; neither knows the other. Times are
UTC milliseconds. `account` is the provider's own id of the business account the fact is about (for WhatsApp the
phone_number_id); None means the account the call came in for.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec


class Address(msgspec.Struct, frozen=True):
    """One key under which a channel knows a person, byte-exact. `kind`: phone, bsuid, parent_bsuid, visitor …"""

    kind: str
    value: str


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """The customer at the other end: all addresses the provider gave for them (at least one), and what it says of them.

    Addresses of one party are proven by the provider to belong together. `language` (es, en …), `region` and
    `attributes` are noted when a contact is made of the party; what people note later stays.
    """

    addresses: tuple[Address, ...]
    name: str = ""
    username: str = ""
    language: str = ""
    region: str = ""
    attributes: dict[str, str] = {}


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """A file that comes with a message, to be fetched later by a job. `sha256` in hex, as the provider claims it."""

    kind: str
    provider_id: str = ""
    url: str = ""
    mime: str = ""
    file_name: str = ""
    sha256: str = ""
    size: int | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message was not delivered. `reason`: one of `REASONS`; `code`, `detail`: the provider's own."""

    reason: str
    code: str = ""
    detail: str = ""


#: Reasons an outbound message can fail, each with a sentence for the advisor in the console's catalogue.
REASONS = (
    "window_closed",  # free text outside the channel's reply window
    "undeliverable",  # the recipient cannot receive it (not on the channel, blocked, old app)
    "pair_rate",  # too many messages to this person
    "rate",  # too many messages from this account
    "token",  # the access token is wrong or expired
    "sign_in",  # somebody has to sign in to the account again
    "permission",  # the account may not do this
    "recipient_unknown",  # no usable address
    "other_letters",  # a mail address with letters that a server on the way does not carry
    "template",  # template missing, paused, or its parameters do not fit
    "media",  # the file was refused
    "unsupported",  # the provider does not support this kind of message
    "policy",  # blocked for policy, spam or quality
    "blocked",  # the person blocked us
    "bounced",  # the mail came back
    "mailbox_full",
    "receive_only",  # the channel takes messages, but has no place to send answers to
    "conflict",  # another program takes the channel's messages
    "private_used",  # a public comment can be answered in private once, and only for a while
    "opted_out",  # the person does not want these messages
    "experiment",  # held back by the provider's experiment
    "too_long",
    "provider_down",
    "channel_gone",  # the channel was removed or switched off here
    "customer_wrote",  # it was to leave later, and the customer wrote first
    "gave_up",  # retried until the limit
    "other",
)


class MessageFact(msgspec.Struct, kw_only=True):
    """A message, from the customer, or (`echo`) one that the business sent with another tool (`via` says which).

    `thread` names a conversation of its own, apart from the person's; empty: the person's. If it is `shared`, many
    people write in it (a group): it is a party itself, and whoever wrote is only named. `surface`: direct, or comment
    for what everybody can read. `references`: provider's ids of earlier messages, of which the newest known one says
    which conversation this belongs to; `refs`: our own references found in it, which say the same. `reply_to`: the
    provider's id of the message it answers. `subject`: of mails and posts. `campaign`: the ad or link they came from.
    `automatic`: a machine wrote it (a bounce, an absence note, a list), so that nobody waits for an answer. `content`:
    a digest (16 hex digits) of what it says, where `external_id` is only what the sender claims: the same id with other
    content is then another message. `ours`: the provider sends an echo of everything the account sends, so this one may
    be of a message sent from here. A party without addresses is nobody in particular: then only `references` can say
    where the message belongs.
    """

    external_id: str
    party: Party
    at: int
    kind: str
    text: str = ""
    data: dict[str, Any] = {}
    media: tuple[Media, ...] = ()
    reply_to: str = ""
    thread: str = ""
    shared: bool = False
    surface: str = "direct"
    references: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    subject: str = ""
    campaign: dict[str, Any] | None = None
    automatic: bool = False
    content: str = ""
    echo: bool = False
    ours: bool = False
    via: str = ""
    account: str | None = None


class ReactionFact(msgspec.Struct, kw_only=True):
    """Somebody reacted to message `target` (provider's id); an empty `emoji` takes it back."""

    external_id: str
    party: Party
    at: int
    target: str
    emoji: str
    thread: str = ""
    echo: bool = False
    account: str | None = None


class EditFact(msgspec.Struct, kw_only=True):
    """Message `target` now reads `text`. `thread`, `surface`: where it belongs, if `target` is not known yet; so for
    the next two. If the party has no addresses, only a known target matters."""

    external_id: str
    party: Party
    at: int
    target: str
    text: str
    thread: str = ""
    surface: str = "direct"
    account: str | None = None


class RevokeFact(msgspec.Struct, kw_only=True):
    """Message `target` was deleted by its sender."""

    external_id: str
    party: Party
    at: int
    target: str
    thread: str = ""
    surface: str = "direct"
    account: str | None = None


class HideFact(msgspec.Struct, kw_only=True):
    """Public message `target` was hidden from others (or shown again) with another tool."""

    external_id: str
    party: Party
    at: int
    target: str
    hidden: bool
    thread: str = ""
    surface: str = "direct"
    account: str | None = None


class WatermarkFact(msgspec.Struct, kw_only=True):
    """Everything we sent this person up to `until` (UTC ms, the provider's clock) has at least this status."""

    party: Party
    status: str
    until: int
    at: int
    account: str | None = None


class StatusFact(msgspec.Struct, kw_only=True):
    """What became of a message we sent. `status` is the provider's word (sent, delivered, read, played, failed, …).

    `client_ref`: our own reference if the provider gives it back; it finds the message when its id is not known yet.
    """

    external_id: str
    status: str
    at: int
    failure: Failure | None = None
    client_ref: str = ""
    party: Party | None = None
    account: str | None = None


class AddressChangeFact(msgspec.Struct, kw_only=True):
    """A person's address changed: whoever was `previous` is now (also) `current`."""

    external_id: str
    previous: tuple[Address, ...]
    current: tuple[Address, ...]
    at: int
    name: str = ""
    account: str | None = None


class NoticeFact(msgspec.Struct, kw_only=True):
    """Something the provider tells the business, about no conversation: a template's state, an account's, a limit.

    `kind` is the provider's word for it; `data` its content as it came.
    """

    kind: str
    at: int
    data: dict[str, Any] = {}
    account: str | None = None


class Unreadable(msgspec.Struct, kw_only=True):
    """One item that could not be read: where it stood and why. The raw call keeps it, for replay."""

    where: str
    why: str
    account: str | None = None


Fact: TypeAlias = (
    MessageFact
    | ReactionFact
    | EditFact
    | RevokeFact
    | HideFact
    | StatusFact
    | WatermarkFact
    | AddressChangeFact
    | NoticeFact
    | Unreadable
)
