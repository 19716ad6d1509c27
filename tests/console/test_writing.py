"""Writing in the running console: replies, notes, drafts, and what happens when one is refused."""

from __future__ import annotations

from agent_console.backend.overlay import Note, Reply, Resolve
from tests.console import sample
from tests.console.desk import console

# ---------------------------------------------------------------- writing


async def test_a_reply_is_held_and_can_be_taken_back() -> None:
    async with console() as desk:
        await desk.press("r")
        await desk.write("Listo zE")
        await desk.press("ctrl+s")
        reply = desk.changes(Reply)[0]
        assert (reply.text, reply.hold_ms, reply.seen_seq) == ("Listo zE", 5_000, 100)
        assert desk.changes(Resolve) == []
        assert "The reply to María Ramos leaves in 5 s · z takes it back" in desk.status
        assert "You: Listo zE" in desk.screen
        await desk.pass_time(2_000)
        assert "leaves in 3 s" in desk.status
        await desk.press("z")
        assert desk.changes(Reply) == []
        assert desk.inbox.composer.text == "Listo zE"
        assert desk.inbox.place == "composer"


async def test_after_five_seconds_it_is_gone() -> None:
    async with console() as desk:
        await desk.press("r", "o", "k", "ctrl+s")
        await desk.pass_time(5_001)
        assert desk.status == ""
        await desk.press("z")
        assert desk.status == "There is nothing to take back."
        assert len(desk.changes(Reply)) == 1


async def test_alt_enter_sends_and_enter_does_not() -> None:
    async with console() as desk:
        await desk.press("r", "a", "enter", "b")
        assert desk.changes(Reply) == []
        await desk.press("alt+enter")
        assert desk.changes(Reply)[0].text == "a\nb"


async def test_a_note_is_a_note() -> None:
    async with console() as desk:
        await desk.press("i")
        assert "Note · only colleagues see it" in desk.screen
        await desk.write("cuidado")
        await desk.press("ctrl+s")
        assert [note.text for note in desk.changes(Note)] == ["cuidado"]
        assert desk.changes(Reply) == []
        assert "┃ note (You): cuidado" in desk.screen


async def test_tab_changes_between_reply_and_note() -> None:
    async with console() as desk:
        await desk.press("r", "x", "tab")
        assert "only colleagues see it" in desk.screen
        await desk.press("tab")
        assert "Reply by WhatsApp" in desk.screen
        assert desk.inbox.composer.text == "x"


async def test_nothing_fires_while_typing() -> None:
    async with console() as desk:
        await desk.press("r")
        await desk.write("ceEoRzqn1?.g")
        assert desk.session.changes_made == []
        assert desk.inbox.composer.text == "ceEoRzqn1?.g"
        for key in ("ctrl+q", "ctrl+c", "ctrl+d", "ctrl+r", "alt+e", "alt+q", "f1", "f12"):
            await desk.press(key)
        assert desk.session.changes_made == []
        assert desk.inbox.composer.text == "ceEoRzqn1?.g"
        assert desk.app.is_running


async def test_an_empty_reply_is_not_sent() -> None:
    async with console() as desk:
        await desk.press("r", "space", "enter", "ctrl+s")
        assert desk.changes(Reply) == []
        assert desk.status == "There is nothing written yet."


async def test_a_closed_window_blocks_and_says_so() -> None:
    async with console() as desk:
        await desk.press("G", "r", "x")
        assert "the window is closed" in desk.screen
        await desk.press("ctrl+s")
        assert desk.changes(Reply) == []
        assert desk.status.startswith("Not sent: the window is closed")
        assert desk.inbox.composer.text == "x"
        await desk.press("tab", "ctrl+s")
        assert len(desk.changes(Note)) == 1


async def test_too_long_a_reply_is_blocked() -> None:
    async with console() as desk:
        await desk.press("r")
        desk.inbox.composer.load("x" * 5000)
        await desk.press("ctrl+s")
        assert desk.changes(Reply) == []
        assert "904 characters too long" in desk.status


async def test_a_draft_waits() -> None:
    async with console() as desk:
        await desk.press("r")
        await desk.write("casi")
        await desk.press("escape")
        assert "draft: casi" in desk.screen
        await desk.press("escape", "j", "enter")
        assert desk.inbox.composer.text == ""
        await desk.press("escape", "k", "enter")
        assert "draft: casi" in desk.screen
        await desk.press("r")
        assert desk.inbox.composer.text == "casi"


async def test_the_composer_grows_to_eight_lines() -> None:
    async with console((120, 40)) as desk:
        await desk.press("r")
        for wanted in (1, 2, 3):
            assert desk.inbox.composer.size.height == wanted + 1
            await desk.press("enter")
        await desk.press(*["enter"] * 12)
        assert desk.inbox.composer.size.height == 9


async def test_pasted_text_is_made_safe() -> None:
    from textual import events

    async with console() as desk:
        await desk.press("r")
        desk.app.post_message(events.Paste("a\x1b]52;c;eA==\x07b\u202ec\r\nd"))
        await desk.pilot.pause()
        assert desk.inbox.composer.text == "ab⇄c\nd"


async def test_reading_on_while_writing() -> None:
    async with console() as desk:
        await desk.press("r")
        before = desk.shown()[3]
        await desk.press("pageup")
        assert desk.shown()[3] != before
        assert desk.inbox.place == "composer"


# ---------------------------------------------------------------- refusals


async def test_a_colleague_answered_meanwhile_send_anyway() -> None:
    async with console() as desk:
        await desk.press("r", "y", "o", "ctrl+s")
        theirs = sample.message(60, "out", "Ya la atiendo", sample.NOW, author="luis", author_name="Luis")
        desk.session.event("message.queued", desk.session.changed_row(1), message=theirs, actor="user:luis")
        desk.session.refuse("conversation_moved", by="Luis", at=sample.NOW)
        await desk.pilot.pause()
        assert "María Ramos was answered meanwhile" in desk.screen
        assert "Luis: «Ya la atiendo»" in desk.screen and "Yours: «yo»" in desk.screen
        await desk.press("enter")
        assert desk.changes(Reply)[0].seen_seq == 100, "a key pressed as it appears answers nothing"
        await desk.pass_time(1_000)
        await desk.press("s")
        assert desk.changes(Reply)[0].seen_seq is None
        assert "answered meanwhile" not in desk.screen


async def test_a_colleague_answered_meanwhile_back_to_the_text() -> None:
    async with console() as desk:
        await desk.press("r", "y", "o", "ctrl+s")
        desk.session.refuse("conversation_moved", by="Luis", at=sample.NOW)
        await desk.pilot.pause()
        await desk.pass_time(1_000)
        await desk.press("escape")
        assert desk.changes(Reply) == []
        assert desk.inbox.composer.text == "yo"
        assert desk.inbox.place == "composer"


async def test_the_question_waits_for_who_writes() -> None:
    async with console() as desk:
        await desk.press("r", "y", "o", "ctrl+s", "escape", "j", "r")
        await desk.write("otra")
        desk.session.refuse("conversation_moved", by="Luis", at=sample.NOW)
        await desk.write(" cosa")
        await desk.press("enter")
        assert desk.inbox.composer.text == "otra cosa\n"
        assert "María Ramos was answered meanwhile" in desk.status
        await desk.press("escape")
        await desk.pass_time(1_000)
        assert "send mine too" in desk.screen


async def test_a_refused_reply_returns_to_the_composer() -> None:
    async with console() as desk:
        await desk.press("r", "h", "o", "l", "a", "ctrl+s")
        desk.session.refuse("window_closed", until=sample.NOW)
        await desk.pilot.pause()
        assert desk.changes(Reply) == []
        assert desk.inbox.composer.text == "hola"
        assert desk.status.startswith("Not sent to María Ramos: More than 24 h")


async def test_a_refused_reply_does_not_disturb_who_writes_elsewhere() -> None:
    async with console() as desk:
        await desk.press("r", "h", "o", "l", "a", "ctrl+s", "escape", "j", "r")
        await desk.write("otra")
        desk.session.refuse("too_long", length=9000, limit=4096)
        await desk.write(" cosa")
        assert desk.inbox.composer.text == "otra cosa"
        assert "Not sent to María Ramos" in desk.status
        assert desk.session.outgoing.draft(1) == "hola"


async def test_a_refused_claim_is_taken_back() -> None:
    async with console() as desk:
        await desk.press("2", "c")
        desk.session.refuse("already_assigned", by="luis")
        await desk.pilot.pause()
        assert "luis already took this conversation." in desk.status
        assert desk.session.changes_made == []
