"""Help while one writes: emoji by name, quotes, large pastes, another editor, keys of Spanish layouts."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from textual import events

from agent_console.backend.overlay import Reply
from agent_console.presentation import emoji
from agent_console.safetext import cells
from tests.console.desk import Desk, console
from tests.console.settled import settled


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with console() as desk:
        await desk.press("enter", "r")
        yield desk


def written(desk: Desk) -> str:
    return desk.inbox.composer.text


async def paste(desk: Desk, text: str) -> None:
    desk.inbox.composer.prepare().post_message(events.Paste(text))
    for _ in range(3):
        await desk.pilot.pause()


# ---------------------------------------------------------------- emoji


@pytest.mark.parametrize(
    ("typed", "text"),
    [("hola :gracias: y", "hola 🙏 y"), (":thanks:", "🙏"), (":nosuch:", ":nosuch:"), ("a las 10:30:", "a las 10:30:"),
     ("nota:importante:", "nota:importante:"), (":guino:", "😉")],
)  # fmt: skip
async def test_a_name_between_colons(desk: Desk, typed: str, text: str) -> None:
    await desk.write(typed)
    assert written(desk) == text


async def test_some_of_a_name_shows_what_there_is(desk: Desk) -> None:
    await desk.write("listo :coraz")
    assert "❤" in desk.screen and "corazón verde" in desk.screen
    await desk.press("down", "tab")
    assert written(desk) == "listo 💚" and not desk.inbox.over.open


async def test_the_names_do_not_stand_in_the_way(desk: Desk) -> None:
    await desk.write("saldo :done")
    await desk.press("enter")
    assert written(desk) == "saldo :done\n", "Enter ends a line unless one looked for an emoji"
    await desk.write(":bien")
    await desk.press("escape")
    assert desk.inbox.composer.writing and not desk.inbox.over.open
    await desk.press("escape")
    assert desk.inbox.place == "thread"


def test_the_table_is_sound() -> None:
    found = {sign for name in ("a", "e", "o") for sign, _names in emoji.find(name, 500)}
    assert len(found) > 60
    assert all(1 <= cells(sign) <= 2 for sign in found)
    assert emoji.exact("CORAZON") == emoji.exact("corazón") == "❤️"
    assert emoji.find("\x1b[31m") == []


# ---------------------------------------------------------------- quoting


async def test_quoting_the_newest_and_the_one_marked(desk: Desk) -> None:
    await desk.press("escape", "greater_than_sign")
    assert written(desk) == "> ¿me ayuda porfa?\n" and desk.inbox.place == "composer"
    await desk.write("Sí.")
    await desk.press("ctrl+s")
    (reply,) = desk.changes(Reply)
    assert reply.text == "> ¿me ayuda porfa?\nSí."


# ---------------------------------------------------------------- pasting much


async def test_much_is_asked_about(desk: Desk) -> None:
    much = "línea de texto\n" * 2_000
    await paste(desk, much)
    assert written(desk) == "" and "Paste 30,000 characters?" in desk.screen
    await desk.pass_time(1_000)
    await desk.press("escape")
    assert written(desk) == "" and desk.inbox.place == "composer"
    await paste(desk, much)
    await desk.pass_time(1_000)
    await desk.press("enter")
    assert len(written(desk)) == len(much)
    await desk.press("ctrl+s")
    assert desk.changes(Reply) == [] and "too long" in desk.screen


async def test_much_can_go_as_a_file(desk: Desk) -> None:
    await paste(desk, "x" * 20_000)
    await desk.pass_time(1_000)
    await desk.press("a")
    for _ in range(200):
        await desk.pilot.pause(0.01)
        if desk.inbox.composer.letter.files:
            break
    (file,) = desk.inbox.composer.letter.files
    assert (file.size, written(desk)) == (20_000, "")
    assert file.file_name == "pasted text.txt"  # the customer reads it


async def test_ten_million_characters(desk: Desk) -> None:
    await paste(desk, "\x1b[31mñ" * 2_000_000)
    assert "Only the first 100,000 characters fit." in desk.screen


# ---------------------------------------------------------------- another editor


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program for $EDITOR."""
    path = tmp_path / "editor"
    monkeypatch.setenv("EDITOR", str(path))
    monkeypatch.delenv("VISUAL", raising=False)
    yield path


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def seen(editor: Path) -> tuple[str, str]:
    """What the program got, and who may read it."""
    return Path(f"{editor}.seen").read_text(), Path(f"{editor}.mode").read_text().strip()


async def edit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.app, "suspend", contextlib.nullcontext)
    await desk.press("ctrl+e")
    await settled(desk.pilot)


async def test_what_the_editor_leaves_is_the_text(desk: Desk, editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(editor, 'cp "$1" "$0.seen"; stat -c %a "$1" > "$0.mode"; printf "del editor\\033[31m\\n\\n" >> "$1"')
    await desk.write("Hola ")
    await edit(desk, monkeypatch)
    assert written(desk) == "Hola del editor" and desk.inbox.place == "composer"
    assert seen(editor) == ("Hola ", "600"), "nobody else can read it"
    assert desk.session.draft_of(1) == "Hola del editor", "it is a draft like any other"


@pytest.mark.parametrize("script", ["echo mal > $1; exit 1", "exit 130"])
async def test_an_editor_that_fails_changes_nothing(
    desk: Desk, editor: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program(editor, script)
    await desk.write("Hola")
    await edit(desk, monkeypatch)
    assert written(desk) == "Hola" and "as it was" in desk.status


async def test_no_editor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "/nowhere/at/all")
    monkeypatch.delenv("VISUAL", raising=False)
    await desk.write("Hola")
    await edit(desk, monkeypatch)
    assert written(desk) == "Hola" and "did not start" in desk.status
