"""Reminders and help, line by line, at a real server."""

from __future__ import annotations

from datetime import date

from tests.cli.office import Office
from tests.plain.test_overseeing import supervisor
from tests.plain.test_script import plain


def test_a_call_is_noted_read_and_finished(office: Office) -> None:
    id = office.customer_writes("me llaman?", "Paula Plain")
    said = plain(office, f"#{id}", "recordar llamada jueves 10:00: confirmar la cita", "cliente")
    assert any("llamar al +503 7" in each and "confirmar la cita" in each and "Paula Plain" in each for each in said)
    assert any(each.startswith("Pendiente: llamar al +503 7") for each in said)
    said = plain(office, "recordatorios")
    number = next(each for each in said if "Paula Plain" in each).partition(".")[0]
    said = plain(office, "recordatorios", f"hecho {number}", code=1)
    assert "contestó" in said[-1]
    said = plain(office, "recordatorios", f"hecho {number} nadie 3h")
    assert said[-1].startswith("Llamar de nuevo: llamar al +503 7")
    said = plain(office, "recordatorios", f"hecho {number} contestó", "deshacer")
    assert said[-2].startswith("Hecho: llamar al") and said[-1].startswith("Deshecho: Hecho: llamar")


def test_what_is_not_understood_is_said(office: Office) -> None:
    id = office.customer_writes("hola", "Nora Nada")
    assert "jueves 10:00: llamarla" in plain(office, f"#{id}", "recordar ayer: x", code=1)[-1]
    assert "número" in plain(office, "hecho 99", code=1)[-1]


def test_help_is_asked_for_and_no_longer(office: Office) -> None:
    id = office.customer_writes("¡qué enojo!", "Hugo Help")
    said = plain(office, f"#{id}", "tomar", "bandera amenaza con irse", "vista mías")
    assert "Ayuda pedida: Hugo Help." in said and any("Hugo Help" in each and "pide ayuda" in each for each in said)
    assert "Ya no se pide ayuda: Hugo Help." in plain(office, f"#{id}", "bandera no")


def test_a_colleague_is_reminded(office: Office) -> None:
    id = office.customer_writes("¿me llaman ustedes?", "Celia Colega")
    said = plain(office, f"#{id}", "recordar sofia: llamada jueves 10:00: por la boleta", "recordatorios")
    assert said[-2].startswith("Celia Colega: llamar al +503 7") and "por la boleta jue" in said[-2].lower()
    assert said[-2].endswith("(sofia)") and "Celia Colega" not in said[-1]
    assert any("Celia Colega" in each and "(yo)" in each for each in supervisor(office, "recordatorios"))
    said = plain(office, f"#{id}", "recordar promesa sofia: viernes 9: su boleta", "deshacer")
    assert said[-1] == f"Deshecho: {said[-2]}" and said[-2].endswith("(sofia)")
    assert [each["text"] for each in office.json("conv", str(id))["reminders"]] == ["por la boleta"]


def test_who_mistypes_a_moment_means_no_colleague(office: Office) -> None:
    id = office.customer_writes("¿y entonces?", "Tere Tecla")
    assert "diga cuándo" in plain(office, f"#{id}", "recordar lunse 10:00: llamarla", code=1)[-1]
    assert "«zutano»" in plain(office, f"#{id}", "recordar zutano: lunes 10:00: llamarla", code=1)[-1]
    assert "diga a quién" in plain(office, f"#{id}", "recordar nadie: lunes 10:00: llamarla", code=1)[-1]


def test_a_number_to_call_is_said_in_one_word(office: Office) -> None:
    id = office.customer_writes("llámeme a la casa", "Fita Fono")
    said = plain(office, f"#{id}", "recordar llamada 2222-4455 jueves 10:00: saludarla")
    assert said[-1].startswith("Fita Fono: llamar al +503 2222 4455: saludarla jue")
    said = plain(office, f"#{id}", "recordar a sofia: +50370112233 en 3h: urge")
    assert said[-1].startswith("Fita Fono: llamar al +503 7011 2233: urge") and said[-1].endswith("(sofia)")
    day = f"{date.today().year + 1}-02-03"
    assert "llamar al +503 7" in plain(office, f"#{id}", f"recordar llamada {day}: el saldo")[-1], "a day is no number"
    assert "diga cuándo" in plain(office, f"#{id}", "recordar promesa 2222-4455 jueves: x", code=1)[-1]
