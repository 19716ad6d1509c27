"""Reading and answering mails and public comments: who gets a copy, who reads it, what is hidden."""

from __future__ import annotations

from agent_console.backend.overlay import Moderate, Reply
from tests.console.desk import Desk, console
from tests.console.sample_letters import COMMENTER, FERRETERIA


async def opened(desk: Desk, conversation: int) -> None:
    desk.inbox.thelist.go_to(conversation)
    await desk.press("enter")


def reply(desk: Desk) -> Reply:
    found: Reply = desk.changes(Reply)[0]
    return found


# ---------------------------------------------------------------- mails


async def test_a_mail_shows_subject_copies_and_who_wrote_it() -> None:
    async with console((120, 60)) as desk:
        await opened(desk, FERRETERIA)
        shown = desk.screen
        assert "Línea de crédito para capital" in shown
        assert "Balance 2025 FIRMADO" in shown
        assert "to ayuda@coop.example, gerencia@elsol.exam" in shown
        assert "Lic. Marta Pe…: Va firmado." in shown
        assert "automatic" in shown


async def test_quoted_lines_are_folded_and_one_key_shows_them() -> None:
    async with console((100, 50)) as desk:
        await opened(desk, FERRETERIA)
        assert "··· 6 quoted lines · f" in desk.screen
        assert "Estimados señores:\n" not in desk.screen.replace(" ", "") and "┆" not in desk.screen
        await desk.press("f")
        assert "┆ > para la línea de crédito necesitamos el balance" in desk.screen
        await desk.press("f")
        assert "┆" not in desk.screen


async def test_an_answer_goes_to_everybody_but_us() -> None:
    async with console((120, 40)) as desk:
        await opened(desk, FERRETERIA)
        await desk.press("r")
        assert "To contador@pena.example · Cc compras@elsol.example" in desk.screen
        await desk.write("Recibido")
        await desk.press("ctrl+s")
        assert reply(desk).cc == ("compras@elsol.example",)


async def test_one_key_answers_only_the_sender() -> None:
    async with console((120, 40)) as desk:
        await opened(desk, FERRETERIA)
        await desk.press("r", "o", "k", "ctrl+l")
        assert "compras@elsol.example ·" not in desk.screen.split("To contador")[1].splitlines()[0]
        await desk.press("ctrl+s")
        assert reply(desk).cc == ()


async def test_the_marked_mail_is_the_one_that_is_answered() -> None:
    async with console((100, 40)) as desk:
        await opened(desk, FERRETERIA)
        await desk.press("K", "K")
        await desk.press("r", "s", "í")
        assert "To compras@elsol.example · Cc gerencia@elsol.example, contador@pena" in desk.screen
        assert "in answer to «" in desk.screen
        await desk.press("ctrl+s")
        assert reply(desk).reply_to == 404
        assert reply(desk).cc == ("gerencia@elsol.example", "contador@pena.example")
        assert desk.inbox.thread.marked is None


async def test_copies_and_subject_can_be_changed() -> None:
    async with console((120, 40)) as desk:
        await opened(desk, FERRETERIA)
        await desk.press("r", "o", "k", "ctrl+t", "ctrl+u")
        await desk.write("jefe@coop.example, mal")
        await desk.press("enter")
        assert "mal is not an e-mail address." in desk.screen
        await desk.press(*["backspace"] * 5, "tab")
        await desk.write("archivo@coop.example")
        await desk.press("tab")
        await desk.write("Balance recibido")
        await desk.press("enter", "ctrl+s")
        sent = reply(desk)
        assert (sent.cc, sent.bcc) == (("jefe@coop.example",), ("archivo@coop.example",))
        assert sent.subject == "Balance recibido"
        assert "Balance recibido" in desk.screen  # the message itself shows its new subject


async def test_what_goes_along_is_kept_with_the_draft() -> None:
    async with console((120, 40)) as desk:
        await opened(desk, FERRETERIA)
        await desk.press("r", "o", "k", "ctrl+l", "escape", "escape")
        desk.inbox.thelist.go_to(1)
        await desk.press("enter")
        await opened(desk, FERRETERIA)
        await desk.press("r")
        assert desk.inbox.composer.answer().cc == ()


async def test_taking_back_an_answer_to_one_does_not_make_it_one_to_all() -> None:
    async with console((120, 40)) as desk:
        await opened(desk, FERRETERIA)
        await desk.press("r", "o", "k", "ctrl+l", "ctrl+s", "z")
        assert desk.inbox.composer.text == "ok"
        assert desk.inbox.composer.answer().cc == ()


# ---------------------------------------------------------------- comments


async def test_a_comment_says_that_it_is_public_and_where() -> None:
    async with console((80, 24)) as desk:
        assert "public · y la tasa??" in desk.screen
        await opened(desk, COMMENTER)
        assert "Public comments under: Crédito personal desde $500" in desk.screen
        assert "hidden from others" in desk.screen
        await desk.press("r")
        assert "PUBLIC · everybody can read it" in desk.screen


async def test_an_answer_is_public_until_it_is_made_private() -> None:
    async with console((80, 24)) as desk:
        await opened(desk, COMMENTER)
        await desk.press("r", "o", "k", "ctrl+s")
        assert not reply(desk).private
        assert "ok · public" in desk.screen
        await desk.press("r", "a", "ctrl+l")
        assert "IN PRIVATE · once, only they read it" in desk.screen
        await desk.press("ctrl+s")
        assert desk.changes(Reply)[1].private


async def test_a_second_private_answer_is_refused_before_it_is_written() -> None:
    async with console((80, 24)) as desk:
        await opened(desk, COMMENTER)
        await desk.press("r", "o", "k", "ctrl+l", "ctrl+s")
        await desk.press("r", "ctrl+l")
        assert "already answered in private" in desk.status
        assert "PUBLIC" in desk.screen


async def test_too_late_for_a_private_answer() -> None:
    async with console((80, 24)) as desk:
        await opened(desk, COMMENTER)
        await desk.press("r")
        desk.clock.now += 8 * 86_400_000
        await desk.press("ctrl+l")
        assert "Too late for a private answer" in desk.status


async def test_a_comment_is_hidden_and_shown_again() -> None:
    async with console((80, 24)) as desk:
        await opened(desk, COMMENTER)
        await desk.press("H")
        assert desk.changes(Moderate) == [Moderate(COMMENTER, message=504, act="hide")]
        assert "The comment will be hidden · z takes it back" in desk.status
        await desk.press("z")
        assert desk.changes(Moderate)[1].act == "unhide"
        await desk.press("K", "K", "H")  # the one that is hidden already
        assert desk.changes(Moderate)[2] == Moderate(COMMENTER, message=503, act="unhide")


async def test_deleting_asks_first() -> None:
    async with console((80, 24)) as desk:
        await opened(desk, COMMENTER)
        await desk.press("D")
        assert "Delete this comment for good?" in desk.screen
        desk.clock.now += 500
        await desk.press("escape")
        assert desk.changes(Moderate) == []
        await desk.press("D")
        desk.clock.now += 500
        await desk.press("d")
        assert desk.changes(Moderate) == [Moderate(COMMENTER, message=504, act="delete")]


async def test_only_comments_can_be_hidden() -> None:
    async with console((80, 24)) as desk:
        await desk.press("enter", "H")
        assert desk.status == "Only public comments can be hidden or deleted."


# ---------------------------------------------------------------- SMS


async def test_an_sms_says_what_it_is_charged_as() -> None:
    async with console((80, 24)) as desk:
        await opened(desk, 8)
        await desk.press("r")
        await desk.write("x" * 20)
        assert "1 segment · 20/160" in desk.screen
        await desk.press("ó")
        assert "1 segment · 21/70 · «ó»" in desk.screen
