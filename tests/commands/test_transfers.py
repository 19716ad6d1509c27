"""Transfers with context: what is refused, what becomes of one, what the journal and the counts tell of it."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands.accounts import CreateTeam, UpdateTeam, UpdateUser
from server.commands.acts import AssignTo, Claim, ResolveConversation
from server.commands.alerts import ListAlerts
from server.commands.availability import SetAvailability
from server.commands.consulting import AnswerConsult, ConsultColleague, WithdrawConsults
from server.commands.contacts import UpdateContact
from server.commands.door import SYSTEM, Actor, Command, Refusal
from server.commands.handing import CountTransfers, ListTransfers, ProposeTransfer
from server.commands.inbox import ListConversations
from server.commands.merging import MergeConversations
from server.commands.queries import GetConversation
from server.commands.reminders import MakeReminder
from server.commands.replies import AddNote, SendReply
from server.commands.service import UpdateServiceSettings
from server.commands.slas import ListPolicies, UpdatePolicy
from server.commands.transfers import (
    AcceptTransfer,
    DeclineTransfer,
    ReturnDue,
    TransferConversation,
    TransfersDue,
    WithdrawTransfer,
)
from tests.commands.office import HOUR, MINUTE, Office, person, says


def row(office: Office, id: int = 1) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return found.row


def refused(office: Office, actor: Actor, command: Command) -> Refusal:
    with pytest.raises(Refusal) as caught:
        office.do(actor, command)
    return caught.value


def hand(to: str = "luis", /, id: int = 1, **more: Any) -> TransferConversation:
    new = {"reason": "needs an approval", "summary": "Wants to refinance 2,400.", **more}
    return TransferConversation(conversation=id, transfer=wire.NewTransfer(to=to, **new))


def listed(office: Office, actor: Actor, q: str = "", view: wire.View = "all") -> list[int]:
    return [each.id for each in office.ask(actor, ListConversations(view=view, q=q)).items]


def away(office: Office, actor: Actor, state: Any = "away") -> None:
    office.do(actor, SetAvailability(name=actor.name, set=wire.SetAvailability(state=state)))


@pytest.fixture
def office_at_work(office: Office) -> Office:
    """Conversation 1 is ana's. The team Créditos has luis and marta; nobody is in Vacío."""
    office.marta = office.hire("marta", "advisor")  # type: ignore[attr-defined]
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["luis", "marta"])))
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Vacío")))
    office.take_in(says("w1", "¿puedo refinanciar mi préstamo de $2,400?"))
    office.do(office.ana, Claim(conversation=1))
    return office


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("lacking", ["reason", "summary"])
def test_nothing_is_handed_over_blind(office_at_work: Office, lacking: str) -> None:
    refusal = refused(office_at_work, office_at_work.ana, hand("luis", 1, **{lacking: "  \n"}))
    assert (refusal.code, refusal.params) == ("transfer_lacks", {"what": lacking})
    assert row(office_at_work).transfer is None


def test_it_goes_to_somebody_who_can_take_it(office_at_work: Office) -> None:
    office = office_at_work
    assert refused(office, office.ana, hand("ana")).code == "transfer_to_holder"
    assert refused(office, office.rosa, hand("ana")).code == "transfer_to_holder"
    assert refused(office, office.ana, hand("nobody")).code == "not_found"
    assert refused(office, office.ana, hand("Vacío")).params == {"team": "Vacío"}
    office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(active=False)))
    assert refused(office, office.ana, hand("luis")).code == "user_off"
    office.do(office.root, UpdateUser(name="marta", change=wire.ChangeUser(active=False)))
    assert refused(office, office.ana, hand("Créditos")).code == "team_empty"


def test_whoever_is_absent_gets_it_only_if_the_sender_says_so(office_at_work: Office) -> None:
    office = office_at_work
    away(office, office.luis)
    refusal = refused(office, office.ana, hand("luis"))
    assert (refusal.status, refusal.code, refusal.params) == (409, "user_absent", {"user": "luis"})
    assert office.do(office.ana, hand("luis", even_if_absent=True)).responsible == "luis"


def test_a_team_answers_by_whoever_is_on_duty(office_at_work: Office) -> None:
    office = office_at_work
    away(office, office.luis)
    made = office.do(office.ana, hand("creditos"))
    assert (made.to_team, made.to_user, made.responsible) == ("Créditos", None, "marta")
    office.do(office.ana, WithdrawTransfer(conversation=1))
    away(office, office.marta, "offline")  # type: ignore[attr-defined]
    assert refused(office, office.ana, hand("Créditos")).code == "team_absent"
    assert office.do(office.ana, hand("Créditos", even_if_absent=True)).to_team == "Créditos"


def test_a_name_that_both_a_person_and_a_team_have_needs_its_kind(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="luis", members=["marta"])))
    assert refused(office, office.ana, hand("luis")).code == "name_ambiguous"
    assert office.do(office.ana, hand("user:luis")).to_user == "luis"
    office.do(office.ana, WithdrawTransfer(conversation=1))
    assert office.do(office.ana, hand("team:luis")).responsible == "marta"


def test_only_what_is_ones_own_or_nobodys_is_handed_on(office_at_work: Office) -> None:
    office = office_at_work
    assert refused(office, office.luis, hand("marta")).code == "already_assigned"
    assert office.do(office.rosa, hand("luis")).sender == "rosa"
    assert row(office).assignee == "ana", "a supervisor's transfer leaves it with whoever has it"
    office.take_in(says("w2", who=person("50370000002", "Lito")))
    office.do(office.ana, hand("luis", 2))
    assert row(office, 2).assignee == "ana", "what nobody had is the sender's until it is taken"


def test_one_at_a_time(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis"))
    refusal = refused(office, office.ana, hand("Créditos"))
    assert (refusal.code, refusal.params) == ("transfer_pending", {"by": "ana", "to": "luis"})


def test_texts_have_bounds(office_at_work: Office) -> None:
    office = office_at_work
    assert refused(office, office.ana, hand(reason="x" * 501)).code == "too_long"
    assert refused(office, office.ana, hand(summary="x" * 4_001)).code == "too_long"
    assert refused(office, office.ana, hand(promised="x" * 501)).code == "too_long"


# ---------------------------------------------------------------- answering


def test_until_it_is_accepted_it_stays_with_its_sender(office_at_work: Office) -> None:
    office = office_at_work
    made = office.do(office.ana, hand("luis", promised="an answer by 4 pm", tell_customer=True))
    assert (row(office).assignee, row(office).transfer) == ("ana", made.id)
    assert listed(office, office.ana, view="mine") == [1]
    assert listed(office, office.luis, "is:offered") == listed(office, office.ana, "is:transferred") == [1]
    assert listed(office, office.ana, "is:offered") == []
    shown: wire.Conversation = office.ask(office.luis, GetConversation(id=1))
    assert shown.transfers == [made]
    assert [each.id for each in office.ask(office.luis, ListTransfers(waiting=True)).items] == [made.id]
    assert office.ask(office.ana, ListTransfers(waiting=True)).items == []
    event = office.events("conversation.transferred")[0]
    assert event.data["transfer"]["reason"] == "needs an approval"
    assert event.data["transfer"]["promised"] == "an answer by 4 pm"


def test_accepting_makes_it_the_receivers(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis"))
    assert refused(office, office.marta, AcceptTransfer(conversation=1)).code == "transfer_not_yours"  # type: ignore[attr-defined]
    taken = office.do(office.luis, AcceptTransfer(conversation=1))
    assert (taken.state, taken.answered_by) == ("accepted", "luis")
    assert (row(office).assignee, row(office).transfer, row(office).team) == ("luis", None, row(office).team)
    assigned = office.events("conversation.assigned")[-1]
    assert (assigned.data["how"], assigned.data["by"], assigned.data["reason"]) == (
        "transfer",
        "ana",
        "needs an approval",
    )
    assert office.events("conversation.transfer_accepted")[-1].data["transfer"]["answered_by"] == "luis"
    assert refused(office, office.luis, AcceptTransfer(conversation=1)).code == "transfer_taken"


def test_of_a_team_its_sender_does_not_take_their_own_offer(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.root, UpdateTeam(name="Créditos", change=wire.ChangeTeam(members=["ana", "luis"])))
    assert office.do(office.ana, hand("Créditos")).responsible == "luis"
    assert office.ask(office.ana, ListTransfers(waiting=True)).items == []
    assert listed(office, office.ana, "is:offered") == []
    assert refused(office, office.ana, AcceptTransfer(conversation=1)).code == "transfer_to_holder"


def test_of_two_who_accept_at_once_one_wins(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("Créditos"))
    office.do(office.marta, AcceptTransfer(conversation=1))  # type: ignore[attr-defined]
    refusal = refused(office, office.luis, AcceptTransfer(conversation=1))
    assert (refusal.code, refusal.params) == ("transfer_taken", {"by": "marta"})
    assert (row(office).assignee, row(office).team) == ("marta", "Créditos")


def test_declining_needs_a_reason_and_leaves_it_with_its_sender(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis"))
    assert (
        refused(office, office.luis, DeclineTransfer(conversation=1, decline=wire.Decline())).code == "transfer_lacks"
    )
    declined = office.do(office.luis, DeclineTransfer(conversation=1, decline=wire.Decline(reason="not my region")))
    assert (declined.state, declined.decline_reason) == ("declined", "not my region")
    assert (row(office).assignee, row(office).transfer) == ("ana", None)
    assert office.events("conversation.transfer_declined")[0].data["transfer"]["decline_reason"] == "not my region"


def test_of_a_team_whoever_answers_for_it_declines(office_at_work: Office) -> None:
    office = office_at_work
    made = office.do(office.ana, hand("Créditos"))
    other, duty = (office.luis, office.marta) if made.responsible == "marta" else (office.marta, office.luis)  # type: ignore[attr-defined]
    decline = DeclineTransfer(conversation=1, decline=wire.Decline(reason="no"))
    refusal = refused(office, other, decline)
    assert (refusal.code, refusal.params) == ("transfer_responsible", {"user": duty.name})
    assert office.do(duty, decline).state == "declined"


def test_its_sender_takes_it_back(office_at_work: Office) -> None:
    office = office_at_work
    assert refused(office, office.ana, WithdrawTransfer(conversation=1)).code == "no_transfer"
    office.do(office.ana, hand("luis"))
    assert refused(office, office.luis, WithdrawTransfer(conversation=1)).code == "forbidden"
    assert office.do(office.ana, WithdrawTransfer(conversation=1)).state == "withdrawn"
    assert row(office).transfer is None
    assert refused(office, office.luis, AcceptTransfer(conversation=1)).params == {"became": "withdrawn"}


def test_what_nobody_answers_comes_back_with_an_alarm(office_at_work: Office) -> None:
    office = office_at_work
    made = office.do(office.ana, hand("luis"))
    assert office.ask(SYSTEM, TransfersDue()) == made.expires_at == office.now + 10 * MINUTE
    office.now += 10 * MINUTE - 1
    assert office.do(SYSTEM, ReturnDue()) == 0
    office.now += 1
    assert office.do(SYSTEM, ReturnDue()) == 1
    assert (row(office).assignee, row(office).transfer) == ("ana", None)
    assert office.events("conversation.transfer_returned")[0].data["transfer"]["state"] == "expired"
    alert = office.ask(office.ana, ListAlerts()).items[0]
    assert (alert.kind, alert.user, alert.data["responsible"]) == ("transfer_unanswered", "ana", "luis")
    office.do(office.ana, hand("marta"))
    assert office.ask(office.ana, ListAlerts()).items == [], "who hands it on again looks after it"


def test_it_never_comes_back_where_the_rule_is_off(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"accept_ms": 0})))
    assert office.do(office.ana, hand("luis")).expires_at is None
    assert office.ask(SYSTEM, TransfersDue()) is None


def test_if_its_sender_has_gone_the_queue_gets_it(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis"))
    away(office, office.ana, "offline")
    office.now += 10 * MINUTE
    office.do(SYSTEM, ReturnDue())
    assert row(office).assignee is None
    assert listed(office, office.luis, view="unassigned") == [1]
    assert office.events("conversation.assigned")[-1].data["how"] == "returned"
    assert office.ask(office.rosa, ListAlerts()).items[0].level == "supervisor"


def test_a_sender_who_is_switched_off_leaves_the_offer_standing(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis"))
    office.do(office.root, UpdateUser(name="ana", change=wire.ChangeUser(active=False)))
    assert row(office).assignee is None
    office.do(office.luis, Claim(conversation=1))
    assert (row(office).assignee, row(office).transfer) == ("luis", None)
    accepted = office.events("conversation.transfer_accepted")[-1]
    assert accepted.data["why"] == "claimed"


def test_whoever_claims_what_was_offered_to_their_team_takes_it_there(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("Créditos"))
    office.do(office.root, UpdateUser(name="ana", change=wire.ChangeUser(active=False)))
    office.do(office.luis, Claim(conversation=1))
    assert (row(office).assignee, row(office).team, row(office).stage) == ("luis", "Créditos", "resolution")


@pytest.mark.parametrize("profile", [3, True, None, "socio"])
def test_a_summary_takes_whatever_is_noted_of_a_customer(office_at_work: Office, profile: Any) -> None:
    office = office_at_work
    known = wire.ChangeContact(attributes={"profile": profile}, region="Oriente")
    office.do(office.ana, UpdateContact(contact=1, change=known))
    said = office.ask(office.ana, ProposeTransfer(conversation=1)).summary
    assert "Oriente" in said and ("socio" in said) == (profile == "socio")


@pytest.mark.parametrize("how", ["assigned", "resolved", "merged"])
def test_what_happens_to_the_conversation_ends_the_offer(office_at_work: Office, how: str) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis"))
    office.do(office.ana, ConsultColleague(conversation=1, consult=wire.Consult(to="marta", question="¿tasa?")))
    if how == "assigned":
        office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(user="marta")))
    elif how == "resolved":
        office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="solved")))
    else:
        office.take_in(says("w2", who=person("50370000001", "María Ramos"), thread="group:1"))
        office.store.write_now("system", lambda tx: tx.run("UPDATE conversations SET contact_id = 1 WHERE id = 2"))
        office.do(office.rosa, MergeConversations(conversation=2, other=1))
    event = office.events("conversation.transfer_withdrawn")[-1]
    assert (event.data["transfer"]["state"], event.data["why"]) == ("withdrawn", how)
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=1))
    assert [each.kind for each in found.transfers] == (["consult"] if how == "assigned" else [])


def test_its_own_clock_runs_until_it_is_answered(office_at_work: Office) -> None:
    office = office_at_work
    (policy,) = office.ask(office.root, ListPolicies()).items
    office.do(office.root, UpdatePolicy(name=policy.name, change=wire.ChangePolicy(transfer_ms=5 * MINUTE)))

    def running() -> list[str]:
        rows = office.store.read_now(lambda r: r.all("SELECT target FROM sla_clocks WHERE stopped_at IS NULL"))
        return [each["target"] for each in rows]

    assert "transfer" not in running()
    office.do(office.ana, hand("luis"))
    assert "transfer" in running()
    office.do(office.luis, AcceptTransfer(conversation=1))
    assert "transfer" not in running()
    office.do(office.luis, hand("marta"))
    office.do(office.luis, WithdrawTransfer(conversation=1))
    assert "transfer" not in running()


# ---------------------------------------------------------------- the customer


def test_the_customer_is_told_only_if_asked_and_once_it_is_taken(office_at_work: Office) -> None:
    office = office_at_work
    before = row(office)
    office.do(office.ana, hand("luis", tell_customer=True))
    assert [m for m in office.thread(1) if m.direction == "out"] == []
    assert office.do(office.luis, AcceptTransfer(conversation=1)).told == "sent"
    told = [m for m in office.thread(1) if m.direction == "out"]
    assert [m.text for m in told] == ["Le saluda luis. Desde ahora sigo yo con su caso."]
    assert told[0].status == "queued"
    assert row(office).sla == before.sla, "it is no answer: the clock runs on"
    assert row(office).state == "open"
    office.do(office.luis, hand("marta"))
    office.do(office.marta, AcceptTransfer(conversation=1))  # type: ignore[attr-defined]
    assert len([m for m in office.thread(1) if m.direction == "out"]) == 1


def test_where_they_cannot_be_told_the_receiver_learns_why(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("Créditos", tell_customer=True))
    office.now += 25 * HOUR
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"accept_ms": 0})))
    taken = office.do(office.luis, AcceptTransfer(conversation=1))
    assert (taken.state, taken.told) == ("accepted", "window_closed")


def test_the_words_are_the_organisations(office_at_work: Office) -> None:
    office = office_at_work
    change = {"transfer_text": {"es": "Ahora le atiende {who}."}}
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change=change)))
    office.do(office.ana, hand("Créditos", tell_customer=True))
    office.do(office.luis, AcceptTransfer(conversation=1))
    assert office.thread(1)[-1].text == "Ahora le atiende luis (Créditos)."
    bad = {"transfer_text": {"es": 7}}
    refusal = refused(office, office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change=bad)))
    assert refusal.code == "bad_setting"


# ---------------------------------------------------------------- asking a colleague


def test_a_colleague_is_asked_and_answers(office_at_work: Office) -> None:
    office = office_at_work
    ask = ConsultColleague(conversation=1, consult=wire.Consult(to="luis", question="¿qué tasa le toca?"))
    asked = office.do(office.ana, ask)
    assert (asked.kind, asked.state, asked.reason) == ("consult", "pending", "¿qué tasa le toca?")
    assert row(office).assignee == "ana" and row(office).transfer is None
    assert office.thread(1)[-1].text == "@luis ¿qué tasa le toca?"
    assert listed(office, office.luis, "is:mentioned") == [1]
    assert [each.id for each in office.ask(office.luis, ListTransfers(waiting=True)).items] == [asked.id]
    assert refused(office, office.ana, ask).code == "consult_pending"
    answer = AnswerConsult(conversation=1, answer=wire.ConsultAnswer(answer="la del 14 %"))
    assert refused(office, office.marta, answer).code == "no_consult"  # type: ignore[attr-defined]
    assert office.do(office.luis, answer).state == "accepted"
    note = office.thread(1)[-1]
    assert (note.author, note.text) == ("luis", "@ana la del 14 %")
    kinds = [event.kind for event in office.events("conversation.consulted", "conversation.consult_answered")]
    assert kinds == ["conversation.consulted", "conversation.consult_answered"]
    assert office.do(office.ana, ask).state == "pending", "they can be asked again"


def test_a_question_is_taken_back(office_at_work: Office) -> None:
    office = office_at_work
    assert refused(office, office.ana, WithdrawConsults(conversation=1)).code == "no_consult"
    for to in ("luis", "marta"):
        office.do(office.ana, ConsultColleague(conversation=1, consult=wire.Consult(to=to, question="¿?")))
    withdrawn = office.do(office.ana, WithdrawConsults(conversation=1))
    assert [each.state for each in withdrawn.items] == ["withdrawn", "withdrawn"]
    to_self = ConsultColleague(conversation=1, consult=wire.Consult(to="ana", question="¿?"))
    assert refused(office, office.ana, to_self).code == "consult_self"


# ---------------------------------------------------------------- the proposal


def test_a_summary_is_proposed_from_the_conversation(office_at_work: Office) -> None:
    office = office_at_work
    office.take_in(says("w2", "ya van tres veces que pregunto!!! pésimo servicio"))
    office.do(office.luis, AddNote(conversation=1, note=wire.Note(text="identidad validada con DUI")))
    office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="Ya lo reviso, María.")))
    proposal = office.ask(office.ana, ProposeTransfer(conversation=1))
    assert proposal.mood == "upset"
    assert "María Ramos" in proposal.summary.splitlines()[0] and "WhatsApp" in proposal.summary.splitlines()[0]
    for told in ("¿puedo refinanciar mi préstamo de $2,400?", "Ya lo reviso, María.", "Identidad comprobada"):
        assert told in proposal.summary
    office.do(office.root, UpdateUser(name="ana", change=wire.ChangeUser(language="en")))
    assert "Identity checked" in office.ask(office.ana, ProposeTransfer(conversation=1)).summary


def test_what_was_promised_is_handed_on(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis", promised="una respuesta hoy"))
    office.do(office.luis, AcceptTransfer(conversation=1))
    assert office.ask(office.luis, ProposeTransfer(conversation=1)).promised == "una respuesta hoy"
    new = wire.NewReminder(text="llamarla con la tasa", due_at=office.now + HOUR, kind="promise")
    office.do(office.luis, MakeReminder(conversation=1, reminder=new))
    proposal = office.ask(office.luis, ProposeTransfer(conversation=1))
    assert proposal.promised == "llamarla con la tasa; una respuesta hoy"
    assert "Prometido: llamarla con la tasa" in proposal.summary


# ---------------------------------------------------------------- counting


def test_transfers_declines_and_ping_pong_are_counted(office_at_work: Office) -> None:
    office = office_at_work
    office.do(office.ana, hand("luis"))
    office.do(office.luis, DeclineTransfer(conversation=1, decline=wire.Decline(reason="no")))
    office.do(office.ana, hand("luis"))
    assert not office.do(office.luis, AcceptTransfer(conversation=1)).ping_pong
    office.do(office.luis, hand("ana"))
    assert office.do(office.ana, AcceptTransfer(conversation=1)).ping_pong, "it is back where it came from"
    office.do(office.ana, hand("marta"))
    office.now += 10 * MINUTE
    office.do(SYSTEM, ReturnDue())
    office.do(office.ana, ConsultColleague(conversation=1, consult=wire.Consult(to="marta", question="¿?")))
    totals = office.ask(office.rosa, CountTransfers())
    counts = (totals.transfers, totals.accepted, totals.declined, totals.expired, totals.ping_pong, totals.consults)
    assert counts == (4, 2, 1, 1, 1, 1)
    people = {each.user: each for each in totals.people}
    ana, luis, marta = people["ana"], people["luis"], people["marta"]
    assert (ana.sent, ana.accepted, ana.declined, ana.expired, ana.received, ana.consults) == (3, 1, 1, 1, 1, 1)
    assert (luis.sent, luis.received, luis.refused, luis.ping_pong) == (1, 1, 1, 1)
    assert (marta.missed, marta.consulted) == (1, 1)
    (fro,) = totals.conversations
    assert (fro.conversation, fro.transfers, fro.declined, fro.expired, fro.ping_pong) == (1, 4, 1, 1, 1)
    assert office.ask(office.rosa, CountTransfers(since=office.now + 1)).transfers == 0
    page = office.ask(office.rosa, ListTransfers(person="luis", kind="transfer", limit=2))
    assert len(page.items) == 2 and page.next is not None
    rest = office.ask(office.rosa, ListTransfers(person="luis", kind="transfer", after=page.next))
    assert len(rest.items) == 1 and rest.next is None
