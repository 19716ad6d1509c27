"""Help asked for, whispers, silent looks, taking over: who sees what, and what the journal keeps."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands.acts import AssignTo, Claim, Reopen, ResolveConversation
from server.commands.alerts import Acknowledge, ListAlerts
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.event_hooks import CreateEventHook, ListEventHooks, NextEvents
from server.commands.inbox import ListConversations
from server.commands.queries import GetConversation, ListEvents, ListMessages
from server.commands.replies import AddNote, SendReply
from server.commands.supervision import FlagForHelp, Observe, TakeOver, Whisper
from tests.commands.office import Office, person, says


def row(office: Office, id: int = 1) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return found.row


def flag(office: Office, actor: Actor, on: bool = True, reason: str = "", id: int = 1) -> wire.ConversationRow:
    flagged: wire.ConversationRow = office.do(actor, FlagForHelp(conversation=id, flag=wire.Flag(on=on, reason=reason)))
    return flagged


def whisper(office: Office, actor: Actor, text: str = "ofrézcale el plan B", id: int = 1) -> wire.Message:
    written: wire.Message = office.do(actor, Whisper(conversation=id, whisper=wire.Whisper(text=text)))
    return written


def alerts(office: Office, actor: Actor) -> list[str]:
    return [alert.kind for alert in office.ask(actor, ListAlerts()).items]


def texts(office: Office, actor: Actor, id: int = 1) -> list[str]:
    return [message.text for message in office.ask(actor, ListMessages(conversation=id, limit=200)).items]


def found(office: Office, actor: Actor, q: str) -> list[int]:
    return [each.id for each in office.ask(actor, ListConversations(q=q)).items]


def refused(office: Office, actor: Actor, command: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        office.do(actor, command)
    return caught.value


@pytest.fixture
def at_work(office: Office) -> Office:
    """Conversation 1 is ana's, 2 is luis's, 3 is nobody's."""
    for n in (1, 2, 3):
        office.take_in(says(f"w{n}", who=person(f"5037000000{n}", f"Persona {n}")))
    office.do(office.ana, Claim(conversation=1))
    office.do(office.luis, Claim(conversation=2))
    return office


# ---------------------------------------------------------------- asking for help


def test_a_flag_is_a_sign_and_an_alert_until_it_is_taken_down(at_work: Office) -> None:
    office = at_work
    flagged = flag(office, office.ana, reason="amenaza con  irse")
    assert (flagged.flag, flagged.flagged_at) == ("amenaza con irse", office.now)
    assert found(office, office.rosa, "is:flagged") == [1]
    assert alerts(office, office.rosa) == ["help"]
    assert flag(office, office.ana, reason="ya se va").flag == "ya se va"
    assert alerts(office, office.rosa) == ["help"], "said again, it is still one"
    down = flag(office, office.ana, on=False)
    assert (down.flag, down.flagged_at) == ("", None) and alerts(office, office.rosa) == []
    assert [event.data["how"] for event in office.events("conversation.unflagged")] == ["withdrawn"]


def test_help_that_comes_ends_it(at_work: Office) -> None:
    office = at_work

    def answered() -> None:
        office.do(office.rosa, SendReply(conversation=1, reply=wire.Reply(text="Le ayudo yo.")))

    def acknowledged() -> None:
        (alert,) = office.ask(office.rosa, ListAlerts()).items
        office.do(office.rosa, Acknowledge(id=alert.id))

    def assigned() -> None:
        office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(user="luis")))
        office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(user="ana")))

    def resolved() -> None:
        office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(anyway=True)))
        office.do(office.ana, Reopen(conversation=1))

    for how, help_ in (
        ("answered", answered),
        ("acknowledged", acknowledged),
        ("whispered", lambda: whisper(office, office.rosa)),
        ("assigned", assigned),
        ("resolved", resolved),
    ):
        flag(office, office.ana)
        assert alerts(office, office.rosa) == ["help"], how
        help_()
        assert row(office).flagged_at is None and alerts(office, office.rosa) == [], how
        assert office.events("conversation.unflagged")[-1].data["how"] == how


def test_an_answer_of_ones_own_ends_nothing(at_work: Office) -> None:
    office = at_work
    flag(office, office.ana)
    office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="un momento")))
    assert row(office).flagged_at is not None


def test_who_may_ask(at_work: Office) -> None:
    office = at_work
    assert flag(office, office.ana, id=3).flagged_at is not None, "nobody's: whoever sees it"
    error = refused(office, office.ana, FlagForHelp(conversation=2, flag=wire.Flag()))
    assert (error.code, error.params) == ("already_assigned", {"by": "luis"})
    assert flag(office, office.rosa, id=2).flagged_at is not None
    assert refused(office, office.ana, FlagForHelp(conversation=1, flag=wire.Flag(reason="x" * 201))).code == "too_long"
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(anyway=True)))
    assert refused(office, office.ana, FlagForHelp(conversation=1, flag=wire.Flag())).code == "already_resolved"


# ---------------------------------------------------------------- whispers


def test_only_the_advisor_and_supervisors_read_a_whisper(at_work: Office) -> None:
    office = at_work
    written = whisper(office, office.rosa)
    assert (written.direction, written.data) == ("note", {"whisper": True, "to": "ana"})
    for reader, reads in ((office.ana, True), (office.rosa, True), (office.root, True), (office.luis, False)):
        assert ("ofrézcale el plan B" in texts(office, reader)) is reads, reader.name


def test_no_list_no_search_and_no_preview_gives_it_away(at_work: Office) -> None:
    office = at_work
    before = row(office).preview
    whisper(office, office.rosa, "zanahoria secreta")
    office.do(office.ana, AddNote(conversation=2, note=wire.Note(text="zanahoria común")))
    assert row(office).preview == before
    for q in ("zanahoria", '"zanahoria secreta"', "zanahoria estado:abierta", "secreta -from:nadie"):
        assert 1 not in found(office, office.luis, q), q
    assert found(office, office.luis, "zanahoria") == [2]
    assert sorted(found(office, office.ana, "zanahoria")) == [1, 2]
    assert sorted(found(office, office.rosa, "zanahoria")) == [1, 2]
    assert 1 not in found(office, office.luis, "(zanahoria or zzz) is:open")
    assert found(office, office.luis, "has:note") == [2], "that there is one is not told either"
    office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(user="luis")))
    assert "zanahoria secreta" not in texts(office, office.luis), "it was said to ana, not to whoever comes after her"
    assert "zanahoria secreta" in texts(office, office.ana)


def test_the_journal_says_no_more_than_that_there_is_a_line(at_work: Office) -> None:
    office = at_work
    written = whisper(office, office.rosa)
    office.do(office.rosa, Observe(conversation=1))
    both = {"supervision.whispered", "supervision.observed"}
    for reader, sees in (
        (office.ana, {"supervision.whispered"}),
        (office.luis, set()),
        (office.rosa, both),
        (office.root, both),
        (office.hire("sup2", "supervisor"), {"supervision.whispered"}),
    ):
        whole: list[wire.Event] = office.ask(reader, ListEvents(limit=1000)).items
        own: list[wire.Event] = office.ask(reader, ListEvents(limit=1000, conversation=1)).items
        assert {event.kind for event in whole if event.kind.startswith("supervision")} == sees, reader.name
        assert {event.kind for event in own if event.kind.startswith("supervision")} == sees, reader.name
        assert [event.seq for event in whole] == list(range(1, whole[-1].seq + 1)), "no gaps for anybody"
        for event in whole:
            if event.kind == "withheld":
                assert (event.conversation, event.actor, event.data) == (None, "system", {})
        assert "withheld" not in {event.kind for event in own}
        if not sees:
            assert str(written.id) not in str(whole)


def test_pages_of_the_journal_go_on_past_what_is_left_out(at_work: Office) -> None:
    office = at_work
    for _ in range(5):
        office.do(office.rosa, Observe(conversation=1))
    office.do(office.ana, AddNote(conversation=1, note=wire.Note(text="fin")))
    seen: list[str] = []
    since = 0
    while True:
        page = office.ask(office.luis, ListEvents(since=since, conversation=1, limit=2))
        seen += [event.kind for event in page.items]
        if page.next is None:
            break
        since = int(page.next)
    assert seen[-1] == "note.added" and "supervision.observed" not in seen


def test_hooks_get_it_only_when_they_name_it(at_work: Office) -> None:
    office = at_work
    secret = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    for name, kinds in (("all", []), ("audit", ["supervision.*"])):
        hook = wire.NewEventHook(name=name, url="https://crm.example.com/e", secret=secret, events=kinds)
        office.do(office.root, CreateEventHook(hook=hook))
    whisper(office, office.rosa)
    told = {}
    for hook in office.ask(office.root, ListEventHooks()).items:
        batch = office.ask(SYSTEM, NextEvents(id=hook.id, since=0, limit=100))
        told[hook.name] = [event.kind for event in batch.events]
    assert "supervision.whispered" not in told["all"] and told["audit"] == ["supervision.whispered"]


def test_whispering_needs_a_supervisor_and_somebody_to_hear_it(at_work: Office) -> None:
    office = at_work
    assert refused(office, office.luis, Whisper(conversation=1, whisper=wire.Whisper(text="x"))).code == "forbidden"
    assert refused(office, office.rosa, Whisper(conversation=3, whisper=wire.Whisper(text="x"))).code == (
        "nobody_to_whisper"
    )
    assert refused(office, office.rosa, Whisper(conversation=1, whisper=wire.Whisper(text=" "))).code == "empty"
    office.do(office.rosa, Claim(conversation=3))
    assert refused(office, office.rosa, Whisper(conversation=3, whisper=wire.Whisper(text="x"))).code == (
        "nobody_to_whisper"
    )


# ---------------------------------------------------------------- looking on, taking over


def test_a_silent_look_leaves_no_trace_but_its_line(at_work: Office) -> None:
    office = at_work
    before = row(office)
    office.do(office.rosa, Observe(conversation=1))
    assert row(office) == before
    assert refused(office, office.luis, Observe(conversation=1)).code == "forbidden"


def test_taking_over_says_from_whom_and_why(at_work: Office) -> None:
    office = at_work
    assert refused(office, office.rosa, TakeOver(conversation=1, take=wire.TakeOver(reason=" "))).code == "empty"
    assert refused(office, office.luis, TakeOver(conversation=1, take=wire.TakeOver(reason="x"))).code == "forbidden"
    taken = office.do(office.rosa, TakeOver(conversation=1, take=wire.TakeOver(reason="cliente muy molesta")))
    assert taken.assignee == "rosa"
    assigned = office.events("conversation.assigned")[-1].data
    assert (assigned["how"], assigned["reason"], assigned["was"]) == ("taken_over", "cliente muy molesta", "ana")
    assert office.events("supervision.took_over")[-1].data == {"was": "ana", "reason": "cliente muy molesta"}
    again = office.do(office.rosa, TakeOver(conversation=1, take=wire.TakeOver(reason="otra vez")))
    assert again.assignee == "rosa" and len(office.events("supervision.took_over")) == 1
