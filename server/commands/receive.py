"""What a channel told us, written down: the raw call first, then each fact in a savepoint of its own.

One transaction takes a whole provider call. Duplicates change nothing; an unreadable item leaves its siblings alone
and the raw call for replay.
"""

from __future__ import annotations

import logging
from typing import ClassVar

import msgspec

from server import wire
from server.commands import abouts, echoes, flow, one_person, routing, scheduling, topics
from server.commands.channels import open_adapter
from server.commands.door import Actor, Command, Need, not_found
from server.desk.filetypes import bare_name
from server.facts import (
    AddressChangeFact,
    EditFact,
    Fact,
    HideFact,
    MessageFact,
    NoticeFact,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
    WatermarkFact,
)
from server.store import channel_health, channels, contacts, conversations, messages
from server.store.messages import NewMessage
from server.store.store import Row, Tx
from server.store.writer import disk_error

log = logging.getLogger(__name__)

#: kinds that tell of something without anybody waiting for an answer
SILENT = frozenset({"system"})
#: how many of the earlier messages that a mail names are looked for
FOLLOWED = 50
#: how far a provider's clock may be behind ours (ms)
CLOCKS_DIFFER = 2_000
#: how many of our messages one report about all up to a moment can concern
REPORTED = 200


class Received(msgspec.Struct, kw_only=True):
    """What became of a call: new messages (ids), items that were known already, and items nobody could read."""

    messages: list[int] = []
    duplicates: int = 0
    unreadable: int = 0


class Receive(Command, kw_only=True):
    """Take in one call. `body`: its raw bytes (empty for a channel that keeps no raw calls, like web chat). `cursor`:
    how far a channel that is fetched from has come with it.

    Facts of an account that another channel serves go to that channel.
    """

    needs: ClassVar[Need] = "system"

    channel_id: int
    body: bytes
    facts: list[Fact]
    received_at: int
    cursor: str | None = None

    def run(self, tx: Tx, actor: Actor) -> Received:
        channel = channels.get(tx, self.channel_id)
        if channel is None:
            raise not_found("channel", self.channel_id)
        result = Received()
        if self.cursor is not None:
            channels.set_cursor(tx, self.channel_id, self.cursor)
        delivery, seen = channels.put_delivery(tx, self.channel_id, self.body) if self.body else (0, False)
        if seen:
            result.duplicates = len(self.facts)
            return result
        channels.note_traffic(tx, channel, "last_in_at")
        faults = take_in(tx, channel, self.facts, result, delivery or None)
        if faults:
            _keep_for_replay(tx, delivery, self.channel_id, faults, whole=len(faults) >= len(self.facts))
        return result


def take_in(tx: Tx, channel: Row, facts: list[Fact], result: Received, delivery: int | None) -> list[str]:
    """Write the facts of a raw call down, each whole or not at all; what went wrong, one line an item."""
    faults: list[str] = []
    for fact in facts:
        if isinstance(fact, Unreadable):
            result.unreadable += 1
            faults.append(f"{fact.where}: {fact.why}")
            continue
        target = _serving(tx, channel, fact.account)
        try:
            with tx.attempt():
                _take(tx, target, fact, result, delivery)
        except flow.Duplicate:
            result.duplicates += 1
        except Exception as error:
            if disk_error(error):
                raise
            log.exception("an item of channel %s could not be taken in", channel["name"])
            result.unreadable += 1
            faults.append(f"{type(fact).__name__}: {type(error).__name__}: {error}")
    return faults


def _keep_for_replay(tx: Tx, delivery: int, channel_id: int, faults: list[str], whole: bool) -> None:
    error = "; ".join(faults)[:1000]
    if delivery:
        channels.end_delivery(tx, delivery, "failed" if whole else "partial", error)
    tx.emit("delivery.failed", delivery=delivery, channel_id=channel_id, error=error)


def _serving(tx: Tx, channel: Row, account: str | None) -> Row:
    """The channel for the provider's account: one app's calls for several numbers may all come in at one address."""
    if not account or account == channel["account"]:
        return channel
    return channels.by_account(tx, channel["kind"], account) or channel


def _take(tx: Tx, channel: Row, fact: Fact, result: Received, delivery: int | None) -> None:
    match fact:
        case MessageFact():
            _message(tx, channel, fact, result, delivery)
        case StatusFact():
            _status(tx, channel, fact, result)
        case WatermarkFact():
            _watermark(tx, channel, fact)
        case ReactionFact() | EditFact() | RevokeFact() | HideFact():
            if (id := abouts.take(tx, channel, fact)) is not None:
                result.messages.append(id)
        case AddressChangeFact():
            _address_change(tx, channel, fact)
        case NoticeFact():
            tx.emit("channel.notice", channel=channel["name"], notice=fact.kind, at=fact.at, content=fact.data)
            if fact.kind.startswith("message_template"):
                channel_health.look_soon(tx, channel["id"])
        case Unreadable():
            raise AssertionError("unreadable items are counted, not taken")


# ---------------------------------------------------------------- messages


def _place(tx: Tx, channel: Row, fact: MessageFact) -> tuple[contacts.Handle, str, bool] | None:
    """Where a message belongs: (whose conversation it is, its thread, whether another wrote it). None: nowhere."""
    if fact.references or fact.refs:
        earlier = messages.followed(tx, channel["id"], list(fact.references[:FOLLOWED]), list(fact.refs[:FOLLOWED]))
        home = (earlier["home_id"] or earlier["conversation_id"]) if earlier is not None else 0
        conv = conversations.load(tx, home) if home else None
        if conv is not None and conv.channel_id == channel["id"]:
            writer = contacts.find(tx, channel["id"], fact.party.addresses)
            same = fact.echo or (writer is not None and writer.handle_id == conv.handle_id)
            return contacts.Handle(conv.contact_id, conv.handle_id), conv.thread, not same
    if not fact.party.addresses and not fact.shared:
        return None
    handle = one_person.resolve(tx, channel["id"], flow.group_party(fact.thread) if fact.shared else fact.party)
    return handle, fact.thread or str(handle.handle_id), fact.shared


def _message(tx: Tx, channel: Row, fact: MessageFact, result: Received, delivery: int | None) -> None:
    external_id = _external_id(tx, channel, fact)
    place = _place(tx, channel, fact)
    if place is None:
        content = {"id": fact.external_id, "reply_to": fact.reply_to}
        tx.emit("channel.notice", channel=channel["name"], notice="unplaced", at=fact.at, content=content)
        return
    handle, thread, foreign = place
    if fact.echo and fact.ours and echoes.sent_from_here(tx, channel, fact, thread):
        return
    open = None if handle.begins(thread) else conversations.find_open(tx, channel["id"], thread)
    silent = fact.kind in SILENT or fact.echo or fact.automatic
    at = flow.Place(open) if open is not None else None
    if at is None and fact.kind in SILENT:
        at = flow.newest(tx, channel["id"], thread)  # what nobody answers begins nothing anew
    if at is None:
        at = flow.open_again(tx, channel, handle, thread, silent, fact.surface)
    conv = at.conv
    if fact.subject and not conv.subject:
        conv.subject = fact.subject
    data = dict(fact.data)
    if fact.automatic:
        data["automatic"] = True
    if fact.content:
        data["content"] = fact.content
    if foreign:
        data["sender"] = {"name": fact.party.name, "address": fact.party.addresses[0].value}
    id = messages.insert(
        tx,
        NewMessage(
            conversation_id=conv.id,
            channel_id=channel["id"],
            direction="out" if fact.echo else "in",
            kind=fact.kind,
            text=fact.text,
            data=data,
            via=fact.via,
            at=fact.at,
            status="sent" if fact.echo else "received",
            external_id=external_id,
            reply_to=fact.reply_to,
            files=len(fact.media),
            delivery_id=delivery,
            home_id=at.home_id,
        ),
    )
    if id is None:
        raise flow.Duplicate
    for media in fact.media:
        named = msgspec.structs.replace(media, file_name=bare_name(media.file_name))
        messages.attach(tx, id, channel["id"], named)
    actor = "system" if fact.echo else f"contact:{conv.contact_id}"
    more = {"automatic": True} if fact.automatic else {}
    tx.emit("message.echo" if fact.echo else "message.received", conv.id, actor, message=id, kind=fact.kind, **more)
    referred = fact.campaign is not None and not conv.campaign
    if referred:
        conv.campaign = msgspec.json.encode(fact.campaign).decode()
    if at.begun:
        routing.place(tx, channel, conv, "" if fact.echo else fact.text, first=at.begun == "new")
    elif referred:
        routing.recognise(tx, channel, conv, fact.text)
    # "buenos días" says nothing yet; what follows may, as long as nobody has answered
    unknown = not at.begun and not silent and not conv.topic and conv.stage == "welcome"
    if unknown and topics.classify(tx, conv, fact.text) is not None:
        routing.reclassified(tx, conv)
    flow.show(conv, fact.text, fact.kind, "out" if fact.echo else "in", "", fact.via)
    conv.last_at = max(conv.last_at, min(fact.at, tx.now)) if fact.echo else tx.now
    if fact.echo:
        flow.answered(tx, conv, id)
    else:
        if at.begun != "new":
            scheduling.hold_back(tx, conv)
        if not silent:
            flow.customer_wrote(tx, at, fact.at)
    conversations.save(tx, conv)
    if at.begun == "new" and not silent and not foreign:
        routing.greet(tx, conv)
    for row in messages.about(tx, channel["id"], external_id):
        abouts.apply(tx, row, messages.get(tx, id))
    result.messages.append(id)


def _external_id(tx: Tx, channel: Row, fact: MessageFact) -> str:
    """The id to keep a message under. Duplicate if it is here already.

    What can come under one id only once needs no look: the database keeps the first.
    """
    if not fact.echo and not fact.content:
        return fact.external_id
    known = messages.by_external(tx, channel["id"], fact.external_id)
    if known is None:
        return fact.external_id
    data = msgspec.json.decode(known["data"]) if known["data"] else {}
    ours = fact.echo and known["direction"] == "out"
    if ours or not fact.content or data.get("content") == fact.content:
        raise flow.Duplicate
    apart = f"{fact.external_id}#{fact.content}"
    if messages.known(tx, channel["id"], apart):
        raise flow.Duplicate
    return apart


# ---------------------------------------------------------------- statuses and addresses


def _status(tx: Tx, channel: Row, fact: StatusFact, result: Received) -> None:
    failure = fact.failure.reason if fact.failure else ""
    detail = " ".join(filter(None, (fact.failure.code, fact.failure.detail))) if fact.failure else ""
    new = messages.note_receipt(
        tx, channel["id"], fact.external_id, fact.status, fact.at, fact.client_ref, failure, detail
    )
    if fact.party is not None:
        handle = contacts.find(tx, channel["id"], fact.party.addresses)
        if handle is not None and len(fact.party.addresses) > 1:  # one alone is known: it led to them
            one_person.learn(tx, channel["id"], handle, fact.party.addresses)
    if not new:
        raise flow.Duplicate
    row = messages.by_external(tx, channel["id"], fact.external_id)
    if row is None and fact.client_ref:
        row = messages.by_client_ref(tx, fact.client_ref)
        if row is not None and row["external_id"] is None:
            messages.set_external_id(tx, row["id"], channel["id"], fact.external_id)
            # reports that named only the provider's id may have come before anything said whose it is
            for earlier in messages.receipts(tx, channel["id"], fact.external_id, row["id"]):
                flow.reported(tx, row, earlier["status"], earlier["failure"], earlier["failure_detail"])
                row = messages.get(tx, row["id"]) or row
    if row is not None:
        flow.reported(tx, row, fact.status, failure, detail)


def _watermark(tx: Tx, channel: Row, fact: WatermarkFact) -> None:
    """All we sent a person up to a moment was delivered or read: each message not there yet advances. One that is
    still on its way to the provider may be among them: that is looked at once it is known to have left."""
    handle = contacts.find(tx, channel["id"], fact.party.addresses)
    last = flow.newest(tx, channel["id"], str(handle.handle_id)) if handle is not None else None
    if last is None:
        return
    place = last.conv.id, last.home_id or last.conv.id
    until = fact.until + CLOCKS_DIFFER
    for row in reversed(messages.up_to(tx, *place, until, REPORTED)):
        flow.reported(tx, row, fact.status)
    for id in messages.under_way(tx, *place, until, REPORTED):
        messages.note_ahead(tx, channel["id"], id, fact.status, until)


def _address_change(tx: Tx, channel: Row, fact: AddressChangeFact) -> None:
    handle = contacts.find(tx, channel["id"], fact.previous) or contacts.find(tx, channel["id"], fact.current)
    if handle is None:
        tx.emit("channel.notice", channel=channel["name"], notice="address_change", at=fact.at, content={})
        return
    one_person.learn(tx, channel["id"], handle, [*fact.previous, *fact.current])


# ---------------------------------------------------------------- replay


class ReplayDelivery(Command, kw_only=True):
    """Read a kept raw call again, as the adapter understands it today; what it brought before is not brought twice."""

    needs: ClassVar[Need] = "admin"

    id: int

    def run(self, tx: Tx, actor: Actor) -> wire.Delivery:
        row = channels.delivery(tx, self.id)
        channel = channels.get(tx, row["channel_id"]) if row is not None else None
        if row is None or channel is None or channel["removed_at"] is not None:
            raise not_found("delivery", self.id)
        facts = open_adapter(tx, channel).parse(row["body"], row["received_at"])
        faults = take_in(tx, channel, facts, Received(), self.id)
        state = "done" if not faults else "failed" if len(faults) >= len(facts) else "partial"
        channels.end_delivery(tx, self.id, state, "; ".join(faults))
        tx.emit("delivery.replayed", delivery=self.id, state=state)
        return next(wire.Delivery(**dict(r)) for r in channels.deliveries(tx, None, self.id + 1, 1))
