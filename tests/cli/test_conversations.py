"""Listing conversations and acting on them, the id first, on a real server."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from tests.cli.office import Office

pytestmark = pytest.mark.xdist_group("cli-conversations")

HOSTILE = "=1+1 \x1b[31mJosé\x1b]0;title\x07 \u202egnp.exe"


def test_list_and_search(office: Office) -> None:
    id = office.customer_writes("no me deja entrar a la aplicación", "Lidia Portillo")
    assert str(id) in office.done("convs", "-q").split()
    assert office.done("convs", "aplicación", "-q").split() == [str(id)]
    assert "Lidia Portillo" in office.done("convs")
    assert office.json("convs", "--view", "mine") == []
    assert [row["id"] for row in office.json("convs", "--state", "queued", "--limit", "1000")].count(id) == 1
    assert len(office.json("convs", "--limit", "1")) == 1
    assert office.json("convs", "--channel", "wa", "--assignee", "ana") == []


def test_nothing_found_says_so_on_stderr_and_is_no_failure(office: Office) -> None:
    ran = office.cli("convs", "nosuchword")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "No hay conversaciones.\n")
    assert office.done("convs", "nosuchword", "-o", "csv").startswith("id,state,")


def test_foreign_text_cannot_act_on_the_terminal_or_a_spreadsheet(office: Office) -> None:
    id = office.customer_writes("@SUM(A1) \x1b[2Jhola", HOSTILE)
    for printed in (office.done("convs"), office.done("conv", str(id)), office.done("convs", "-o", "csv")):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", printed)
    rows = csv.DictReader(io.StringIO(office.done("convs", "-o", "csv")))
    row = next(row for row in rows if row["id"] == str(id))
    assert row["contact_name"].startswith("'=1+1 José")
    assert row["preview"].startswith("'@SUM")
    # JSON is for programs: lossless, and still harmless to look at
    assert next(row for row in office.json("convs") if row["id"] == id)["contact_name"] == HOSTILE
    assert "\u202e" not in office.done("convs", "-o", "json")


def test_without_a_verb_the_conversation_is_shown(office: Office) -> None:
    id = office.customer_writes("buenos días\nsoy Nena", "Nena")
    shown = office.done("conv", str(id))
    assert f"#{id} Nena · wa (WhatsApp)" in shown
    assert "buenos días" in shown and "soy Nena" in shown
    assert "ventana" in shown
    document = office.json("conv", str(id))
    assert document["row"]["id"] == id
    assert document["contact"]["name"] == "Nena"
    assert [message["text"] for message in document["messages"]] == ["buenos días\nsoy Nena"]
    assert office.done("conv", str(id), "-q").split() == [str(document["messages"][0]["id"])]


def test_the_way_of_a_conversation(office: Office) -> None:
    id = str(office.customer_writes("¿cuánto debo?", "Carlos"))
    assert office.json("conv", id, "claim")["assignee"] == "ana"
    assert office.done("conv", id, "assign", "sofia", role="supervisor").endswith("asignada a sofia\n")
    assert office.json("conv", id, "assign", "--nobody", role="supervisor")["assignee"] is None
    team = office.json("team", "list", role="admin")[0]["name"]
    assert office.json("conv", id, "assign", "--team", team, role="supervisor")["team"] == team
    note = office.json("conv", id, "note", "llamar el jueves")
    assert (note["direction"], note["text"]) == ("note", "llamar el jueves")
    reply = office.json("conv", id, "reply", "$45.00, Carlos", "--to", "last")
    assert (reply["direction"], reply["author"], reply["text"]) == ("out", "ana", "$45.00, Carlos")
    assert reply["reply_to"] == office.json("conv", id)["messages"][0]["id"]
    assert office.json("conv", id, "resolve", "--outcome", "solved")["state"] == "resolved"
    assert office.json("conv", id)["outcome"] == "solved"
    assert office.refused("conv", id, "resolve") == "La conversación ya está resuelta."
    assert office.json("conv", id, "reopen")["state"] == "open"


def test_a_held_reply_can_be_taken_back(office: Office) -> None:
    id = str(office.customer_writes("hola", "Tere"))
    held = office.json("conv", id, "reply", "un momento", "--hold", "60")
    assert held["status"] == "queued"
    assert office.json("conv", id, "take-back")["id"] == held["id"]
    assert office.json("conv", id)["messages"][-1]["status"] == "cancelled"
    assert "No hay tal mensaje" in office.refused("conv", id, "take-back")
    assert office.refused("conv", id, "take-back", str(held["id"])) == "Demasiado tarde: el mensaje ya salió."


def test_a_reply_from_stdin_a_file_a_template(office: Office, tmp_path: Path) -> None:
    id = str(office.customer_writes("mándeme el formulario", "Julia"))
    assert office.json("conv", id, "reply", "-", given="dos\nlíneas\n")["text"] == "dos\nlíneas"
    form = tmp_path / "formulario.txt"
    form.write_text("nombre: ____")
    sent = office.json("conv", id, "reply", "aquí está", "--file", str(form))
    assert sent["attachments"][0]["file_name"] == "formulario.txt"
    template = office.json("conv", id, "reply", "--template", "estado_cuenta:es", "--param", "Julia", "--param", "$3")
    assert template["kind"] == "template"
    assert "no existe" in office.refused("conv", id, "reply", "--file", str(tmp_path / "no"))
    assert office.refused("conv", id, "note", "-", given="") == "No hay nada que enviar. Escriba algo."


def test_a_reaction(office: Office) -> None:
    id = str(office.customer_writes("gracias niña", "Ester"))
    office.done("conv", id, "react", "last", "👍")
    assert office.json("conv", id)["messages"][0]["reactions"]


def test_several_at_once_and_one_that_is_refused_does_not_stop_the_others(office: Office) -> None:
    first, second = office.customer_writes("uno", "Uno"), office.customer_writes("dos", "Dos")
    ran = office.cli("conv", str(first), "999999", str(second), "resolve", "-q")
    assert ran.returncode == 1
    assert ran.stdout.split() == [str(first), str(second)]
    assert ran.stderr.splitlines() == [
        "agent-console: #999999: No existe la conversación 999999.",
        "agent-console: Rechazadas: 1 de 3",
    ]


def test_ids_from_standard_input(office: Office) -> None:
    ids = [office.customer_writes("a granel", f"Cliente {n}") for n in range(3)]
    found = office.done("convs", "granel", "-q")
    assert sorted(map(int, found.split())) == ids
    resolved = office.json("conv", "-", "resolve", given=found)
    assert {row["state"] for row in resolved} == {"resolved"}
    assert office.cli("conv", "-", "resolve", given="").returncode == 0
    assert "no es el número" in office.refused("conv", "-", given="12 abc", code=2)


def test_a_conversation_that_is_not_there(office: Office) -> None:
    assert office.refused("conv", "424242") == "No existe la conversación 424242."
    assert office.refused("conv", "424242", "reply", "hola", lang="en") == "There is no conversation 424242."


def test_a_colleague_who_answered_meanwhile(office: Office) -> None:
    id = str(office.customer_writes("¿hay alguien?", "Rina"))
    seen = office.json("events", "--limit", "1")[0]["seq"]
    office.done("conv", id, "reply", "sí", role="supervisor")
    said = office.refused("conv", id, "reply", "aquí estoy", "--seen", str(seen))
    assert said.startswith("sofia respondió esta conversación a las ")
