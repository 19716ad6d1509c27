"""A real console whose server goes away, whose computer sleeps, whose window shrinks: nothing is lost, it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
import time
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


def start(office: Office, home: Path, *program: str, **more: str) -> Terminal:
    known = {"AGENT_CONSOLE_SERVER": office.server.url, "AGENT_CONSOLE_TOKEN": office.server.tokens["advisor"]}
    env = environment(home, **known, TZ="America/El_Salvador", **more) | {"AGENT_CONSOLE_LANG": "es"}
    terminal = Terminal([sys.executable, "-m", *(program or ("agent_console",))], 80, 24, env)
    terminal.wait_for(lambda screen: "(2)" in screen or "Mías 1" in screen)
    terminal.write(b"0")  # no tour
    return terminal


def open_first(terminal: Terminal, name: str) -> None:
    terminal.write(b"2")
    terminal.wait_for(name)
    terminal.write(b"\r")
    terminal.wait_for(f"‹ {name}")


def office_time(ahead: int) -> int:
    """UTC seconds, so many later than now."""
    return int(time.time()) + ahead


def lengthen(office: Office, messages: int) -> None:
    """Give the longest name's conversation that many messages before its one, in SQL."""
    office.server.stop()
    with contextlib.closing(sqlite3.connect(office.server.data / "agent-console.db")) as conn, conn:
        conn.execute(
            "WITH RECURSIVE s (n) AS (SELECT :most UNION ALL SELECT n - 1 FROM s WHERE n > 1) INSERT INTO messages (id,"
            " conversation_id, channel_id, direction, kind, text, at, received_at, status, external_id)"
            " SELECT m.id - n * 4096000 - 7, m.conversation_id, m.channel_id, 'in', 'text', 'largo ' || (:most - n),"
            " m.at - n * 1000, m.at - n * 1000, 'received', 'long.' || n FROM s, messages m"
            " WHERE m.text = 'largo 10000'",
            {"most": messages},
        )
    office.server.start()


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


async def test_a_computer_that_slept_for_an_hour(tmp_path: Path) -> None:
    """The wall clock is another one when it wakes, promises were broken meanwhile, what was begun is still there."""
    ahead = tmp_path / "ahead"
    ahead.write_text("0")
    shifted = ("tests.end_to_end.shifted", str(ahead))
    async with open_office(tmp_path, program=("-m", *shifted)) as office:
        await office.graph.write(PHONE, "hola", name="María Ramos")
        with await asyncio.to_thread(start, office, tmp_path, *shifted) as terminal:
            await asyncio.to_thread(open_first, terminal, "María Ramos")
            terminal.write(b"rempezado")
            await asyncio.to_thread(terminal.wait_for, "empezado")
            os.kill(terminal.pid, signal.SIGSTOP)
            ahead.write_text("3600")
            await office.graph.write(PHONE, "¿sigue ahí?", name="María Ramos", at=office_time(3600))
            os.kill(terminal.pid, signal.SIGCONT)
            await asyncio.to_thread(terminal.wait_for, "¿sigue ahí?", 60)
            await asyncio.to_thread(terminal.wait_for, "▲", 60)
            terminal.write(b" y seguido" + SEND)
            await received(office, ["empezado y seguido"])


async def test_a_message_of_a_megabyte(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        words = " ".join(f"palabra{n:05}" for n in range(80_000))  # 1 MB and a little
        await office.graph.write(PHONE, f"PRINCIPIO {words} FINAL", name="María Ramos")
        await office.graph.write(PHONE, "gracias", name="María Ramos")

        def work() -> None:
            open_first(terminal, "María Ramos")
            terminal.wait_for("palabra00070", timeout=30)
            began = time.perf_counter()
            for key, seen in (
                (b"G", "gracias"),
                (b"\x1b[5~" * 3, "palabra014"),
                (b"g", "PRINCIPIO"),
                (b"G", "gracias"),
            ):
                terminal.write(key)
                terminal.wait_for(seen)
            assert time.perf_counter() - began < 10
            terminal.resize(120, 40)
            terminal.settle(0.3)
            terminal.resize(80, 24)
            terminal.write(b"rrecibido" + SEND)
            terminal.wait_for("sale en")

        with await asyncio.to_thread(start, office, tmp_path) as terminal:
            await asyncio.to_thread(work)
            await received(office, ["recibido"])


async def test_a_thread_of_ten_thousand_opens_like_one_of_ten(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for n in range(10):
            await office.graph.write(PHONE, f"corto {n}", name="Hilo Corto")
        await office.graph.write("50370000002", "largo 10000", name="Hilo Largo")
        await asyncio.to_thread(lengthen, office, 10_000)

        def opened(last: str) -> float:
            """Seconds at best to open what is under the cursor."""
            took = []
            for _ in range(5):
                began = time.perf_counter()
                terminal.write(b"\r")
                took.append(terminal.wait_for(lambda screen: "‹ Hilo" in screen and last in screen) - began)
                terminal.write(b"\x1b")
                terminal.wait_for(lambda screen: "‹" not in screen)
                terminal.settle(0.2)
            return min(took)

        def work() -> None:
            terminal.write(b"2")
            terminal.wait_for("Hilo Largo")
            short = opened("corto 9")
            terminal.write(b"j")
            terminal.settle(0.3)
            long = opened("largo 10000")
            assert long < 3 * short + 0.2, (short, long)
            terminal.write(b"\r")
            terminal.wait_for("‹ Hilo Largo")
            for _ in range(30):
                terminal.write(b"\x1b[5~")
                terminal.settle(0.1)
            terminal.wait_for(lambda screen: "largo 96" in screen or "largo 97" in screen or "largo 95" in screen)
            terminal.write(b"G")
            terminal.wait_for("largo 10000")

        with await asyncio.to_thread(start, office, tmp_path) as terminal:
            await asyncio.to_thread(work)


async def test_what_is_broken_in_the_console_costs_nothing_but_itself(tmp_path: Path) -> None:
    """It says what happened, writes it down, keeps the draft and goes on; at a second start the draft is there."""
    async with open_office(tmp_path) as office:
        await office.graph.write(PHONE, "hola", name="María Ramos")
        await office.graph.write(PHONE, "BROKEN", name="María Ramos")
        await office.graph.write(PHONE, "¿me ayuda?", name="María Ramos")

        def work() -> None:
            terminal.write(b"2")
            terminal.wait_for("María Ramos")
            terminal.write(b"\r")
            terminal.wait_for("the message is broken")
            terminal.wait_for("(este mensaje no se puede mostrar)")
            terminal.wait_for("¿me ayuda?")
            terminal.write(b"rEn un momento, ")
            terminal.wait_for("En un momento")
            terminal.write(b"\x1b")
            terminal.settle(0.2)
            terminal.write(b"L")
            terminal.wait_for("the drawer is broken")
            terminal.write(b"rle llamo" + SEND)
            terminal.wait_for("sale en")

        with await asyncio.to_thread(start, office, tmp_path, "tests.end_to_end.faulty") as terminal:
            await asyncio.to_thread(work)
            await received(office, ["En un momento, le llamo"])
            terminal.write(b"rborrador que queda")
            await asyncio.to_thread(terminal.wait_for, "borrador que queda")
            await asyncio.to_thread(terminal.settle, 1.0)
        (written,) = (tmp_path / "state").rglob("console-*.log")
        told = written.read_text()
        assert "RuntimeError: the drawer is broken" in told and "RuntimeError: the message is broken" in told
        with await asyncio.to_thread(start, office, tmp_path) as terminal:
            await asyncio.to_thread(terminal.wait_for, "borrador: borrador que queda")
            terminal.write(b"\r")
            await asyncio.to_thread(terminal.wait_for, "‹ María Ramos")
            terminal.write(b"r" + SEND)
            await received(office, ["En un momento, le llamo", "borrador que queda"])


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
