"""Tags, priority, what is put aside, followed, mentioned; saved views."""

from __future__ import annotations

import pytest

from server import wire
from server.commands.accounts import CreateTeam
from server.commands.acts import AssignTo, Claim, ResolveConversation
from server.commands.door import SYSTEM, Refusal
from server.commands.inbox import ListConversations
from server.commands.labels import CreateTag, Follow, ListTags, RemoveTag, RenameTag, SetPriority, TagConversation
from server.commands.queries import GetConversation, GetCounts
from server.commands.replies import AddNote, SendReply
from server.commands.snoozing import Snooze, SnoozesDue, WakeDue
from server.commands.timekeeping import MarkClocks
from server.commands.views import CreateView, ListViews, RemoveView, UpdateView
from tests.commands.office import HOUR, MORNING, Office, person, says


def row(office: Office, id: int = 1) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return found.row


def listed(office: Office, q: str = "", view: wire.View = "all") -> list[int]:
    return [r.id for r in office.ask(office.ana, ListConversations(view=view, q=q)).items]


def refused(office: Office, actor: object, command: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        office.do(actor, command)  # type: ignore[arg-type]
    return caught.value


@pytest.fixture
def at_work(office: Office) -> Office:
    """Conversation 1 is ana's, 2 is nobody's, the tags mora and vip exist."""
    office.take_in(says("w1"), says("w2", who=person("50370000002", "Luis Batres")))
    office.do(office.ana, Claim(conversation=1))
    for name in ("mora", "VIP"):
        office.do(office.rosa, CreateTag(name=name))
    return office


# ---------------------------------------------------------------- tags and priority


def test_tags_are_put_on_and_taken_off(at_work: Office) -> None:
    office = at_work
    tagged = office.do(office.ana, TagConversation(conversation=1, change=wire.ChangeTags(add=["#Mora", "vip"])))
    assert tagged.tags == ["mora", "vip"]
    before = row(office).version
    office.do(office.ana, TagConversation(conversation=1, change=wire.ChangeTags(add=["mora"])))
    assert row(office).version == before, "a tag that is there already changes nothing"
    office.do(office.ana, TagConversation(conversation=1, change=wire.ChangeTags(remove=["vip"])))
    assert row(office).tags == ["mora"]
    assert listed(office, "tag:mora") == listed(office, "etiqueta:#MORA") == [1]
    assert listed(office, "-tag:mora") == [2]
    events = office.events("conversation.tagged")
    assert [(e.data["added"], e.data["removed"]) for e in events] == [(["mora", "vip"], []), ([], ["vip"])]


def test_a_tag_nobody_made_changes_nothing(at_work: Office) -> None:
    change = wire.ChangeTags(add=["mora", "nosuch"])
    assert refused(at_work, at_work.ana, TagConversation(conversation=1, change=change)).code == "not_found"
    assert row(at_work).tags == []


def test_the_list_of_tags_is_the_supervisors(at_work: Office) -> None:
    office = at_work
    assert not office.ana.at_least(CreateTag.needs) and office.rosa.at_least(CreateTag.needs)
    assert refused(office, office.rosa, CreateTag(name="mora")).code == "name_taken"
    for bad in ("", "dos palabras", "x" * 41, "\x1b[2J", "a:b"):
        assert refused(office, office.rosa, CreateTag(name=bad)).code == "bad_tag"
    office.do(office.ana, TagConversation(conversation=1, change=wire.ChangeTags(add=["mora"])))
    office.do(office.rosa, RenameTag(name="mora", new_name="Mora-30"))
    assert row(office).tags == ["mora-30"]
    office.do(office.rosa, RemoveTag(name="mora-30"))
    assert row(office).tags == []
    assert [tag.name for tag in office.ask(office.ana, ListTags()).items] == ["vip"]


def test_priority(at_work: Office) -> None:
    office = at_work
    office.do(office.ana, SetPriority(conversation=1, change=wire.ChangePriority(priority="urgent")))
    office.do(office.ana, SetPriority(conversation=1, change=wire.ChangePriority(priority="urgent")))
    assert row(office).priority == "urgent"
    assert [(e.data["was"], e.data["priority"]) for e in office.events("conversation.prioritised")] == [
        ("normal", "urgent")
    ]
    assert listed(office, "priority>=high") == [1]


# ---------------------------------------------------------------- put aside


def counts(office: Office) -> wire.Counts:
    found: wire.Counts = office.ask(office.ana, GetCounts())
    return found


def test_what_is_put_aside_comes_back_at_its_moment(at_work: Office) -> None:
    office = at_work
    office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="le aviso mañana")))
    until = MORNING + 20 * HOUR
    snoozed = office.do(office.ana, Snooze(conversation=1, snooze=wire.Snooze(until=until)))
    assert (snoozed.state, snoozed.snoozed_until) == ("snoozed", until)
    assert listed(office, view="mine") == [] and listed(office, "is:snoozed", "open") == [1]
    assert counts(office).mine == 0
    assert office.ask(SYSTEM, SnoozesDue()) == until
    office.now = until - 1
    assert office.do(SYSTEM, WakeDue()) == 0
    office.now = until
    assert office.do(SYSTEM, WakeDue()) == 1
    assert (row(office).state, row(office).snoozed_until) == ("open", None)
    assert listed(office, view="mine") == [1] and counts(office).mine == 1
    assert office.ask(SYSTEM, SnoozesDue()) is None
    assert [e.data["why"] for e in office.events("conversation.woken")] == ["time"]


def test_the_customer_wakes_it(at_work: Office) -> None:
    office = at_work
    office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="le aviso")))
    office.do(office.ana, Snooze(conversation=1, snooze=wire.Snooze(until=MORNING + HOUR)))
    office.take_in(says("w9", "¿y entonces?"))
    assert (row(office).state, row(office).snoozed_until) == ("open", None)
    assert [e.data["why"] for e in office.events("conversation.woken")] == ["contact"]


def test_a_clock_that_warns_wakes_it(at_work: Office) -> None:
    """Nothing runs out while it sleeps."""
    office = at_work
    clock = row(office).sla
    assert clock is not None
    office.do(office.ana, Snooze(conversation=1, snooze=wire.Snooze(until=MORNING + 20 * HOUR)))
    office.now = clock.warn_at
    office.do(SYSTEM, MarkClocks())
    assert row(office).state == "open"
    assert [e.data["why"] for e in office.events("conversation.woken")] == ["sla"]


def test_every_other_end_of_being_aside(at_work: Office) -> None:
    office = at_work

    def aside() -> None:
        office.do(office.ana, Snooze(conversation=1, snooze=wire.Snooze(until=office.now + HOUR)))

    aside()
    assert office.do(office.ana, Snooze(conversation=1, snooze=wire.Snooze())).state == "open"
    aside()
    office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="ya está")))
    assert (row(office).state, row(office).snoozed_until) == ("waiting", None)
    aside()
    assert office.do(office.ana, AssignTo(conversation=1, assign=wire.Assign(user="luis"))).state == "snoozed"
    assert refused(office, office.ana, Snooze(conversation=1, snooze=wire.Snooze())).code == "forbidden"
    office.do(office.rosa, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    assert (row(office).state, row(office).snoozed_until) == ("resolved", None)
    assert office.ask(SYSTEM, SnoozesDue()) is None
    assert refused(office, office.rosa, Snooze(conversation=1, snooze=wire.Snooze(until=office.now + 1))).code == (
        "already_resolved"
    )


@pytest.mark.parametrize("until", [MORNING, MORNING - 1, MORNING + 500 * 24 * HOUR])
def test_moments_that_are_none(at_work: Office, until: int) -> None:
    problem = refused(at_work, at_work.ana, Snooze(conversation=1, snooze=wire.Snooze(until=until)))
    assert problem.code == "bad_moment"


# ---------------------------------------------------------------- following, mentions


def test_following_is_ones_own(at_work: Office) -> None:
    office = at_work
    for _ in range(2):
        office.do(office.ana, Follow(conversation=2, follow=wire.Follow(on=True)))
    assert listed(office, "is:followed") == [2]
    assert office.ask(office.luis, ListConversations(q="is:followed")).items == []
    assert office.ask(office.ana, GetConversation(id=2)).followed
    office.do(office.ana, Follow(conversation=2, follow=wire.Follow(on=False)))
    assert listed(office, "is:followed") == [] and len(office.events("conversation.followed")) == 2


def test_a_note_calls_people_and_teams(at_work: Office) -> None:
    office = at_work
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["rosa"])))
    note = wire.Note(text="@ana mire esto, y @creditos también. ana@coop.sv no, @nadie tampoco")
    office.do(office.luis, AddNote(conversation=2, note=note))
    assert office.events("note.added")[0].data["mentions"] == ["ana", "rosa"]
    assert listed(office, "is:mentioned") == [2]
    assert office.ask(office.luis, ListConversations(q="es:mencionada")).items == []


# ---------------------------------------------------------------- saved views


def names(office: Office, actor: object) -> list[str]:
    return [view.name for view in office.ask(actor, ListViews()).items]  # type: ignore[arg-type]


def test_views_are_ones_own_a_teams_or_everybodys(at_work: Office) -> None:
    office = at_work
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Mora", members=["luis"])))
    new = wire.NewView(name="Mías vencidas", query="es:mía es:vencida", place=3)
    mine = office.do(office.ana, CreateView(view=new))
    office.do(office.rosa, CreateView(view=wire.NewView(name="VIP", query="tag:vip", scope="all", place=1)))
    office.do(
        office.rosa, CreateView(view=wire.NewView(name="Cobro", query="tag:mora", scope="team", team="Mora", place=2))
    )
    assert names(office, office.ana) == ["VIP", "Mías vencidas"]
    assert names(office, office.luis) == ["VIP", "Cobro"]
    changed = office.do(office.ana, UpdateView(id=mine.id, change=wire.ChangeView(query="is:mine", place=0)))
    assert (changed.name, changed.query, changed.scope) == ("Mías vencidas", "is:mine", "user")
    assert names(office, office.ana)[0] == "Mías vencidas"
    office.do(office.ana, RemoveView(id=mine.id))
    assert names(office, office.ana) == ["VIP"]


def test_what_a_view_cannot_be(at_work: Office) -> None:
    office = at_work

    def code(actor: object, **fields: object) -> str:
        view = wire.NewView(**{"name": "Una", "query": "is:open", **fields})  # type: ignore[arg-type]
        return refused(office, actor, CreateView(view=view)).code

    assert code(office.ana, scope="all") == "forbidden"
    assert code(office.ana, query="nosuch:1") == "bad_query"
    assert code(office.ana, query="  ") == "empty"
    assert code(office.ana, name=" ") == "invalid"
    assert code(office.ana, query="a " * 300) == "too_long"
    assert code(office.rosa, scope="team", team="Nadie") == "not_found"
    office.do(office.ana, CreateView(view=wire.NewView(name="Una", query="is:open")))
    assert code(office.ana) == "name_taken"
    office.do(office.luis, CreateView(view=wire.NewView(name="Una", query="is:open")))
    theirs = office.ask(office.luis, ListViews()).items[0].id
    assert refused(office, office.ana, RemoveView(id=theirs)).code == "not_found"
    shared = office.do(office.rosa, CreateView(view=wire.NewView(name="Todas", query="is:open", scope="all")))
    assert refused(office, office.ana, UpdateView(id=shared.id, change=wire.ChangeView(place=1))).code == "forbidden"
