"""The queue of answers that wait for a reviewer: what is in it, what is decided, and what if nobody decides."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec.structs import replace

from server import wire
from server.commands import alerts, flow, reviewing, shapes
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.queries import ListMessages
from server.commands.replies import AddNote, check_window, load
from server.desk import review as rules
from server.store import channels, conversations, messages, outbox, people, reviews
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

#: reviews that one list shows
MOST = 200
#: of so many the list brings what was said before, and so many messages of that
WITH_CONTEXT, BEFORE = 30, 4
#: characters of a remark
REMARK_LIMIT = 2_000


def _reviews_for(read: Snapshot, actor: Actor) -> list[int] | None:
    """The teams whose answers this person reviews; None: all of them."""
    if actor.at_least("supervisor"):
        return None
    return [id for id, rule in reviews.rules(read).items() if actor.name in rule.reviewers]


def _shown(read: Snapshot, found: list[Row]) -> list[wire.Review]:
    told = {m.id: m for m in shapes.message_list(read, messages.rows(read, [row["message_id"] for row in found]))}
    ids = sorted({message.conversation for message in told.values()})
    lines = {r["id"]: shapes.row(r, mine=False) for r in conversations.rows(read, ids)}
    return [
        wire.Review(
            message=told[row["message_id"]],
            conversation=lines[told[row["message_id"]].conversation],
            team=row["team"] or "",
            why=row["why"],
            state=row["state"],
            requested_at=row["requested_at"],
            due_at=row["due_at"],
            late_at=row["late_at"],
            decided_at=row["decided_at"],
            decided_by=row["decided_by"],
            remark=row["remark"],
            original=row["original"],
        )
        for row in found
    ]


class ListReviews(Query, kw_only=True):
    """What waits for this reviewer, the most urgent first."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Review]:
        items = _shown(read, reviews.pending(read, _reviews_for(read, actor), MOST))
        for review in items[:WITH_CONTEXT]:
            review.context = _context(read, review, actor)
        return wire.Page(items=items, as_of=read.head())


class GetReview(Query, kw_only=True):
    """A review, for its author and for who may decide it."""

    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Review:
        row = reviews.get(read, self.id)
        if row is None:
            raise not_found("review", self.id)
        if row["author_id"] != actor.id:
            _may(read, row, actor)
        review = _shown(read, [row])[0]
        review.context = _context(read, review, actor)
        return review


def _context(read: Snapshot, review: wire.Review, actor: Actor) -> list[wire.Message]:
    """What was said before it, as its reviewer may read it."""
    before = ListMessages(conversation=review.message.conversation, before=str(review.message.id), limit=BEFORE)
    return before.run(read, actor).items


def _may(read: Snapshot, row: Row, actor: Actor) -> None:
    teams = _reviews_for(read, actor)
    if (teams is not None and row["team_id"] not in teams) or row["author_id"] == actor.id:
        raise Refusal(403, "forbidden", needs="supervisor")


class Decide(Command, kw_only=True):
    """Send an answer as it is, send it with another text, or give it back. Of two who decide, the first one does."""

    needs: ClassVar[Need] = "advisor"

    id: int
    decide: wire.DecideReview

    def run(self, tx: Tx, actor: Actor) -> wire.Review:
        row = reviews.get(tx, self.id)
        if row is None:
            raise not_found("review", self.id)
        _may(tx, row, actor)
        if row["state"] != "pending":
            raise Refusal(409, "review_over", by=row["decided_by"], how=row["state"])
        if self.decide.decision == "return":
            self._return(tx, row, actor)
        else:
            text = self.decide.text if self.decide.decision == "edit" else None
            release(tx, row, actor.name, text)
        decided = reviews.get(tx, self.id)
        assert decided is not None
        return _shown(tx, [decided])[0]

    def _return(self, tx: Tx, row: Row, actor: Actor) -> None:
        """The text goes back into the author's draft; the remark is a note that calls them."""
        remark = self.decide.remark.strip()
        if not remark:
            raise Refusal(422, "remark_needed")
        if len(remark) > REMARK_LIMIT:
            raise Refusal(422, "too_long", limit=REMARK_LIMIT, length=len(remark))
        message = _message(tx, row)
        author = people.user_by_id(tx, row["author_id"])
        assert author is not None
        reviews.decide(tx, row["message_id"], "returned", actor.name, remark)
        reviewing.mark(tx, row["message_id"], state="returned", by=actor.name, remark=remark)
        messages.set_status(tx, row["message_id"], "cancelled")
        conv = load(tx, message["conversation_id"])
        draft = conversations.draft(tx, author["id"], conv.id)
        kept = "\n\n".join(filter(None, (message["text"], draft)))
        conversations.save_draft(tx, author["id"], conv.id, kept)
        reviewing.over(tx, conv, row["message_id"])
        flow.show_last(tx, conv)
        if conv.state == "resolved" and conversations.find_open(tx, conv.channel_id, conv.thread) is None:
            flow.reopen(tx, conv, by="advisor")  # the customer has no answer, after all
        conversations.save(tx, conv)
        tx.emit(
            "review.returned",
            conv.id,
            message=row["message_id"],
            author=author["name"],
            remark=remark,
            took=tx.now - row["requested_at"],
        )
        AddNote(conversation=conv.id, note=wire.Note(text=f"@{author['name']} {remark}")).run(tx, actor)


def _message(tx: Tx, row: Row) -> Row:
    message = messages.get(tx, row["message_id"])
    assert message is not None
    return message


def release(tx: Tx, row: Row, by: str, text: str | None = None) -> None:
    """Let an answer go; `by` "" if its clock decided. Raises Refusal if it cannot go (any more)."""
    message = _message(tx, row)
    conv = load(tx, message["conversation_id"])
    home = conv if message["home_id"] is None else load(tx, message["home_id"])
    channel = channels.get(tx, home.channel_id)
    author = people.user_by_id(tx, row["author_id"])
    assert channel is not None and author is not None
    if not channel["active"]:
        raise Refusal(409, "channel_off", channel=channel["name"])
    if message["kind"] != "template":
        check_window(tx, home, channel, tx.now)
    changed = text is not None and text != message["text"]
    if changed:
        _write(tx, message, home, channel, text or "")
    state = "edited" if changed else "sent"
    original = message["text"] if changed else ""
    reviews.decide(tx, message["id"], state, by, original=original)
    data = reviewing.mark(tx, message["id"], state=state, by=by)
    send_at: int | None = data.get(flow.SCHEDULED)
    due_at = max(tx.now, send_at or 0)
    outbox.put(tx, message["id"], conv.id, home.channel_id, home.handle_id, due_at)
    told: dict[str, Any] = {"original": original} if changed else {}
    told |= {"took": tx.now - row["requested_at"], "author": author["name"]}
    tx.emit(f"review.{state}", conv.id, message=message["id"], **told, late=tx.now >= row["due_at"])
    tx.emit(
        "message.queued", conv.id, f"user:{author['name']}", message=message["id"], kind=message["kind"], send_at=due_at
    )
    reviewing.over(tx, conv, message["id"])
    if send_at is None:
        flow.answered(tx, conv, message["id"])
        conv.last_at = tx.now
        flow.show(conv, text if changed and text else message["text"], message["kind"], "out", author["name"])
    conversations.save(tx, conv)
    if state == "sent" and row["why"] == "person" and by:
        _passed(tx, row, author["name"])


def _write(tx: Tx, message: Row, home: Conversation, channel: Row, text: str) -> None:
    can = shapes.capabilities(channel["kind"], home.surface)
    limit = can.caption_limit if message["files"] else can.text_limit
    if message["kind"] == "template":
        raise Refusal(422, "invalid", detail="an approved template cannot be changed")
    if not text.strip() and not message["files"]:
        raise Refusal(422, "empty")
    if len(text) > limit:
        raise Refusal(422, "too_long", limit=limit, length=len(text))
    messages.rewrite(tx, message["id"], text)


def _passed(tx: Tx, row: Row, author: str) -> None:
    """An answer that was sent as it was brings its author nearer to sending by themselves."""
    rule = reviews.rules(tx).get(row["team_id"])
    if rule is None:
        return
    after, trusted = rules.passed(rule, author)
    if after != rule:
        reviews.put_rule(tx, row["team_id"], after)
    if trusted:
        tx.emit("review.trusted", user=author, team=rule.team)


# ---------------------------------------------------------------- what nobody decides


class LateReviews(Command, kw_only=True):
    """What has waited too long is sent, or somebody is alerted, as its team's rule says; how many there were."""

    needs: ClassVar[Need] = "system"

    limit: int = 50

    def run(self, tx: Tx, actor: Actor) -> int:
        late = reviews.late(tx, self.limit)
        known = reviews.rules(tx) if late else {}
        for row in late:
            rule = known.get(row["team_id"])
            reviews.set_late(tx, row["message_id"])
            how = "escalated"
            if rule is not None and rule.late == "send":
                how = "sent" if self._sent(tx, row) else how
            conv = load(tx, _message(tx, row)["conversation_id"])
            tx.emit("review.late", conv.id, message=row["message_id"], how=how, took=tx.now - row["requested_at"])
            if how == "escalated":
                alerts.raise_(tx, "review_late", conv, about=str(row["message_id"]), message=row["message_id"])
        return len(late)

    def _sent(self, tx: Tx, row: Row) -> bool:
        """Refusals come before anything is written, but for the text, which the clock does not change."""
        try:
            release(tx, row, "")
        except Refusal:
            return False
        return True


class ReviewsDue(Query, kw_only=True):
    """When the next review has waited too long (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return reviews.next_late(read)


# ---------------------------------------------------------------- rules


class ListReviewRules(Query, kw_only=True):
    """Which answers of which teams wait for a reviewer."""

    needs: ClassVar[Need] = "supervisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.ReviewRule]:
        found = sorted(reviews.rules(read).values(), key=lambda rule: rule.team)
        return wire.Page(items=found, as_of=read.head())


class SetReviewRule(Command, kw_only=True):
    """Say which answers of a team wait; None: none do. What waits already is decided as before."""

    needs: ClassVar[Need] = "admin"

    team: str
    rule: wire.ReviewRule | None

    def run(self, tx: Tx, actor: Actor) -> wire.ReviewRule:
        team = people.team(tx, self.team)
        if team is None:
            raise not_found("team", self.team)
        rule = self.rule
        if rule is None:
            if reviews.remove_rule(tx, team["id"]):
                tx.emit("review.rule", team=team["name"], on=False)
            return wire.ReviewRule(team=team["name"])
        rule = self._checked(tx, rule)
        rule.team = team["name"]
        reviews.put_rule(tx, team["id"], rule)
        tx.emit("review.rule", team=team["name"], on=True)
        return rule

    def _checked(self, tx: Tx, rule: wire.ReviewRule) -> wire.ReviewRule:
        """The rule with everybody under the name they sign in with, however it was typed."""
        rule = replace(
            rule,
            people=[replace(each, user=_signs_in(tx, each.user)) for each in rule.people],
            reviewers=list(dict.fromkeys(_signs_in(tx, name) for name in rule.reviewers)),
        )
        kinds = set(channels.kinds(tx))
        for name in rule.channels:
            if name not in kinds and channels.by_name(tx, name) is None:
                raise not_found("channel", name)
        if not rules.SHORTEST <= rule.clock_ms <= rules.LONGEST:
            raise Refusal(422, "bad_review_clock")
        if not 0 <= rule.new_days <= 366 or any(each.left is not None and each.left < 1 for each in rule.people):
            raise Refusal(422, "invalid", detail="new_days is 0 to 366, left at least 1")
        return rule


def _signs_in(tx: Tx, name: str) -> str:
    row = people.user(tx, name.strip())
    if row is None:
        raise not_found("user", name)
    return str(row["name"])
