"""A real console whose server goes away, whose computer sleeps, whose window shrinks: nothing is lost, it goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.console.terminal import Terminal
from tests.faults.office import Office, open_office, until
from tests.real_server import environment

pytestmark = [pytest.mark.slow, pytest.mark.pty, pytest.mark.timeout(300)]

SEND = b"\x13"
PHONE = "50370000001"
#: an emoji family, flags, right-to-left text with its marks, combining letters
ODD = "👨‍👩‍👧‍👦 🇸🇻🇬🇹 🏳️‍🌈 שלום עולם \u202eمرحبا\u202c n\u0303a\u0301 " + "ﷺ" * 3


def start(office: Office, home: Path, **more: str) -> Terminal:
    known = {"AGENT_CONSOLE_SERVER": office.server.url, "AGENT_CONSOLE_TOKEN": office.server.tokens["advisor"]}
    env = environment(home, **known, TZ="America/El_Salvador", **more) | {"AGENT_CONSOLE_LANG": "es"}
    terminal = Terminal([sys.executable, "-m", "agent_console"], 80, 24, env)
    terminal.wait_for("(2)")
    terminal.write(b"0")  # no tour
    return terminal


def open_first(terminal: Terminal, name: str) -> None:
    terminal.write(b"2")
    terminal.wait_for(name)
    terminal.write(b"\r")
    terminal.wait_for(f"‹ {name}")


async def received(office: Office, texts: list[str]) -> None:
    """Exactly these have reached the customer."""

    async def there() -> bool:
        person = office.graph.state.find(PHONE)
        return person is not None and len(person.received) >= len(texts)

    await until(there, "the answer")
    person = office.graph.state.find(PHONE)
    assert person is not None and [each.text for each in person.received] == texts
    assert office.graph.state.doubled() == {}


async def test_what_is_answered_while_the_server_is_gone_arrives_once(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.graph.write(PHONE, "hola", name="María Ramos")

        def work() -> None:
            open_first(terminal, "María Ramos")
            office.server.kill()
            terminal.wait_for("sin conexión", timeout=40)
            terminal.write(b"rEn un momento, zEH." + SEND)
            terminal.wait_for("sale en")
            terminal.wait_for("espera", timeout=30)
            office.server.start()
            terminal.wait_for(lambda screen: "sin conexión" not in screen, timeout=60)

        with await asyncio.to_thread(start, office, tmp_path) as terminal:
            await asyncio.to_thread(work)
            await received(office, ["En un momento, zEH."])


async def test_a_computer_that_slept_shows_what_came_meanwhile(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.graph.write(PHONE, "hola", name="María Ramos")
        with await asyncio.to_thread(start, office, tmp_path) as terminal:
            await asyncio.to_thread(open_first, terminal, "María Ramos")
            terminal.write(b"rempezado")
            await asyncio.to_thread(terminal.wait_for, "empezado")
            os.kill(terminal.pid, signal.SIGSTOP)
            for n in range(300):  # more than the feed keeps for a slow reader
                await office.graph.write(PHONE, f"¿sigue ahí? {n}", name="María Ramos")
            os.kill(terminal.pid, signal.SIGCONT)
            await asyncio.to_thread(terminal.wait_for, "¿sigue ahí? 299", 60)
            terminal.write(b" y seguido" + SEND)
            await received(office, ["empezado y seguido"])


async def test_odd_texts_and_small_windows(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.graph.write(PHONE, ODD, name="María 👨‍👩‍👧‍👦 \u202eראם")
        await office.graph.write(PHONE, "x" * 4000 + "🇸🇻" * 20, name="María")

        def work() -> None:
            terminal.write(b"2")
            terminal.wait_for("Mar")
            terminal.write(b"\r")
            terminal.wait_for("xxxx")
            for columns, rows in ((40, 20), (20, 10), (10, 4), (200, 50), (80, 24)):
                terminal.resize(columns, rows)
                terminal.settle(0.3)
            terminal.write("rá ñ @ # [ ] ¿ € 👨‍👩‍👧‍👦".encode() + SEND)
            terminal.wait_for("sale en")

        with await asyncio.to_thread(start, office, tmp_path) as terminal:
            await asyncio.to_thread(work)
            await received(office, ["á ñ @ # [ ] ¿ € 👨‍👩‍👧‍👦"])


async def test_keys_in_the_forms_of_newer_terminals(tmp_path: Path) -> None:
    """AltGr and dead keys of a Spanish keyboard as the kitty protocol tells of them."""
    typed = [(225, "á"), (50, "@"), (51, "#"), (101, "€"), (0, "ñ"), (91, "["), (39, "¿")]
    async with open_office(tmp_path) as office:
        await office.graph.write(PHONE, "hola", name="María Ramos")

        def work() -> None:
            open_first(terminal, "María Ramos")
            keys = "".join(f"\x1b[{code};;{ord(char)}u" for code, char in typed)
            terminal.write(f"\x1b[114;;114u{keys}\x1b[115;5u".encode())
            terminal.wait_for("sale en")

        with await asyncio.to_thread(start, office, tmp_path) as terminal:
            await asyncio.to_thread(work)
            await received(office, ["".join(char for _code, char in typed)])
