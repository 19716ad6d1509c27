"""Alerts, reviews, the wallboard, answers for later, whispers and merging line by line, at a real server."""

from __future__ import annotations

import pytest

from tests.cli.office import Office
from tests.plain.test_script import outbound, plain


def supervisor(office: Office, *lines: str, code: int = 0) -> list[str]:
    """What plain mode says to the supervisor."""
    given = "".join(f"{line}\n" for line in lines)
    ran = office.cli("--plain", role="supervisor", given=given, lang="es")
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout.splitlines() + [each.removeprefix("agent-console: ") for each in ran.stderr.splitlines()]


def test_an_answer_leaves_at_another_time(office: Office) -> None:
    id = office.customer_writes("¿me avisa mañana?", "Pía Programa")
    said = plain(office, f"#{id}", "programar en 3h: Ya está su tarjeta.")
    assert said[-1].startswith("Respondido. Sale ") and "deshacer" in said[-1]
    assert outbound(office, id) == [("Ya está su tarjeta.", "queued")]
    assert "60 días" in plain(office, f"#{id}", "programar ayer: hola", code=1)[-1]
    assert "habrá pasado" in plain(office, f"#{id}", "programar en 3d: hola", code=1)[-1]
    said = plain(office, f"#{id}", "r Ya voy.")
    assert any("usted, sale " in each and "segundos" not in each and "Ya está" in each for each in said)
    assert outbound(office, id)[-1][0] == "Ya voy."


def test_help_asked_for_is_an_alert_that_somebody_looks_after(office: Office) -> None:
    id = office.customer_writes("¡qué enojo!", "Alma Alerta")
    plain(office, f"#{id}", "tomar", "bandera amenaza con irse")
    said = supervisor(office, "alertas")
    number = next(each for each in said if "Alma Alerta" in each and "amenaza" in each).partition(".")[0]
    said = supervisor(office, "alertas", f"enterado {number}", f"#{id}", "susurrar ofrézcale la llamada", "alertas")
    assert any(each.startswith("Usted la atiende: Alma Alerta") for each in said)
    assert "Susurrado; otros asesores no lo ven." in said
    assert not any("Alma Alerta" in each and "amenaza" in each for each in said[-3:])
    assert "es suya ahora" in supervisor(office, f"#{id}", "relevar ya hablo yo")[-1]
    assert "diga su número" in supervisor(office, "enterado 99", code=1)[-1]


def test_supervisors_hear_the_wallboard_and_advisors_do_not(office: Office) -> None:
    said = supervisor(office, "tablero")
    assert any(each.startswith("En total: ") and "esperan" in each for each in said)
    assert any("carga" in each for each in said)
    assert "supervisores" in plain(office, "tablero", code=1)[-1]
    assert "supervisores" in plain(office, "susurrar hola", code=1)[-1]


@pytest.fixture
def reviewed(office: Office) -> str:
    """A team all of whose answers are looked at first."""
    team = office.json("team", "list", role="admin")[0]["name"]
    office.done("review", "rule", team, "--all", role="admin")
    return str(team)


def test_a_reviewer_sends_changes_and_gives_back(office: Office, reviewed: str) -> None:
    ids = [office.customer_writes(f"pregunta {n}", f"Rita Revisa {n}") for n in range(3)]
    for id in ids:
        plain(office, f"#{id}", f"asignar {reviewed}", "tomar", f"r Respuesta a {id}")
    said = supervisor(office, "revisiones")
    numbers = {id: next(each for each in said if f"Respuesta a {id}" in each).partition(".")[0] for id in ids}
    whole = supervisor(office, "revisiones", f"revisiones {numbers[ids[0]]}")
    assert "pregunta 0" in "\n".join(whole) and whole[-1].startswith("Por qué espera: ")
    said = supervisor(
        office,
        "revisiones",
        f"aprobar {numbers[ids[0]]}",
        f"corregir {numbers[ids[1]]}: Mejor dicho así.",
        f"devolver {numbers[ids[2]]}: falta el saludo",
    )
    assert "Cambiada y enviada." in said
    assert outbound(office, ids[1])[-1][0] == "Mejor dicho así."
    assert outbound(office, ids[2])[-1][1] == "cancelled"


def test_two_who_are_one_and_conversations_that_belong_together(office: Office) -> None:
    id = office.customer_writes("hola", "Mela Misma")
    said = plain(office, f"#{id}", "unir")
    assert "No parece que nadie más sea la misma persona." in said
    assert "diga su número" in plain(office, f"#{id}", "unir 4", code=1)[-1]


def test_what_a_channel_does_not_know_is_said(office: Office) -> None:
    id = office.customer_writes("hola", "Nadia Nada")
    assert "nadie recibe copias" in plain(office, f"#{id}", "copias ana@coop.example", code=1)[-1]
    assert "asunto" in plain(office, f"#{id}", "asunto otro", code=1)[-1]
    assert "comentario" in plain(office, f"#{id}", "ocultar", code=1)[-1]
    assert "comentario" in plain(office, f"#{id}", "borrar sí", code=1)[-1]


def test_who_is_there_is_said_without_signs(office: Office) -> None:
    said = supervisor(office, "presencia", "presencia ausente 23:59", "presencia disponible")
    assert not any(sign in each for each in said for sign in "●○◐")
    assert said[-2].startswith("Usted: ausente, vuelve") and said[-1] == "Usted: en línea."
