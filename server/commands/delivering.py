"""What the outbox job does to the store around each attempt to send. The attempt is on record before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from server.channels import registry
from server.channels.base import Outgoing, OutgoingFile
from server.commands import circuits, flow, links, one_person
from server.commands.door import Actor, Command, Need, Query
from server.desk import breaker, finding, pacing, retry, status, window
from server.facts import Address
from server.store import channel_health, channels, contacts, conversations, messages, outbox, people
from server.store.store import Row, Snapshot, Tx

#: how long an attempt may take before it counts as lost (ms); longer than every time-out of the HTTP client
LEASE_MS = 120_000
#: messages on their way at once on one channel, so that one that hangs leaves room for the others
PER_CHANNEL = 16
#: messages that are given up in one transaction
GIVE_UP_AT_ONCE = 100
#: how many of a conversation's newest messages a mail names, besides the first
REFERENCES = 20
#: kinds of outbound messages that ask for something to be done to another message
MODERATION = frozenset({"hide", "unhide", "delete"})


class Attempt(msgspec.Struct, kw_only=True):
    """One attempt that may now be made: `message`'s `n`-th, over channel `channel_id`."""

    message: int
    n: int
    channel_id: int
    conversation: int
    out: Outgoing


class LeaseOutbox(Command, kw_only=True):
    """Take what may leave now, and write the attempts down. `busy`: channel → attempts of which nobody has heard yet
    (also those whose message a report has settled); channels with few of them come first."""

    needs: ClassVar[Need] = "system"

    limit: int
    media: str  # the folder of stored files
    busy: Mapping[int, int] = {}

    def run(self, tx: Tx, actor: Actor) -> list[Attempt]:
        attempts: list[Attempt] = []
        for channel in sorted(outbox.waiting(tx), key=lambda channel: self.busy.get(channel["id"], 0)):
            free = PER_CHANNEL - self.busy.get(channel["id"], 0)
            room = min(self.limit - len(attempts), free, _room(channel, tx.now))
            if room > 0:
                attempts += self._lease(tx, channel, room)
        return attempts

    def _lease(self, tx: Tx, channel: Row, room: int) -> list[Attempt]:
        attempts: list[Attempt] = []
        taken: set[int] = set()
        for row in outbox.ready(tx, channel, room):
            if channel["pair_interval_ms"]:
                if row["recipient"] in taken:
                    continue
                taken.add(row["recipient"])
                outbox.pace(tx, channel["id"], row["recipient"], tx.now + channel["pair_interval_ms"])
            attempts.append(self._attempt(tx, row))
        interval = channel["account_interval_ms"]
        if attempts and interval:
            ahead = pacing.take(channel["ahead"], interval, tx.now, len(attempts))
            outbox.pace(tx, channel["id"], outbox.ACCOUNT, ahead)
        if attempts and _is_probed(channel):
            circuits.probing(tx, channel["id"])
        return attempts

    def _attempt(self, tx: Tx, row: Row) -> Attempt:
        message = messages.get(tx, row["message_id"])
        assert message is not None
        n = outbox.lease(tx, row["message_id"], tx.now + LEASE_MS)
        messages.set_status(tx, row["message_id"], "sending")
        return Attempt(
            message=row["message_id"],
            n=n,
            channel_id=row["channel_id"],
            conversation=row["conversation_id"],
            out=outgoing(tx, message, row["recipient"], self.media),
        )


def _is_probed(channel: Row) -> bool:
    """Whether the channel's circuit is open (one that is switched off refuses at once, whatever its provider does)."""
    return bool(channel["openings"] and channel["active"])


def _opens_at(channel: Row, now: int) -> int:
    """When something may leave on this channel, as far as its account and its provider are concerned."""
    paused = (channel["paused_until"] or 0) if _is_probed(channel) else 0
    return max(now, paused, pacing.opens_at(channel["ahead"], channel["account_interval_ms"]))


def _room(channel: Row, now: int) -> int:
    """How many messages may leave on this channel now, as far as its account and its provider are concerned."""
    if _opens_at(channel, now) > now:
        return 0
    room = pacing.room(channel["ahead"], channel["account_interval_ms"], now)
    return min(PER_CHANNEL if room is None else room, 1 if _is_probed(channel) else PER_CHANNEL)


def outgoing(tx: Tx, message: Row, recipient: int, media: str) -> Outgoing:
    """A message as its adapter sends it."""
    data: dict[str, Any] = msgspec.json.decode(message["data"]) if message["data"] else {}
    conv = conversations.load(tx, message["home_id"] or message["conversation_id"])
    channel = channels.get(tx, message["channel_id"])
    assert conv is not None and channel is not None
    adapter = registry.adapter_class(channel["kind"])
    files = messages.attachments(tx, [message["id"]]) if message["files"] else []
    answered = messages.by_external(tx, channel["id"], message["reply_to"]) if message["reply_to"] else None
    answered = answered or messages.last_inbound(tx, message["conversation_id"], conv.id)
    author = people.user_by_id(tx, message["author_id"]) if message["author_id"] is not None else None
    return Outgoing(
        kind=message["kind"],
        to=contacts.addresses(tx, recipient),
        client_ref=message["client_ref"],
        at=message["at"],
        channel=channel["name"],
        text=message["text"],
        reply_to=message["reply_to"],
        late=window.is_late(adapter.can(conv.surface).window_ms, conv.window_from, tx.now),
        surface=conv.surface,
        subject=conv.subject,
        last_in=answered["external_id"] or "" if answered is not None else "",
        last_data=msgspec.json.decode(answered["data"]) if answered is not None and answered["data"] else {},
        references=tuple(messages.chain(tx, message["conversation_id"], conv.id, REFERENCES))
        if adapter.threads
        else (),
        options=data.get("options", {}),
        author=author["display_name"] if author is not None else "",
        data=data.get("template", data),
        files=tuple(_file(tx, row, media, adapter.links) for row in files),
    )


def _file(tx: Tx, row: Row, media: str, linked: bool) -> OutgoingFile:
    return OutgoingFile(
        kind=row["kind"],
        path=f"{media}/{row['sha256'][:2]}/{row['sha256']}",
        mime=row["mime"],
        file_name=row["file_name"],
        size=row["size"],
        link=links.made(tx.secrets, row["id"], tx.now) if linked else "",
    )


class RecordSent(Command, kw_only=True):
    """The provider took the message. Reports about it that came before we knew its id are applied now."""

    needs: ClassVar[Need] = "system"

    message: int
    n: int
    external_id: str
    status: str = "sent"
    addresses: tuple[Address, ...] = ()

    def run(self, tx: Tx, actor: Actor) -> None:
        outbox.end_attempt(tx, self.message, self.n, "sent", self.external_id)
        outbox.pace_from_now(tx, self.message)
        row = messages.get(tx, self.message)
        assert row is not None
        if row["external_id"] != self.external_id:  # none yet, or that of a sending that failed
            messages.set_external_id(tx, self.message, row["channel_id"], self.external_id)
        if row["kind"] in MODERATION:
            self._moderated(tx, row)
        _advance(tx, self.message, self.status)
        for receipt in messages.receipts(tx, row["channel_id"], self.external_id, self.message):
            _advance(tx, self.message, receipt["status"], receipt["failure"], receipt["failure_detail"])
        channel = channels.get(tx, row["channel_id"])
        assert channel is not None
        channels.note_traffic(tx, channel, "last_out_at")
        circuits.worked(tx, channel, self.message, self.n)
        waiting = outbox.get(tx, self.message)
        if self.addresses and waiting is not None:
            self._learn(tx, row["channel_id"], waiting["recipient"])
        outbox.remove(tx, self.message)

    def _moderated(self, tx: Tx, row: Row) -> None:
        """What was asked for was done to the message it speaks of."""
        target = messages.by_external(tx, row["channel_id"], row["reply_to"])
        if target is None:
            return
        if row["kind"] == "delete":
            messages.set_revoked(tx, target["id"], tx.now)
        else:
            flow.hidden(tx, target, row["kind"] == "hide")
        event = "message.revoked" if row["kind"] == "delete" else "message.hidden"
        tx.emit(event, target["conversation_id"], message=target["id"], by=row["id"])

    def _learn(self, tx: Tx, channel_id: int, handle_id: int) -> None:
        """The provider's answer proved more addresses of the recipient."""
        handle = contacts.by_handle(tx, handle_id)
        if handle is not None:
            one_person.learn(tx, channel_id, handle, self.addresses)


def _advance(tx: Tx, message: int, word: str, failure: str = "", detail: str = "") -> None:
    row = messages.get(tx, message)
    assert row is not None
    flow.reported(tx, row, word, failure, detail)


class RecordRefused(Command, kw_only=True):
    """Certain: it did not leave, and trying again will not help. `reason` is one of `server.facts.REASONS`.

    What is wrong with the channel is put right there, not with each message: those stay queued until then.
    """

    needs: ClassVar[Need] = "system"

    message: int
    n: int
    reason: str
    detail: str
    chance: float = 0.0

    def run(self, tx: Tx, actor: Actor) -> None:
        channel = _channel(tx, self.message)
        if self.reason in breaker.CHANNEL and not self._worked_since(tx, channel):
            RecordRetry(message=self.message, n=self.n, reason=self.reason, detail=self.detail, chance=self.chance).run(
                tx, actor
            )
            return
        outbox.end_attempt(tx, self.message, self.n, "refused", self.detail, self.reason)
        circuits.undecided(tx, channel, self.message, self.n)
        _advance(tx, self.message, "failed", self.reason, self.detail)
        outbox.remove(tx, self.message)

    def _worked_since(self, tx: Tx, channel: Row) -> bool:
        """Whether others went through since this one was refused first: then it is about the message after all."""
        if self.reason in breaker.CERTAIN or self.n == 1:
            return False
        return bool((channel["last_out_at"] or 0) > outbox.started_at(tx, self.message, 1))


class RecordRetry(Command, kw_only=True):
    """Certain: it did not leave; it goes again later, or is given up. `chance` in [0, 1) spreads retries."""

    needs: ClassVar[Need] = "system"

    message: int
    n: int
    reason: str
    detail: str
    chance: float
    after_ms: int | None = None

    def run(self, tx: Tx, actor: Actor) -> None:
        row = outbox.get(tx, self.message)
        if row is None:
            return
        outbox.end_attempt(tx, self.message, self.n, "retry", self.detail, self.reason)
        self._tell_channel(tx)
        due = retry.next_attempt(row["attempts"], tx.now, row["created_at"], self.chance, self.after_ms)
        if due is None:
            _give_up(tx, self.message, self.reason, self.detail)
            return
        outbox.requeue(tx, self.message, due)
        messages.set_status(tx, self.message, "queued")
        tx.emit(
            "message.status",
            row["conversation_id"],
            message=self.message,
            status="queued",
            reason=self.reason,
            next_at=due,
        )

    def _tell_channel(self, tx: Tx) -> None:
        channel = _channel(tx, self.message)
        if self.reason not in breaker.CHANNEL:
            circuits.undecided(tx, channel, self.message, self.n)
            return
        circuits.failed(tx, channel, self.message, self.n, self.reason, self.detail, self.chance)
        if self.reason == "rate" and self.after_ms is not None:  # the account was told to pause, not only this message
            ahead, interval = outbox.ahead(tx, channel["id"]), channel["account_interval_ms"]
            outbox.pace(tx, channel["id"], outbox.ACCOUNT, pacing.hold(ahead, interval, tx.now + self.after_ms))


def _channel(tx: Tx, message: int) -> Row:
    row = messages.get(tx, message)
    assert row is not None
    channel = channels.get(tx, row["channel_id"])
    assert channel is not None
    return channel


def _give_up(tx: Tx, message: int, reason: str, detail: str) -> None:
    _advance(tx, message, "failed", "gave_up", f"{reason}: {detail}" if detail else reason)
    outbox.remove(tx, message)


class GiveUpStuck(Command, kw_only=True):
    """Give up what has waited too long on channels that let nothing through; how many there were."""

    needs: ClassVar[Need] = "system"

    def run(self, tx: Tx, actor: Actor) -> int:
        found = outbox.stuck(tx, tx.now - retry.GIVE_UP_MS, GIVE_UP_AT_ONCE)
        for row in found:
            _give_up(tx, row["message_id"], channel_health.problem_of(tx, row["channel_id"], "send"), "")
        return len(found)


class RecordUnknown(Command, kw_only=True):
    """Nobody knows whether it left. A report of the provider, or an advisor, settles it; nothing sends it again.

    But for a channel where a second sending shows once: there it simply goes again.
    """

    needs: ClassVar[Need] = "system"

    message: int
    n: int
    detail: str
    reason: str = ""  # why, if it is known; else nothing is to be learnt from it about the channel
    chance: float = 0.0

    def run(self, tx: Tx, actor: Actor) -> None:
        outbox.end_attempt(tx, self.message, self.n, "unknown", self.detail, self.reason)
        outbox.pace_from_now(tx, self.message)
        row = messages.get(tx, self.message)
        assert row is not None
        channel = _channel(tx, self.message)
        if row["status"] != "sending":  # a report came before the attempt's end
            arrived = status.RANK.get(row["status"], 0) >= status.RANK["sent"]
            (circuits.worked if arrived else circuits.undecided)(tx, channel, self.message, self.n)
            return
        if self.reason:
            circuits.failed(tx, channel, self.message, self.n, self.reason, self.detail, self.chance)
        else:
            circuits.undecided(tx, channel, self.message, self.n)
        adapter = registry.adapter_class(channel["kind"])
        if adapter.repeatable:
            outbox.requeue(tx, self.message, tx.now)
            messages.set_status(tx, self.message, "queued")
            tx.emit("message.status", row["conversation_id"], message=self.message, status="queued")
            return
        outbox.set_unknown(tx, self.message, finding.next_question(0, tx.now) if adapter.can_find() else None)
        messages.set_status(tx, self.message, "unknown", "", self.detail)
        tx.emit("message.status", row["conversation_id"], message=self.message, status="unknown", reason=self.reason)


class SettleLost(Command, kw_only=True):
    """Attempts whose end nobody recorded: `all` of them when the server starts, else those past their lease."""

    needs: ClassVar[Need] = "system"

    all: bool = False

    def run(self, tx: Tx, actor: Actor) -> int:
        lost = outbox.leased(tx, 2**62 if self.all else tx.now)
        for row in lost:
            RecordUnknown(
                message=row["message_id"], n=row["attempts"], detail="the server stopped while it was being sent"
            ).run(tx, actor)
        return len(lost)


class OutboxDue(Query, kw_only=True):
    """When the next message may leave (UTC ms), or None: nothing waits but for what is on its way (`busy`)."""

    needs: ClassVar[Need] = "system"

    busy: Mapping[int, int] = {}

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        dues = (
            outbox.next_due(read, channel, _opens_at(channel, read.now))
            for channel in outbox.waiting(read)
            if self.busy.get(channel["id"], 0) < PER_CHANNEL
        )
        return min((due for due in dues if due is not None), default=None)
