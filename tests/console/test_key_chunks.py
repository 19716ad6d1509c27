"""Keys that come in one chunk, from a fast hand or a slow line: each reaches the place that the key before it opened,
and nothing but what was meant is done."""

from __future__ import annotations

import asyncio
import itertools
import random
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.widgets import Input

from agent_console import actions
from agent_console.backend.api import Unreachable
from agent_console.backend.calls import Call
from agent_console.backend.overlay import AssignTo, ChangeTags, Classify, Note, Reply
from agent_console.screens.signin import SignIn
from agent_console.widgets import key_gate
from agent_console.widgets.terminal_keys import know_alt_signs, survive_odd_keys
from server import wire
from tests.console import sample_templates
from tests.console.desk import Desk, console
from tests.console.keyboard import chunk, key_of
from tests.console.test_signin import Door, nothing_kept, running

__all__ = ["nothing_kept"]

#: what people type that means something where nobody writes
LETTERS = "eEcarRHDzxXqQnNoOLsTwWvVmMpuIFBYAtydbP0123456789 .,+-!?*/>áéñü¿€@#[]"


def recorded(desk: Desk) -> list[str]:
    """The actions performed from now on."""
    done: list[str] = []
    perform = desk.inbox.acts.perform

    def record(action: str) -> bool:
        done.append(action)
        return perform(action)

    desk.inbox.acts.perform = record  # type: ignore[method-assign]
    return done


SIZES = pytest.mark.parametrize("size", [(80, 24), (160, 45)])


@SIZES
@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize(("key", "kind"), [("r", Reply), ("i", Note)])
async def test_an_answer_in_one_chunk(size: tuple[int, int], opened: bool, key: str, kind: type) -> None:
    async with console(size) as desk:
        if opened:
            await desk.press("enter")
        done = recorded(desk)
        await chunk(desk.pilot, f"{key}Hola que tal, zE. Heder Dq\x13")
        assert [each.text for each in desk.changes(kind)] == ["Hola que tal, zE. Heder Dq"]
        assert done == [actions.BY_KEY["list", key].id, "send"]
        assert len(desk.session.changes_made) == 1


async def test_a_paste_keeps_its_place_among_the_keys() -> None:
    async with console() as desk:
        await chunk(desk.pilot, "runo ", events.Paste("dos"), " tres")
        assert desk.inbox.composer.text == "uno dos tres"


async def test_two_answers_in_one_chunk() -> None:
    async with console((160, 45)) as desk:
        await chunk(desk.pilot, "rHola\x13nrEso es todo\x13")
        assert [each.text for each in desk.changes(Reply)] == ["Hola", "Eso es todo"]
        first, second = desk.changes(Reply)
        assert first.conversation != second.conversation


async def test_a_search_in_one_chunk() -> None:
    async with console() as desk:
        done = recorded(desk)
        await chunk(desk.pilot, "/mora\r")
        assert done == ["search"]
        assert desk.inbox.searching._line.text == "mora"
        assert desk.inbox.place == "list"


async def test_templates_are_looked_for_in_one_chunk() -> None:
    async with console() as desk:
        await desk.press("r")
        await desk.press("escape")
        done = recorded(desk)
        await chunk(desk.pilot, ";sal")
        assert done == ["templates"]
        assert desk.inbox.composer.text == ";sal"


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("lead", [";", "r;"])
async def test_what_is_typed_after_a_template_comes_after_it(lead: str, loaded: bool) -> None:
    """Though the templates, and what this one says, come from the server only then."""
    async with console() as desk:
        sample_templates.serve(desk.session.fake_api)
        if loaded:
            await chunk(desk.pilot, ";")
            await desk.press("escape", "escape")
        await chunk(desk.pilot, lead + "requi\rGracias por esperar, zEH.\x13")
        assert [each.text.rpartition("sueldo.")[2] for each in desk.changes(Reply)] == ["Gracias por esperar, zEH."]


async def test_a_template_whose_server_is_silent_keeps_the_keys_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_gate, "PATIENCE", 0.05)
    async with console() as desk:
        sample_templates.serve(desk.session.fake_api)
        asked = asyncio.Event()

        async def silent(*given: object) -> None:
            asked.set()
            await asyncio.Event().wait()

        await chunk(desk.pilot, ";requi")
        await desk.pilot.pause()
        desk.session.fake_api.send = silent  # type: ignore[method-assign, assignment]
        await chunk(desk.pilot, "\r")
        await asked.wait()
        await chunk(desk.pilot, " hola")
        assert desk.inbox.composer.text == ";requi hola"


@pytest.mark.parametrize("lead", [":", "\x10", "L", "s", "a", "S"])
async def test_a_drawer_takes_what_is_typed_after_its_key(lead: str) -> None:
    async with console((120, 40)) as desk:
        await desk.press("j")
        done = recorded(desk)
        await chunk(desk.pilot, lead + "zHExw")
        assert len(done) == 1
        assert desk.session.changes_made == []
        assert desk.inbox.over.open


def later(desk: Desk, path: str) -> asyncio.Event:
    """What a path answers comes only after this is set."""
    gate, send = asyncio.Event(), desk.session.fake_api.send

    async def wait(call: Call[Any], progress: Callable[[int], None] | None = None) -> Any:
        if call.path.startswith(path):
            await gate.wait()
        return await send(call, progress)

    desk.session.fake_api.send = wait  # type: ignore[method-assign]
    return gate


@pytest.mark.parametrize(
    ("path", "answer", "keys", "wanted"),
    [
        ("/topics", [wire.Topic(id=1, name="mora", key="m"), wire.Topic(id=2, name="otro", key="o")], "dmc", Classify),
        ("/tags", [wire.Tag(id=1, name="mora")], "Lmora\r", ChangeTags),
        ("/users", [wire.User(id=9, name="zoe", role="advisor", display_name="Zoe Cruz")], "azoe\r", AssignTo),
    ],
)
async def test_keys_wait_for_what_a_drawer_offers(path: str, answer: list[Any], keys: str, wanted: type) -> None:
    """The first time, names come from the server; what is typed meanwhile is meant for them."""
    async with console((120, 40)) as desk:
        desk.session.fake_api.answers.setdefault(("GET", "/teams"), wire.Page(items=[]))
        desk.session.fake_api.answers["GET", path] = wire.Page(items=answer)
        come = later(desk, path)
        for char in keys:
            event = key_of(char)
            event.set_sender(desk.pilot.app)
            desk.pilot.app.post_message(event)
        for _turn in range(5):
            await desk.pilot.pause()
        assert desk.inbox.over.open
        assert not desk.session.changes_made
        come.set()
        await chunk(desk.pilot)
        assert len(desk.changes(wanted)) == 1


async def test_keys_wait_for_a_sheet_that_is_fetched() -> None:
    """Nothing of what is typed into it reaches the list."""
    async with console((120, 40)) as desk:
        contact = wire.Contact(id=101, name="María")
        desk.session.fake_api.answers["GET", "/contacts/"] = contact
        come = later(desk, "/contacts/")
        done = recorded(desk)
        for char in "\x05 eex":
            event = key_of(char)
            event.set_sender(desk.pilot.app)
            desk.pilot.app.post_message(event)
        for _turn in range(5):
            await desk.pilot.pause()
        come.set()
        await chunk(desk.pilot)
        assert len(done) == 1
        assert desk.session.changes_made == []


def alt(char: str, name: str = "") -> events.Key:
    return events.Key(f"alt+{name or char}", char)


async def test_escape_and_a_letter_soon_after_it_are_two_keys() -> None:
    """A terminal program hears alt and that letter."""
    async with console((120, 40)) as desk:
        await desk.press("s")
        assert desk.inbox.over.open
        done = recorded(desk)
        await chunk(desk.pilot, alt("L"))
        assert done == ["tags"]
        await chunk(desk.pilot, alt("/", "slash"), "mora")
        assert done == ["tags", "search"]
        assert desk.inbox.searching._line.text == "mora"


@pytest.mark.parametrize("lead", ["r", "i", "/", ":"])
async def test_alt_and_a_letter_touch_nothing_where_one_writes(lead: str) -> None:
    async with console((120, 40)) as desk:
        await chunk(desk.pilot, lead, "hola")
        focused, done = desk.pilot.app.focused, recorded(desk)
        await chunk(desk.pilot, alt("e"), alt("/", "slash"))
        assert done == []
        assert desk.pilot.app.focused is focused
        assert desk.session.changes_made == []


async def test_alt_goes_from_word_to_word_where_one_writes() -> None:
    async with console((120, 40)) as desk:
        await chunk(desk.pilot, "runo dos", alt("b"), "y ", alt("f"), ".")
        assert desk.inbox.composer.text == "uno y dos."


@pytest.mark.parametrize("char", ["s", "O", "/", "?", " ", "7", "b", "f", "ñ"])
def test_alt_is_heard_with_signs_too(char: str) -> None:
    assert know_alt_signs()
    parser = XTermParser(False)
    found = [*parser.feed(f"\x1b{char}"), *parser.feed("")]
    (key,) = [event for event in found if isinstance(event, events.Key)]
    assert key.key.startswith("alt+")
    assert key.character == char


async def test_a_command_in_one_chunk() -> None:
    async with console((120, 40)) as desk:
        done = recorded(desk)
        await chunk(desk.pilot, "\x10tags\r")
        assert done == ["palette", "tags"]


@pytest.mark.parametrize("seed", range(3))
async def test_no_action_but_the_one_meant(seed: int) -> None:
    """Whatever is typed after a key that opens a place to write is written there, in pieces of any length."""
    chance = random.Random(seed)
    async with console(chance.choice([(80, 24), (120, 40), (160, 45)])) as desk:
        done = recorded(desk)
        for _turn in range(6):
            done.clear()
            if chance.random() < 0.5 and desk.inbox.place == "list":
                await desk.press("enter")
                done.clear()
            key = chance.choice("ri")
            text = "".join(chance.choices(LETTERS, k=chance.randrange(1, 40))).strip() or "x"
            for piece in pieces(chance, f"{key}{text}\x13"):
                await chunk(desk.pilot, piece)
            kind = Reply if key == "r" else Note
            assert desk.changes(kind)[-1].text == text, (seed, text)
            assert done == ["reply" if key == "r" else "note", "send"], (seed, text)


def pieces(chance: random.Random, text: str) -> Sequence[str]:
    """A text as a line delivers it."""
    cuts = sorted({0, len(text), *(chance.randrange(len(text)) for _ in range(chance.randrange(3)))})
    return [text[start:end] for start, end in itertools.pairwise(cuts)]


async def test_dead_keys_and_altgr_only_type() -> None:
    typed = "á ñ Ñ é ü @ # [ ] { } \\ | ¿ ¡ € ç º ª ' \" ´ ` ~ ^"
    async with console() as desk:
        done = recorded(desk)
        await chunk(desk.pilot, "r" + unicodedata.normalize("NFC", typed))
        assert desk.inbox.composer.text == typed
        assert done == ["reply"]


# ---------------------------------------------------------------- the sign-in


async def test_the_whole_sign_in_in_one_chunk() -> None:
    async with running() as (app, pilot):
        await chunk(pilot, "https://x.example\rana\rsecreto\r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.inbox is not None and app.screen is app.inbox
        assert ("sign_in", ("ana", "secreto")) in app.session.said  # type: ignore[union-attr]


async def test_fields_are_gone_through_with_tab_too() -> None:
    async with running("https://x.example") as (app, pilot):
        await chunk(pilot, "ana\tsecreto")
        assert isinstance(app.screen, SignIn)
        assert [field.value for field in app.screen.query(Input)] == ["https://x.example", "ana", "secreto"]


async def test_what_is_typed_while_the_server_is_asked_is_nobodys_password(monkeypatch: pytest.MonkeyPatch) -> None:
    answered, asked = asyncio.Event(), asyncio.Event()

    async def slowly(self: Door, user: str, password: str, label: str = "console") -> wire.Session:
        asked.set()
        await answered.wait()
        raise Unreachable("timeout")

    monkeypatch.setattr(Door, "sign_in", slowly)
    async with running("https://x.example") as (app, pilot):
        await chunk(pilot, "ana\rsecreto\reHz\r\r")
        await asked.wait()
        answered.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [field.value for field in app.screen.query(Input)] == ["https://x.example", "ana", "secreto"]
        await chunk(pilot, "2")
        assert app.screen.query_one("#password", Input).value == "secreto2"


@pytest.mark.parametrize("odd", ["\x1b[1114112u", "\x1b[97;1:3u", "\x1b[50:64;7u", "\x1b[99999999999999999999u"])
def test_what_only_looks_like_a_key_ends_nothing(odd: str) -> None:
    assert survive_odd_keys()
    parser = XTermParser(False)
    assert [event for event in parser.feed(odd + "a") if isinstance(event, events.Key)][-1].character == "a"
