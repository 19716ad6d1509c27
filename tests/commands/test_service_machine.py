"""All the rules of service at once, in any order: nothing is lost, doubled, or told when it is not so.

The jobs run after every step, as they do in the server.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agent_console import word_tables
from server import wire
from server.commands.accounts import CreateTeam, UpdateTeam, UpdateUser
from server.commands.acts import AssignTo, Claim, Reopen, ResolveConversation
from server.commands.alerts import Acknowledge, Escalate
from server.commands.automation import CreateRule
from server.commands.automation_run import FollowJournal, LookAhead
from server.commands.availability import SetAvailability
from server.commands.classifying import ClassifyConversation, CreateTopic
from server.commands.contacts import MergeContacts
from server.commands.dispatch import Dispatch, HandOver, Leaving, Rescue
from server.commands.door import SYSTEM, Actor, Command, Refusal
from server.commands.labels import SetPriority
from server.commands.merging import MergeConversations, SplitConversation
from server.commands.reminders import ChangeReminder, MakeReminder
from server.commands.reminding import RemindDue
from server.commands.replies import AddNote, SendReply, TakeBack
from server.commands.reviews import Decide, LateReviews, SetReviewRule
from server.commands.routes import CreateRoute
from server.commands.routing import Reroute
from server.commands.service import UpdateServiceSettings
from server.commands.slas import UpdatePolicy
from server.commands.snoozing import Snooze, WakeDue
from server.commands.supervision import FlagForHelp, TakeOver, Whisper
from server.commands.timekeeping import MarkClocks
from server.commands.transfers import (
    AcceptTransfer,
    DeclineTransfer,
    ReturnDue,
    TransferConversation,
    WithdrawTransfer,
)
from server.desk import sla
from server.store import sla as clocks
from tests.commands.office import HOUR, MINUTE, Office, person, says

pytestmark = pytest.mark.slow

NAMES = ("ana", "luis", "rosa")
PEOPLE = st.sampled_from(NAMES)
TEAMS = ("Servicio", "Créditos")
WHICH = st.integers(0, 9)
#: the one that is given its work, and whose answers wait for a reviewer
AUTO = "Créditos"
#: what an advisor carries at most here, in ordinary conversations
CAPACITY = 2
#: by kind of alert, what has to be so while it is open
REASONS = {
    "sla_breached": "SELECT 1 FROM sla_clocks WHERE stopped_at IS NULL AND breached_at > 0 AND conversation_id = ?",
    "help": "SELECT 1 FROM conversations WHERE flagged_at IS NOT NULL AND state <> 'resolved' AND id = ?",
    "stranded": "SELECT 1 FROM stranded_queues WHERE alarm <> '' AND team_id = ?",
    "transfer_unanswered": "SELECT 1 FROM conversations WHERE state <> 'resolved' AND transfer_id IS NULL AND id = ?",
    "review_late": "SELECT 1 FROM reviews WHERE state = 'pending' AND late_at IS NOT NULL AND message_id = ?",
    "promise_late": "SELECT 1 FROM reminders WHERE done_at IS NULL AND cancelled_at IS NULL AND late_at > 0 AND id = ?",
}


class Service(RuleBasedStateMachine):
    """A customer with two numbers and three with one; three people; a team that takes and one that is given to; a
    reviewer; rules that resolve, move and put aside."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self.folder.name))
        self.root(UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"capacity": CAPACITY})))
        self.root(UpdateTeam(name="Servicio", change=wire.ChangeTeam(members=list(NAMES))))
        new = wire.NewTeam(name="Créditos", members=["ana", "luis"], assignment="automatic", on_leave="colleague")
        self.root(CreateTeam(team=new))
        self.root(CreateTopic(topic=wire.NewTopic(name="mora", es=["mora"], team="Créditos", complexity="complex")))
        self.root(CreateRoute(route=wire.NewRoute(name="urgente", when=wire.RouteWhen(priority=["urgent"]), team=AUTO)))
        self.root(SetReviewRule(team=AUTO, rule=wire.ReviewRule(everybody=True, reviewers=["luis"], late="send")))
        self.root(UpdatePolicy(name="default", change=wire.ChangePolicy(resolution_ms=4 * HOUR, pause=True)))
        self.adds("cierra", ["received"], "adiós", "resolve", "solved")
        self.adds("pasa", ["flagged"], "", "team", AUTO)
        self.adds("luego", ["sla_breached"], "", "snooze", "2h")
        for n in (1, 2, 3):
            self.customer_writes(n, "buenos días")
        contacts = [row["contact_id"] for row in self.look("SELECT contact_id FROM conversations ORDER BY id")]
        self.root(MergeContacts(contact=contacts[0], other=contacts[1]))

    def teardown(self) -> None:
        self.office.close()
        self.folder.cleanup()

    def root(self, command: Command) -> Any:
        return self.office.do(self.office.root, command)

    def adds(self, name: str, on: list[str], condition: str, do: Any, value: str) -> None:
        acts = [wire.RuleAct(do=do, value=value)]
        self.root(CreateRule(rule=wire.NewRule(name=name, on=on, condition=condition, then=acts, active=True)))

    def act(self, who: str, command: Command) -> None:
        """Do it, or be told in words why not."""
        actor: Actor = getattr(self.office, who)
        if not actor.at_least(command.needs) or self.look("SELECT 1 FROM users WHERE active = 0 AND id = ?", actor.id):
            return
        try:
            self.office.do(actor, command)
        except Refusal as refusal:
            assert refusal.code in word_tables.PROBLEMS
        self.jobs()

    def jobs(self) -> None:
        """What happens without anyone asking."""
        for command in (MarkClocks(), WakeDue(), ReturnDue(), RemindDue(), LateReviews(), Escalate()):
            self.office.do(SYSTEM, command)
        ahead = self.office.ask(SYSTEM, LookAhead(since=0))
        if ahead.active and (ahead.seqs or ahead.seen > ahead.place):
            self.office.do(SYSTEM, FollowJournal(seqs=ahead.seqs, seen=ahead.seen))
        for id in self.office.ask(SYSTEM, Leaving())[0]:
            self.office.do(SYSTEM, HandOver(user_id=id))
        for _ in range(2):  # what was moved may lie where nobody is, too
            self.office.do(SYSTEM, Rescue())
        before = self.loads()
        self.office.do(SYSTEM, Dispatch())
        for name, load in self.loads().items():
            assert load <= max(before[name], CAPACITY * 100) or before[name] <= 0, (
                "nobody is given more than they carry"
            )

    def loads(self) -> dict[int, float]:
        """What everybody carries, counted."""
        rows = self.look(
            "SELECT u.id, coalesce(sum(CASE c.state WHEN 'open' THEN c.weight WHEN 'waiting' THEN c.weight / 2.0"
            " ELSE 0 END), 0) AS load FROM users u LEFT JOIN conversations c ON c.assignee_id = u.id GROUP BY u.id"
        )
        return {row["id"]: row["load"] for row in rows}

    def look(self, sql: str, *values: Any) -> list[Any]:
        return self.office.store.read_now(lambda read: read.all(sql, values))

    def none(self, sql: str) -> None:
        """There is no such thing."""
        found = [tuple(row) for row in self.look(sql)]
        assert not found, found

    def conversation(self, which: int) -> int:
        ids = [row["id"] for row in self.look("SELECT id FROM conversations ORDER BY id DESC LIMIT 5")]
        return int(ids[which % len(ids)])

    # ------------------------------------------------------------ what happens

    @rule(customer=st.integers(1, 4), text=st.sampled_from(["hola", "estoy en mora", "adiós"]))
    def customer_writes(self, customer: int, text: str) -> None:
        self.said = getattr(self, "said", 0) + 1
        who = person(f"5037000000{customer}", f"Socio {customer}")
        self.office.take_in(says(f"m{self.said}", text, who=who, at=self.office.now))
        self.jobs()

    @rule(minutes=st.sampled_from([1, 7, 16, 90, 400, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.office.now += minutes * MINUTE
        self.jobs()

    @rule(who=PEOPLE, which=WHICH, what=st.sampled_from(["claim", "resolve", "reopen", "note", "route"]))
    def does(self, who: str, which: int, what: str) -> None:
        id = self.conversation(which)
        commands: dict[str, Command] = {
            "claim": Claim(conversation=id),
            "resolve": ResolveConversation(conversation=id, resolve=wire.Resolve(anyway=True)),
            "reopen": Reopen(conversation=id),
            "note": AddNote(conversation=id, note=wire.Note(text="@luis mire")),
            "route": Reroute(conversation=id),
        }
        self.act(who, commands[what])

    @rule(who=PEOPLE, which=WHICH, hold=st.sampled_from([0, 5000]))
    def answers(self, who: str, which: int, hold: int) -> None:
        self.act(who, SendReply(conversation=self.conversation(which), reply=wire.Reply(text="ya", hold_ms=hold)))

    @rule(who=PEOPLE, which=WHICH)
    def takes_back_an_answer(self, who: str, which: int) -> None:
        ids = self.look("SELECT id FROM messages WHERE direction = 'out' ORDER BY id DESC LIMIT 5")
        if ids:
            self.act(who, TakeBack(message=ids[which % len(ids)]["id"]))

    @rule(who=PEOPLE, which=WHICH, user=st.none() | PEOPLE, team=st.none() | st.sampled_from(TEAMS))
    def assigns(self, who: str, which: int, user: str | None, team: str | None) -> None:
        assign = wire.Assign(user=user, team=team)
        self.act(who, AssignTo(conversation=self.conversation(which), assign=assign))

    @rule(who=PEOPLE, which=WHICH, to=st.sampled_from([*NAMES, *TEAMS]), even=st.booleans())
    def hands_on(self, who: str, which: int, to: str, even: bool) -> None:
        new = wire.NewTransfer(to=to, reason="r", summary="s", tell_customer=even, even_if_absent=even)
        self.act(who, TransferConversation(conversation=self.conversation(which), transfer=new))

    @rule(who=PEOPLE, what=st.sampled_from(["accept", "decline", "withdraw"]), which=WHICH)
    def looks_at_what_was_handed_on(self, who: str, what: str, which: int) -> None:
        rows = self.look("SELECT id FROM conversations WHERE transfer_id IS NOT NULL")
        id = rows[which % len(rows)]["id"] if rows else self.conversation(which)
        commands: dict[str, Command] = {
            "accept": AcceptTransfer(conversation=id),
            "decline": DeclineTransfer(conversation=id, decline=wire.Decline(reason="no")),
            "withdraw": WithdrawTransfer(conversation=id),
        }
        self.act(who, commands[what])

    @rule(who=st.sampled_from(["luis", "rosa", "ana"]), decision=st.sampled_from(["send", "edit", "return"]))
    def reviews(self, who: str, decision: Any) -> None:
        for row in self.look("SELECT message_id FROM reviews WHERE state = 'pending' LIMIT 1"):
            decide = wire.DecideReview(decision=decision, text="así", remark="no")
            self.act(who, Decide(id=row["message_id"], decide=decide))

    @rule(who=PEOPLE, which=WHICH, minutes=st.none() | st.sampled_from([10, 200]))
    def puts_aside(self, who: str, which: int, minutes: int | None) -> None:
        until = None if minutes is None else self.office.now + minutes * MINUTE
        self.act(who, Snooze(conversation=self.conversation(which), snooze=wire.Snooze(until=until)))

    @rule(who=PEOPLE, which=WHICH, kind=st.sampled_from(["reminder", "promise"]), user=st.none() | PEOPLE)
    def remembers(self, who: str, which: int, kind: Any, user: str | None) -> None:
        new = wire.NewReminder(text="llamar", due_at=self.office.now + 15 * MINUTE, kind=kind, user=user)
        self.act(who, MakeReminder(conversation=self.conversation(which), reminder=new))

    @rule(who=PEOPLE, which=WHICH, what=st.sampled_from(["done", "undone", "moved", "cancelled"]))
    def looks_at_a_reminder(self, who: str, which: int, what: str) -> None:
        rows = self.look("SELECT id FROM reminders ORDER BY id DESC LIMIT 4")
        changes = {
            "done": wire.ChangeReminder(done=True),
            "undone": wire.ChangeReminder(done=False, cancelled=False),
            "moved": wire.ChangeReminder(due_at=self.office.now + HOUR),
            "cancelled": wire.ChangeReminder(cancelled=True),
        }
        if rows:
            self.act(who, ChangeReminder(id=rows[which % len(rows)]["id"], change=changes[what]))

    @rule(who=PEOPLE, which=WHICH, other=WHICH, split=st.booleans())
    def joins(self, who: str, which: int, other: int, split: bool) -> None:
        parts = self.look("SELECT id, merged_into FROM conversations WHERE merged_into IS NOT NULL")
        if split and parts:
            part = parts[which % len(parts)]
            self.act(who, SplitConversation(conversation=part["merged_into"], other=part["id"]))
        else:
            theirs = "SELECT max(id) FROM conversations WHERE merged_into IS NULL GROUP BY contact_id, thread"
            ids = [row["id"] for row in self.look(f"SELECT id FROM conversations WHERE id IN ({theirs}) LIMIT 2")]
            self.act(who, MergeConversations(conversation=ids[other % 2], other=ids[which % 2]))

    @rule(who=PEOPLE, which=WHICH, on=st.booleans())
    def asks_for_help(self, who: str, which: int, on: bool) -> None:
        self.act(who, FlagForHelp(conversation=self.conversation(which), flag=wire.Flag(on=on, reason="?")))

    @rule(which=WHICH, take=st.booleans())
    def supervises(self, which: int, take: bool) -> None:
        id = self.conversation(which)
        whisper = Whisper(conversation=id, whisper=wire.Whisper(text="así no"))
        self.act("rosa", TakeOver(conversation=id, take=wire.TakeOver(reason="yo")) if take else whisper)

    @rule(who=PEOPLE, which=WHICH)
    def acknowledges(self, who: str, which: int) -> None:
        rows = self.look("SELECT id FROM alerts WHERE ended_at IS NULL")
        if rows:
            self.act(who, Acknowledge(id=rows[which % len(rows)]["id"]))

    @rule(who=PEOPLE, which=WHICH, topic=st.sampled_from(["", "mora"]), hard=st.sampled_from(["simple", "complex"]))
    def classifies(self, who: str, which: int, topic: str, hard: Any) -> None:
        classify = wire.Classify(topic=topic, complexity=hard)
        self.act(who, ClassifyConversation(conversation=self.conversation(which), classify=classify))

    @rule(who=PEOPLE, which=WHICH, priority=st.sampled_from(["normal", "urgent"]))
    def hurries(self, who: str, which: int, priority: Any) -> None:
        change = wire.ChangePriority(priority=priority)
        self.act(who, SetPriority(conversation=self.conversation(which), change=change))

    @rule(who=PEOPLE, state=st.sampled_from(["online", "online", "busy", "away", "offline"]))
    def comes_and_goes(self, who: str, state: Any) -> None:
        self.act(who, SetAvailability(name=who, set=wire.SetAvailability(state=state)))

    @rule(who=PEOPLE, active=st.booleans())
    def is_switched(self, who: str, active: bool) -> None:
        self.act("root", UpdateUser(name=who, change=wire.ChangeUser(active=active)))

    @rule(members=st.lists(PEOPLE, unique=True), resort=st.sampled_from(["", *TEAMS]))
    def is_organised_anew(self, members: list[str], resort: str) -> None:
        self.act("root", UpdateTeam(name=AUTO, change=wire.ChangeTeam(members=members)))
        change = wire.ChangeServiceSettings(change={"last_resort": resort})
        self.act("root", UpdateServiceSettings(change=change))

    # ------------------------------------------------------------ what always holds

    @invariant()
    def the_journal_has_no_gap(self) -> None:
        [row] = self.look("SELECT count(*) AS n, coalesce(max(seq), 0) AS head FROM events")
        assert row["n"] == row["head"]

    @invariant()
    def counts_and_loads_are_true(self) -> None:
        kept = {(r["assignee_id"], r["state"]): (r["n"], r["load"]) for r in self.look("SELECT * FROM open_work")}
        real = self.look(
            "SELECT coalesce(assignee_id, 0) AS who, state, count(*) AS n, sum(weight) AS load FROM conversations"
            " WHERE state <> 'resolved' GROUP BY 1, 2"
        )
        found = {key: value for key, value in kept.items() if value != (0, 0)}
        assert found == {(r["who"], r["state"]): (r["n"], r["load"]) for r in real}

    @invariant()
    def whoever_has_one_is_there_to_have_it(self) -> None:
        self.none(
            "SELECT c.id, u.name FROM conversations c JOIN users u ON u.id = c.assignee_id"
            " WHERE c.state <> 'resolved' AND u.active = 0"
        )
        self.none(
            "SELECT id, state, assignee_id, assigned_at FROM conversations WHERE state <> 'resolved'"
            " AND ((assignee_id IS NULL) <> (assigned_at IS NULL)"
            " OR (state = 'queued' AND assignee_id IS NOT NULL) OR (state = 'open' AND assignee_id IS NULL))"
        )

    @invariant()
    def no_queue_is_in_nobodys_view(self) -> None:
        for row in self.look(
            "SELECT c.id, c.team_id, c.skills FROM conversations c WHERE c.state = 'queued' AND c.team_id IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM team_members m JOIN users u ON u.id = m.user_id"
            " WHERE m.team_id = c.team_id AND u.active = 1)"
        ):
            known = "SELECT 1 FROM stranded_queues WHERE team_id = ? AND skills = ?"
            assert self.look(known, row["team_id"], row["skills"]), row["id"]

    @invariant()
    def one_transfer_at_a_time_is_offered(self) -> None:
        pending = "SELECT id, conversation_id FROM transfers WHERE state = 'pending' AND kind = 'transfer'"
        offered = sorted((row["conversation_id"], row["id"]) for row in self.look(pending))
        shown = "SELECT id, transfer_id FROM conversations WHERE transfer_id IS NOT NULL AND state <> 'resolved'"
        assert offered == sorted((row["id"], row["transfer_id"]) for row in self.look(shown))
        self.none("SELECT id FROM conversations WHERE transfer_id IS NOT NULL AND state = 'resolved'")

    @invariant()
    def what_is_shown_of_clocks_is_what_runs(self) -> None:
        for conv in self.look("SELECT * FROM conversations"):
            rows = self.look("SELECT * FROM sla_clocks WHERE stopped_at IS NULL AND conversation_id = ?", conv["id"])
            running = [clocks.clock(row) for row in rows]
            kinds = [sla.kind_of(clock.target) for clock in running]
            assert len(kinds) == len(set(kinds))
            top = sla.most_urgent(running)
            told = conv["sla_target"], conv["sla_due_at"], conv["sla_warn_at"], conv["paused_at"]
            assert told == ((None,) * 4 if top is None else (top.target, top.due_at, top.warn_at, top.paused_at))
            if conv["state"] == "resolved":
                assert not running and conv["waiting_since"] is None
            else:
                assert (conv["waiting_since"] is not None) == ("response" in kinds)
                assert ("transfer" in kinds) <= (conv["transfer_id"] is not None)

    @invariant()
    def what_waits_for_a_reviewer_is_counted(self) -> None:
        self.none(
            "SELECT c.id FROM conversations c WHERE c.reviewing <> (SELECT count(*) FROM reviews r"
            " JOIN messages m ON m.id = r.message_id WHERE m.conversation_id = c.id AND r.state = 'pending')"
        )
        self.none(
            "SELECT m.id, m.status FROM reviews r JOIN messages m ON m.id = r.message_id"
            " LEFT JOIN outbox o ON o.message_id = m.id"
            " WHERE r.state = 'pending' AND (m.status <> 'queued' OR o.message_id IS NOT NULL)"
        )

    @invariant()
    def the_next_reminder_is_known_and_somebodys(self) -> None:
        due: dict[int, int] = {}
        into = {row["id"]: row["merged_into"] for row in self.look("SELECT id, merged_into FROM conversations")}
        for row in self.look(
            "SELECT r.conversation_id, r.due_at, r.team_id, u.active FROM reminders r LEFT JOIN users u"
            " ON u.id = r.user_id WHERE r.done_at IS NULL AND r.cancelled_at IS NULL"
        ):
            id = row["conversation_id"]
            while into[id] is not None:
                id = into[id]
            due[id] = min(due.get(id, row["due_at"]), row["due_at"])
        shown = "SELECT id, remind_at FROM conversations WHERE remind_at IS NOT NULL"
        assert due == {row["id"]: row["remind_at"] for row in self.look(shown)}

    @invariant()
    def alerts_have_their_reason(self) -> None:
        moved = (
            '%"moved_to":"_%'  # what was moved stays told until somebody acknowledges it: they have to mend the team
        )
        for alert in self.look("SELECT kind, about FROM alerts WHERE ended_at IS NULL AND data NOT LIKE ?", moved):
            about, reason = alert["about"], REASONS[alert["kind"]]
            key = about.rpartition(":")[0] if alert["kind"] == "sla_breached" else about.rpartition(":")[2]
            if alert["kind"] == "stranded":
                key = about.split(":")[1]
            assert self.look(reason, int(key)), (alert["kind"], about)
        self.none(
            "SELECT c.id FROM conversations c WHERE c.flagged_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alerts a"
            " WHERE a.kind = 'help' AND a.conversation_id = c.id AND a.ended_at IS NULL)"
        )


Service.TestCase.settings = settings(max_examples=20, stateful_step_count=50, deadline=None)
TestService = Service.TestCase
