"""Alerts, reviews, the wallboard, answers for later, whispers and merging line by line, at a real server."""

from __future__ import annotations

import pytest

from tests.cli.office import Office
from tests.plain.test_script import outbound, plain
from tests.routes.desk import until


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
    office.customer_writes("¿hay alguien?", "Tita Tablero")

    def waiting() -> bool:
        first = next(each for each in supervisor(office, "tablero") if each.startswith("En total: "))
        return " espera" in first and "la primera desde hace" in first

    assert until(waiting)
    said = supervisor(office, "tablero")
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


def test_behind_each_part_of_the_wallboard_are_its_conversations(office: Office) -> None:
    office.customer_writes("hola, ¿me atienden?", "Tita Tablero")

    def behind() -> list[str]:
        said = supervisor(office, "tablero")
        number = next(each for each in said if ". canal wa: " in each).partition(".")[0]
        said = supervisor(office, "tablero", f"tablero {number}")
        return said if any(each.startswith("canal wa: ") and "conversaci" in each for each in said) else []

    assert any("Tita Tablero, WhatsApp" in each for each in until(behind))
    assert "diga su número" in supervisor(office, "tablero 999", code=1)[-1]


def test_a_supervisor_looks_on_unseen_and_nothing_counts_as_read(office: Office) -> None:
    id = office.customer_writes("¿siguen ahí?", "Olga Observada")
    said = supervisor(office, f"observar #{id}", "observar no")
    assert "Observa en silencio: nadie le ve, nada cuenta como leído." in said
    assert said[-1] == "Ya se le ve aquí de nuevo."
    listed = supervisor(office, "/siguen")
    assert any("Olga Observada" in each and "1 sin leer" in each for each in listed)
    assert "supervisores" in plain(office, f"observar #{id}", code=1)[-1]


def test_a_supervisor_says_whether_a_colleague_is_there(office: Office) -> None:
    said = supervisor(office, "presencia ana: ausente 23:59", "presencia ana: disponible")
    assert said[0].startswith("ana: ausente") and said[1] == "ana: en línea."
    assert "nadie así" not in supervisor(office, "presencia zoe: ausente", code=1)[-1]


def test_an_answer_that_is_to_leave_later_is_heard_and_taken_back(office: Office) -> None:
    id = office.customer_writes("¿cuándo abren?", "Pilar Pronto")
    plain(office, f"#{id}", "programar en 2h: primero", "programar en 3h: segundo")
    said = plain(office, f"#{id}", "programar", "programar no 2", "borrador")
    assert [each.partition(" ")[0] for each in said[-4:-2]] == ["1.", "2."]
    assert said[-4].endswith(": segundo") and said[-3].endswith(": primero")
    assert said[-1] == "Borrador: primero"
    assert sorted(outbound(office, id)) == [("primero", "cancelled"), ("segundo", "queued")]
    assert "programar: " in plain(office, f"#{id}", "programar no 7", code=1)[-1]


def test_an_offer_is_taken_back_also_by_who_comes_again(office: Office) -> None:
    id = office.customer_writes("¿me pasa con otra persona?", "Rita Retira")
    plain(office, f"#{id}", "tomar", "derivar sofia: no sé")
    assert plain(office, f"#{id}", "derivar no")[-1] == "Rita Retira: la derivación queda retirada."
    assert "Nada espera su respuesta." in supervisor(office, "derivadas")


def test_what_is_handed_on_or_asked_is_answered_without_opening_it_where_there_is_only_one(office: Office) -> None:
    id = office.customer_writes("¿y mi crédito?", "Óscar Ofrece")
    plain(office, f"#{id}", "tomar", "derivar sofia: es suyo")
    assert supervisor(office, "derivadas sí")[-1] == f"Óscar Ofrece es suya ahora. (#{id})"
    said = supervisor(office, f"#{id}", "consultar ana: ¿lo conoce?")
    assert "Se consultó a ana sobre Óscar Ofrece" in said
    assert plain(office, "contestar Sí, es de aquí.")[-1].startswith("Respondida: ")
    assert plain(office, "contestar otra vez", code=1)[-1] == "contestar: Nada espera su respuesta."
    ids = [office.customer_writes("hola", f"Otro {n}") for n in range(2)]
    for each in ids:
        plain(office, f"#{each}", "tomar", "derivar sofia: también")
    assert "varias esperan" in supervisor(office, "derivadas sí", code=1)[-1]
    said = supervisor(office, f"#{ids[0]}", "rechazar no es mía", "rechazar tampoco")
    assert said[-2:] == ["Otro 0: rechazada", "Otro 1: rechazada"]
