"""Reminders, promises and callbacks: made, listed, moved, done. What happens at their moment is in `reminding`."""

from __future__ import annotations

import logging
import re
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import UNSET

from server import wire
from server.commands import flow, reminder_book
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.queries import MOST, number
from server.commands.replies import load
from server.desk import likeness
from server.desk import reminders as rules
from server.store import contacts, conversations, joined, organisation, people, reminders
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

log = logging.getLogger(__name__)

#: characters of a reminder, and of what came of it
TEXT_LIMIT, OUTCOME_LIMIT = 500, 200
#: the furthest ahead that one can be (ms)
LONGEST = 400 * 24 * 3_600_000

_NUMBER = re.compile(r"[+0-9][0-9()./ x#*-]{2,29}")

Whose = Literal["mine", "team", "all"]


# ---------------------------------------------------------------- looking


class ListReminders(Query, kw_only=True):
    """Open reminders, the earliest first. `whose`: mine (also my teams'), team (also my colleagues') or all; `state`:
    open, due or late ones."""

    needs: ClassVar[Need] = "advisor"

    whose: Whose = "mine"
    state: wire.ReminderState = "open"
    after: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Reminder]:
        limit = max(1, min(self.limit, MOST))
        rows = reminders.listing(read, actor.id, self.whose, self.state, _place(self.after), limit + 1)
        items = [reminder_book.shown(row) for row in rows[:limit]]
        more = f"{items[-1].due_at}-{items[-1].id}" if len(rows) > limit else None
        return wire.Page(items=items, next=more, as_of=read.head())


class ConversationReminders(Query, kw_only=True):
    """All reminders that were ever made in a conversation, the newest first."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    after: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Reminder]:
        if conversations.load(read, self.conversation) is None:
            raise not_found("conversation", self.conversation)
        limit, before = max(1, min(self.limit, MOST)), number(self.after)
        rows = reminders.of_conversation(read, self.conversation, before or 2**53, limit + 1)
        items = [reminder_book.shown(row) for row in rows[:limit]]
        return wire.Page(items=items, next=str(items[-1].id) if len(rows) > limit else None, as_of=read.head())


class GetReminder(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Reminder:
        return reminder_book.shown(reminder(read, self.id))


def _place(cursor: str | None) -> tuple[int, int] | None:
    """A cursor's (due_at, id)."""
    if cursor is None:
        return None
    due, _, id = cursor.partition("-")
    try:
        return int(due), int(id)
    except ValueError:
        raise Refusal(422, "invalid", detail="not a cursor of this list") from None


def reminder(read: Snapshot, id: int) -> Row:
    """A reminder's row. Refuses (404) one that there is not."""
    row = reminders.get(read, id)
    if row is None:
        raise not_found("reminder", id)
    return row


# ---------------------------------------------------------------- making


class MakeReminder(Command, kw_only=True):
    """Note what somebody will do at a moment. The maker's own, unless they say whose it is."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    reminder: wire.NewReminder

    def run(self, tx: Tx, actor: Actor) -> wire.Reminder:
        conv, new = load(tx, self.conversation), self.reminder
        flow.not_merged(conv)
        owner = _owner(tx, new.user, new.team) or rules.Owner(actor.id, None)
        id = reminders.create(
            tx,
            conv.id,
            user_id=owner.user,
            team_id=owner.team,
            kind=new.kind,
            text=_text(new.text, new.kind),
            phone=_phone(tx, conv, new.phone) if new.kind == "callback" else "",
            due_at=_moment(tx, new.due_at),
            made_by=actor.name,
        )
        reminder_book.refresh(tx, conv)
        conversations.save(tx, conv)
        return reminder_book.tell(tx, "made", id)


def _owner(tx: Tx, user: str | None, team: str | None) -> rules.Owner | None:
    if user and team:
        raise Refusal(422, "invalid", detail="a reminder is a person's or a team's")
    if user:
        row = people.user(tx, user)
        if row is None or not row["active"]:
            raise not_found("user", user)
        return rules.Owner(row["id"], None)
    if team:
        row = people.team(tx, team)
        if row is None:
            raise not_found("team", team)
        return rules.Owner(None, row["id"])
    return None


def _text(text: str, kind: str) -> str:
    text = " ".join(text.split())
    if len(text) > TEXT_LIMIT:
        raise Refusal(422, "too_long", limit=TEXT_LIMIT, length=len(text))
    if not text and kind != "callback":
        raise Refusal(422, "empty")
    return text


def _moment(tx: Tx, at: int) -> int:
    if not tx.now < at <= tx.now + LONGEST:
        raise Refusal(422, "bad_moment", at=at)
    return at


def _phone(tx: Tx, conv: Conversation, typed: str) -> str:
    """A number to call: the one that was typed, with its country's code if it can be told; else the customer's."""
    typed = typed.strip()
    country = organisation.get(tx).get("country", organisation.COUNTRY)
    if typed:
        found = likeness.of_typed_phone(typed, country).removeprefix("phone:")
        if not found and not _NUMBER.fullmatch(typed):
            raise Refusal(422, "bad_phone", phone=typed[:60])
        return f"+{found}" if found else typed
    contact = contacts.get(tx, conv.contact_id)
    known = reminders.phone_of(tx, conv.contact_id)
    if known:
        return known if known.startswith("+") else f"+{known}"
    if contact is not None:
        noted = sorted(likeness.of_attributes(msgspec.json.decode(contact["attributes"] or "{}"), country))
        number = next((key.removeprefix("phone:") for key in noted if key.startswith("phone:")), "")
        if number:
            return f"+{number}"
    raise Refusal(422, "no_phone")


# ---------------------------------------------------------------- changing


class ChangeReminder(Command, kw_only=True):
    """Move a reminder, say that it is done, cancel it, give it to somebody; or take such a change back.

    Whoever looks after it or made it may, whoever has its conversation, and supervisors.
    """

    needs: ClassVar[Need] = "advisor"

    id: int
    change: wire.ChangeReminder

    def run(self, tx: Tx, actor: Actor) -> wire.Reminder:
        row = reminder(tx, self.id)
        conv = load(tx, joined.root(tx, row["conversation_id"]))
        if not _may_change(tx, actor, row, conv):
            raise Refusal(403, "forbidden", needs="supervisor")
        change = self.change
        if change.done is True and change.cancelled is True:
            raise Refusal(422, "invalid", detail="a reminder is done or cancelled, not both")
        done, cancelled = row["done_at"] is not None, row["cancelled_at"] is not None
        again = (done and change.done is False) or (cancelled and change.cancelled is False)
        if (done or cancelled) and not again:
            raise Refusal(409, "reminder_over", by=row["done_by"])
        if again:
            self._open_again(tx, row, conv)
        self._note(tx, conv, row)
        self._move(tx, row)
        self._give(tx, row)
        if change.done is True:
            self._done(tx, actor, row)
        elif change.cancelled is True:
            reminders.change(tx, self.id, cancelled_at=tx.now)
            reminder_book.over(tx, self.id)
            reminder_book.tell(tx, "cancelled", self.id)
        reminder_book.refresh(tx, conv)
        conversations.save(tx, conv)
        return reminder_book.shown(reminder(tx, self.id))

    def _open_again(self, tx: Tx, row: Row, conv: Conversation) -> None:
        reminders.change(tx, self.id, done_at=None, done_by="", outcome="", cancelled_at=None)
        reminder_book.tell(tx, "restored", self.id)
        if row["late_at"] is not None:  # it was counted as late, and is again
            reminder_book.is_late(tx, row, conv)

    def _note(self, tx: Tx, conv: Conversation, row: Row) -> None:
        changed: dict[str, Any] = {}
        if self.change.text is not UNSET:
            changed["text"] = _text(self.change.text, row["kind"])
        if self.change.phone is not UNSET:
            if row["kind"] != "callback":
                raise Refusal(422, "invalid", detail="a callback is the only reminder with a number")
            changed["phone"] = _phone(tx, conv, self.change.phone)
        if any(row[name] != value for name, value in changed.items()):
            reminders.change(tx, self.id, **changed)
            reminder_book.tell(tx, "changed", self.id)

    def _move(self, tx: Tx, row: Row) -> None:
        if self.change.due_at is UNSET or self.change.due_at == row["due_at"]:
            return
        _postpone(tx, row, self.change.due_at)
        reminder_book.tell(tx, "moved", self.id, was=row["due_at"], late_ms=rules.late_by(row["due_at"], tx.now))

    def _give(self, tx: Tx, row: Row) -> None:
        change = self.change
        owner = _owner(tx, change.user or None, change.team or None)
        if owner is None or owner == rules.Owner(row["user_id"], row["team_id"]):
            return
        reminders.change(tx, self.id, user_id=owner.user, team_id=owner.team)
        reminder_book.tell(tx, "given", self.id, was=row["user"] or row["team"] or "", how="hand")

    def _done(self, tx: Tx, actor: Actor, row: Row) -> None:
        change, late_ms = self.change, rules.late_by(row["due_at"], tx.now)
        outcome = " ".join(change.outcome.split())
        if len(outcome) > OUTCOME_LIMIT:
            raise Refusal(422, "too_long", limit=OUTCOME_LIMIT, length=len(outcome))
        if row["kind"] == "callback" and outcome not in wire.CALL_OUTCOMES:
            raise Refusal(422, "outcome_needed", outcomes=list(wire.CALL_OUTCOMES))
        if change.again_at is not None:
            if outcome != "no_answer" or row["kind"] != "callback":
                raise Refusal(422, "invalid", detail="only a call that nobody answered is tried again")
            _postpone(tx, row, change.again_at)
            reminders.change(tx, self.id, attempts=row["attempts"] + 1)
            reminder_book.tell(tx, "tried", self.id, outcome=outcome, was=row["due_at"], late_ms=late_ms)
            return
        attempts = row["attempts"] + (outcome == "no_answer")
        reminders.change(tx, self.id, done_at=tx.now, done_by=actor.name, outcome=outcome, attempts=attempts)
        reminder_book.over(tx, self.id)
        reminder_book.tell(tx, "done", self.id, outcome=outcome, late_ms=late_ms)


def _may_change(tx: Tx, actor: Actor, row: Row, conv: Conversation) -> bool:
    if actor.at_least("supervisor") or actor.id in (row["user_id"], conv.assignee_id) or actor.name == row["made_by"]:
        return True
    return row["user_id"] is None and row["team_id"] in people.teams_of(tx, actor.id)


def _postpone(tx: Tx, row: Row, due_at: int) -> None:
    """Another moment: nobody was told of that one yet, and it is not late."""
    reminders.change(tx, row["id"], due_at=_moment(tx, due_at), told_at=None, late_at=None)
    reminder_book.over(tx, row["id"])
