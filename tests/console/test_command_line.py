"""The `:` line: what it understands, how it completes, what it does to a conversation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.actions import State
from agent_console.backend.overlay import AssignTo
from agent_console.i18n import set_language
from agent_console.presentation.command_line import VERBS, complete, names_of, read
from server import wire
from tests.console import sample
from tests.console.desk import Desk, console

HERE = State(conversation=True, mine=True)
VALUES = {"who": ["ana", "luis", "creditos"], "tag": ["mora", "reclamo"], "theme": ["dark", "light"]}


def texts(text: str, state: State = HERE) -> list[str]:
    return [each.text for each in complete(text, state, lambda kind: VALUES.get(kind, []))]


def test_numbers_actions_and_verbs() -> None:
    assert read(":12", HERE).number == 12
    assert read("  12 ", HERE).number == 12
    resolve = read("resolve-next", HERE).action
    assert resolve is not None and resolve.id == "resolve_next"
    found = read(":assign luis", HERE)
    assert found.verb is not None and (found.verb.name, found.argument) == ("assign", "luis")
    assert read("snooze monday 10:00", HERE).argument == "monday 10:00"
    alone = read("assign", HERE).action
    assert alone is not None and alone.id == "assign", "a verb that is an action, too, asks for what it needs"
    assert read("", HERE) == read(":", HERE) and not read("", HERE).problem


def test_the_readers_language_and_english() -> None:
    set_language("es")
    for verb in VERBS:
        for name in names_of(verb):
            found = read(f"{name} x" if verb.needs else name, HERE)
            assert found.verb == verb, name
    assert len({name for verb in VERBS for name in names_of(verb)}) == sum(len(names_of(verb)) for verb in VERBS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("assin luis", "There is no command 'assin'. Did you mean assign?"),
        ("priority", ":priority needs something more."),
        ("wake up", ":wake takes nothing more."),
        ("resolve now", ":resolve takes nothing more."),
        ("send", "There is no command 'send'."),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    assert read(text, HERE).problem.startswith(said)


def test_completion() -> None:
    assert texts("as")[:1] == ["assign "]
    assert texts("assign l") == ["assign luis"]
    assert texts("tag ") == ["tag mora", "tag reclamo"]
    assert texts("tag mora re") == ["tag mora reclamo"]
    assert texts("tag mora ") == ["tag mora reclamo"]
    assert texts("nothing at all") == []
    assert "assign " not in texts("", State())
    keys = {each.text: each.key for each in complete("resolve", HERE, lambda kind: [])}
    assert keys["resolve"] == "e", "the line teaches keys, too"


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_and_completed(text: str) -> None:
    found = read(text, HERE)
    assert isinstance(found.problem, str)
    for each in complete(text, HERE, lambda kind: ["a", "b c"]):
        assert each.text


# ---------------------------------------------------------------- at work


def answers(desk: Desk) -> None:
    """A server that has people and tags."""
    users = [sample.ME, wire.User(id=2, name="luis", display_name="Luis Batres", role="advisor")]
    desk.session.fake_api.answers |= {
        ("GET", "/users"): wire.Page(items=users),
        ("GET", "/teams"): wire.Page(items=[wire.Team(id=1, name="creditos")]),
        ("GET", "/tags"): wire.Page(items=[wire.Tag(id=1, name="mora"), wire.Tag(id=2, name="reclamo")]),
    }


async def test_a_number_opens_a_conversation() -> None:
    async with console() as desk:
        await desk.press(":")
        await desk.write("2")
        await desk.press("enter")
        assert desk.inbox.opened == 2
        assert "Pupusería Lita" in desk.shown()[1]


async def test_giving_to_somebody_can_be_taken_back() -> None:
    async with console() as desk:
        answers(desk)
        await desk.press(":")
        await desk.write("assign lu")
        await desk.press("tab")
        assert ":assign luis" in desk.screen
        await desk.press("enter")
        assert desk.changes(AssignTo)[-1].user == "luis"
        assert "z takes it back" in desk.status
        await desk.press("z")
        assert desk.changes(AssignTo)[-1].user == "ana"


async def test_who_is_not_there_is_said_in_the_line() -> None:
    async with console() as desk:
        answers(desk)
        await desk.press(":")
        await desk.write("assign pedro")
        await desk.press("enter")
        assert "There is nobody and no team called 'pedro'." in desk.screen
        await desk.press("escape")
        assert not desk.inbox.over.open and not desk.changes(AssignTo)


async def test_a_moment_is_read_while_it_is_typed() -> None:
    async with console() as desk:
        await desk.press(":")
        await desk.write("snooze friday 10:00")
        assert "until" in desk.screen and "10:00" in desk.screen
        await desk.press("ctrl+u")
        await desk.write("snooze yesterday")
        await desk.press("enter")
        assert "is no moment that lies ahead" in desk.screen


async def test_what_was_typed_comes_back() -> None:
    async with console() as desk:
        await desk.press(":")
        await desk.write("2")
        await desk.press("enter", ":", "up")
        assert ":2" in desk.screen
        await desk.press("escape")


async def test_a_mistake_is_told_and_can_be_mended() -> None:
    async with console() as desk:
        await desk.press(":")
        await desk.write("resolv")
        await desk.press("enter")
        assert "Did you mean resolve?" in desk.screen
        await desk.press("e", "enter")
        assert "resolved" in desk.status


async def test_words_are_sent_only_where_one_reads() -> None:
    async with console() as desk:
        await desk.press(":")
        await desk.write("say hola")
        await desk.press("enter")
        assert "Open the conversation first" in desk.screen
        await desk.press("enter", ":")
        await desk.write("say hola")
        await desk.press("enter")
        sent = [change for change in desk.session.changes_made if getattr(change, "text", "") == "hola"]
        assert len(sent) == 1
        assert "leaves in" in desk.status


async def test_the_line_says_when_nothing_is_called_so() -> None:
    async with console() as desk:
        await desk.press(":")
        await desk.write("resolvv")
        assert "There is no command 'resolvv'. Did you mean resolve?" in desk.screen
