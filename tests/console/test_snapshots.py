"""How the screens look, kept as pictures: `pytest tests/console/test_snapshots.py --snapshot-update` renews them.

The clock stands still at 9:44:14 on the 14th of October 2026 in San Salvador.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.backend.overlay import Letter
from agent_console.i18n import set_language
from tests.console import sample
from tests.console.fake import Clock, FakeSession
from tests.console.keyboard import chunk
from tests.console.quick import alone, cases
from tests.console.sample_channels import channel
from tests.console.sample_letters import COMMENTER, FERRETERIA, likely, mails, merges

Scene = Callable[[Pilot[None], FakeSession], Awaitable[None]]


async def the_list(pilot: Pilot[None], session: FakeSession) -> None:
    session.presence(3, customer_typing=True)
    session.presence(5, viewing=["luis"])
    await pilot.press("j")


async def thread(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("enter")
    session.presence(1, viewing=["luis"], customer_typing=True)


async def reply(pilot: Pilot[None], session: FakeSession) -> None:
    await chunk(pilot, "rListo María, su usuario quedó desbloqueado. \rPruebe de nuevo.")


async def note(pilot: Pilot[None], session: FakeSession) -> None:
    await chunk(pilot, "iidentidad validada")


async def held(pilot: Pilot[None], session: FakeSession) -> None:
    await chunk(pilot, "rYa quedó.\x13")


async def help(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("?")


async def palette(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("ctrl+p", "e", "s")


async def offline(pilot: Pilot[None], session: FakeSession) -> None:
    await chunk(pilot, "rGracias\x13")
    await pilot.press("n")
    await chunk(pilot, "rSí\x13\x1b")
    session.go_offline(sample.at(9, 42))
    clock = session.clock
    assert isinstance(clock, Clock)
    clock.now += 6_000
    tick(pilot)


def tick(pilot: Pilot[None]) -> None:
    inbox = pilot.app.inbox  # type: ignore[attr-defined]
    inbox.tick()


async def question(pilot: Pilot[None], session: FakeSession) -> None:
    await chunk(pilot, "rSu clave ya sirve.\x13")
    theirs = sample.message(60, "out", "María, ya la atiendo yo.", sample.NOW, author="luis", author_name="Luis Batres")
    session.event("message.queued", session.changed_row(1), message=theirs, actor="user:luis")
    session.refuse("conversation_moved", by="Luis", at=sample.NOW)


async def arrivals(pilot: Pilot[None], session: FakeSession) -> None:
    for n in range(3):
        new = sample.row(500 + n, f"Nueva {n}", "whatsapp", "hola", sla=sample.due_in(-999_000 - n))
        session.event("conversation.created", new)


async def team(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("3")


def go_to(pilot: Pilot[None], conversation: int) -> None:
    pilot.app.inbox.thelist.go_to(conversation)  # type: ignore[attr-defined]


async def mail(pilot: Pilot[None], session: FakeSession) -> None:
    go_to(pilot, FERRETERIA)
    await pilot.press("enter", "K", "K", "f")


async def mail_reply(pilot: Pilot[None], session: FakeSession) -> None:
    go_to(pilot, FERRETERIA)
    await chunk(pilot, "\rrRecibido")
    composer = pilot.app.inbox.composer  # type: ignore[attr-defined]
    composer.change(
        Letter(bcc=("archivo@coop.example",), subject="Balance recibido", files=tuple(mails()[3].attachments))
    )


async def comment(pilot: Pilot[None], session: FakeSession) -> None:
    go_to(pilot, COMMENTER)
    await chunk(pilot, "\rrHola")
    await pilot.press("ctrl+l")


async def delete(pilot: Pilot[None], session: FakeSession) -> None:
    go_to(pilot, COMMENTER)
    await pilot.press("enter", "D")


async def attach(pilot: Pilot[None], session: FakeSession) -> None:
    go_to(pilot, FERRETERIA)
    await pilot.press("enter", "ctrl+o", *"/no/hay/tal")


async def recipients(pilot: Pilot[None], session: FakeSession) -> None:
    go_to(pilot, FERRETERIA)
    await pilot.press("enter", "r", "ctrl+t", *", mal", "enter")


async def unsent(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("X", "j")


async def channels(pilot: Pilot[None], session: FakeSession) -> None:
    session.fake_api.channels = [
        channel(1, "whatsapp", "wa-principal", state="down", problem="token", detail="Error validating access token",
                since=sample.at(9, 12), waiting=7, attempts=40, failed=12),
        channel(2, "email", "correo"),
        channel(3, "sms", "sms-tigo", state="warning", problem="failing", since=sample.at(8, 2)),
        channel(4, "telegram", "tg", hint="quiet"),
    ]  # fmt: skip
    await pilot.press("C")


async def people(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("enter")
    thread = session.mirror.thread(1)
    assert thread is not None and thread.about is not None
    contact = msgspec.structs.replace(thread.about.contact, merges=merges())
    thread.about = msgspec.structs.replace(thread.about, contact=contact, suggestions=likely())
    pilot.app.inbox.customer.sync()  # type: ignore[attr-defined]
    await pilot.press("m")


SCENES: dict[str, Scene] = {
    scene.__name__.removeprefix("the_"): scene
    for scene in (the_list, thread, reply, note, held, help, palette, offline, question, arrivals, team, mail,
                  mail_reply, comment, delete, attach, recipients, unsent, channels, people)
}  # fmt: skip
CASES = cases(SCENES)


def app(lang: str, **more: Any) -> ConsoleApp:
    clock = Clock()
    make = partial(FakeSession, clock=clock, **more)
    return ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=make)


@pytest.mark.parametrize(("name", "size", "lang"), CASES)
def test_screen(name: str, size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    async def set_up(pilot: Pilot[None]) -> None:
        session = pilot.app.session  # type: ignore[attr-defined]
        assert isinstance(session, FakeSession)
        await pilot.pause()
        await SCENES[name](pilot, session)
        await pilot.pause()

    assert snap_compare(app(lang), terminal_size=size, run_before=set_up)


@pytest.mark.parametrize(("size", "lang"), alone())
def test_empty(size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    assert snap_compare(app(lang, rows=[]), terminal_size=size)


@pytest.mark.parametrize(("size", "lang"), alone())
def test_sign_in(size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    set_language(lang)
    assert snap_compare(ConsoleApp("https://chat.example.org", lang=lang), terminal_size=size)


@pytest.mark.parametrize("theme", ["agent-console-light", "agent-console-contrast"])
def test_themes(theme: str, snap_compare: Any) -> None:
    clock = Clock()
    make = partial(FakeSession, clock=clock)
    console = ConsoleApp("http://test", "t", lang="es", theme=theme, clock=clock, make_session=make)
    assert snap_compare(console, terminal_size=(120, 40), press=["enter"])


def test_forty_columns(snap_compare: Any) -> None:
    assert snap_compare(app("es"), terminal_size=(40, 20), press=["j"])


def test_without_colours(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app("es"), terminal_size=(120, 40), press=["enter"])
