"""Handing a conversation on, answering what is handed on to me, asking a colleague: by keys alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from textual import events

from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.calls import Call
from agent_console.backend.offers import Offers, is_for, may_decline
from agent_console.backend.outgoing import Outgoing
from agent_console.backend.shelf import Shelf
from agent_console.backend.unsent import TransferDraft
from agent_console.widgets.text_edit import TextEdit
from server import wire
from tests.console import sample
from tests.console.desk import Desk, console
from tests.console.sample_transfers import PROPOSAL, answers, arrives, question, transfer

TO_LUIS = {"to_user": "luis", "to_name": "Luis Batres", "responsible": "luis"}

pytestmark = pytest.mark.asyncio


async def come(desk: Desk, until: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not until():
            await desk.pilot.pause(0.01)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with console((100, 30)) as desk:
        answers(desk.session)
        desk.inbox.acts.prepare()
        yield desk


async def fill(desk: Desk) -> None:
    """María is about to be handed on to Luis."""
    await desk.press("t")
    await come(desk, lambda: "Luis Batres" in desk.screen and "Identidad" in desk.screen)
    await desk.write("bat")
    await desk.press("tab")
    await desk.write("aprobación")


# ---------------------------------------------------------------- handing on


async def test_a_conversation_is_handed_on_with_the_summary_that_was_proposed(desk: Desk) -> None:
    made = transfer(5, 1, contact_name="María Ramos", sender="ana", to_user="luis", to_name="Luis Batres",
                    responsible="luis")  # fmt: skip
    desk.session.fake_api.answers["POST", "/conversations/1/transfer"] = made
    await fill(desk)
    await desk.press("tab", "end")
    await desk.write(" Hoy.")
    await desk.press("tab")
    await desk.write("una llamada")
    await desk.press("tab", "space", "ctrl+s")
    await come(desk, lambda: "offered to Luis Batres" in desk.status)
    (body,) = desk.session.fake_api.posted("/conversations/1/transfer")
    first, *rest = PROPOSAL.summary.splitlines()
    assert (body["to"], body["reason"], body["promised"]) == ("user:luis", "aprobación", "una llamada")
    assert body["tell_customer"] is True and body["even_if_absent"] is False
    assert body["summary"].splitlines()[1:] == rest and body["summary"].replace(" Hoy.", "").splitlines()[0] == first
    # z takes it back while nobody has answered
    desk.session.fake_api.answers["POST", "/conversations/1/transfer/withdraw"] = made
    assert desk.session.outgoing.transfers() == []
    await desk.press("z")
    await come(desk, lambda: "taken back" in desk.status)
    await desk.press("t")
    await come(desk, lambda: "una llamada" in desk.screen)
    assert "Luis Batres" in desk.screen and "aprobación" in desk.screen, "its words are a draft again"


async def test_the_undo_is_no_longer_said_but_still_there_and_gone_once_answered(desk: Desk) -> None:
    made = transfer(5, 1, contact_name="María Ramos", sender="ana", **TO_LUIS)
    desk.session.fake_api.answers["POST", "/conversations/1/transfer"] = made
    await fill(desk)
    await desk.press("ctrl+s")
    await come(desk, lambda: "offered to" in desk.status)
    await desk.pass_time(60_000)
    assert "offered" not in desk.status
    assert desk.inbox.state().undo != ""
    arrives(desk.session, "conversation.transfer_accepted",
            transfer(5, 1, contact_name="María Ramos", sender="ana", **TO_LUIS,
                     state="accepted", answered_by="luis"))  # fmt: skip
    await come(desk, lambda: "Luis Batres has taken María Ramos" in desk.status)
    assert desk.inbox.state().undo == ""


async def test_esc_keeps_what_was_typed(desk: Desk) -> None:
    await fill(desk)
    await desk.press("escape")
    assert "Kept as a draft" in desk.status
    await desk.press("j", "t")
    await come(desk, lambda: "Luis Batres" in desk.screen)
    assert "aprobación" not in desk.screen, "each conversation has its own"
    await desk.press("escape")
    await desk.press("k", "t")
    await come(desk, lambda: "aprobación" in desk.screen)
    assert "Luis Batres" in desk.screen


async def test_a_crash_loses_nothing_that_was_typed(desk: Desk, tmp_path: Path) -> None:
    desk.session.outgoing = Outgoing(Shelf(tmp_path, "ana"))
    await fill(desk)
    await desk.press("tab", "end")
    await desk.write(" Urge")
    await desk.press("tab")
    desk.inbox.query_one("#transfer").post_message(events.Paste("hoy antes de las 4"))
    await desk.pilot.pause()
    desk.session.outgoing.close()  # it dies here: nobody said that the drawer was closed

    async with console((100, 30)) as again:
        answers(again.session)
        again.session.outgoing = Outgoing(Shelf(tmp_path, "ana"))
        await again.press("t")
        await come(again, lambda: "Luis Batres" in again.screen)
        for kept in ("aprobación", "Urge", "hoy antes de las 4"):
            assert kept in again.screen, kept
        again.session.fake_api.answers["POST", "/conversations/1/transfer"] = transfer(5, 1, sender="ana", **TO_LUIS)
        await again.press("ctrl+s")
        await come(again, lambda: "offered to Luis Batres" in again.status)
        again.session.outgoing.close()
    with closing(Outgoing(Shelf(tmp_path, "ana"))) as left:
        assert left.transfers() == [], "it was made: nothing of it is kept"


async def test_what_was_begun_goes_when_the_conversation_is_resolved(desk: Desk) -> None:
    await fill(desk)
    await desk.press("escape")
    outgoing = desk.session.outgoing
    assert outgoing.transfers() == [1]
    await desk.press("e")
    assert outgoing.transfers() == [1], "a resolving that may still be taken back, or refused"
    desk.session.answer()
    desk.session.event("conversation.resolved", desk.session.changed_row(1, state="resolved"), actor="user:ana")
    await come(desk, lambda: outgoing.transfers() == [])


async def test_what_was_begun_for_what_others_resolved_meanwhile_goes_at_the_start() -> None:
    async with console((100, 30)) as desk:
        answers(desk.session)
        there = [msgspec.structs.replace(sample.rows()[1], id=id) for id in range(1, 41)]
        there[6] = msgspec.structs.replace(there[6], state="resolved")
        asked: list[str] = []

        def list_them(call: Call[Any]) -> wire.Page[wire.ConversationRow]:
            asked.append(call.params["q"])
            ids = [int(id) for id in call.params["q"].removeprefix("id:").split(",")]
            return wire.Page(items=[row for row in there if row.id in ids])

        desk.session.fake_api.answers["GET", "/conversations"] = list_them
        for conversation in (*range(1, 41), 77):  # 77 is gone
            desk.session.keep_transfer(conversation, TransferDraft(to="user:luis", reason="x"))
        desk.inbox.acts.prepare()
        left = [id for id in range(1, 41) if id != 7]
        await come(desk, lambda: desk.session.outgoing.transfers() == left)
        assert len(asked) == 2 and max(map(len, asked)) < 500, "not one request for each"


async def test_what_was_begun_stays_where_nobody_knows_how_its_conversation_stands() -> None:
    async with console((100, 30)) as desk:
        answers(desk.session)
        desk.session.fake_api.answers["GET", "/conversations"] = Unreachable("gone")
        desk.session.keep_transfer(77, TransferDraft(to="user:luis", reason="x"))
        desk.inbox.acts.prepare()
        await come(desk, lambda: any(call.path == "/conversations" for call in desk.session.fake_api.asked))
        await desk.pilot.pause()
        assert desk.session.outgoing.transfers() == [77]


async def test_nothing_is_kept_of_what_was_only_proposed(desk: Desk) -> None:
    await desk.press("t")
    await come(desk, lambda: "Identidad" in desk.screen)
    await desk.write("b")
    await desk.press("backspace", "escape")
    assert desk.session.outgoing.transfers() == [] and "Kept as a draft" not in desk.status


async def test_people_are_found_by_their_team_and_by_what_they_know(desk: Desk) -> None:
    await desk.press("t")
    await come(desk, lambda: "Luis Batres" in desk.screen)
    await desk.write("cred")
    places = [desk.screen.index(name) for name in ("team · 2 of 3 here", "Luis Batres", "Marta Peña", "Rosa Alvarenga")]
    assert places == sorted(places), "the team that is called so, then its people, who is there first"
    await desk.press("ctrl+u")
    await desk.write("san-mi")
    assert "Luis Batres" in desk.screen and "Marta Peña" not in desk.screen
    await desk.press("ctrl+u")
    await desk.write("here")
    assert "Nobody is called so." in desk.screen, "what is said of a team is not its name"


async def test_what_lacks_is_said_and_the_cursor_goes_there(desk: Desk) -> None:
    await desk.press("t")
    await come(desk, lambda: "Identidad" in desk.screen)
    await desk.press("tab", "ctrl+s")
    assert "Say why." in desk.screen
    await desk.write("x")
    await desk.press("tab", *["ctrl+u", "backspace", "end"] * 1)
    edit = desk.inbox.query_one("#transfer")._summary  # type: ignore[attr-defined]
    edit.set("")
    await desk.press("ctrl+s")
    assert "Say what they have to know." in desk.screen
    assert desk.session.fake_api.posted("/conversations/1/transfer") == []


async def test_somebody_who_is_away_gets_it_only_if_that_is_said(desk: Desk) -> None:
    api = desk.session.fake_api
    problem = wire.Problem(status=409, code="user_absent", params={"user": "rosa"})
    api.answers["POST", "/conversations/1/transfer"] = lambda call: ApiError(problem, 409)
    await desk.press("t")
    await come(desk, lambda: "Rosa Alvarenga" in desk.screen)
    await desk.write("rosa")
    await desk.press("tab")
    await desk.write("x")
    await desk.press("ctrl+s")
    await come(desk, lambda: "rosa is not there now" in desk.screen)
    api.answers["POST", "/conversations/1/transfer"] = transfer(5, 1, sender="ana", to_user="rosa")
    await desk.press("space", "ctrl+s")
    await come(desk, lambda: "offered to" in desk.status)
    assert [body["even_if_absent"] for body in api.posted("/conversations/1/transfer")] == [False, True]


async def test_who_is_there_and_carries_least_comes_first(desk: Desk) -> None:
    await desk.press("t")
    await come(desk, lambda: "Luis Batres" in desk.screen)
    names = ("Luis Batres", "Marta Peña", "Rosa Alvarenga", "team · 2 of 3 here")
    places = [desk.screen.index(name) for name in names]
    assert places == sorted(places)
    assert "Ana Morales" not in desk.screen, "nobody hands on to themselves"
    assert "3/5" in desk.screen


async def test_what_is_offered_already_is_shown_and_taken_back(desk: Desk) -> None:
    made = transfer(5, 1, contact_name="María Ramos", sender="ana", to_user="luis", to_name="Luis Batres",
                    responsible="luis")  # fmt: skip
    arrives(desk.session, "conversation.transferred", made, "user:ana")
    desk.session.fake_api.answers["GET", "/transfers"] = wire.Page(items=[made])
    desk.session.fake_api.answers["POST", "/conversations/1/transfer/withdraw"] = made
    await desk.press("t")
    await come(desk, lambda: "Offered to Luis Batres: María Ramos" in desk.screen)
    await desk.press("w")
    await come(desk, lambda: "taken back, it stays with you" in desk.status)


async def test_a_resolved_conversation_is_not_handed_on(desk: Desk) -> None:
    await desk.press("e", "t")
    assert "It is resolved" in desk.status


# ---------------------------------------------------------------- what is handed on to me


async def test_an_offer_is_told_and_accepted(desk: Desk) -> None:
    arrives(desk.session, "conversation.transferred", transfer())
    await come(desk, lambda: "Luis Batres hands Pupusería Lita on to you" in desk.status)
    assert "⇢ 1" in desk.shown()[0]
    await desk.press("y")
    await come(desk, lambda: "y accept" in desk.screen)
    for told in (
        "pregunta por un crédito",
        "¿me pueden confirmar",
        "antes de las 4 pm",
        "upset",
        "1st reply",
        "in 8 min",
    ):
        assert told in desk.screen, told
    desk.session.fake_api.answers["POST", "/conversations/2/transfer/accept"] = transfer(
        state="accepted", answered_by="ana", told="window_closed"
    )
    await desk.press("y")
    await come(desk, lambda: "is yours now" in desk.status)
    assert "the customer was not told" in desk.status
    assert "⇢" not in desk.shown()[0]
    await desk.press("y")
    assert "Nothing waits for your answer." in desk.status


async def test_declining_asks_why(desk: Desk) -> None:
    arrives(desk.session, "conversation.transferred", transfer())
    desk.session.fake_api.answers["POST", "/conversations/2/transfer/decline"] = transfer(state="declined")
    await desk.press("y")
    await come(desk, lambda: "n decline" in desk.screen)
    await desk.press("n", "ctrl+s")
    assert "Say why" in desk.screen
    await desk.write("no es mi zona")
    await desk.press("enter")
    await come(desk, lambda: "declined" in desk.status)
    assert desk.session.fake_api.posted("/conversations/2/transfer/decline") == [{"reason": "no es mi zona"}]


async def test_the_card_comes_first_when_the_conversation_is_opened(desk: Desk) -> None:
    arrives(desk.session, "conversation.transferred", transfer())
    await desk.press("j", "enter")
    await come(desk, lambda: "y accept" in desk.screen)
    await desk.press("y")
    assert "y accept" in desk.screen, "what is typed as it comes was meant for something else"
    await desk.press("enter")
    assert "y accept" not in desk.screen
    assert desk.session.fake_api.posted("/conversations/2/transfer/accept") == []


async def test_of_a_team_the_others_can_only_accept(desk: Desk) -> None:
    me = wire.User(id=1, name="ana", display_name="Ana", role="advisor", teams=["Créditos"])
    offered = transfer(to_user=None, to_team="Créditos", responsible="marta")
    assert is_for(offered, me) and not may_decline(offered, me)
    assert not is_for(transfer(sender="ana", to_user=None, to_team="Créditos", responsible="luis"), me)
    assert may_decline(transfer(), me)


async def test_somebody_else_was_quicker(desk: Desk) -> None:
    arrives(desk.session, "conversation.transferred", transfer())
    await desk.press("y")
    await come(desk, lambda: "y accept" in desk.screen)
    problem = wire.Problem(status=409, code="transfer_taken", params={"by": "marta"})
    desk.session.fake_api.answers["POST", "/conversations/2/transfer/accept"] = lambda call: ApiError(problem, 409)
    await desk.press("y")
    await come(desk, lambda: "marta has accepted it already" in desk.status)
    assert "y accept" not in desk.screen


async def test_a_card_goes_when_it_is_over(desk: Desk) -> None:
    arrives(desk.session, "conversation.transferred", transfer())
    await desk.press("y")
    await come(desk, lambda: "y accept" in desk.screen)
    arrives(desk.session, "conversation.transfer_withdrawn", transfer(state="withdrawn"))
    await come(desk, lambda: "y accept" not in desk.screen)


async def test_who_loses_or_gets_a_conversation_is_told(desk: Desk) -> None:
    row = desk.session.changed_row(1, assignee="rosa")
    taken = {"user": "rosa", "was": "ana", "how": "taken_over", "reason": "es socia"}
    desk.session.event("conversation.assigned", row, data=taken, actor="user:rosa")
    await come(desk, lambda: "rosa takes María Ramos from you: es socia" in desk.status)
    row = desk.session.changed_row(1, assignee="ana")
    desk.session.event("conversation.assigned", row, data={"user": "ana", "how": "hand"}, actor="user:rosa")
    await come(desk, lambda: "rosa gives you María Ramos" in desk.status)


async def test_its_sender_hears_what_became_of_it(desk: Desk) -> None:
    made = transfer(5, 1, contact_name="María Ramos", sender="ana", **TO_LUIS)
    for kind, state, told in (
        ("transfer_declined", "declined", "Luis Batres declines María Ramos: no es mi zona"),
        ("transfer_returned", "expired", "did not answer"),
    ):
        over = transfer(5, 1, contact_name="María Ramos", sender="ana", **TO_LUIS,
                        state=state, decline_reason="no es mi zona")  # fmt: skip
        arrives(desk.session, f"conversation.{kind}", over, "user:luis" if state == "declined" else "system")
        await come(desk, lambda told=told: told in desk.status)  # type: ignore[misc]
    assert made.state == "pending"


async def test_what_waits_stands_under_the_conversation(desk: Desk) -> None:
    about = sample.conversation(desk.session.changed_row(2, transfer=6))
    about.transfers = [transfer(), question(8, 2)]
    desk.session.mirror.load_conversation(about)
    await desk.press("j", "enter")
    desk.session.mirror.load_conversation(about)
    desk.inbox.thread.sync()
    await come(desk, lambda: "Luis Batres hands it on to you: pregunta por" in desk.screen)
    assert "Luis Batres asks you: ¿qué tasa" in desk.screen


# ---------------------------------------------------------------- asking


async def test_a_colleague_is_asked(desk: Desk) -> None:
    desk.session.fake_api.answers["POST", "/conversations/1/consult"] = transfer(
        5, 1, kind="consult", contact_name="María Ramos", sender="ana", to_user="luis", to_name="Luis Batres"
    )
    await desk.press("t")
    await come(desk, lambda: "Identidad" in desk.screen)
    await desk.press("ctrl+t")
    assert "Identidad" not in desk.screen and "team ·" not in desk.screen
    await desk.write("luis")
    await desk.press("tab")
    await desk.write("qué tasa?")
    await desk.press("ctrl+s")
    await come(desk, lambda: "Luis Batres is asked about María Ramos" in desk.status)
    assert desk.session.fake_api.posted("/conversations/1/consult") == [{"to": "luis", "question": "qué tasa?"}]


async def test_a_question_is_answered(desk: Desk) -> None:
    arrives(desk.session, "conversation.consulted", question())
    await come(desk, lambda: "Luis Batres asks you about José Ángel Mejía" in desk.status)
    desk.session.fake_api.answers["POST", "/conversations/3/consult/answer"] = question()
    await desk.press("y")
    await come(desk, lambda: "y answer" in desk.screen)
    await desk.press("y")
    await desk.write("la del 14")
    await desk.press("enter")
    await desk.write("por ciento")
    await desk.press("ctrl+s")
    await come(desk, lambda: "Luis Batres gets a note" in desk.status)
    assert desk.session.fake_api.posted("/conversations/3/consult/answer") == [{"answer": "la del 14\npor ciento"}]


# ---------------------------------------------------------------- what waits, and typing


async def test_what_waits_is_kept_in_step() -> None:
    me = sample.ME
    offers = Offers()
    offers.load([transfer()], 10)
    assert not offers.take(transfer(), me, 9), "known already"
    assert offers.take(question(), me, 12) and len(offers) == 2
    offers.load([transfer()], 11)
    assert len(offers) == 2, "a list that was read before an event does not undo it"
    assert offers.of(2) == transfer() and offers.of(9) is None
    assert not offers.take(transfer(9, 4, **TO_LUIS), me, 13), "for somebody else"
    offers.take(transfer(state="withdrawn"), me, 14)
    assert [each.id for each in offers.all()] == [7]
    offers.load([transfer()], 13)
    assert [each.id for each in offers.all()] == [], "a list that was read too early brings nothing back"


def key(name: str) -> events.Key:
    return events.Key(name, name if len(name) == 1 else None)


async def test_lines_are_wrapped_and_edited() -> None:
    from rich.style import Style

    from agent_console.presentation.look import Look

    look = Look(*[Style()] * 20)  # type: ignore[arg-type]
    edit = TextEdit("uno dos tres cuatro")
    lines = ["".join(part.text for part in line) for line in edit.paint(look, 10, 5, False)]
    assert lines == ["uno dos ", "tres ", "cuatro"]
    assert "".join(lines) == edit.text
    edit.press(key("home"))
    edit.press(key("up"))
    edit.press(key("x"))
    assert edit.text == "uno dos xtres cuatro"
    assert edit.press(key("up")) and not edit.press(key("up")), "the first line has none above"
    edit.press(key("end"))
    edit.press(key("ctrl+w"))
    assert edit.text == "uno xtres cuatro"
    edit.press(key("enter"))
    assert edit.text == "uno \nxtres cuatro"
    edit.press(key("backspace"))
    edit.set("una línea\x1b[2J\u202e\notra")
    assert "\x1b" not in edit.text and "\u202e" not in edit.text and edit.text.endswith("\notra")
    edit.insert("x" * 9_000)
    assert len(edit.text) <= 4_000
