"""A working day by keys alone: a hundred customers who write to a real server, one advisor in a real terminal who
answers them all, with templates, notes, corrections taken back in time, tags, putting aside and work on many at once.

The keys are typed as somebody does who knows them: in chunks, without waiting for the screen, except to see who comes
next. What reached the customers is asked of the provider's stand-in: every answer once, to the one it was meant for,
and nothing else.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from server.sandbox import members
from tests.console.terminal import Terminal
from tests.faults.office import Office, open_office, until
from tests.real_server import environment

pytestmark = [pytest.mark.slow, pytest.mark.pty, pytest.mark.timeout(600)]

CUSTOMERS, LAST_ONES = 100, 10
SEND, ESC, ENTER = "\x13", "\x1b", "\r"
GREETING = "Buenos días, {{cliente.nombre}}."
#: the head of an open conversation: whose it is
_OPEN = re.compile(r"‹ #(\d{3}) ")
#: which way the n-th customer is answered
WAYS = ("template", "plain", "plain", "note", "plain", "corrected", "plain", "aside", "plain")


class Day:
    """An advisor's hands and eyes. `typed` counts the keys, `meant` is what each customer shall get."""

    def __init__(self, terminal: Terminal, names: dict[int, str]) -> None:
        self.terminal = terminal
        self.names = names
        self.typed = 0
        self.meant: dict[int, str] = {}
        self.ways: Counter[str] = Counter()

    def keys(self, *keys: str) -> None:
        """Type, all at once."""
        self.typed += sum(len(each) for each in keys)
        self.terminal.write("".join(keys).encode())

    def see(self, wanted: str | Callable[[str], bool]) -> None:
        """Look until it is there."""
        self.terminal.wait_for(wanted, timeout=60)

    def footer(self, wanted: str) -> None:
        """Look until these are the keys that can be pressed."""
        self.see(lambda screen: wanted in screen.splitlines()[-1])

    def who(self, but: int = 0) -> int:
        """Whose conversation is open, when it is another one than `but`."""
        found = 0

        def opened(screen: str) -> bool:
            nonlocal found
            match = _OPEN.search(screen)
            found = int(match[1]) if match else 0
            return found not in (0, but)

        self.see(opened)
        return found

    def work(self) -> None:
        """The day."""
        self.keys("2")
        self.see("#001")
        self.keys(ENTER)
        before = 0
        for n in range(CUSTOMERS):
            who = self.who(but=before)
            assert who not in self.meant, f"{who} comes again"
            last_ones = n >= CUSTOMERS - LAST_ONES
            way = "plain" if last_ones else WAYS[n % len(WAYS)]
            self.ways[way] += 1
            getattr(self, f"answer_{way}")(who)
            if way != "aside":
                self.keys("n" if last_ones else "E")
            before = who
        self.see("Nadie más espera")
        self.together()

    # ------------------------------------------------------------ ways to answer

    def answer_plain(self, who: int) -> None:
        text = f"Con gusto #{who:03}, ya lo reviso. ¿Algo más? zEH"
        self.keys("r", text, SEND)
        self.meant[who] = text

    def answer_template(self, who: int) -> None:
        """By its shortcut, and the rest of the sentence right behind it."""
        rest = f" Su caso #{who:03} está resuelto; E, e, H."
        self.keys(";salu", ENTER, rest, SEND)
        self.meant[who] = f"Buenos días, {self.names[who]}.{rest}"

    def answer_note(self, who: int) -> None:
        self.keys("i", f"ojo: revisar #{who:03}", SEND)
        self.answer_plain(who)

    def answer_corrected(self, who: int) -> None:
        """Sent too early, taken back, finished, sent."""
        self.keys("r", f"Estimado #{who:03},", SEND)
        self.see("sale en")
        self.keys("z")
        self.see("Retirado")
        self.keys(" le confirmo mañana.", SEND)
        self.meant[who] = f"Estimado #{who:03}, le confirmo mañana."

    def answer_aside(self, who: int) -> None:
        self.answer_plain(who)
        self.keys("s", "mañana 8:00", ENTER)
        self.see("hasta")
        self.keys("n")

    def together(self) -> None:
        """What is left gets a tag and is resolved, taken back as one, and resolved again."""
        self.escape()
        self.keys("1")
        self.see(lambda screen: f"En espera {LAST_ONES}" in screen and "#100" in screen)
        self.keys("*")
        self.see(f"{LAST_ONES} marcadas")
        self.keys("L")
        self.see("mora")  # the tags have come
        self.keys("mora", ENTER)
        self.see(lambda screen: "moramora" not in screen and "› ▏" in screen)
        self.escape()
        self.keys("e")
        self.see("resueltas")
        self.keys("z")
        self.see(lambda screen: f"Abiertas {LAST_ONES + self.ways['aside']}" in screen)
        self.keys("\x12")  # everything anew
        self.see("#091")
        self.keys("*")
        self.see(f"{LAST_ONES} marcadas")
        self.keys("e")
        self.see("resueltas")

    def escape(self) -> None:
        """Back to the list: what follows Esc at once would be taken for alt and a letter."""
        self.keys(ESC)
        self.see(lambda screen: "Enter abrir" in screen.splitlines()[-1] and "┌─" not in screen)


async def customers_write(office: Office) -> dict[int, str]:
    """Everybody tells their matter. Their names, numbered: the advisor tells them apart by that."""
    names: dict[int, str] = {}
    for n, member in enumerate(members.cast(7, CUSTOMERS), 1):
        names[n] = f"#{n:03} {member.facts.first}"
        story = next(story for story in members.STORIES if member.may_tell(story))
        words = [part if isinstance(part, str) else part.text for part in story.opening]
        for text in [member.facts.fill(each) for each in words if each] or ["hola"]:
            await office.graph.write(phone_of(n), text, name=names[n])
    return names


def phone_of(n: int) -> str:
    return f"5037000{n:04}"


def set_up(office: Office) -> None:
    """A template and a tag."""
    with office.server.client("supervisor") as api:
        template = {"name": "saludo", "shortcut": "salu", "scope": "all", "variants": [{"text": GREETING}]}
        assert api.post("/templates", json=template).is_success
        assert api.post("/tags", json={"name": "mora"}).is_success


async def test_a_hundred_customers_are_answered(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    async with open_office(tmp_path) as office:
        await asyncio.to_thread(set_up, office)
        names = await customers_write(office)
        more = {"AGENT_CONSOLE_SERVER": office.server.url, "AGENT_CONSOLE_TOKEN": office.server.tokens["advisor"]}
        env = environment(tmp_path, **more, TZ="America/El_Salvador") | {"AGENT_CONSOLE_LANG": "es"}
        with Terminal([sys.executable, "-m", "agent_console"], 80, 24, env) as terminal:
            terminal.wait_for("(2)")  # the list is here, and says where there is work
            terminal.write(b"0")  # no tour
            day = Day(terminal, names)
            began = time.monotonic()
            await asyncio.to_thread(day.work)
            took = time.monotonic() - began
            await arrived(office, day)
            await kept(office, day)
            terminal.write(b"q")
            assert await asyncio.to_thread(terminal.ended) == 0
        each = day.typed / CUSTOMERS
        record_property("said", f"{CUSTOMERS} customers, {each:.1f} keys each, {took:.0f} s; {dict(day.ways)}")


async def arrived(office: Office, day: Day) -> None:
    """Each customer has their answer, once, and nothing else."""

    async def all_there() -> bool:
        return sum(len(person.received) for person in office.graph.state.customers.values()) >= CUSTOMERS

    await until(all_there, "the last answer")
    await asyncio.sleep(0.5)  # what goes twice goes soon
    received = {n: texts_of(office, n) for n in day.names}
    assert received == {n: [day.meant[n]] for n in day.names}
    assert office.graph.state.doubled() == {}


def texts_of(office: Office, n: int) -> list[str]:
    person = office.graph.state.find(phone_of(n))
    assert person is not None
    return [each.text for each in person.received]


async def kept(office: Office, day: Day) -> None:
    """What else was done stands in the store."""

    def one(sql: str) -> int:
        with office.database() as store:
            return int(store.execute(sql).fetchone()[0])

    def states() -> dict[str, int]:
        with office.database() as store:
            return dict(store.execute("SELECT state, count(*) FROM conversations GROUP BY state"))

    async def settled() -> bool:
        return not {"open", "waiting"} & states().keys()

    await until(settled, "resolving the last ones", 15)
    assert states() == {"resolved": CUSTOMERS - day.ways["aside"], "snoozed": day.ways["aside"]}
    assert one("SELECT count(*) FROM messages WHERE direction = 'note'") == day.ways["note"]
    assert one("SELECT count(*) FROM conversation_tags") == LAST_ONES
    assert one("SELECT uses FROM templates WHERE name = 'saludo'") == day.ways["template"]
    assert one("SELECT count(*) FROM conversations") == CUSTOMERS
