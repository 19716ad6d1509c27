"""Reply templates at the desk: found while typing, previewed, filled in, inserted, run, taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.backend.api import Unreachable
from agent_console.backend.outgoing import call_of
from agent_console.backend.overlay import ChangeTags, Note, Reopen, Reply, RunMacro, SetPriority
from agent_console.backend.templates import find
from agent_console.presentation import templates as painted
from agent_console.screens import template_preview
from server import wire
from tests.console import sample, sample_templates
from tests.console.desk import Desk, console
from tests.console.sample_templates import template
from tests.console.settled import settled

LIDIA = 9


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """María's conversation is open; the server has templates."""
    monkeypatch.setattr(template_preview, "REST", 0.0)
    async with console() as desk:
        sample_templates.serve(desk.session.fake_api)
        await desk.press("enter")
        yield desk


async def ask_for(desk: Desk, words: str, *keys: str) -> None:
    await desk.press("semicolon")
    await settled(desk.pilot)
    await desk.write(words)
    await desk.press(*keys)
    await settled(desk.pilot)


def written(desk: Desk) -> str:
    return desk.inbox.composer.text


# ---------------------------------------------------------------- choosing and inserting


async def test_the_most_used_come_first_with_what_they_say(desk: Desk) -> None:
    await ask_for(desk, "")
    lines = [line for line in desk.shown() if line.startswith("│")]
    assert [line.split()[0].strip("│▌") or line.split()[1] for line in lines[:3]] == [
        "cred.requisitos", "acceso.listo", "cred.cuota",
    ]  # fmt: skip
    assert "used 214 times" in desk.screen and "Buenos días, María." in desk.screen
    await desk.press("down")
    await settled(desk.pilot)
    assert "Listo María, su usuario quedó desbloqueado." in desk.screen


async def test_the_keys_stay_with_the_text_whatever_rose_before(desk: Desk) -> None:
    await desk.press("s", "escape")  # a drawer over the conversation gives the keys back to it
    await ask_for(desk, "requi", "enter")
    await desk.write(" Sí.")
    assert written(desk).endswith("sueldo. Sí.") and desk.inbox.place == "composer"


async def test_what_is_inserted_is_ordinary_text(desk: Desk) -> None:
    await ask_for(desk, "requi", "enter")
    assert written(desk).startswith("Buenos días, María. Para un crédito")
    assert not desk.inbox.over.open and desk.inbox.place == "composer"
    await desk.write(" Gracias.")
    await desk.press("ctrl+s")
    (reply,) = desk.changes(Reply)
    assert reply.text.endswith("sueldo. Gracias.")
    (command,) = desk.session.outgoing.commands
    body = msgspec.json.decode(call_of(command).body or b"")
    assert body["snippet"] == 2, "its use is counted"


async def test_fields_are_asked_for_and_read(desk: Desk) -> None:
    await ask_for(desk, "cuota", "enter")
    assert "Monto del crédito *" in desk.screen and "Primer pago " in desk.screen and "‹24›" in desk.screen
    await desk.press("enter", "enter", "enter")
    assert "Monto del crédito is needed." in desk.screen
    await desk.write("$2,400.50")
    await desk.press("tab", "right", "tab")
    await desk.write("30 nov")
    await settled(desk.pilot)
    assert "son $2400.5 a 36 meses desde 2026-11-30." in desk.screen, "seen while it is filled in"
    await desk.press("enter")
    await settled(desk.pilot)
    assert written(desk) == "María, son $2400.5 a 36 meses desde 2026-11-30."


async def test_a_shortcut_and_space_insert_at_once(desk: Desk) -> None:
    await desk.press("r")
    await desk.write("Hola ;")
    await settled(desk.pilot)
    await desk.write("requisitos ")
    await settled(desk.pilot)
    assert written(desk).startswith("Hola Buenos días, María. Para un")


@pytest.mark.parametrize("text", ["bien; gracias", "a;b", ";)", "x ;nosuch y", "ya! ; no", "fin ;"])
async def test_other_semicolons_are_only_typed(desk: Desk, text: str) -> None:
    await desk.press("r")
    await desk.write(";")
    await settled(desk.pilot)
    await desk.press("backspace")
    await desk.write(text)
    await desk.press("enter")
    await settled(desk.pilot)
    assert written(desk) == text + "\n"


async def test_escape_leaves_everything_as_it_was(desk: Desk) -> None:
    await desk.press("r")
    await desk.write("Hola")
    await desk.press("escape")
    await ask_for(desk, "cuota", "enter")
    await desk.write("12")
    await desk.press("escape")
    await settled(desk.pilot)
    assert written(desk) == "Hola " and not desk.inbox.over.open
    await desk.press("escape")
    await ask_for(desk, "cuo", "escape")
    assert written(desk) == "Hola " and not desk.inbox.over.open


async def test_its_files_go_along(desk: Desk) -> None:
    kept = desk.session.fake_api.answers[("GET", "/templates")]
    assert isinstance(kept, wire.Page)
    kept.items[1].files = [wire.Attachment(id=7, kind="document", mime="application/pdf", file_name="r.pdf", size=9)]
    await ask_for(desk, "requisitos", "enter")
    assert [file.id for file in desk.inbox.composer.letter.files] == [77]
    assert "r.pdf" in desk.screen


async def test_an_answer_with_a_gap_is_not_sent_by_accident(desk: Desk) -> None:
    await ask_for(desk, "correo", "enter")
    assert "⟨cliente.correo⟩ is not known" in desk.status
    await desk.press("home", "ctrl+s")
    assert desk.changes(Reply) == [] and "⟨cliente.correo⟩ is not filled in" in desk.screen
    await desk.write("ana@x.sv")  # what was missing is selected: typing takes its place
    await desk.press("ctrl+s")
    (reply,) = desk.changes(Reply)
    assert reply.text == "Su correo registrado es ana@x.sv, ¿sigue siendo el mismo?"


async def test_what_is_too_long_is_not_sent_and_is_shown(desk: Desk) -> None:
    await ask_for(desk, "mala", "enter")
    assert "\x1b" not in written(desk) and "\u202e" not in written(desk)
    await desk.press("ctrl+s")
    assert desk.changes(Reply) == [] and "too long" in desk.screen
    await desk.press("delete", "ctrl+s")
    assert len(desk.changes(Reply)) == 1


async def test_without_a_server_nothing_is_lost(desk: Desk) -> None:
    await ask_for(desk, "", "escape")
    await desk.write("Hola ")
    desk.session.fake_api.answers[("POST", "/templates/")] = Unreachable("gone")
    await desk.write(";requisitos ")
    await settled(desk.pilot)
    assert written(desk).startswith("Hola ") and "server does not answer" in desk.status


def lists(desk: Desk) -> int:
    return sum(call.path == "/templates" for call in desk.session.fake_api.asked)


async def test_other_templates_come_by_the_journal(desk: Desk) -> None:
    await ask_for(desk, "nuevo", "escape")
    asked = lists(desk)
    kept = desk.session.fake_api.answers[("GET", "/templates")]
    assert isinstance(kept, wire.Page)
    kept.items.append(template(40, "nuevo", "Texto nuevo"))
    await ask_for(desk, "nuevo", "escape")
    assert lists(desk) == asked == 1, "what is held is fresh"
    desk.session.event("template.created", desk.session.changed_row(1))
    await desk.press("escape")
    await ask_for(desk, "nuevo")
    assert "Texto nuevo" in desk.screen


# ---------------------------------------------------------------- macros


async def test_a_macro_is_looked_at_run_and_taken_back(desk: Desk) -> None:
    before = desk.session.mirror.row(1)
    assert before is not None
    await ask_for(desk, "listo", "enter")
    assert "It will: tag acceso · priority low · resolve it" in desk.screen and "Listo María" in desk.screen
    assert desk.session.changes_made == []
    await desk.press("enter")
    await settled(desk.pilot)
    (run,) = desk.changes(RunMacro)
    row = desk.session.mirror.row(1)
    assert row is not None and (row.state, row.priority, row.tags) == ("resolved", "low", ["acceso"]), "at once"
    body = msgspec.json.decode(call_of(desk.session.outgoing.commands[0]).body or b"")
    assert (body["template"], body["reply"]["text"]) == (3, "Listo María, su usuario quedó desbloqueado.")
    assert run.reply is not None and written(desk) == ""
    await desk.press("z")
    assert desk.session.outgoing.commands == [], "it had not left"
    row = desk.session.mirror.row(1)
    assert row is not None and (row.state, row.tags) == (before.state, before.tags)
    assert written(desk) == "Listo María, su usuario quedó desbloqueado."
    assert "undone: resolve it · priority low" in desk.status or "undone: tag acceso" in desk.status


async def test_after_the_server_has_it_the_acts_are_undone_one_by_one(desk: Desk) -> None:
    await ask_for(desk, "listo", "enter", "enter")
    (command,) = desk.session.outgoing.commands
    row = desk.session.mirror.row(1)
    assert row is not None
    desk.session.outgoing.done(command)
    desk.session._done(command, row)
    await desk.press("z")
    undone = [type(each) for each in desk.session.changes_made]
    assert undone == [Reopen, SetPriority, ChangeTags]


async def test_a_macro_may_be_edited_first(desk: Desk) -> None:
    await ask_for(desk, "listo", "enter", "tab")
    assert desk.changes(RunMacro) == [] and "then: tag acceso" in desk.screen
    await desk.write(" Buen día.")
    await desk.press("ctrl+s")
    (run,) = desk.changes(RunMacro)
    assert run.reply is not None and run.reply.text.endswith("desbloqueado. Buen día.")


async def test_a_macro_that_says_nothing(desk: Desk) -> None:
    await ask_for(desk, "esperar", "enter", "enter")
    (run,) = desk.changes(RunMacro)
    assert run.reply is None and run.macro.moments == (sample.at(8, 0, day=15),)
    row = desk.session.mirror.row(1)
    assert row is not None and row.state == "snoozed"


async def test_a_note_is_no_place_for_templates(desk: Desk) -> None:
    await desk.press("i")
    await desk.write(";requisitos ")
    await desk.press("ctrl+s")
    (note,) = desk.changes(Note)
    assert note.text == ";requisitos"


# ---------------------------------------------------------------- approved templates


async def at_lidia(desk: Desk) -> None:
    """Her window is closed."""
    await desk.press("escape")
    desk.inbox.thelist.go_to(LIDIA)
    desk.inbox.open(LIDIA)
    await settled(desk.pilot)


async def test_a_closed_window_offers_what_was_approved(desk: Desk) -> None:
    await at_lidia(desk)
    await ask_for(desk, "")
    shown = desk.screen
    assert "only approved templates can be sent" in shown
    assert "aviso" in shown and "seguimiento" in shown and "its header is a file" in shown
    assert "cred.requisitos" not in shown and "promo" not in shown and "ajena" not in shown
    await desk.write("seguim")
    await desk.press("enter")
    assert "{{1}}" in desk.screen and "{{2}}" in desk.screen
    await desk.press("tab")
    await desk.write("su desembolso")
    assert "Hola Lidia, damos seguimiento a su consulta: su desembolso." in desk.screen
    await desk.press("enter")
    await settled(desk.pilot)
    (reply,) = desk.changes(Reply)
    assert reply.template == wire.Template(name="seguimiento", language="es", parameters=["Lidia", "su desembolso"])
    (command,) = desk.session.outgoing.commands
    assert msgspec.json.decode(call_of(command).body or b"")["text"] == ""
    assert "Hola Lidia" in desk.screen, "painted at once"
    await desk.press("z")
    assert desk.session.outgoing.commands == []


async def test_one_without_holes_is_looked_at_first(desk: Desk) -> None:
    await at_lidia(desk)
    await ask_for(desk, "aviso", "enter")
    assert desk.changes(Reply) == [] and "Le esperamos en agencia." in desk.screen
    await desk.press("enter")
    assert len(desk.changes(Reply)) == 1


async def test_one_that_needs_a_file_says_so(desk: Desk) -> None:
    await at_lidia(desk)
    await ask_for(desk, "estado", "enter")
    assert desk.changes(Reply) == [] and desk.inbox.over.open


# ---------------------------------------------------------------- pure


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2400", "2400"), ("$2,400.50", "2400.5"), ("2.400,50", "2400.5"), ("2,400", "2400"), ("1,000,000", "1000000"),
        ("12.5", "12.5"), ("12,5", "12.5"), ("1.234", "1.234"), ("-3", "-3"), (".5", "0.5"), ("", ""), ("dos", ""),
        ("1e9", ""), ("--2", ""), ("$", ""),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(typed: str, number: str) -> None:
    assert painted.read_number(typed) == number


def test_days_as_people_say_them() -> None:
    said = {"hoy": "2026-10-14", "mañana": "2026-10-15", "lunes": "2026-10-19", "30 nov": "2026-11-30",
            "2026-01-02": "2026-01-02", "ayer": "", "": ""}  # fmt: skip
    assert {words: painted.read_day(words, sample.NOW) for words in said} == said


@given(st.text(max_size=40), st.lists(st.text(max_size=30), min_size=5, max_size=5))
def test_searching_takes_anything(typed: str, words: list[str]) -> None:
    kept = [template(n, word, word * 2, title=word, shortcut=word) for n, word in enumerate(words)]
    found = find(kept, typed)
    assert {each.id for each in found} <= set(range(5))
    for each in kept:
        if each.name.strip():
            assert each in find(kept, each.name)


def test_the_nearest_comes_first() -> None:
    kept = sample_templates.templates()
    assert find(kept, "cuota")[0].name == "cred.cuota"
    assert [each.name for each in find(kept, "CRÉDITO")] == ["cred.requisitos"]
    assert [each.name for each in find(kept, "crq")] == ["cred.requisitos"], "letters in order, if nothing fits better"
    assert find(kept, "zzzz") == []
