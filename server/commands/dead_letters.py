"""Messages that have not left: look at them, send failed ones again one by one or many at once, or let them be."""

from __future__ import annotations

from typing import ClassVar

from server import wire
from server.commands import flow, shapes
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.queries import MOST, number
from server.commands.replies import check_window, load, outbound
from server.store import channels, conversations, dead_letters, messages, outbox
from server.store.store import Row, Snapshot, Tx

#: messages that one command sends again at most
AT_ONCE = 200


class ListOutbox(Query, kw_only=True):
    """What has not left, newest first. Supervisors see everybody's, advisors what they wrote themselves (which is also
    what they may send again)."""

    needs: ClassVar[Need] = "advisor"

    state: wire.OutboxState = "failed"
    channel: str | None = None
    after: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.OutboxItem]:
        limit = max(1, min(self.limit, MOST))
        before = number(self.after) or 2**62
        channel = channels.by_name(read, self.channel) if self.channel is not None else None
        if self.channel is not None and channel is None:
            raise not_found("channel", self.channel)
        only = channel["id"] if channel is not None else None
        author = None if actor.at_least("supervisor") else actor.id
        if self.state == "failed":
            found = dead_letters.failed(read, before, limit, only, author)
        else:
            found = dead_letters.underway(read, self.state == "unknown", before, limit, only, author)
        more, found = len(found) > limit, found[:limit]
        return wire.Page(items=self._items(read, found), next=str(found[-1]["id"]) if more else None, as_of=read.head())

    def _items(self, read: Snapshot, found: list[Row]) -> list[wire.OutboxItem]:
        told = {m.id: m for m in shapes.message_list(read, messages.rows(read, [r["id"] for r in found]))}
        rows = conversations.rows(read, sorted({r["conversation_id"] for r in found}))
        lines = {r["id"]: shapes.row(r, mine=False) for r in rows}
        return [
            wire.OutboxItem(
                state=self.state,
                message=told[r["id"]],
                conversation=lines[r["conversation_id"]],
                reason=r["reason"],
                detail=r["detail"],
                attempts=r["attempts"],
                at=r["at"],
                next_at=r["next_at"],
            )
            for r in found
        ]


class Resend(Command, kw_only=True):
    """Send a failed message again: the same message, one more attempt."""

    needs: ClassVar[Need] = "advisor"

    message: int

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        row = outbound(tx, self.message, actor, but="failed")
        _send_again(tx, row)
        return shapes.one_message(tx, row["id"])


class SettleUnknown(Command, kw_only=True):
    """Decide about a message whose fate nobody knows: it did arrive, or it goes once more."""

    needs: ClassVar[Need] = "advisor"

    message: int
    settle: wire.Settle

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        row = outbound(tx, self.message, actor, but="unknown")
        if self.settle.decision == "resend":
            _send_again(tx, row)
        else:
            flow.reported(tx, row, "sent")
        return shapes.one_message(tx, row["id"])


class DropFailed(Command, kw_only=True):
    """Let a failed message be: it stays in its conversation as it is, and is no dead letter any more."""

    needs: ClassVar[Need] = "advisor"

    message: int

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        row = outbound(tx, self.message, actor, but="failed")
        if row["dropped_at"] is None:
            dead_letters.drop(tx, row["id"], tx.now)
            flow.note_failures(tx, row["conversation_id"])
            tx.emit("message.dropped", row["conversation_id"], message=row["id"], reason=row["failure"])
        return shapes.one_message(tx, row["id"])


class ResendMany(Command, kw_only=True):
    """Send a channel's failed messages again, oldest first, so many at once as the writer can spare the time for."""

    needs: ClassVar[Need] = "supervisor"

    wanted: wire.ResendMany

    def run(self, tx: Tx, actor: Actor) -> wire.Resent:
        wanted = self.wanted
        channel = channels.by_name(tx, wanted.channel)
        if channel is None:
            raise not_found("channel", wanted.channel)
        if not channel["active"]:
            raise Refusal(409, "channel_off", channel=channel["name"])
        after = number(wanted.after) or 0
        found = dead_letters.oldest(tx, channel["id"], after, AT_ONCE, wanted.reason, wanted.older_than)
        more, found = len(found) > AT_ONCE, found[:AT_ONCE]
        skipped: list[wire.Skipped] = []
        for row in found:
            try:
                _send_again(tx, row)
            except Refusal as why:  # it is refused before anything of it is written
                skipped.append(wire.Skipped(message=row["id"], conversation=row["conversation_id"], code=why.code))
        return wire.Resent(
            resent=len(found) - len(skipped), skipped=skipped, next=str(found[-1]["id"]) if more else None
        )


def _send_again(tx: Tx, row: Row) -> None:
    conv = load(tx, row["conversation_id"])
    home = conv if row["home_id"] is None else load(tx, row["home_id"])
    channel = channels.get(tx, home.channel_id)
    assert channel is not None
    if not channel["active"]:
        raise Refusal(409, "channel_off", channel=channel["name"])
    if row["kind"] != "template":
        check_window(tx, home, channel, tx.now)
    outbox.remove(tx, row["id"])
    outbox.put(tx, row["id"], conv.id, home.channel_id, home.handle_id, tx.now)
    outbox.continue_counting(tx, row["id"])
    messages.set_status(tx, row["id"], "queued")
    if row["dropped_at"] is not None:
        dead_letters.drop(tx, row["id"], None)
    flow.note_failures(tx, conv.id)
    tx.emit("message.queued", conv.id, message=row["id"], kind=row["kind"], again=True)
