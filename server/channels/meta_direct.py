"""The `messaging` items of a Page or an Instagram account: direct messages and what is told about them.

An item holds one of message, message_edit, postback, reaction, read, delivery, referral …; whatever else it holds is
something the provider tells the business (a notice).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.channels.foreign import TEXT_LIMIT, Malformed, identifier, mapping, moment, need_id, scalar, string, trim
from server.channels.meta_content import read
from server.channels.meta_entry import SUITE, Entry, digest, made_id, who
from server.facts import (
    EditFact,
    Fact,
    MessageFact,
    NoticeFact,
    Party,
    ReactionFact,
    RevokeFact,
    StatusFact,
    WatermarkFact,
)

#: the application of Meta's own inbox (docs: Handover Protocol, "Page Inbox")
_INBOX_APP = "263902037430900"

#: Meta's words for a reaction whose emoji does not come along
_REACTIONS = {
    "smile": "😆",
    "laugh": "😆",
    "sad": "😢",
    "angry": "😠",
    "wow": "😮",
    "love": "❤",
    "like": "👍",
    "dislike": "👎",
}

#: delivered messages named in one report
_NAMED = 1000


class _Item:
    """One item: who it is with (`user`), whether the account itself did it (`echo`), and when."""

    __slots__ = ("at", "content", "echo", "entry", "party", "stamp", "standby", "user")

    def __init__(self, entry: Entry, content: dict[str, Any], standby: bool) -> None:
        self.entry = entry
        self.content = content
        self.standby = standby
        sender, recipient = who(content.get("sender")), who(content.get("recipient"))
        message = content.get("message")
        told = isinstance(message, dict) and message.get("is_echo") is True
        self.echo = told or (bool(sender) and sender == entry.account and sender != recipient)
        self.user = recipient if self.echo else sender
        self.stamp = scalar(content.get("timestamp"))
        self.at = entry.at(content.get("timestamp"))
        self.party: Party = entry.person(self.user)

    def need_user(self) -> Party:
        if not self.user:
            raise Malformed("nobody is named: no id of the " + ("recipient" if self.echo else "sender"))
        return self.party


# ---------------------------------------------------------------- written by people


def _message(item: _Item, message: dict[str, Any]) -> list[Fact]:
    party, mid = item.need_user(), need_id(message, "mid")
    account = item.entry.account
    if message.get("is_deleted") is True:
        return [RevokeFact(external_id=made_id("delete", mid), party=party, at=item.at, target=mid, account=account)]
    kind, text, data, media = read(message)
    reply = message.get("reply_to")
    if item.standby:
        data["standby"] = True
    return [
        MessageFact(
            external_id=mid,
            party=party,
            at=item.at,
            kind=kind,
            text=text,
            data=data,
            media=media,
            reply_to=identifier(reply.get("mid")) if isinstance(reply, dict) else "",
            campaign=_campaign(message.get("referral")),
            account=account,
            **(_echo(item, message) if item.echo else {}),
        )
    ]


def _echo(item: _Item, message: dict[str, Any]) -> dict[str, Any]:
    """Sent by the account itself: from here (then our reference stands in `metadata`) or with another tool."""
    app, ref = scalar(message.get("app_id")), string(message.get("metadata"), 1000)
    via = f"app {app}" if app and app != _INBOX_APP else SUITE if app else item.entry.site
    return {"echo": True, "ours": True, "via": via, "refs": (ref,) if ref else ()}


def _edit(item: _Item, edit: dict[str, Any]) -> list[Fact]:
    mid, text = need_id(edit, "mid"), string(edit.get("text"), TEXT_LIMIT)
    external_id = made_id("edit", mid, edit.get("num_edit"), digest(text))
    return [
        EditFact(
            external_id=external_id,
            party=item.need_user(),
            at=item.at,
            target=mid,
            text=text,
            account=item.entry.account,
        )
    ]


def _postback(item: _Item, postback: dict[str, Any]) -> list[Fact]:
    """A button of ours was pressed."""
    payload, title = scalar(postback.get("payload"), 1024), string(postback.get("title"), TEXT_LIMIT)
    party = item.need_user()
    mid = identifier(postback.get("mid")) or made_id("postback", item.user, item.stamp, digest(payload + title))
    data: dict[str, Any] = {"payload": payload}
    if item.standby:
        data["standby"] = True
    return [
        MessageFact(
            external_id=mid,
            party=party,
            at=item.at,
            kind="button",
            text=title or payload,
            data=data,
            campaign=_campaign(postback.get("referral")),
            account=item.entry.account,
        )
    ]


def _reaction(item: _Item, reaction: dict[str, Any]) -> list[Fact]:
    target, word = need_id(reaction, "mid"), string(reaction.get("reaction"), 64)
    emoji = string(reaction.get("emoji"), 64) or _REACTIONS.get(word, "👍")
    if string(reaction.get("action"), 64) == "unreact":
        emoji = ""
    return [
        ReactionFact(
            external_id=made_id("reaction", target, item.user, item.stamp, emoji),
            party=item.need_user(),
            at=item.at,
            target=target,
            emoji=emoji,
            echo=item.echo,
            account=item.entry.account,
        )
    ]


def _referral(item: _Item, referral: dict[str, Any]) -> list[Fact]:
    """Somebody opened a conversation through a link or an ad, and wrote nothing (yet)."""
    ref = string(referral.get("ref"), 1000)
    return [
        MessageFact(
            external_id=made_id("referral", item.need_user().addresses[0].value, item.stamp, digest(ref)),
            party=item.party,
            at=item.at,
            kind="system",
            text=ref,
            data={"type": "referral"},
            campaign=_campaign(referral),
            account=item.entry.account,
        )
    ]


def _campaign(referral: object) -> dict[str, Any] | None:
    """The ad or link they came from, as it came."""
    return trim(referral, depth=4) if isinstance(referral, dict) and referral else None


# ---------------------------------------------------------------- reports


def _read(item: _Item, read: dict[str, Any]) -> list[Fact]:
    """Messenger says up to when all was read, Instagram which message was."""
    return _reports(item, "read", [read.get("mid")], read.get("watermark"))


def _delivery(item: _Item, delivery: dict[str, Any]) -> list[Fact]:
    mids = delivery.get("mids")
    return _reports(item, "delivered", mids[:_NAMED] if isinstance(mids, list) else [], delivery.get("watermark"))


def _reports(item: _Item, status: str, mids: list[Any], watermark: object) -> list[Fact]:
    party, account = item.need_user(), item.entry.account
    facts: list[Fact] = [
        StatusFact(external_id=mid, status=status, at=item.at, party=party, account=account)
        for mid in dict.fromkeys(identifier(each) for each in mids)
        if mid
    ]
    if digits := scalar(watermark, 16):
        if not digits.isdigit():
            raise Malformed("the watermark is no time")
        until = moment(watermark, item.entry.received_at)
        facts.append(WatermarkFact(party=party, status=status, until=until, at=item.at, account=account))
    if not facts:
        raise Malformed("neither a message nor a watermark")
    return facts


# ---------------------------------------------------------------- the item

_READERS: dict[str, Callable[[_Item, dict[str, Any]], list[Fact]]] = {
    "message": _message,
    "message_edit": _edit,
    "postback": _postback,
    "reaction": _reaction,
    "read": _read,
    "delivery": _delivery,
    "referral": _referral,
}
#: what every item has
_FRAME = frozenset({"sender", "recipient", "timestamp", "prior_message"})


def direct(entry: Entry, content: dict[str, Any], standby: bool = False) -> list[Fact]:
    """The facts in one item; Malformed if it cannot be read. `standby`: another application has the conversation."""
    item = _Item(entry, content, standby)
    for word, reader in _READERS.items():
        if content.get(word) is not None:
            return reader(item, mapping(content, word))
    words = [string(key, 64) for key in content if key not in _FRAME]
    return [NoticeFact(kind=words[0] if words else "messaging", at=item.at, data=trim(content), account=entry.account)]
