"""The office of `bench.campaign`: a real store behind the door, with a clock that the simulation moves."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from server import wire
from server.commands.accounts import CreateTeam, CreateUser
from server.commands.alerts import Escalate, EscalationsDue
from server.commands.calendars import CreateCalendar
from server.commands.channels import CreateChannel
from server.commands.dispatch import Dispatch, SomethingToGive
from server.commands.door import SYSTEM, Actor, Command, Door, Query
from server.commands.setup import SetUp
from server.commands.slas import UpdatePolicy
from server.commands.timekeeping import ClocksDue, MarkClocks
from server.commands.wallboard import Facts, ShowBoard, TallyFacts
from server.desk.tally import Tally
from server.store import messages
from server.store.store import Store

#: the first of November 2026, midnight in San Salvador (UTC ms): a Sunday
BEGIN = 1_793_512_800_000
HOUR = 3_600_000
DAY = 24 * HOUR
ZONE = "America/El_Salvador"
TEAM = "Servicio"
#: settings that make a channel; nothing is ever sent to these addresses
NOWHERE = "http://127.0.0.1:9"
CHANNELS: dict[str, dict[str, str]] = {
    "whatsapp": {"phone_number_id": "1", "access_token": "t", "app_secret": "s", "verify_token": "v",
                 "graph_url": NOWHERE},
    "messenger": {"page_id": "1", "access_token": "t", "app_secret": "s", "verify_token": "v", "graph_url": NOWHERE},
    "webchat": {"origins": "*"},
    "sms": {"account_sid": "AC" + "0" * 32, "auth_token": "t", "number": "+50322220000", "api_url": NOWHERE},
}  # fmt: skip
#: the hours of the cooperative, and what it promises within them (ms)
WEEK: dict[wire.Weekday, list[str]] = {
    "mon": ["08:00-17:00"], "tue": ["08:00-17:00"], "wed": ["08:00-17:00"], "thu": ["08:00-17:00"],
    "fri": ["08:00-17:00"], "sat": ["08:00-12:00"], "sun": [],
}  # fmt: skip
FIRST, NEXT = 15 * 60_000, 30 * 60_000


class Office:
    """One team that assigns by itself. `took`: seconds of each command; `most_waiting`: customers at once."""

    def __init__(self, folder: Path, advisors: int) -> None:
        self.now = BEGIN
        self.took: list[float] = []
        self.most_waiting = 0
        self.waiting = 0
        self._store = Store(folder, clock=lambda: self.now)
        self._door = Door(self._store)
        self.do(SYSTEM, SetUp(admin="root", password_hash="x", team="Administración", zone=ZONE))
        self._root = Actor("user", 1, "root", "admin")
        self._hours()
        self.advisors = [self._hire(f"asesor{n + 1}") for n in range(advisors)]
        names = [each.name for each in self.advisors]
        self.do(self._root, CreateTeam(team=wire.NewTeam(name=TEAM, members=names, assignment="automatic")))
        self.channels = {kind: self._channel(kind, settings) for kind, settings in CHANNELS.items()}
        self.took.clear()

    def _hours(self) -> None:
        """The hours of the cooperative, and promises that count in them."""
        new = wire.NewCalendar(name="horario", week=WEEK, zone=ZONE)
        self.do(self._root, CreateCalendar(calendar=new))
        change = wire.ChangePolicy(first_response_ms=FIRST, next_response_ms=NEXT, calendar="horario")
        self.do(self._root, UpdatePolicy(name="default", change=change))

    def _hire(self, name: str) -> Actor:
        new = wire.NewUser(name=name, password="")
        user = self.do(self._root, CreateUser(user=new, password_hash="x"))
        return Actor("user", user.id, name, "advisor")

    def _channel(self, kind: str, settings: dict[str, str]) -> int:
        new = wire.NewChannel(kind=kind, name=kind, settings=settings, team=TEAM)
        return int(self.do(self._root, CreateChannel(channel=new)).id)

    def do(self, actor: Actor, command: Command) -> Any:
        """Do a command now, and note how long it took."""
        began = time.perf_counter()
        answer = self._door.do_now(actor, command)
        self.took.append(time.perf_counter() - began)
        return answer

    def ask(self, query: Query) -> Any:
        """Ask something as the server."""
        return self._store.read_now(lambda read: query.run(read, SYSTEM))

    def look(self, actor: Actor, query: Query) -> Any:
        """Ask something as somebody."""
        return self._store.read_now(lambda read: query.run(read, actor))

    def conversation_of(self, message: int) -> int:
        """Where a message is."""
        return int(self._message(message)["conversation_id"])

    def client_ref(self, message: int) -> str:
        """What the provider would call a message of ours."""
        return str(self._message(message)["client_ref"])

    def _message(self, id: int) -> Any:
        return self._store.read_now(lambda read: messages.get(read, id))

    def have_open(self) -> set[int]:
        """For which advisors (ids) a customer waits."""
        sql = "SELECT assignee_id FROM open_work WHERE state = 'open' AND n > 0"
        return {row["assignee_id"] for row in self._store.read_now(lambda read: read.all(sql))}

    def until(self, at: int) -> None:
        """Let time pass: clocks warn and breach, alerts go on, each at its moment."""
        while True:
            due = [moment for query in (ClocksDue(), EscalationsDue()) if (moment := self.ask(query)) is not None]
            if not due or min(due) > at:
                break
            self.now = max(self.now, min(due))
            self.do(SYSTEM, MarkClocks())
            self.do(SYSTEM, Escalate())
        self.now = max(self.now, at)

    def give_out(self) -> None:
        """What the dispatcher does when something changed."""
        while self.ask(SomethingToGive()) and self.do(SYSTEM, Dispatch()):
            pass

    def outcome(self) -> dict[str, Any]:
        """What the journal says of the month."""
        tally, found = Tally(BEGIN), Facts([], 0, True)
        while found.more:
            found = self.ask(TallyFacts(since=found.until))
            for fact in found.facts:
                tally.take(fact)
        board: wire.Board = self.ask(ShowBoard(tally=tally, where={}))
        met, missed = board.today.met, board.today.missed
        return {
            "sla_met": met,
            "sla_missed": missed,
            "sla_percent": round(100 * met / max(1, met + missed), 1),
            "begun": board.today.begun,
            "resolved": board.today.resolved,
            "left_open": board.now.open,
        }

    def close(self) -> None:
        self._store.close()
