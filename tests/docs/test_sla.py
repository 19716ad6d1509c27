"""The examples of docs/sla.md, executed: after each line exactly the clocks run that it names, due when it says."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from agent_console.cli.spans import read_span
from agent_console.cli.week import read_week
from server import wire
from server.commands import clocks
from server.commands.acts import Reopen, ResolveConversation
from server.commands.calendars import CreateCalendar, GetCalendar, UpdateCalendar, years
from server.commands.door import SYSTEM
from server.commands.replies import SendReply, TakeBack
from server.commands.slas import ReapplyRules, RulesChanged, UpdatePolicy
from server.commands.snoozing import Snooze, WakeDue
from server.commands.timekeeping import MarkClocks
from server.desk.public_days import holidays_of
from server.store import conversations
from server.store.store import Tx
from tests.commands.office import Office, says

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sla.md"
ZONE = zoneinfo.ZoneInfo("America/El_Salvador")
NAMES = {"first": "first_response_ms", "next": "next_response_ms", "resolution": "resolution_ms"}


def blocks(kind: str) -> list[list[str]]:
    found = re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    return [block.strip().splitlines() for block in found]


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


class Line(NamedTuple):
    """`2026-11-20 16:30  the customer writes → first_response 2026-11-21 08:30`."""

    at: str
    act: str
    runs: dict[str, str]


def read(line: str) -> Line:
    left, _, right = line.partition("→")
    when, act = left[:16], left[16:].strip()
    runs = {}
    for told in right.strip().split(", "):
        target, _, due = told.partition(" ")
        if target != "nothing":
            runs[target] = due
    return Line(when, act, runs)


class Desk:
    """One conversation, and what the words of an example do to it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.written = 0
        self.answer = 0
        week = read_week([line.partition(": ")[2] for line in blocks("sla-rules")[0] if line.startswith("hours: ")])
        holidays = holidays_of("SV", "", years(office.now))
        new = wire.NewCalendar(name="oficina", zone=ZONE.key, week=week, country="SV")
        office.do(office.root, CreateCalendar(calendar=new, holidays=holidays))
        office.do(office.root, UpdatePolicy(name="default", change=wire.ChangePolicy(calendar="oficina")))
        for line in blocks("sla-rules")[0][1:]:
            self.rule(line)

    def rule(self, line: str) -> None:
        name, _, said = line.partition(": ")
        if name == "closed":
            days = self.office.ask(self.office.root, GetCalendar(name="oficina")).days
            change = wire.ChangeCalendar(days={**days, said: []})
            self.office.do(self.office.root, UpdateCalendar(name="oficina", change=change))
        else:
            given: dict[str, Any] = dict.fromkeys(NAMES.values())
            given["pause"] = "no pause" not in said
            for part in said.removesuffix(", no pause").split(", "):
                target, length = part.split()
                given[NAMES[target]] = read_span(length)
            self.office.do(self.office.root, UpdatePolicy(name="default", change=wire.ChangePolicy(**given)))
        while self.office.ask(SYSTEM, RulesChanged()) is not None:
            self.office.do(SYSTEM, ReapplyRules())

    def do(self, act: str) -> None:
        office = self.office
        if act.startswith(("promises: ", "closed: ")):
            self.rule(act)
        elif act == "the customer writes":
            self.written += 1
            office.take_in(says(f"w{self.written}", at=office.now))
        elif act == "an advisor answers":
            reply = wire.Reply(text="ya le ayudo", hold_ms=60_000)
            self.answer = office.do(office.ana, SendReply(conversation=1, reply=reply)).id
        elif act == "the answer is taken back":
            office.do(office.ana, TakeBack(message=self.answer))
        elif act == "an advisor resolves":
            office.do(
                office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="solved", anyway=True))
            )
        elif act == "an advisor reopens":
            office.do(office.ana, Reopen(conversation=1))
        elif act.startswith("an advisor puts it aside until "):
            until = at(act.removeprefix("an advisor puts it aside until "))
            office.do(office.ana, Snooze(conversation=1, snooze=wire.Snooze(until=until)))
        elif act == "it comes back":
            assert office.do(SYSTEM, WakeDue()) == 1
        elif act == "the assistant begins":
            office.take_in(replace(says("w0", at=office.now), kind="system"))
            self.assistant(begins=True)
        elif act == "the assistant hands over":
            self.assistant(begins=False)
        else:
            raise AssertionError(f"the page says something that nobody does: {act}")

    def assistant(self, begins: bool) -> None:
        def change(tx: Tx) -> None:
            conv = conversations.load(tx, 1)
            assert conv is not None
            conv.state = "bot" if begins else "queued"
            if not begins:
                clocks.customer_waits(tx, conv)
            conversations.save(tx, conv)

        self.office.store.write_now("system", change)

    def running(self) -> dict[str, str]:
        rows = self.office.store.read_now(
            lambda read: read.all("SELECT target, due_at, paused_at FROM sla_clocks WHERE stopped_at IS NULL")
        )
        return {row["target"]: "paused" if row["paused_at"] else _wall(row["due_at"]) for row in rows}


def _wall(moment: int) -> str:
    return dt.datetime.fromtimestamp(moment / 1000, ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("example", blocks("sla-example"), ids=lambda lines: lines[-1][:40])
def test_an_example_of_the_page(tmp_path: Path, example: list[str]) -> None:
    office = Office(tmp_path)
    try:
        desk = Desk(office)
        for line in example:
            if line.startswith("promises: "):
                desk.rule(line)
                continue
            told = read(line)
            office.now = at(told.at)
            office.do(SYSTEM, MarkClocks())
            desk.do(told.act)
            assert desk.running() == told.runs, line
    finally:
        office.close()


def test_there_are_examples() -> None:
    assert len(blocks("sla-example")) >= 8
