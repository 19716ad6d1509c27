"""Tags, priority, putting aside, marks, saved views, mentions and sending later, by keys."""

from __future__ import annotations

from typing import Any

import msgspec

from agent_console.backend.overlay import (
    AssignTo,
    ChangeTags,
    Claim,
    Follow,
    Note,
    Reopen,
    Reply,
    Resolve,
    SetPriority,
    Snooze,
)
from server import wire
from tests.console import sample
from tests.console.desk import Desk, console

TAGS = [wire.Tag(id=1, name="mora"), wire.Tag(id=2, name="vip"), wire.Tag(id=3, name="tarjeta")]
USERS = [
    sample.ME,
    wire.User(id=2, name="luis", display_name="Luis Batres", role="advisor", teams=["Créditos"]),
    wire.User(id=3, name="rosa", display_name="Rosa Alvarenga", role="supervisor"),
]
TEAMS = [wire.Team(id=1, name="Créditos", members=["luis"]), wire.Team(id=2, name="Servicio San Miguel")]
VIEWS = [wire.SavedView(id=1, name="Mora", query="tag:mora", place=10),
         wire.SavedView(id=2, name="Oriente", query="region:oriente", scope="all", place=20)]  # fmt: skip


def know(desk: Desk) -> None:
    """The organisation's names."""
    answers = desk.session.fake_api.answers
    answers["GET", "/tags"] = lambda call: wire.Page(items=TAGS)
    answers["GET", "/users"] = lambda call: wire.Page(items=USERS)
    answers["GET", "/teams"] = lambda call: wire.Page(items=TEAMS)
    answers["GET", "/views"] = lambda call: wire.Page(items=VIEWS)


async def names_come(desk: Desk) -> None:
    for _ in range(5):
        await desk.pilot.pause()


# ---------------------------------------------------------------- one conversation


async def test_tags_are_found_by_typing_and_taken_back() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("L")
        await names_come(desk)
        assert "Tags: María Ramos" in desk.screen and "#" not in desk.shown()[1]
        await desk.press("m", "o", "enter")
        assert desk.changes(ChangeTags) == [ChangeTags(1, add=("mora",))]
        assert "#mora" in desk.shown()[1] and "✓ mora" in desk.screen
        await desk.press("enter")  # the cursor is on it still
        assert desk.changes(ChangeTags)[1] == ChangeTags(1, remove=("mora",))
        await desk.press("escape", "z")
        assert "#mora" in desk.shown()[1]
        await desk.press("z")
        assert "#mora" not in desk.shown()[1]


async def test_only_a_supervisor_adds_a_tag() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("L")
        await names_come(desk)
        await desk.press(*"nueva", "enter")
        assert "only a supervisor adds tags" in desk.screen
        assert desk.session.fake_api.posted("/tags") == []
        desk.session.mirror.me = msgspec.structs.replace(sample.ME, role="supervisor")
        desk.session.fake_api.answers["POST", "/tags"] = wire.Tag(id=9, name="nueva")
        await desk.press("x", "backspace", "enter")
        await names_come(desk)
        assert desk.session.fake_api.posted("/tags") == [{"name": "nueva"}]
        assert desk.changes(ChangeTags) == [ChangeTags(1, add=("nueva",))]


async def test_priority_goes_up_and_down() -> None:
    async with console() as desk:
        await desk.press("+")
        assert "WA↑" in desk.shown()[1]
        await desk.press("+")
        assert "WA⇑" in desk.shown()[1]
        await desk.press("+")
        assert desk.status == "It cannot be more urgent."
        await desk.press("z", "-", "-")
        assert [each.priority for each in desk.changes(SetPriority)] == ["high", "urgent", "high", "normal", "low"]
        await desk.press("enter")
        assert "↓ low" in desk.screen


async def test_putting_aside_by_words_shows_the_moment() -> None:
    async with console() as desk:
        await desk.press("s")
        assert "tomorrow 8:00" in desk.screen
        await desk.write("30 nov 4 pm")
        assert "30 Nov 16:00" in desk.screen
        await desk.press("enter")
        assert desk.changes(Snooze) == [Snooze(1, until=sample.at(16, 0) + 47 * 24 * sample.HOUR)]
        assert "☾ 30 Nov 16:00" in desk.shown()[1]
        await desk.press("z")
        assert "☾" not in desk.screen and desk.changes(Snooze)[1].until is None


async def test_what_is_no_moment_puts_nothing_aside() -> None:
    async with console() as desk:
        await desk.press("s")
        await desk.write("qqq")
        await desk.press("enter")
        assert "Say a moment ahead" in desk.screen and desk.changes(Snooze) == []
        await desk.press("escape")
        assert "Say a moment" not in desk.screen


async def test_following_shows_in_the_header() -> None:
    async with console((120, 40)) as desk:
        await desk.press("enter", "w")
        assert desk.changes(Follow) == [Follow(1, on=True)]
        assert "you follow it" in desk.screen
        await desk.press("w")
        assert "you follow it" not in desk.screen


async def test_giving_to_a_colleague_or_a_team() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("a")
        await names_come(desk)
        await desk.press(*"bat", "enter")
        assert desk.changes(AssignTo) == [AssignTo(1, user="luis")]
        await desk.press("z")
        assert desk.changes(AssignTo)[1] == AssignTo(1, user="ana")
        await desk.press("a", *"crsm", "backspace", "backspace", "e", "d", "enter")
        assert desk.changes(AssignTo)[2].team == "Créditos"


async def test_the_footer_says_what_can_be_taken_back() -> None:
    async with console((120, 40)) as desk:
        assert "z take back" not in desk.shown()[-1]
        await desk.press("+")
        assert "z take back: María Ramos: high" in desk.shown()[-1]
    async with console() as desk:
        await desk.press("+")
        assert desk.shown()[-1].startswith(" z take back  Enter open")


async def test_several_acts_are_taken_back_one_after_the_other() -> None:
    async with console() as desk:
        await desk.press("+", "e", "z")
        assert desk.changes(Reopen) == [Reopen(1, was="open")]
        await desk.press("z")
        assert desk.changes(SetPriority)[-1].priority == "normal"
        await desk.press("z")
        assert "nothing to take back" in desk.status


# ---------------------------------------------------------------- several


async def test_marks_by_key_range_and_all() -> None:
    async with console() as desk:
        await desk.press("x", "space")
        assert desk.inbox.marking.ids() == [1, 2]
        assert "2 marked" in desk.status
        assert desk.shown()[1].startswith(" ▲-02:14✓WA")
        await desk.press("j", "j", "V")
        assert desk.inbox.marking.ids() == [1, 2, 3, 4, 5]
        await desk.press("*")
        assert len(desk.inbox.marking) == 12
        await desk.press("*")
        assert len(desk.inbox.marking) == 0
        await desk.press("shift+down", "shift+down", "escape")
        assert len(desk.inbox.marking) == 0 and "✓" not in desk.screen


async def test_many_are_changed_at_once_and_the_refusals_are_summed_up() -> None:
    async with console() as desk:
        await desk.press("x", "x", "x", "e")
        assert [change.conversation for change in desk.changes(Resolve)] == [1, 2, 3]
        assert len(desk.inbox.marking) == 0
        assert "0 of 3 resolved" in desk.status
        desk.session.answer()
        await desk.pilot.pause()
        assert "1 of 3 resolved" in desk.status
        desk.session.refuse("forbidden", needs="supervisor")
        desk.session.answer()
        await desk.pilot.pause()
        assert "2 resolved, 1 was refused" in desk.screen
        assert "José Ángel Mejía" in desk.screen and "supervisor" in desk.screen
        keys = {command.key for command in desk.session.outgoing.commands}
        assert not keys
        await desk.press("enter")
        assert desk.inbox.over.open, "it came by itself: what was just typed was meant for the list"
        desk.clock.now += 1_000
        await desk.press("escape", "z")
        assert [change.conversation for change in desk.changes(Reopen)] == [1, 2]


def load_without(desk: Desk, conversation: int) -> None:
    """The list is loaded anew, and one that was in it is not any more: the cursor goes to the next."""
    desk.session.rows = [row for row in desk.session.rows if row.id != conversation]
    desk.session._tell_now(desk.session.fill(desk.session.mirror.window.spec))
    assert desk.cursor not in (None, conversation)


async def test_what_a_drawer_was_raised_for_stays_what_it_is_about() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("s")
        load_without(desk, 1)
        await desk.write("2h")
        await desk.press("enter")
        assert [change.conversation for change in desk.changes(Snooze)] == [1]


async def test_a_new_tag_goes_to_those_it_was_made_for() -> None:
    async with console() as desk:
        know(desk)
        desk.session.mirror.me = msgspec.structs.replace(sample.ME, role="supervisor")
        desk.session.fake_api.answers["POST", "/tags"] = lambda call: added()

        def added() -> wire.Tag:
            load_without(desk, 1)
            return wire.Tag(id=4, name="nueva")

        await desk.press("L")
        await desk.write("nueva")
        await desk.press("enter")
        assert [(change.conversation, change.add) for change in desk.changes(ChangeTags)] == [(1, ("nueva",))]


async def test_each_of_many_has_its_own_key() -> None:
    async with console() as desk:
        await desk.press("*", "+")
        commands = desk.session.outgoing.commands
        assert len({command.key for command in commands}) == len(commands) == 12


async def test_tags_on_several_show_who_has_them() -> None:
    rows = [sample.row(n, f"N {n}", "whatsapp", "", sort_key=n, tags=["mora"] if n == 1 else []) for n in (1, 2)]
    async with console(rows=rows) as desk:
        know(desk)
        await desk.press("*", "L")
        await names_come(desk)
        assert "Tags: 2 conversations" in desk.screen and "~ mora" in desk.screen
        await desk.press("enter")
        assert desk.changes(ChangeTags) == [ChangeTags(2, add=("mora",))]
        assert "✓ mora" in desk.screen
        await desk.press("enter")
        assert len(desk.changes(ChangeTags)) == 3 and "✓ mora" not in desk.screen


async def test_taking_several_leaves_out_what_is_mine() -> None:
    async with console() as desk:
        await desk.press("3", "*", "c")
        taken = {change.conversation for change in desk.changes(Claim)}
        assert taken == {20, 21, 22, 23, 24}


# ---------------------------------------------------------------- views


async def test_saved_views_stand_after_the_others() -> None:
    async with console((120, 30)) as desk:
        know(desk)
        desk.inbox.acts.prepare()
        await names_come(desk)
        assert "Mora   Oriente" in desk.shown()[0]


async def test_a_search_is_saved_as_a_view() -> None:
    async with console((120, 30)) as desk:
        know(desk)
        api = desk.session.fake_api
        api.answers["GET", "/conversations"] = wire.Page(items=sample.rows()[:2])
        api.answers["POST", "/views"] = VIEWS[0]
        desk.inbox.acts.prepare()
        await desk.press("W")
        assert "Search for something first" in desk.status
        desk.inbox.searching.show("tag:vip")
        await names_come(desk)
        await desk.press("W")
        await desk.write("Los vip")
        await desk.press("enter")
        await names_come(desk)
        assert api.posted("/views")[0] | {"place": 0} == {
            "name": "Los vip", "query": "tag:vip", "scope": "user", "team": None, "place": 0
        }  # fmt: skip


# ---------------------------------------------------------------- notes and sending later


async def test_names_are_offered_after_an_at_sign_in_a_note() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("i", *"hola", "space", "@")
        await names_come(desk)
        await desk.press("l")
        assert "@luis" in desk.screen
        await desk.press("tab", *"mire", "ctrl+s")
        assert [note.text for note in desk.changes(Note)] == ["hola @luis mire"]


async def test_tab_changes_to_a_reply_where_nobody_is_called() -> None:
    async with console() as desk:
        know(desk)
        await desk.press("i", *"ana@coop")
        await names_come(desk)
        await desk.press("tab")
        assert not desk.inbox.composer.note


async def test_a_note_that_calls_me_shows_in_the_row() -> None:
    async with console() as desk:
        data: dict[str, Any] = {"message": 99, "mentions": ["ana"]}
        desk.session.event("note.added", desk.session.changed_row(2), data=data, actor="user:luis")
        await desk.pilot.pause()
        assert "FB @ Pupusería Lita" in desk.screen
        assert "luis calls you in a note: Pupusería Lita" in desk.status
        await desk.press("j", "enter", "escape")
        assert "FB @" not in desk.screen


async def test_a_reply_leaves_later_and_is_taken_back() -> None:
    async with console() as desk:
        await desk.press("r", *"mañana", "f8")
        assert "Send it later" in desk.screen
        await desk.write("5 pm")
        await desk.press("enter")
        [reply] = desk.changes(Reply)
        assert reply.send_at == sample.at(17, 0)
        assert "leaves 17:00 · T take back" in desk.screen
        await desk.press("T")
        assert desk.changes(Reply) == [] and desk.inbox.composer.text == "mañana"


async def test_nothing_leaves_when_the_window_will_be_closed() -> None:
    async with console() as desk:
        await desk.press("r", *"hola", "f8")
        await desk.write("30 nov")
        await desk.press("enter")
        assert "the window will be closed" in desk.screen and desk.changes(Reply) == []


async def test_going_to_what_is_unread_or_late() -> None:
    async with console() as desk:
        await desk.press("ctrl+n")
        assert desk.cursor == 2
        await desk.press("!")
        assert desk.cursor == 3
        await desk.press("ctrl+n", "ctrl+n")
        assert desk.cursor == 1


# ---------------------------------------------------------------- taken back


async def test_what_was_resolved_together_comes_back_as_it_was_and_is_in_sight() -> None:
    """More than the screen holds, all at the end of a day: resolved, confirmed, taken back."""
    waiting = [
        sample.row(n, f"Socio {n}", "whatsapp", "gracias", state="waiting", last_at=sample.NOW - n * sample.MINUTE)
        for n in range(1, 31)
    ]
    async with console(rows=waiting) as desk:
        before = desk.shown()[1:20]
        await desk.press("G", "asterisk", "e")
        assert len(desk.changes(Resolve)) == 30
        for n, row in enumerate(waiting):
            resolved = msgspec.structs.replace(row, state="resolved", version=2, sort_key=10**16 + n)
            desk.session.event("conversation.resolved", resolved, actor="user:ana")
            desk.session.answer(resolved)
        await desk.pilot.pause()
        await desk.press("z")
        assert desk.changes(Reopen) == [Reopen(row.id, was="waiting") for row in waiting]
        shown = desk.shown()[1:20]
        assert sum("Socio" in line for line in shown) == len(shown), desk.screen
        for row in waiting:
            again = msgspec.structs.replace(row, version=3)
            desk.session.event("conversation.reopened", again, actor="user:ana")
            desk.session.answer(again)
        await desk.pilot.pause()
        assert sum("Socio" in line for line in desk.shown()[1:20]) == len(before)
        desk.inbox.thelist.move("top")
        await desk.pilot.pause()
        assert desk.shown()[1:20] == before
