"""Whoever hands on, accepts, declines, takes back or goes away, in any order: nothing is handed over twice or lost."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server import wire
from server.commands.accounts import CreateTeam, UpdateTeam
from server.commands.acts import AssignTo, Claim, Reopen, ResolveConversation
from server.commands.availability import SetAvailability
from server.commands.consulting import AnswerConsult, ConsultColleague, WithdrawConsults
from server.commands.door import SYSTEM, Refusal
from server.commands.handing import CountTransfers
from server.commands.replies import SendReply
from server.commands.transfers import (
    AcceptTransfer,
    DeclineTransfer,
    ReturnDue,
    TransferConversation,
    WithdrawTransfer,
)
from tests.commands.office import Office, person, says

pytestmark = pytest.mark.slow

NAMES = ("ana", "luis", "rosa")
PEOPLE = st.sampled_from(NAMES)
CONVERSATIONS = st.integers(1, 3)
TO = st.sampled_from([*NAMES, "Créditos"])


class Handing(RuleBasedStateMachine):
    """Three conversations, three people, one team."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self.folder.name))
        self.office.do(self.office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=list(NAMES))))
        for n in (1, 2, 3):
            self.office.take_in(says(f"w{n}", who=person(f"5037000000{n}", f"Socio {n}")))

    def teardown(self) -> None:
        self.office.close()
        self.folder.cleanup()

    def act(self, who: str, command: Any) -> bool:
        with contextlib.suppress(Refusal):
            self.office.do(getattr(self.office, who), command)
            return True
        return False

    def row(self, id: int) -> Any:
        return self.office.store.read_now(lambda r: r.one("SELECT * FROM conversations WHERE id = ?", (id,)))

    def holder(self, id: int) -> str | None:
        name: str | None = self.office.store.read_now(
            lambda r: r.value(
                "SELECT u.name FROM conversations c JOIN users u ON u.id = c.assignee_id WHERE c.id = ?", (id,)
            )
        )
        return name

    # ------------------------------------------------------------ what happens

    @rule(who=PEOPLE, id=CONVERSATIONS, to=TO, tell=st.booleans(), even=st.booleans())
    def hand_on(self, who: str, id: int, to: str, tell: bool, even: bool) -> None:
        before = self.holder(id)
        new = wire.NewTransfer(to=to, reason="r", summary="s", tell_customer=tell, even_if_absent=even)
        if self.act(who, TransferConversation(conversation=id, transfer=new)):
            assert self.holder(id) == (before or who), "until it is accepted it stays where it was"

    @rule(who=PEOPLE, id=CONVERSATIONS)
    def accept(self, who: str, id: int) -> None:
        before = self.holder(id)
        accepted = self.act(who, AcceptTransfer(conversation=id))
        assert self.holder(id) == (who if accepted else before)

    @rule(who=PEOPLE, id=CONVERSATIONS)
    def decline(self, who: str, id: int) -> None:
        self.act(who, DeclineTransfer(conversation=id, decline=wire.Decline(reason="no")))

    @rule(who=PEOPLE, id=CONVERSATIONS)
    def take_back(self, who: str, id: int) -> None:
        before = self.holder(id)
        self.act(who, WithdrawTransfer(conversation=id))
        assert self.holder(id) == before

    @rule(seconds=st.integers(1, 900))
    def time_passes(self, seconds: int) -> None:
        self.office.now += seconds * 1000
        self.office.do(SYSTEM, ReturnDue())
        late = "SELECT count(*) FROM transfers WHERE state = 'pending' AND expires_at <= ?"
        assert self.office.store.read_now(lambda r: r.value(late, (self.office.now,))) == 0

    @rule(who=PEOPLE, id=CONVERSATIONS, act=st.sampled_from(["claim", "resolve", "reopen", "reply"]))
    def work(self, who: str, id: int, act: str) -> None:
        commands = {
            "claim": Claim(conversation=id),
            "resolve": ResolveConversation(conversation=id, resolve=wire.Resolve(outcome="solved")),
            "reopen": Reopen(conversation=id),
            "reply": SendReply(conversation=id, reply=wire.Reply(text="hola")),
        }
        self.act(who, commands[act])

    @rule(who=PEOPLE, id=CONVERSATIONS, user=st.none() | PEOPLE, team=st.none() | st.just("Créditos"))
    def assign(self, who: str, id: int, user: str | None, team: str | None) -> None:
        self.act(who, AssignTo(conversation=id, assign=wire.Assign(user=user, team=None if user else team)))

    @rule(who=PEOPLE, state=st.sampled_from(["online", "busy", "away", "offline"]))
    def come_and_go(self, who: str, state: Any) -> None:
        self.act(who, SetAvailability(name=who, set=wire.SetAvailability(state=state)))

    @rule(members=st.lists(PEOPLE, unique=True))
    def change_team(self, members: list[str]) -> None:
        self.act("root", UpdateTeam(name="Créditos", change=wire.ChangeTeam(members=members)))

    @rule(who=PEOPLE, id=CONVERSATIONS, to=PEOPLE)
    def ask(self, who: str, id: int, to: str) -> None:
        before = self.holder(id)
        self.act(who, ConsultColleague(conversation=id, consult=wire.Consult(to=to, question="?")))
        assert self.holder(id) == before

    @rule(who=PEOPLE, id=CONVERSATIONS, take_back=st.booleans())
    def answer(self, who: str, id: int, take_back: bool) -> None:
        answer = AnswerConsult(conversation=id, answer=wire.ConsultAnswer(answer="!"))
        self.act(who, WithdrawConsults(conversation=id) if take_back else answer)

    # ------------------------------------------------------------ what holds

    @invariant()
    def what_is_offered_is_marked_so(self) -> None:
        rows = self.office.store.read_now(
            lambda r: r.all("SELECT id, conversation_id FROM transfers WHERE state = 'pending' AND kind = 'transfer'")
        )
        offered = {row["conversation_id"]: row["id"] for row in rows}
        assert len(offered) == len(rows), "one at a time"
        for id in (1, 2, 3):
            row = self.row(id)
            assert row["transfer_id"] == offered.get(id)
            assert row["state"] != "resolved" or row["transfer_id"] is None

    @invariant()
    def the_journal_tells_of_each_end_once(self) -> None:
        ends = (
            "conversation.transfer_accepted",
            "conversation.transfer_declined",
            "conversation.transfer_returned",
            "conversation.transfer_withdrawn",
        )
        begun = [event.data["transfer"]["id"] for event in self.office.events("conversation.transferred")]
        ended = [event.data["transfer"]["id"] for event in self.office.events(*ends)]
        assert len(set(ended)) == len(ended)
        waiting = self.office.store.read_now(
            lambda r: r.value("SELECT count(*) FROM transfers WHERE state = 'pending' AND kind = 'transfer'")
        )
        assert set(ended) <= set(begun) and len(begun) - len(ended) == waiting

    @invariant()
    def the_counts_add_up(self) -> None:
        totals = self.office.ask(self.office.rosa, CountTransfers())
        parts = totals.pending + totals.accepted + totals.declined + totals.expired + totals.withdrawn
        assert totals.transfers == parts == sum(each.sent for each in totals.people)
        assert totals.accepted == sum(each.received for each in totals.people)


TestHanding = Handing.TestCase
TestHanding.settings = settings(max_examples=15, stateful_step_count=40, deadline=None)
