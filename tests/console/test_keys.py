"""The keys, in the running console without a terminal: what each does, and what it must never do."""

from __future__ import annotations

from typing import Any

from agent_console.backend.overlay import AssignTo, Claim, Reopen, Resolve, SetStatus
from agent_console.widgets.messages import OlderMessages
from server import wire
from tests.console import sample
from tests.console.desk import console

# ---------------------------------------------------------------- moving


async def test_moving_in_the_list() -> None:
    async with console() as desk:
        assert desk.cursor == 1
        await desk.press("j", "j")
        assert desk.cursor == 3
        await desk.press("k")
        assert desk.cursor == 2
        await desk.press("G")
        assert desk.cursor == 9
        await desk.press("down")
        assert desk.cursor == 9
        await desk.press("g", "up")
        assert desk.cursor == 1
        assert desk.shown()[1].startswith("▌▲-02:14 WA")


async def test_a_list_longer_than_the_screen_scrolls() -> None:
    rows = [sample.row(n, f"Number {n}", "whatsapp", "", sort_key=n) for n in range(1, 101)]
    async with console(rows=rows) as desk:
        await desk.press("pagedown")
        assert desk.cursor == 21
        assert "Number 21 " in desk.screen
        await desk.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        assert desk.cursor == 100
        assert desk.shown()[-4].startswith("▌") or desk.shown()[-3].startswith("▌")
        await desk.press("pageup")
        assert desk.cursor == 80
        await desk.press("home")
        assert desk.cursor == 1
        assert "Number 1 " in desk.shown()[1]


async def test_open_and_back() -> None:
    async with console() as desk:
        await desk.press("enter")
        assert "María Ramos · WA · San Miguel" in desk.screen
        assert "¿me ayuda porfa?" in desk.screen
        assert "Pupusería" not in desk.screen
        await desk.press("escape")
        assert "Pupusería" in desk.screen
        assert desk.cursor == 1


async def test_opening_marks_as_read() -> None:
    async with console() as desk:
        assert desk.shown()[1].rstrip().endswith("3")
        await desk.press("enter", "escape")
        assert not desk.shown()[1].rstrip().endswith("3")


async def test_next_and_previous_unanswered() -> None:
    async with console() as desk:
        await desk.press("n")
        assert desk.cursor == 2
        await desk.press("N", "N")
        assert desk.cursor == 11
        await desk.press("n", "enter", "n")
        assert "Pupusería Lita" in desk.shown()[1]


async def test_views() -> None:
    async with console() as desk:
        await desk.press("2")
        assert "Rosa Alvarenga" in desk.screen and "María Ramos" not in desk.screen
        await desk.press("5")
        assert "Nothing was resolved yet." in desk.screen
        await desk.press("3")
        assert "Rosa Alvarenga" in desk.screen and "María Ramos" in desk.screen and "luis" in desk.screen
        await desk.press("1")
        assert "Rosa Alvarenga" not in desk.screen


async def test_an_empty_inbox_says_where_there_is_work() -> None:
    async with console(rows=[]) as desk:
        assert "All answered." in desk.screen
        assert "Unassigned: 3 (2)" in desk.screen
        await desk.press("enter", "c", "r", "j", "G")
        assert desk.status == "There is no conversation here."


# ---------------------------------------------------------------- acting


async def test_claim_and_take_it_back() -> None:
    async with console() as desk:
        await desk.press("2", "c")
        assert desk.changes(Claim) == [Claim(20)]
        assert "Rosa Alvarenga is yours now · z takes it back" in desk.status
        await desk.press("z")
        assert desk.changes(AssignTo)[0].user is None


async def test_a_disabled_key_says_why_for_two_seconds() -> None:
    async with console() as desk:
        await desk.press("c")
        assert desk.changes(Claim) == []
        assert desk.status == "It is yours already."
        await desk.pass_time(2_100)
        assert desk.status == ""


async def test_resolve_reopen_undo() -> None:
    async with console() as desk:
        await desk.press("e")
        assert desk.changes(Resolve) == [Resolve(1)]
        assert desk.cursor == 1
        assert "✓ resolved" in desk.shown()[1]
        await desk.press("z")
        assert desk.changes(Reopen) == [Reopen(1, was="open")]
        assert "✓ resolved" not in desk.shown()[1]


async def test_a_resolved_row_leaves_when_the_cursor_does() -> None:
    async with console() as desk:
        await desk.press("e")
        desk.session.answer(desk.session.changed_row(1, state="resolved", sla=None))
        await desk.press("j")
        assert not any("María Ramos" in row for row in desk.shown()[1:-2])
        assert desk.cursor == 2
        assert desk.shown()[1].startswith("▌! 01:38 FB")


async def test_resolve_and_next_opens_the_next() -> None:
    async with console() as desk:
        await desk.press("enter", "E")
        assert desk.changes(Resolve) == [Resolve(1)]
        assert "Pupusería Lita" in desk.shown()[1]


async def test_retry_a_failed_message() -> None:
    async with console() as desk:
        await desk.press("R")
        assert desk.status == "No message failed here."
        await desk.press("G", "enter")
        assert "✗ not sent" in desk.screen
        await desk.press("R")
        assert desk.changes(SetStatus) == [SetStatus(9, 1009, "queued")]


async def test_settle_an_unknown_message() -> None:
    async with console() as desk:
        await desk.press("u")
        assert desk.changes(SetStatus) == []
        await desk.press("enter", "u")
        assert desk.status == "There is no message of unknown fate here."
        unknown = sample.message(50, "out", "¿Sigue ahí?", sample.NOW, status="unknown")
        desk.session.event("message.status", desk.session.changed_row(1), message=unknown)
        await desk.press("u")
        assert "Did this message arrive?" in desk.screen
        await desk.pass_time(1_000)
        await desk.press("v")
        assert desk.changes(SetStatus) == [SetStatus(1, 50, "queued", settle=True)]


# ---------------------------------------------------------------- what comes in


async def test_arrivals_never_move_the_row_under_the_cursor() -> None:
    async with console() as desk:
        await desk.press("j", "j")
        before = desk.shown().index(next(line for line in desk.shown() if line.startswith("▌")))
        for n in range(3):
            new = sample.row(500 + n, f"Nueva {n}", "whatsapp", "hola", sla=sample.due_in(-999_000 - n))
            desk.session.event("conversation.created", new)
        await desk.pilot.pause()
        shown = desk.shown()
        assert shown[before].startswith("▌! 04:10 WC   José Ángel")
        assert "3 new, press . to see them" in desk.status
        assert "Nueva" not in desk.screen
        await desk.press(".")
        assert desk.cursor == 502
        assert "Nueva 2" in desk.screen
        assert "press ." not in desk.status


async def test_a_row_that_changes_place_stays_under_the_cursor() -> None:
    async with console() as desk:
        await desk.press("j")
        moved = desk.session.changed_row(2, sla=None, sort_key=10**15, state="waiting")
        desk.session.event("conversation.claimed", moved, actor="user:luis")
        await desk.pilot.pause()
        assert desk.cursor == 2
        assert "Pupusería Lita" in desk.shown()[2]
        await desk.press("k")
        assert "Pupusería Lita" not in desk.shown()[2]


async def test_presence_and_typing() -> None:
    async with console() as desk:
        desk.session.presence(3, customer_typing=True)
        await desk.pilot.pause()
        assert "✎ José Ángel Mejía" in desk.screen and "is typing…" in desk.screen
        await desk.press("enter")
        desk.session.presence(1, viewing=["luis"], typing=["luis"])
        await desk.pilot.pause()
        assert "✎ luis is answering" in desk.shown()[2]


async def test_new_messages_while_reading_further_up() -> None:
    async with console() as desk:
        await desk.press("enter", "G", "pageup")
        new = sample.message(70, "in", "¿hola?", sample.NOW)
        desk.session.event("message.received", desk.session.changed_row(1, inbound=6), message=new)
        await desk.pilot.pause()
        assert "↓ 1 new message · End" in desk.screen
        assert "¿hola?" not in desk.screen
        await desk.press("end")
        assert "¿hola?" in desk.screen and "↓" not in desk.screen


async def test_at_the_bottom_it_stays_at_the_bottom() -> None:
    async with console() as desk:
        await desk.press("enter", "G")
        new = sample.message(70, "in", "¿hola?", sample.NOW)
        desk.session.event("message.received", desk.session.changed_row(1, inbound=6), message=new)
        await desk.pilot.pause()
        assert "¿hola?" in desk.screen


async def test_older_messages_are_asked_for_once_and_do_not_move_the_text() -> None:
    async with console() as desk:
        await desk.press("enter")
        page = wire.Page(items=sample.messages(), next="older")
        thread = desk.session.mirror.thread(1)
        assert thread is not None
        thread.older = "older"
        desk.inbox.thread.sync()
        await desk.press("home", "up", "up")
        assert desk.session.said.count(("older", 1)) == 1
        before = desk.shown()[4]
        page = wire.Page(items=[sample.message(-n, "in", f"antes {n}", sample.at(8, 0, day=12)) for n in range(1, 30)])
        for message in page.items:
            message.id = message.id * -1 - 100
        desk.session._tell_now(desk.session.mirror.load_messages(1, page, older=True))
        await desk.pilot.pause()
        assert before in desk.shown()


async def test_a_broken_promise_is_told_within_a_second() -> None:
    async with console() as desk:
        await desk.pass_time(97_000)
        assert desk.status == ""
        await desk.pass_time(1_000)
        assert desk.status == "▲ Pupusería Lita: the promised time has passed"
        assert "▲ 2" in desk.shown()[0]


async def test_clocks_run() -> None:
    async with console() as desk:
        await desk.pass_time(1_000)
        assert desk.shown()[1].startswith("▌▲-02:15")
        assert desk.shown()[2].startswith(" ! 01:37")


async def test_without_a_connection() -> None:
    async with console() as desk:
        desk.session.go_offline(sample.at(9, 42))
        await desk.press("r", "o", "k", "ctrl+s")
        await desk.pass_time(6_000)
        assert "no connection since 9:42, 1 reply waits" in desk.status


# ---------------------------------------------------------------- help, palette, layout


async def test_help_opens_and_any_key_closes_it() -> None:
    async with console((120, 40)) as desk:
        await desk.press("?")
        assert "Take the conversation" in desk.screen and "Keys · list" in desk.screen
        await desk.press("e")
        assert "Keys · list" not in desk.screen
        assert desk.session.changes_made == []
        await desk.press("j")
        assert desk.cursor == 2


async def test_the_palette_does_what_is_chosen() -> None:
    async with console() as desk:
        await desk.press("ctrl+p")
        await desk.write("resolved")
        await desk.press("enter")
        assert "Nothing was resolved yet." in desk.screen
        await desk.press(":", "escape", "1", "j")
        assert desk.cursor == 2


async def test_the_palette_from_the_composer_returns_to_it() -> None:
    async with console() as desk:
        await desk.press("r", "a", "ctrl+p", "escape", "b")
        assert desk.inbox.composer.text == "ab"


async def test_panes_at_every_size() -> None:
    async with console((120, 40)) as desk:
        await desk.press("enter")
        assert all(word in desk.screen for word in ("Pupusería Lita", "¿me ayuda porfa?", "+503 7012 4421"))
        await desk.pilot.resize_terminal(80, 24)
        await desk.pilot.pause()
        assert "¿me ayuda porfa?" in desk.screen and "Pupusería Lita" not in desk.screen
        await desk.press("p")
        assert "+503 7012 4421" in desk.screen and "¿me ayuda porfa?" not in desk.screen
        await desk.press("escape")
        assert "¿me ayuda porfa?" in desk.screen
        await desk.press("escape")
        assert "Pupusería Lita" in desk.screen
        await desk.pilot.resize_terminal(40, 12)
        await desk.pilot.pause()
        assert "María Ramos" in desk.screen
        await desk.press("enter", "r", "x")
        assert "¿me ayuda porfa?" in desk.screen
        await desk.pilot.resize_terminal(200, 50)
        await desk.pilot.pause()
        assert all(word in desk.screen for word in ("Pupusería Lita", "¿me ayuda porfa?", "+503 7012 4421"))


async def test_tab_changes_panes_side_by_side() -> None:
    async with console((160, 45)) as desk:
        await desk.press("enter", "tab", "j")
        assert desk.cursor == 2
        await desk.press("tab", "e")
        assert desk.changes(Resolve) == [Resolve(1)]


async def test_the_mouse_works_too() -> None:
    async with console() as desk:
        await desk.pilot.click("#list", offset=(20, 2))
        assert "José Ángel Mejía" in desk.shown()[1]
        await desk.pilot.click("#thread", offset=(1, 0))
        assert "Pupusería" in desk.screen
        start = desk.shown()[0].index("Unassigned")
        await desk.pilot.click("#top", offset=(start + 2, 0))
        assert "Rosa Alvarenga" in desk.screen
        start = desk.shown()[-1].index("take")
        await desk.pilot.click("#footer", offset=(start, 0))
        assert desk.changes(Claim) == [Claim(20)]


async def test_the_theme_changes() -> None:
    async with console() as desk:
        before = desk.app.look
        desk.inbox.acts.perform("theme")
        await desk.pilot.pause()
        assert desk.app.theme == "agent-console-light"
        assert desk.app.look != before
        assert "María Ramos" in desk.screen


async def test_a_fault_is_told_and_survived(monkeypatch: Any, tmp_path: Any) -> None:
    from agent_console import faults

    monkeypatch.setattr(faults, "folder", lambda: tmp_path)
    async with console() as desk:
        monkeypatch.setattr(desk.session, "do", lambda change: 1 / 0)
        await desk.press("e")
        assert desk.status.startswith("Something went wrong (ZeroDivisionError")
        await desk.press("j")
        assert desk.cursor == 2
        assert [type(fault) for fault in desk.app.faults] == [ZeroDivisionError]
        desk.app.faults.clear()
    log = next(tmp_path.iterdir())
    assert "ZeroDivisionError" in log.read_text() and log.stat().st_mode & 0o077 == 0


async def test_a_fault_in_the_background_is_told_and_survived(monkeypatch: Any, tmp_path: Any) -> None:
    from agent_console import faults

    monkeypatch.setattr(faults, "folder", lambda: tmp_path)
    async with console() as desk:
        monkeypatch.setattr(desk.session, "load_older", lambda conversation: fail())

        async def fail() -> None:
            raise LookupError("ours")

        desk.inbox.post_message(OlderMessages(1))
        await desk.press("j")
        assert desk.status.startswith("Something went wrong (LookupError")
        assert [type(fault) for fault in desk.app.faults] == [LookupError]
        desk.app.faults.clear()
    assert "LookupError" in next(tmp_path.iterdir()).read_text()
