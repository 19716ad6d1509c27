"""Conversations are merged and split in any order among all else that happens, and the store's promises hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server import wire
from server.commands.acts import AssignTo, Claim, MarkSeen, Reopen, ResolveConversation
from server.commands.dead_letters import Resend
from server.commands.delivering import LeaseOutbox
from server.commands.door import SYSTEM, Refusal
from server.commands.merging import MergeConversations, SplitConversation
from server.commands.replies import AddNote, SendReply, TakeBack
from server.commands.timekeeping import MarkClocks
from server.facts import Address, MessageFact, Party, StatusFact
from tests.commands.crossing import Crossing
from tests.commands.office import MINUTE

ANA, LUZ = "50370000001", "50370000002"


class Threads(RuleBasedStateMachine):
    """Two customers, each one contact on two channels with several threads; advisors do what they like."""

    ids = st.integers(min_value=1, max_value=5)
    who = st.sampled_from(["ana", "luis", "rosa"])

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Crossing(Path(self.folder.name))
        self.written = 0

    def teardown(self) -> None:
        self.office.close()
        self.folder.cleanup()

    @initialize()
    def two_people(self) -> None:
        for phone in (ANA, LUZ):
            one, other = (self.office.row(self.office.writes(phone, channel)).contact for channel in ("wa", "wb"))
            self.office.merge(one, other)
        self.written = 4

    def act(self, who: str, command: Any) -> bool:
        try:
            self.office.do(getattr(self.office, who), command)
        except Refusal:
            return False
        return True

    @rule(
        phone=st.sampled_from([ANA, LUZ]),
        channel=st.sampled_from(["wa", "wb"]),
        thread=st.sampled_from(["", "", "mail:1"]),
        kind=st.sampled_from(["text", "text", "system"]),
    )
    def writes(self, phone: str, channel: str, thread: str, kind: str) -> None:
        self.written += 1
        fact = MessageFact(
            external_id=f"m.{self.written}",
            party=Party(addresses=(Address("phone", phone),)),
            at=self.office.now,
            kind=kind,
            thread=f"{thread}.{phone}" if thread else "",
            text="hola",
        )
        self.office.tell(channel, fact)

    @rule(minutes=st.sampled_from([1, 20, 30 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.office.now += minutes * MINUTE
        self.office.do(SYSTEM, MarkClocks())

    @rule(who=who, conversation=ids, other=ids)
    def joins(self, who: str, conversation: int, other: int) -> None:
        self.act(who, MergeConversations(conversation=conversation, other=other))

    @rule(who=who, data=st.data())
    def splits(self, who: str, data: st.DataObject) -> None:
        merged = self.office.look("SELECT merged_into, id FROM conversations WHERE merged_into IS NOT NULL")
        if merged:
            into, other = data.draw(st.sampled_from([tuple(row) for row in merged]))
            self.act(who, SplitConversation(conversation=into, other=other))

    @rule(conversation=ids, other=ids)
    def joins_and_takes_it_back(self, conversation: int, other: int) -> None:
        before = self.everything()
        if self.act("rosa", MergeConversations(conversation=conversation, other=other)) and self.everything() != before:
            self.office.split(conversation, other)
            assert self.everything() == before

    def everything(self) -> list[Any]:
        tables = (
            "SELECT id, conversation_id, home_id FROM messages ORDER BY id",
            "SELECT message_id, conversation_id, recipient, channel_id FROM outbox ORDER BY message_id",
            "SELECT id, contact_id, thread, state, assignee_id, inbound,"
            " merged_into, sla_due_at, sla_started_at, outcome, resolved_at FROM conversations ORDER BY id",
            "SELECT id, conversation_id, due_at FROM sla_clocks WHERE stopped_at IS NULL ORDER BY id",
        )
        return [[tuple(row) for row in self.office.look(sql)] for sql in tables]

    @rule(who=who, conversation=ids, what=st.sampled_from(["claim", "resolve", "reopen", "release", "seen", "note"]))
    def decides(self, who: str, conversation: int, what: str) -> None:
        commands: dict[str, Any] = {
            "claim": Claim(conversation=conversation),
            "resolve": ResolveConversation(conversation=conversation, resolve=wire.Resolve()),
            "reopen": Reopen(conversation=conversation),
            "release": AssignTo(conversation=conversation, assign=wire.Assign()),
            "seen": MarkSeen(conversation=conversation, seen=wire.Seen(inbound=2)),
            "note": AddNote(conversation=conversation, note=wire.Note(text="nota")),
        }
        self.act(who, commands[what])

    @rule(who=who, conversation=ids, quote=st.booleans(), hold=st.sampled_from([0, 50_000]), data=st.data())
    def replies(self, who: str, conversation: int, quote: bool, hold: int, data: st.DataObject) -> None:
        shown = self.office.look("SELECT id FROM messages WHERE conversation_id = ? AND direction = 'in'", conversation)
        to = data.draw(st.sampled_from([row["id"] for row in shown])) if quote and shown else None
        self.act(who, SendReply(conversation=conversation, reply=wire.Reply(text="ya", reply_to=to, hold_ms=hold)))

    @rule(who=who, what=st.sampled_from([TakeBack, Resend, "sent", "failed"]), data=st.data())
    def about_a_message(self, who: str, what: Any, data: st.DataObject) -> None:
        ours = self.office.look("SELECT id, client_ref, channel_id FROM messages WHERE direction = 'out'")
        if not ours:
            return
        row = data.draw(st.sampled_from([tuple(row) for row in ours]))
        if isinstance(what, str):
            self.office.do(SYSTEM, LeaseOutbox(limit=9, media="/media"))
            channel = next(name for name, id in self.office.channels.items() if id == row[2])
            fact = StatusFact(external_id=f"o.{row[0]}", status=what, at=self.office.now, client_ref=row[1])
            self.office.tell(channel, fact)
        else:
            self.act(who, what(message=row[0]))

    @invariant()
    def no_message_is_lost(self) -> None:
        [row] = self.office.look("SELECT count(*) AS n FROM messages WHERE direction = 'in'")
        assert row["n"] == self.written

    @invariant()
    def messages_show_in_what_their_home_is_part_of(self) -> None:
        rows = self.office.look("SELECT conversation_id AS c, home_id FROM messages")
        into = {row["id"]: row["merged_into"] for row in self.office.look("SELECT id, merged_into FROM conversations")}
        for row in rows:
            at = row["home_id"] or row["c"]
            while into[at] is not None:
                at = into[at]
            assert at == row["c"]
        homes = self.office.look(
            "SELECT m.id FROM messages m JOIN conversations c ON c.id = coalesce(m.home_id, m.conversation_id)"
            " WHERE c.channel_id <> m.channel_id AND m.direction <> 'note'"
        )
        assert homes == []

    @invariant()
    def counts_are_true(self) -> None:
        kept = {
            (r["assignee_id"], r["state"]): r["n"] for r in self.office.look("SELECT * FROM open_work WHERE n <> 0")
        }
        real = self.office.look(
            "SELECT coalesce(assignee_id, 0) AS a, state, count(*) AS n FROM conversations"
            " WHERE state <> 'resolved' GROUP BY 1, 2"
        )
        assert kept == {(r["a"], r["state"]): r["n"] for r in real}

    @invariant()
    def the_running_clock_is_the_conversations(self) -> None:
        wrong = self.office.look(
            "SELECT c.id FROM conversations c LEFT JOIN sla_clocks k ON k.conversation_id = c.id"
            " AND k.stopped_at IS NULL WHERE coalesce(c.sla_due_at, 0) <> coalesce(k.due_at, 0)"
            " OR (c.state = 'resolved' AND k.id IS NOT NULL) OR (c.state = 'waiting' AND k.id IS NOT NULL)"
        )
        assert [row["id"] for row in wrong] == []

    @invariant()
    def what_is_part_of_another_is_closed(self) -> None:
        assert not self.office.look(
            "SELECT 1 FROM conversations WHERE merged_into IS NOT NULL AND (state <> 'resolved' OR outcome <> 'merged')"
        )
        assert not self.office.look("SELECT 1 FROM conversations WHERE merged_into IS NULL AND outcome = 'merged'")

    @invariant()
    def inbound_is_counted(self) -> None:
        wrong = self.office.look(
            "SELECT c.id, c.inbound, (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id"
            " AND m.direction = 'in' AND m.kind = 'text') AS n FROM conversations c WHERE c.inbound <> n"
        )
        assert [tuple(row) for row in wrong] == []

    @invariant()
    def what_leaves_leaves_by_its_own_thread(self) -> None:
        wrong = self.office.look(
            "SELECT o.message_id FROM outbox o JOIN messages m ON m.id = o.message_id"
            " JOIN conversations c ON c.id = coalesce(m.home_id, m.conversation_id)"
            " WHERE o.channel_id <> c.channel_id OR o.recipient <> c.handle_id"
            " OR o.conversation_id <> m.conversation_id"
        )
        assert wrong == []


Threads.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestThreads = Threads.TestCase
