"""Handing a conversation on with its context: offered, then accepted, declined, taken back, or returned unanswered.

Until it is accepted the conversation stays with whoever had it, so that it is never in nobody's view.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from server import wire
from server.commands import alerts, assigning, automatic, availability, clocks, flow, protocol, transfer_ends
from server.commands.acts import taken
from server.commands.door import SYSTEM, Actor, Command, Need, Query, Refusal, not_found
from server.commands.replies import load
from server.desk import mood
from server.desk import transfers as rules
from server.store import contacts, conversations, people, service, transfers
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

#: characters of a summary, and of a reason or a promise
SUMMARY_LIMIT, LIMIT = 4_000, 500


class Receiver(NamedTuple):
    """To whom a conversation is offered, and who answers for that."""

    user: Row | None
    team: Row | None
    responsible: Row


class TransferConversation(Command, kw_only=True):
    """Offer a conversation to a person or a team, with its reason and summary.

    It stays with whoever has it until somebody accepts; what nobody has becomes the sender's first. Advisors hand on
    what is theirs or nobody's; supervisors anything.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    transfer: wire.NewTransfer

    def run(self, tx: Tx, actor: Actor) -> wire.Transfer:
        new = self.transfer
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        if conv.assignee_id not in (None, actor.id) and not actor.at_least("supervisor"):
            raise taken(tx, conv)
        reason, summary = _line(new.reason, "reason"), _text(new.summary, "summary")
        if conv.transfer_id is not None:
            raise _pending(tx, conv)
        to = _receiver(tx, conv, new.to, actor, new.even_if_absent)
        if conv.assignee_id is None:
            assigning.claim(tx, conv, actor.id, actor.name, "transfer")
        transfer_ends.settle(tx, conv)
        id = transfers.create(
            tx,
            transfers.New(
                kind="transfer",
                conversation_id=conv.id,
                from_id=actor.id,
                to_user_id=to.user["id"] if to.user is not None else None,
                to_team_id=to.team["id"] if to.team is not None else None,
                to_team=to.team["name"] if to.team is not None else "",
                responsible_id=to.responsible["id"],
                reason=reason,
                summary=summary,
                promised=_line(new.promised),
                mood=new.mood or mood.of(heard(tx, conv.id)),
                tell_customer=new.tell_customer,
                expires_at=rules.expires_at(tx.now, service.settings(tx).accept_ms),
            ),
        )
        if id is None:
            raise _pending(tx, conv)
        conv.transfer_id = id
        clocks.transfer_began(tx, conv)
        conversations.save(tx, conv)
        return transfer_ends.tell(tx, "conversation.transferred", id)


class AcceptTransfer(Command, kw_only=True):
    """Take a conversation that was offered: it is the receiver's from now on. Of two who try at once, one wins."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, tx: Tx, actor: Actor) -> wire.Transfer:
        conv, row = _to_answer(tx, self.conversation, actor)
        told = _tell_customer(tx, conv, row, actor) if row["tell_customer"] else ""
        ended = transfer_ends.accept(tx, conv, row["id"], actor.id, told=told)
        assert ended is not None
        assigning.assign(
            tx, conv, actor.name, _team_of(tx, conv, row, actor), how="transfer", by=row["sender"], reason=row["reason"]
        )
        protocol.advance(tx, conv, "transferred")
        transfer_ends.settle(tx, conv)
        conversations.save(tx, conv)
        return ended


class DeclineTransfer(Command, kw_only=True):
    """Give back what was offered, with a reason; it goes on being the sender's."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    decline: wire.Decline

    def run(self, tx: Tx, actor: Actor) -> wire.Transfer:
        reason = _line(self.decline.reason, "reason")
        conv, row = _to_answer(tx, self.conversation, actor)
        if row["responsible_id"] != actor.id:  # the others of a team leave it to whoever answers for it
            raise Refusal(403, "transfer_responsible", user=row["responsible"])
        ended = transfer_ends.end(tx, conv, row["id"], "declined", by=actor.id, reason=reason)
        assert ended is not None
        _back(tx, conv)
        conversations.save(tx, conv)
        return ended


class WithdrawTransfer(Command, kw_only=True):
    """Take back what nobody has answered: its sender, whoever has the conversation, or a supervisor."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, tx: Tx, actor: Actor) -> wire.Transfer:
        conv = load(tx, self.conversation)
        row = pending(tx, conv)
        if actor.id not in (row["from_id"], conv.assignee_id) and not actor.at_least("supervisor"):
            raise Refusal(403, "forbidden", needs="supervisor")
        ended = transfer_ends.end(tx, conv, row["id"], "withdrawn", by=actor.id)
        assert ended is not None
        conversations.save(tx, conv)
        return ended


class ReturnDue(Command, kw_only=True):
    """Bring back what nobody answered in time, and raise an alarm; how many there were."""

    needs: ClassVar[Need] = "system"

    limit: int = 200

    def run(self, tx: Tx, actor: Actor) -> int:
        due = transfers.due(tx, self.limit)
        for row in due:
            conv = load(tx, row["conversation_id"])
            transfer_ends.end(tx, conv, row["id"], "expired")
            _back(tx, conv)
            conversations.save(tx, conv)
            alerts.raise_(
                tx,
                "transfer_unanswered",
                conv,
                level="advisor",
                to=row["to_user"] or row["team"],
                responsible=row["responsible"],
                reason=row["reason"],
            )
        return len(due)


class TransfersDue(Query, kw_only=True):
    """When the next one comes back unanswered (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return transfers.next_due(read)


# ---------------------------------------------------------------- inside


def _line(text: str, needed: str = "") -> str:
    """A text in one line. `needed`: what it is, where there must be one."""
    text = " ".join(text.split())
    if needed and not text:
        raise Refusal(422, "transfer_lacks", what=needed)
    if len(text) > LIMIT:
        raise Refusal(422, "too_long", limit=LIMIT, length=len(text))
    return text


def _text(text: str, needed: str) -> str:
    text = text.strip()
    if not text:
        raise Refusal(422, "transfer_lacks", what=needed)
    if len(text) > SUMMARY_LIMIT:
        raise Refusal(422, "too_long", limit=SUMMARY_LIMIT, length=len(text))
    return text


def heard(read: Snapshot, conversation_id: int) -> list[str]:
    """The customer's newest messages, oldest first."""
    return [row["text"] for row in transfers.said(read, conversation_id, "in", mood.RECENT)]


def pending(read: Snapshot, conv: Conversation) -> Row:
    """The transfer that waits to be answered; what became of it, if it is over."""
    row = transfers.get(read, conv.transfer_id) if conv.transfer_id is not None else None
    if row is not None:
        return row
    last = transfers.last(read, conv.id)
    if last is None:
        raise Refusal(404, "no_transfer", conversation=conv.id)
    if last["state"] == "accepted":
        raise Refusal(409, "transfer_taken", by=last["answered_name"])
    raise Refusal(409, "transfer_over", became=last["state"])


def _pending(tx: Tx, conv: Conversation) -> Refusal:
    row = pending(tx, conv)
    return Refusal(409, "transfer_pending", by=row["sender"], to=row["to_user"] or row["team"])


def _to_answer(tx: Tx, conversation: int, actor: Actor) -> tuple[Conversation, Row]:
    """A conversation whose transfer this actor may answer."""
    conv = load(tx, conversation)
    row = pending(tx, conv)
    if actor.id == conv.assignee_id:
        raise Refusal(409, "transfer_to_holder", user=actor.name)
    if not transfers.is_for(tx, row["id"], actor.id):
        raise Refusal(403, "transfer_not_yours", to=row["to_user"] or row["team"])
    return conv, row


def _receiver(tx: Tx, conv: Conversation, to: str, actor: Actor, even_if_absent: bool) -> Receiver:
    user, team = named(tx, to)
    if user is not None:
        if user["id"] == actor.id or user["id"] == conv.assignee_id:
            raise Refusal(422, "transfer_to_holder", user=user["name"])
        if not user["active"]:
            raise Refusal(409, "user_off", user=user["name"])
        if not even_if_absent and availability.absent(tx, user["id"]):
            raise Refusal(409, "user_absent", user=user["name"])
        return Receiver(user, None, user)
    assert team is not None
    but = actor.id if conv.assignee_id is None else conv.assignee_id
    members = [each for each in transfers.members(tx, team["id"]) if each[0] not in (but, actor.id)]
    if not members:
        raise Refusal(409, "team_empty", team=team["name"])
    here = [each for each in members if not availability.absent(tx, each[0])]
    if not here and not even_if_absent:
        raise Refusal(409, "team_absent", team=team["name"])
    duty = availability.duty(tx, team["id"])
    if duty is None or duty not in [each[0] for each in here]:
        duty = rules.least_loaded(here or members)
    responsible = people.user_by_id(tx, duty) if duty is not None else None
    assert responsible is not None
    return Receiver(None, team, responsible)


def named(read: Snapshot, to: str) -> tuple[Row | None, Row | None]:
    """The user or the team of that name; `user:` or `team:` before it says which, where both exist."""
    kind, colon, name = to.strip().partition(":")
    if not colon or kind not in ("user", "team"):
        kind, name = "", to
    name = name.strip()
    user = people.user(read, name) if kind != "team" else None
    team = people.team_called(read, name) if kind != "user" else None
    if user is not None and team is not None:
        raise Refusal(422, "name_ambiguous", name=name)
    if user is None and team is None:
        raise not_found(kind or "user", name[:80])
    return user, team


def _team_of(tx: Tx, conv: Conversation, row: Row, actor: Actor) -> str | None:
    """The team that the conversation belongs to from now on; None leaves it where it is.

    One offered to a team goes there. A person takes it into their own team, if they have only one and are not of the
    conversation's.
    """
    if row["to_team_id"] is not None:
        return str(row["team"])
    user = people.user_by_id(tx, actor.id)
    assert user is not None
    teams = people.team_names(user)
    if len(teams) != 1 or conv.team_id is None:
        return None
    own = people.team(tx, teams[0])
    return teams[0] if own is not None and own["id"] != conv.team_id else None


def _back(tx: Tx, conv: Conversation) -> None:
    """It goes on being the sender's; if they are gone, everybody of the team sees it in the queue."""
    if conv.assignee_id is None:
        return
    holder = people.user_by_id(tx, conv.assignee_id)
    if holder is None or not holder["active"] or availability.absent(tx, conv.assignee_id):
        assigning.assign(tx, conv, None, None, how="returned")


def _tell_customer(tx: Tx, conv: Conversation, row: Row, actor: Actor) -> str:
    """Tell the customer who looks after them now, in their language: `sent`, or the code of why that cannot be."""
    texts = service.settings(tx).transfer_text
    contact = contacts.get(tx, conv.contact_id)
    language = contact["language"][:2] if contact is not None else ""
    text = texts.get(language) or texts.get("es") or next(iter(texts.values()), "")
    user = people.user_by_id(tx, actor.id)
    assert user is not None
    who = user["display_name"]
    if row["to_team_id"] is not None:
        who = f"{who} ({row['team']})"
    try:
        automatic.say(tx, conv, text.replace("{who}", who), SYSTEM)
    except Refusal as refusal:
        return refusal.code
    return "sent"
