"""The protocol at the desk: two keys classify, the checklist is ticked, resolving asks once for what is missing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.overlay import Classify, Resolve, SetStage
from agent_console.presentation import checklist, classifying
from server import wire
from tests.console.desk import Desk, console
from tests.console.settled import settled

TOPICS = [
    wire.Topic(id=1, name="banca en línea/acceso", complexity="simple", uses=31),
    wire.Topic(id=2, name="tarjetas/retenida", complexity="medium", team="Tarjetas"),
    wire.Topic(id=3, name="créditos/solicitud", complexity="complex"),
    wire.Topic(id=4, name="mora", complexity="medium", priority="high"),
    wire.Topic(id=5, name="remesas", key="e"),
]


def item(id: str, kind: wire.ProtocolKind, stage: wire.Stage = "diagnosis", **more: Any) -> wire.CheckItem:
    can = kind not in ("topic", "complexity", "outcome")
    return wire.CheckItem(id=id, kind=kind, stage=stage, can_tick=can, **more)


ITEMS = [
    item("saludo", "greeting", "welcome", done=True, late=True, within_ms=600_000, required=False),
    item("identidad", "identity"),
    item("tema", "topic"),
    item("buro", "own", "resolution", title="consultado en el buró", done=True, by="luis"),
    item("resultado", "outcome", "closure"),
]
OUTCOMES = [
    wire.OutcomeKind(name="solved"),
    wire.OutcomeKind(name="sale", asks="amount"),
    wire.OutcomeKind(name="lost", asks="reason"),
]


def know(desk: Desk, items: list[wire.CheckItem] | None = None) -> None:
    """What the server says."""
    answers = desk.session.fake_api.answers
    answers["GET", "/topics"] = lambda call: wire.Page(items=TOPICS)
    listed = wire.Checklist(conversation=1, stage="diagnosis", items=items or ITEMS, outcomes=OUTCOMES)
    answers["GET", "/conversations/1/checklist"] = lambda call: listed
    answers["POST", "/conversations/1/checklist"] = lambda call: listed
    answers["POST", "/conversations/1/outcome"] = lambda call: msgspec.structs.replace(
        listed, stage="follow_up", ending=msgspec.json.decode(call.body, type=wire.Ending)
    )


async def refuse(desk: Desk, change: Any, code: str, stopped: bool = False, **params: Any) -> None:
    """The server says no."""
    problem = wire.Problem(code=code, status=409, params=params)
    desk.inbox.changed(Changes(troubles=[Trouble(problem, change.conversation, change, stopped)]))
    await desk.pilot.pause()
    desk.clock.now += 1_000  # a question takes no answer for a moment


MISSING = [
    {"id": "identidad", "kind": "identity", "title": "", "stage": "diagnosis"},
    {"id": "buro", "kind": "own", "title": "consultado en el buró", "stage": "resolution"},
]


# ---------------------------------------------------------------- classification


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_two_keys_classify(size: tuple[int, int]) -> None:
    async with console(size, lang="es") as desk:
        know(desk)
        await desk.press("d")
        await settled(desk.pilot)
        assert "Banca en línea › acceso" in desk.screen and "Remesas" in desk.screen
        await desk.press("m", "c")
        await settled(desk.pilot)
        assert desk.changes(Classify) == [Classify(1, topic="mora", complexity="complex")]
        await desk.press("z")
        assert desk.changes(Classify)[-1] == Classify(1, topic="", complexity="")


async def test_enter_takes_what_the_topic_usually_is() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("d")
        await settled(desk.pilot)
        await desk.press("a", "enter")
        assert desk.changes(Classify) == [Classify(1, topic="banca en línea/acceso", complexity="simple")]


async def test_topics_are_searched_by_a_few_letters() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("d")
        await settled(desk.pilot)
        await desk.press("/", "r", "e", "t")
        assert "Tarjetas › retenida" in desk.screen and "Mora" not in desk.screen
        await desk.press("enter", "s")
        assert desk.changes(Classify) == [Classify(1, topic="tarjetas/retenida", complexity="simple")]


async def test_esc_goes_back_a_step_at_a_time_and_changes_nothing() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("d")
        await settled(desk.pilot)
        await desk.press("/", "x", "escape", "m", "escape", "escape")
        assert desk.changes(Classify) == [] and "What it is about" not in desk.screen


async def test_all_that_is_marked_is_classified_at_once() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("x", "x", "d")
        await settled(desk.pilot)
        await desk.press("e", "s")
        made = desk.changes(Classify)
        assert [(each.conversation, each.topic) for each in made] == [(1, "remesas"), (2, "remesas")]


async def test_without_topics_only_the_complexity_is_asked() -> None:
    async with console() as desk:
        desk.session.fake_api.answers["GET", "/topics"] = lambda call: wire.Page(items=[])
        await desk.press("d")
        await settled(desk.pilot)
        assert "There are no topics yet" in desk.screen
        await desk.press("enter", "m")
        assert desk.changes(Classify) == [Classify(1, complexity="medium")]


async def test_the_head_of_a_conversation_says_topic_complexity_and_stage() -> None:
    async with console(lang="es") as desk:
        row = desk.session.mirror.row(1)
        assert row is not None
        new = msgspec.structs.replace(
            row, topic="banca en línea/acceso", complexity="medium", stage="diagnosis", version=row.version + 1
        )
        desk.session.mirror.know(new)
        await desk.press("enter")
        head = desk.shown()[1] + desk.shown()[2] + desk.shown()[3]
        assert "Banca en línea › acceso · media" in head
        assert "diagnóstico ●●○○○" in head


names = st.lists(st.text("abcdeñáé/ ", min_size=1, max_size=12), max_size=40, unique=True)


@given(names, st.lists(st.sampled_from("abcxyz"), max_size=40))
def test_letters_are_stable_and_one_for_each(given_names: list[str], keys: list[str]) -> None:
    padded = keys + [""] * len(given_names)
    topics = [wire.Topic(id=n, name=name, key=padded[n]) for n, name in enumerate(given_names)]
    found = classifying.letters(topics)
    assert found == classifying.letters(topics[::-1]) or len({t.key for t in topics if t.key}) < len(
        [t for t in topics if t.key]
    )
    assert len(found) == min(26, len(topics))
    assert len({topic.id for topic in found.values()}) == len(found)


# ---------------------------------------------------------------- the checklist


async def test_the_checklist_is_ticked_with_space() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("P")
        await settled(desk.pilot)
        assert "! greeted within 10 min (if possible)" in desk.screen and "too late" in desk.screen
        assert "✓ consultado en el buró" in desk.screen and "●●○○○" in desk.screen
        await desk.press("down", "space")
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/checklist") == [{"item": "identidad", "on": True}]
        await desk.press("escape", "z")
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/checklist")[-1] == {"item": "identidad", "on": False}


async def test_what_fills_itself_is_not_ticked_but_done() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("P")
        await settled(desk.pilot)
        await desk.press("down", "down", "space")
        assert desk.session.fake_api.posted("/conversations/1/checklist") == []
        assert "Nobody ticks that" in desk.status
        await desk.press("enter")
        await settled(desk.pilot)
        assert "What it is about" in desk.screen


async def test_an_outcome_is_noted_with_its_amount() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("P")
        await settled(desk.pilot)
        await desk.press("down", "down", "down", "down", "enter", "s", "a", "enter")
        await desk.write("2400.50")
        await desk.press("enter")
        await settled(desk.pilot)
        noted = desk.session.fake_api.posted("/conversations/1/outcome")
        assert noted == [{"outcome": "sale", "amount": 240050, "currency": "", "reason": ""}]


async def test_the_stage_is_said_by_hand() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("P")
        await settled(desk.pilot)
        await desk.press("up", *["down"] * 6, "enter")
        await desk.press("f", "o", "l", "enter")
        await settled(desk.pilot)
        assert desk.changes(SetStage) == [SetStage(1, stage="follow_up")]


# ---------------------------------------------------------------- something is missing


async def test_resolving_asks_once_for_what_is_missing() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("e")
        await refuse(desk, Resolve(1), "checklist_open", missing=MISSING)
        assert "María Ramos: something is missing" in desk.screen
        assert "· identity checked" in desk.screen and "· consultado en el buró" in desk.screen
        await desk.press("a")
        assert desk.changes(Resolve) == [Resolve(1), Resolve(1, anyway=True)]


async def test_leaving_it_open_changes_nothing() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("e")
        await refuse(desk, Resolve(1), "checklist_open", missing=MISSING)
        await desk.press("escape")
        assert desk.changes(Resolve) == [Resolve(1)]
        assert "It stays open" in desk.status


async def test_where_only_the_outcome_is_missing_it_is_taken_on_the_spot() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("e")
        missing = [{"id": "resultado", "kind": "outcome", "title": "", "stage": "closure"}]
        await refuse(desk, Resolve(1), "checklist_open", missing=missing)
        await settled(desk.pilot)
        assert "how does it end?" in desk.screen
        await desk.press("l", "o", "s", "enter")
        await settled(desk.pilot)
        await desk.write("tasa alta")
        await desk.press("enter")
        await settled(desk.pilot)
        assert desk.changes(Resolve)[-1] == Resolve(1, outcome="lost", reason="tasa alta")


async def test_nobody_who_writes_is_interrupted() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("down", "r")
        await refuse(desk, Resolve(1), "checklist_open", missing=MISSING)
        assert "something is missing before it is resolved" in desk.status
        await desk.press("escape")
        await desk.pass_time(1_000)
        assert "· identity checked" in desk.screen


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2400", 240_000), ("$2,400.50", 240_050), ("0", 0), ("-1", None), ("1.005", None), ("mucho", None),
     ("", None), ("1e3", 100_000), ("nan", None), ("inf", None)],
)  # fmt: skip
def test_amounts(text: str, amount: int | None) -> None:
    assert checklist.cents(text) == amount


async def test_classify_and_stage_are_typed() -> None:
    async with console() as desk:
        know(desk)
        await desk.press(":")
        await settled(desk.pilot)
        await desk.write("classify acceso complex")
        await desk.press("enter")
        await settled(desk.pilot)
        assert desk.changes(Classify) == [Classify(1, topic="banca en línea/acceso", complexity="complex")]
        await desk.press(":")
        await desk.write("stage resolution")
        await desk.press("enter")
        await settled(desk.pilot)
        assert desk.changes(SetStage) == [SetStage(1, stage="resolution")]


async def test_of_many_those_that_lack_something_are_offered_to_be_resolved_anyway() -> None:
    async with console() as desk:
        await desk.press("x", "x", "e")
        problem = wire.Problem(code="checklist_open", status=409, params={"missing": MISSING})
        one, other = desk.session.outgoing.commands
        desk.session._done(one, None)
        desk.session.outgoing.done(one)
        desk.session.outgoing.refuse(other, problem)
        desk.session._refused(other, problem)
        await desk.pass_time(1_000)
        assert "missing: identity checked" in desk.screen
        await desk.press("a")
        await settled(desk.pilot)
        assert desk.changes(Resolve)[-1] == Resolve(2, anyway=True)
