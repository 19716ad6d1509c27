"""Whatever is done with a conversation, in any order: its stage is told step by step, and closure is the end's."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server import wire
from server.commands.acts import Reopen
from server.commands.checking import NoteOutcome, PutStage
from server.commands.replies import TakeBack
from server.desk.stages import STAGES
from tests.commands.office import MINUTE, Office
from tests.commands.test_protocol import answer, begin, classify, reasons, resolve, row, with_topics


class Protocol(RuleBasedStateMachine):
    """Whatever is done with a conversation: closure is the resolved ones', each change is told and follows the last."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self.folder.name))
        with_topics(self.office)
        self.id = begin(self.office)

    def teardown(self) -> None:
        self.office.close()
        self.folder.cleanup()

    @property
    def row(self) -> wire.ConversationRow:
        return row(self.office, self.id)

    @rule()
    def customer_writes(self) -> None:
        self.office.now += MINUTE
        assert begin(self.office) == self.id

    @rule(back=st.booleans())
    def answered(self, back: bool) -> None:
        before = self.row
        self.office.now += 1
        message = answer(self.office, self.id)
        if back:
            self.office.do(self.office.ana, TakeBack(message=message.id))
            if before.state != "resolved":
                assert self.row.stage == before.stage

    @rule(topic=st.sampled_from(["", "mora"]), complexity=st.sampled_from(["", "simple", "complex"]))
    def classified(self, topic: str, complexity: wire.Complexity) -> None:
        classify(self.office, self.id, topic=topic, complexity=complexity)

    @rule(outcome=st.sampled_from(["", "solved"]))
    def concluded(self, outcome: str) -> None:
        note = NoteOutcome(conversation=self.id, outcome=wire.SetOutcome(outcome=outcome))
        self.office.do(self.office.ana, note)

    @precondition(lambda self: self.row.state != "resolved")
    @rule()
    def resolved(self) -> None:
        resolve(self.office, self.id)

    @precondition(lambda self: self.row.state == "resolved")
    @rule()
    def opened_again(self) -> None:
        self.office.do(self.office.ana, Reopen(conversation=self.id))

    @precondition(lambda self: self.row.state != "resolved")
    @rule(stage=st.sampled_from(STAGES[:-1]))
    def by_hand(self, stage: wire.Stage) -> None:
        self.office.do(self.office.ana, PutStage(conversation=self.id, change=wire.ChangeStage(stage=stage)))

    @invariant()
    def closure_is_for_resolved_ones(self) -> None:
        found = self.row
        assert (found.stage == "closure") == (found.state == "resolved")

    @invariant()
    def the_journal_tells_every_change(self) -> None:
        told = reasons(self.office, self.id)
        at = "welcome"
        for was, stage, why in told:
            assert was == at and why
            at = stage
        assert at == self.row.stage


TestProtocol = Protocol.TestCase
TestProtocol.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
