"""Whatever people and providers do, in any order, the store's promises hold."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server import wire
from server.commands.acts import AssignTo, Claim, MarkSeen, Reopen, ResolveConversation
from server.commands.dead_letters import Resend, SettleUnknown
from server.commands.delivering import LeaseOutbox, RecordRefused, RecordRetry, RecordSent, RecordUnknown, SettleLost
from server.commands.door import SYSTEM, Refusal
from server.commands.replies import AddNote, SendReply, TakeBack
from server.commands.timekeeping import MarkClocks
from server.facts import Failure, StatusFact
from server.store.store import Snapshot
from tests.commands.office import Office, person, says

PEOPLE = st.sampled_from(["ana", "luis", "rosa"])
NUMBERS = st.integers(min_value=1, max_value=6)


class Desk(RuleBasedStateMachine):
    """Six customers, three people, a provider that reports what it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self.folder.name))
        self.offered: set[str] = set()
        self.attempts: list[Any] = []

    def teardown(self) -> None:
        self.office.close()
        self.folder.cleanup()

    def act(self, who: str, command: Any) -> None:
        with contextlib.suppress(Refusal):
            self.office.do(getattr(self.office, who), command)

    # ------------------------------------------------------------ what happens

    @rule(seconds=st.integers(min_value=1, max_value=7200))
    def time_passes(self, seconds: int) -> None:
        self.office.now += seconds * 1000
        self.office.do(SYSTEM, MarkClocks())

    @rule(customer=NUMBERS, id=st.integers(min_value=0, max_value=40))
    def customer_writes(self, customer: int, id: int) -> None:
        external = f"{customer}.{id}"
        who = person(f"5037000000{customer}", f"Socio {customer}")
        self.office.take_in(says(external, f"mensaje {id}", who=who, at=self.office.now))
        self.offered.add(external)

    @rule(who=PEOPLE, conversation=NUMBERS, hold=st.sampled_from([0, 5000]))
    def reply(self, who: str, conversation: int, hold: int) -> None:
        self.act(who, SendReply(conversation=conversation, reply=wire.Reply(text="hola", hold_ms=hold)))

    @rule(who=PEOPLE, conversation=NUMBERS)
    def note(self, who: str, conversation: int) -> None:
        self.act(who, AddNote(conversation=conversation, note=wire.Note(text="nota")))

    @rule(who=PEOPLE, conversation=NUMBERS, what=st.sampled_from(["claim", "resolve", "reopen", "release", "seen"]))
    def decide(self, who: str, conversation: int, what: str) -> None:
        commands: dict[str, Any] = {
            "claim": Claim(conversation=conversation),
            "resolve": ResolveConversation(conversation=conversation, resolve=wire.Resolve()),
            "reopen": Reopen(conversation=conversation),
            "release": AssignTo(conversation=conversation, assign=wire.Assign()),
            "seen": MarkSeen(conversation=conversation, seen=wire.Seen(inbound=2)),
        }
        self.act(who, commands[what])

    @rule(who=PEOPLE, what=st.sampled_from([TakeBack, Resend, "sent", "resend"]), data=st.data())
    def decide_about_a_message(self, who: str, what: Any, data: st.DataObject) -> None:
        ids = self.look("SELECT id FROM messages WHERE direction = 'out'")
        if ids:
            message = data.draw(st.sampled_from(ids))["id"]
            if isinstance(what, str):
                self.act(who, SettleUnknown(message=message, settle=wire.Settle(decision=what)))  # type: ignore[arg-type]
            else:
                self.act(who, what(message=message))

    @rule()
    def lease(self) -> None:
        self.attempts += self.office.do(SYSTEM, LeaseOutbox(limit=4, media="/media"))

    @rule(outcome=st.sampled_from(["sent", "refused", "retry", "unknown", "crash"]))
    def attempt_ends(self, outcome: str) -> None:
        if not self.attempts:
            return
        attempt = self.attempts.pop(0)
        base = {"message": attempt.message, "n": attempt.n}
        if outcome == "crash":
            self.office.do(SYSTEM, SettleLost(all=True))
            self.attempts.clear()
        elif outcome == "sent":
            self.office.do(SYSTEM, RecordSent(**base, external_id=f"out.{attempt.message}.{attempt.n}"))
        elif outcome == "refused":
            self.office.do(SYSTEM, RecordRefused(**base, reason="undeliverable", detail=""))
        elif outcome == "retry":
            self.office.do(SYSTEM, RecordRetry(**base, reason="rate", detail="", chance=0.1))
        else:
            self.office.do(SYSTEM, RecordUnknown(**base, detail="ReadTimeout"))

    @rule(word=st.sampled_from(["sent", "delivered", "read", "failed"]), data=st.data())
    def provider_reports(self, word: str, data: st.DataObject) -> None:
        sent = self.look("SELECT external_id FROM messages WHERE direction = 'out' AND external_id IS NOT NULL")
        id = data.draw(st.sampled_from([row["external_id"] for row in sent] or ["stranger"]))
        failure = Failure(reason="other") if word == "failed" else None
        self.office.take_in(StatusFact(external_id=id, status=word, at=self.office.now, failure=failure))

    # ------------------------------------------------------------ what always holds

    def look(self, sql: str) -> list[Any]:
        def read(snapshot: Snapshot) -> list[Any]:
            return snapshot.all(sql)

        return self.office.store.read_now(read)

    @invariant()
    def the_journal_has_no_gap(self) -> None:
        [row] = self.look("SELECT count(*) AS n, coalesce(max(seq), 0) AS head FROM events")
        assert row["n"] == row["head"]

    @invariant()
    def every_message_offered_is_there_once(self) -> None:
        rows = self.look("SELECT external_id FROM messages WHERE direction = 'in'")
        assert sorted(row["external_id"] for row in rows) == sorted(self.offered)

    @invariant()
    def counts_are_true(self) -> None:
        kept = {(r["assignee_id"], r["state"]): r["n"] for r in self.look("SELECT * FROM open_work WHERE n <> 0")}
        real = self.look(
            "SELECT coalesce(assignee_id, 0) AS a, state, count(*) AS n FROM conversations"
            " WHERE state <> 'resolved' GROUP BY 1, 2"
        )
        assert kept == {(r["a"], r["state"]): r["n"] for r in real}

    @invariant()
    def the_running_clock_is_the_conversations(self) -> None:
        wrong = self.look(
            "SELECT c.id FROM conversations c LEFT JOIN sla_clocks k ON k.conversation_id = c.id"
            " AND k.stopped_at IS NULL WHERE coalesce(c.sla_due_at, 0) <> coalesce(k.due_at, 0)"
            " OR (c.state = 'resolved' AND k.id IS NOT NULL)"
        )
        assert wrong == []

    @invariant()
    def somebody_waits_or_has_an_answer(self) -> None:
        """An unassigned conversation in which nobody waits for us never stays in the queue unseen."""
        wrong = self.look("SELECT id FROM conversations WHERE state = 'queued' AND assignee_id IS NOT NULL")
        assert wrong == []

    @invariant()
    def the_outbox_holds_just_what_has_to_leave(self) -> None:
        wrong = self.look(
            "SELECT m.id, m.status, o.state FROM messages m LEFT JOIN outbox o ON o.message_id = m.id"
            " WHERE m.direction = 'out' AND (m.status IN ('queued', 'sending', 'unknown')) <> (o.message_id IS NOT"
            " NULL)"
        )
        assert [tuple(row) for row in wrong] == []

    @invariant()
    def inbound_is_counted(self) -> None:
        wrong = self.look(
            "SELECT c.id FROM conversations c WHERE c.inbound <> (SELECT count(*) FROM messages m"
            " WHERE m.conversation_id = c.id AND m.direction = 'in')"
        )
        assert wrong == []


Desk.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestDesk = Desk.TestCase
