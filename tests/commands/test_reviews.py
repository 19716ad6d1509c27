"""Answers that wait for a reviewer: who decides, what the customer's clock does, what happens when nobody decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server import wire
from server.commands.accounts import CreateTeam, UpdateTeam
from server.commands.acts import ResolveConversation
from server.commands.alerts import ListAlerts
from server.commands.delivering import LeaseOutbox
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.merging import MergeConversations
from server.commands.queries import GetConversation
from server.commands.replies import SendReply, TakeBack
from server.commands.reviews import Decide, GetReview, LateReviews, ListReviewRules, ListReviews, SetReviewRule
from server.store.store import Store
from tests.commands.office import HOUR, MINUTE, Office, person, says


@pytest.fixture
def office(tmp_path: Path) -> Any:
    office = Office(tmp_path)
    office.do(office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(members=["ana", "luis"])))
    yield office
    office.close()


def ask_for(office: Office, team: str = "Servicio", **rule: Any) -> None:
    office.do(office.root, SetReviewRule(team=team, rule=wire.ReviewRule(**rule)))


def of_ana(office: Office, **more: Any) -> None:
    ask_for(office, people=[wire.Reviewed(user="ana", **more)])


def begin(office: Office, id: str = "m1", **more: Any) -> int:
    office.take_in(says(id, **more))
    return int(office.events("message.received")[-1].conversation or 0)


def answer(office: Office, conversation: int, actor: Actor, text: str = "buenos días", **more: Any) -> wire.Message:
    sent: wire.Message = office.do(actor, SendReply(conversation=conversation, reply=wire.Reply(text=text, **more)))
    return sent


def decide(office: Office, actor: Actor, id: int, decision: Any, **more: Any) -> wire.Review:
    done: wire.Review = office.do(actor, Decide(id=id, decide=wire.DecideReview(decision=decision, **more)))
    return done


def queue(office: Office, actor: Actor) -> list[wire.Review]:
    page: wire.Page[wire.Review] = office.ask(actor, ListReviews())
    return page.items


def leaving(office: Office) -> list[str]:
    """The texts that leave now."""
    return [attempt.out.text for attempt in office.do(SYSTEM, LeaseOutbox(limit=50, media=""))]


def row(office: Office, conversation: int) -> wire.ConversationRow:
    found: wire.ConversationRow = office.ask(office.ana, GetConversation(id=conversation)).row
    return found


def test_nothing_changes_where_nobody_asks_for_it(office: Office) -> None:
    id = begin(office)
    sent = answer(office, id, office.ana)
    assert sent.data == {}
    assert leaving(office) == ["buenos días"]
    assert queue(office, office.rosa) == [] and office.events("review.requested") == []


def test_people_are_meant_however_their_names_are_typed(office: Office) -> None:
    ask_for(office, people=[wire.Reviewed(user="Ana ")], reviewers=["LUIS", "luis"])
    [rule] = office.ask(office.rosa, ListReviewRules()).items
    assert ([each.user for each in rule.people], rule.reviewers) == (["ana"], ["luis"])
    held = answer(office, begin(office), office.ana)
    assert held.data["review"]["state"] == "pending"
    assert [review.message.id for review in queue(office, office.luis)] == [held.id]


def test_it_waits_and_the_customers_clock_goes_on(office: Office) -> None:
    of_ana(office)
    id = begin(office)
    held = answer(office, id, office.ana)
    assert (held.status, held.data["review"]["state"]) == ("queued", "pending")
    here = row(office, id)
    assert (here.reviewing, here.assignee, here.state) == (1, "ana", "open")
    assert here.sla is not None and here.preview == "buenos días"
    assert leaving(office) == []
    assert office.events("message.queued", "sla.met") == []
    [waiting] = queue(office, office.rosa)
    assert (waiting.message.id, waiting.why, waiting.due_at) == (held.id, "person", office.now + 10 * MINUTE)
    assert queue(office, office.ana) == [] and queue(office, office.luis) == []
    office.now += MINUTE
    decide(office, office.rosa, held.id, "send")
    assert leaving(office) == ["buenos días"]
    here = row(office, id)
    assert (here.reviewing, here.state) == (0, "waiting")
    (sent,) = office.events("review.sent")
    assert (sent.actor, sent.data["author"], sent.data["took"], sent.data["late"]) == (
        "user:rosa",
        "ana",
        MINUTE,
        False,
    )
    (queued,) = office.events("message.queued")
    assert queued.actor == "user:ana"
    assert office.thread(id)[-1].author == "ana"
    answer(office, id, office.luis)  # others' answers go at once
    assert queue(office, office.rosa) == []


def test_changed_and_sent(office: Office) -> None:
    of_ana(office)
    held = answer(office, begin(office), office.ana, "ok")
    done = decide(office, office.rosa, held.id, "edit", text="Con gusto, María.")
    assert (done.state, done.original, done.message.text) == ("edited", "ok", "Con gusto, María.")
    assert done.message.edited_at is None  # nobody had read it
    assert leaving(office) == ["Con gusto, María."]
    (edited,) = office.events("review.edited")
    assert edited.data["original"] == "ok"


def test_given_back_into_the_draft_with_a_remark(office: Office) -> None:
    of_ana(office)
    id = begin(office)
    held = answer(office, id, office.ana, "no se puede")
    with pytest.raises(Refusal, match="remark_needed"):
        decide(office, office.rosa, held.id, "return")
    decide(office, office.rosa, held.id, "return", remark="más amable")
    assert leaving(office) == []
    seen = office.ask(office.ana, GetConversation(id=id))
    assert (seen.draft, seen.row.reviewing) == ("no se puede", 0)
    message, note = office.thread(id)[-2:]
    assert (message.status, message.data["review"]) == (
        "cancelled",
        {"state": "returned", "by": "rosa", "remark": "más amable"},
    )
    assert note.text == "@ana más amable"
    assert office.events("note.added")[-1].data["mentions"] == ["ana"]
    assert seen.row.sla is not None


def test_given_back_after_the_end_opens_the_conversation_again(office: Office) -> None:
    of_ana(office)
    id = begin(office)
    held = answer(office, id, office.ana)
    office.do(office.ana, ResolveConversation(conversation=id, resolve=wire.Resolve()))
    decide(office, office.rosa, held.id, "return", remark="falta el saldo")
    assert (row(office, id).state, row(office, id).assignee) == ("open", "ana")


def test_one_decision_wins(office: Office) -> None:
    of_ana(office)
    held = answer(office, begin(office), office.ana)
    decide(office, office.rosa, held.id, "send")
    for decision in ("send", "return", "edit"):
        with pytest.raises(Refusal) as refused:
            decide(office, office.root, held.id, decision, text="x", remark="x")
        assert (refused.value.code, refused.value.params) == ("review_over", {"by": "rosa", "how": "sent"})
    assert len(leaving(office)) == 1


def test_the_author_takes_it_back(office: Office) -> None:
    of_ana(office)
    id = begin(office)
    held = answer(office, id, office.ana)
    office.do(office.ana, TakeBack(message=held.id))
    assert row(office, id).reviewing == 0 and queue(office, office.rosa) == []
    with pytest.raises(Refusal, match="review_over"):
        decide(office, office.rosa, held.id, "send")
    sent = answer(office, id, office.ana)
    decide(office, office.rosa, sent.id, "send")
    assert office.do(office.ana, TakeBack(message=sent.id)).status == "cancelled"  # it had not left yet


def test_past_its_clock_somebody_is_alerted(office: Office) -> None:
    of_ana(office)
    id = begin(office)
    held = answer(office, id, office.ana)
    office.now += 10 * MINUTE - 1
    assert office.do(SYSTEM, LateReviews()) == 0
    office.now += 1
    assert office.do(SYSTEM, LateReviews()) == 1
    assert office.do(SYSTEM, LateReviews()) == 0
    (late,) = office.events("review.late")
    assert late.data["how"] == "escalated"
    alerts = [alert for alert in office.ask(office.rosa, ListAlerts()).items if alert.kind == "review_late"]
    assert [alert.conversation for alert in alerts] == [id]
    assert queue(office, office.rosa)[0].late_at == office.now
    decide(office, office.rosa, held.id, "send")
    assert [a for a in office.ask(office.rosa, ListAlerts()).items if a.kind == "review_late"] == []
    assert office.events("review.sent")[0].data["late"] is True


def test_past_its_clock_it_is_sent_where_the_rule_says_so(office: Office) -> None:
    ask_for(office, people=[wire.Reviewed(user="ana")], late="send", clock_ms=2 * MINUTE)
    id = begin(office)
    held = answer(office, id, office.ana)
    office.now += 2 * MINUTE
    office.do(SYSTEM, LateReviews())
    assert leaving(office) == ["buenos días"]
    review = office.ask(office.ana, GetReview(id=held.id))
    assert (review.state, review.decided_by) == ("sent", "")
    assert office.events("review.late")[0].data["how"] == "sent"


def test_what_cannot_be_sent_any_more_is_for_people(office: Office) -> None:
    ask_for(office, people=[wire.Reviewed(user="ana")], late="send", clock_ms=30 * HOUR)
    id = begin(office)
    held = answer(office, id, office.ana)
    office.now += 30 * HOUR  # WhatsApp's window has closed
    office.do(SYSTEM, LateReviews())
    assert office.events("review.late")[0].data["how"] == "escalated"
    with pytest.raises(Refusal, match="window_closed"):
        decide(office, office.rosa, held.id, "send")
    decide(office, office.rosa, held.id, "return", remark="pasó la ventana")
    assert row(office, id).reviewing == 0


def test_who_reviews(office: Office) -> None:
    ask_for(office, everybody=True, reviewers=["luis"])
    id = begin(office)
    assert "review" not in answer(office, id, office.rosa).data  # supervisors are not reviewed
    assert "review" not in answer(office, id, office.luis).data  # nor are reviewers
    held = answer(office, id, office.ana)
    assert [r.why for r in queue(office, office.luis)] == ["everybody"]
    pedro = office.hire("pedro", "advisor")
    assert queue(office, pedro) == []
    for who in (pedro, office.ana):
        with pytest.raises(Refusal, match="forbidden"):
            decide(office, who, held.id, "send")
    decide(office, office.luis, held.id, "send")


def test_until_so_many_were_sent_as_they_were(office: Office) -> None:
    of_ana(office, left=2)
    id = begin(office)
    decide(office, office.rosa, answer(office, id, office.ana, "uno").id, "edit", text="1")  # this one does not count
    for _ in range(2):
        decide(office, office.rosa, answer(office, id, office.ana).id, "send")
    assert "review" not in answer(office, id, office.ana).data
    (trusted,) = office.events("review.trusted")
    assert trusted.data["user"] == "ana"
    assert office.ask(office.rosa, ListReviewRules()).items[0].people == []


def test_for_later_stays_for_later(office: Office) -> None:
    of_ana(office)
    id = begin(office)
    at = office.now + 3 * HOUR
    held = answer(office, id, office.ana, send_at=at)
    decide(office, office.rosa, held.id, "send")
    assert leaving(office) == []
    assert office.thread(id)[-1].send_at == at
    assert row(office, id).state == "open"
    office.now = at
    assert leaving(office) == ["buenos días"]


def test_it_goes_with_its_conversation(office: Office) -> None:
    of_ana(office)
    one = begin(office)
    held = answer(office, one, office.ana)
    other = office.do(office.root, CreateTeam(team=wire.NewTeam(name="Otra")))
    assert other.name == "Otra"
    office.take_in(says("x1", who=person("50370000001"), thread="group:9"))
    two = int(office.events("message.received")[-1].conversation or 0)
    assert two != one
    office.do(office.rosa, MergeConversations(conversation=two, other=one))
    assert (row(office, two).reviewing, row(office, one).reviewing) == (1, 0)
    decide(office, office.rosa, held.id, "send")
    assert row(office, two).reviewing == 0


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (wire.ReviewRule(people=[wire.Reviewed(user="nadie")]), "not_found"),
        (wire.ReviewRule(reviewers=["nadie"]), "not_found"),
        (wire.ReviewRule(channels=["fax"]), "not_found"),
        (wire.ReviewRule(clock_ms=10), "bad_review_clock"),
        (wire.ReviewRule(people=[wire.Reviewed(user="ana", left=0)]), "invalid"),
        (wire.ReviewRule(new_days=-1), "invalid"),
    ],
)
def test_what_cannot_be_asked_for(office: Office, rule: wire.ReviewRule, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        office.do(office.root, SetReviewRule(team="Servicio", rule=rule))


def test_what_waits_survives_a_restart(office: Office, tmp_path: Path) -> None:
    of_ana(office)
    held = answer(office, begin(office), office.ana)
    office.close()
    again = Store(tmp_path, clock=lambda: office.now)
    try:
        found = again.read_now(lambda read: ListReviews().run(read, office.rosa))
        assert [review.message.id for review in found.items] == [held.id]
    finally:
        again.close()
