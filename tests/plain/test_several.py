"""Several conversations with one line, and going from one to the next, at a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.office import Office
from tests.plain.test_script import outbound, plain


def rows(office: Office, ids: list[int]) -> list[dict[str, object]]:
    return [office.json("conv", str(each))["row"] for each in ids]


def test_one_line_for_several_and_all_of_it_taken_back(office: Office) -> None:
    ids = [office.customer_writes("grupo", f"Gala {n}") for n in range(3)]
    said = plain(office, "/grupo", "cada 1-3: prioridad alta", "cada todas: tomar", "cada 2: posponer mañana")
    assert said.count("3 conversaciones cambiadas.") == 2 and said[-1] == "1 conversación cambiada."
    assert [row["priority"] for row in rows(office, ids)] == ["high"] * 3
    assert {row["assignee"] for row in rows(office, ids)} == {"ana"}
    said = plain(office, "/grupo", "cada todas: prioridad urgente", "deshacer")
    assert said[-1] == "Todo queda deshecho."
    assert [row["priority"] for row in rows(office, ids)] == ["high"] * 3


def test_what_is_refused_of_one_does_not_stop_the_others(office: Office) -> None:
    ids = [office.customer_writes("tanda", f"Tina {n}") for n in range(2)]
    plain(office, f"#{ids[0]}", "resolver")
    said = plain(office, f"cada #{ids[0]} #{ids[1]}: tomar", f"#{ids[1]}")
    assert "Tina 0: está resuelta; reabrir la abre de nuevo." in said
    assert "1 conversación cambiada. 1 rechazada." in said
    assert [row["assignee"] for row in rows(office, ids)][1] == "ana"


def test_what_cannot_be_done_to_several_is_said(office: Office) -> None:
    office.customer_writes("suelto", "Sola")
    assert plain(office, "/suelto", "cada 1: leer", code=1)[-1] == "cada: leer es para una conversación a la vez."
    assert "dígalo todo" in plain(office, "/suelto", "cada 1: etiqueta", code=1)[-1]
    assert "diga cuáles" in plain(office, "/suelto", "cada 1 tomar", code=1)[-1]
    assert "no tiene número 9" in plain(office, "/suelto", "cada 9: tomar", code=1)[-1]
    assert plain(office, "cada 1: xyz", code=2) == ["«xyz» no es una orden. ayuda las dice todas."]
    assert "está vacía" in plain(office, "cada todas: tomar", code=1)[-1]


def test_the_next_one_is_the_one_after_and_back_the_one_before(office: Office) -> None:
    names = [f"Fila {n}" for n in range(3)]
    for name in names:
        office.customer_writes("enfila", name)
    said = plain(office, "/enfila", *["siguiente"] * 4, "siguiente atrás")
    opened = [each.partition(": ")[2].partition(",")[0] for each in said if each.startswith("Conversación ")]
    assert len(set(opened[:3])) == 3 and opened[3] == opened[0] and opened[4] == opened[2]
    assert plain(office, "/enfila", "siguiente sin", "siguiente vencida")[-1].startswith("Aquí nada más está vencido")
    assert "diga una de estas" in plain(office, "siguiente nunca", code=1)[-1]


def test_one_that_is_not_there_does_not_stop_the_others(office: Office) -> None:
    id = office.customer_writes("presente", "Petra")
    said = plain(office, f"cada #999999 #{id}: prioridad alta")
    assert said[0].startswith("#999999: No existe") and said[-1] == "1 conversación cambiada. 1 rechazada."


@pytest.mark.slow
def test_a_morning_of_ten_customers_by_lines_alone(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "buenos.toml"
    file.write_text(
        'name = "buenos"\nshortcut = "bd"\nfor = "all"\n[[text]]\ntext = "Buenos días, {{ cliente.primer_nombre }}."\n'
    )
    office.done("template", "import", str(file), role="supervisor")
    ids = [office.customer_writes("consulta de la mañana", f"Cliente{n} Pérez") for n in range(10)]
    each = ("siguiente", ";bd", "enviar", "nota atendida", "cliente región: oriente", "resolver solucionada igual")
    said = plain(office, '/"consulta de la mañana"', *each * 10, "siguiente")
    assert said[-1] == "Nadie más espera respuesta aquí."
    for row in rows(office, ids):
        assert (row["state"], row["assignee"], row["region"]) == ("resolved", "ana", "oriente")
    found = [outbound(office, id) for id in ids]
    assert [[text for text, _status in each] for each in found] == [[f"Buenos días, Cliente{n}."] for n in range(10)]


def template(office: Office, tmp_path: Path, name: str, rest: str) -> None:
    """A reply template for everybody; its shortcut is its name."""
    file = tmp_path / f"{name}.toml"
    file.write_text(f'name = "{name}"\nshortcut = "{name}"\nfor = "all"\n{rest}')
    office.done("template", "import", str(file), role="supervisor")


def test_one_template_for_several_says_to_each_what_is_theirs(office: Office, tmp_path: Path) -> None:
    template(
        office, tmp_path, "aviso",
        '[[text]]\ntext = "{{ cliente.primer_nombre }}, abrimos {{ dato.dia }}."\n'
        '[[ask]]\nname = "dia"\nlabel = "¿Qué día?"\n[[do]]\npriority = "low"\n',
    )  # fmt: skip
    ids = [office.customer_writes("¿abren mañana, vecino?", f"{name} Vecina") for name in ("Ada", "Eva", "Iva")]
    chosen = " ".join(f"#{id}" for id in ids)
    said = plain(office, f"cada {chosen}: ;aviso", "el lunes", "oír", "enviar")
    heard = said.index("¿Qué día?")
    assert said[heard + 1] == "Vista previa para Ada Vecina, 22 caracteres: Ada, abrimos el lunes."
    assert said[heard + 2] == "Al enviarla: prioridad baja."
    assert said[heard + 3] == "Para 3 clientes. ¿Qué hacer? enviar, oír, nada"
    assert said[heard + 4 : heard + 6] == ["Eva Vecina: Eva, abrimos el lunes.", "Iva Vecina: Iva, abrimos el lunes."]
    assert said[-5:-1] == [f"{name} Vecina: respondido." for name in ("Ada", "Eva", "Iva")] + [
        "3 conversaciones cambiadas."
    ]
    assert [outbound(office, id)[0][0] for id in ids] == [
        f"{name}, abrimos el lunes." for name in ("Ada", "Eva", "Iva")
    ]
    assert {row["priority"] for row in rows(office, ids)} == {"low"}


def test_a_template_for_several_is_taken_back_and_leaves_no_drafts(office: Office, tmp_path: Path) -> None:
    template(office, tmp_path, "pronto", '[[text]]\ntext = "Ya le atiendo."\n[[do]]\npriority = "high"\n')
    ids = [office.customer_writes("¿hola? ¿hay alguien?", f"Pepa {n}") for n in range(2)]
    chosen = " ".join(f"#{id}" for id in ids)
    said = plain(office, f"cada {chosen}: plantilla pronto", "enviar", "deshacer", f"#{ids[0]}", "vista todas")
    assert "Pepa 0: la respuesta queda retirada." in said and "Todo queda deshecho." in said, "\n".join(said)
    assert [outbound(office, id) for id in ids] == [[("Ya le atiendo.", "cancelled")]] * 2
    assert {row["priority"] for row in rows(office, ids)} == {"normal"}
    assert not any("Borrador" in each for each in said)
    said = plain(office, f"cada {chosen}: ;pronto", "nada")
    assert said[-2:] == ["Para 2 clientes. ¿Qué hacer? enviar, oír, nada", "No se envió nada."]


def test_an_answer_begun_stays_where_a_template_is_sent_to_several(office: Office, tmp_path: Path) -> None:
    template(office, tmp_path, "luego", '[[text]]\ntext = "Hoy mismo le respondo."\n')
    file = tmp_path / "nota.txt"
    file.write_text("algo")
    id = office.customer_writes("¿y lo mío?", "Bea Borrador")
    said = plain(office, f"#{id}", f"adjuntar {file}", f"cada #{id}: ;luego", "enviar", "adjuntar")
    assert said[-1].endswith("nota.txt") or "nota.txt" in said[-1], said
    found = office.json("conv", str(id))["messages"]
    assert [(each["text"], each["attachments"]) for each in found if each["direction"] == "out"] == [
        ("Hoy mismo le respondo.", [])
    ]


def test_a_colleague_who_answered_before_is_no_reason_against_it(office: Office, tmp_path: Path) -> None:
    template(office, tmp_path, "listo", '[[text]]\ntext = "Ya está listo."\n')
    id = office.customer_writes("¿ya está?", "Lea Lista")
    office.done("conv", str(id), "reply", "Lo veo.", role="supervisor")
    plain(office, f"cada #{id}: ;listo", "enviar")
    assert [text for text, _status in outbound(office, id)] == ["Lo veo.", "Ya está listo."]


def test_whom_a_template_does_not_fit_is_said_before_it_is_sent(office: Office, tmp_path: Path) -> None:
    template(office, tmp_path, "zona", '[[text]]\ntext = "Su agencia es {{ cliente.region }}."\n')
    ids = [office.customer_writes("¿qué agencia?", f"Zoila {n}") for n in range(2)]
    plain(office, f"#{ids[1]}", "cliente región: oriente")
    said = plain(office, f"cada #{ids[0]} #{ids[1]}: ;zona", "sí")
    assert said[0].startswith("Zoila 0: No consta") or said[0].startswith("Zoila 0: "), said
    assert "Para 1 cliente. ¿Qué hacer? enviar, nada" in said
    assert "1 conversación cambiada. 1 rechazada." in said
    assert outbound(office, ids[0]) == []
    said = plain(office, f"cada #{ids[0]}: ;zona")
    assert said[-1] == "0 conversaciones cambiadas. 1 rechazada."


def test_one_that_may_not_be_resolved_yet_keeps_its_draft_and_gets_no_answer(office: Office, tmp_path: Path) -> None:
    office.done("team", "add", "Ventanilla", role="admin")
    office.done("protocol", "set", "Ventanilla", "identity!", role="admin")
    template(office, tmp_path, "adios", '[[text]]\ntext = "Gracias."\n[[do]]\nresolve = "solved"\n')
    ids = [office.customer_writes("gracias, adiós", f"Tina {n}") for n in range(2)]
    office.done("conv", str(ids[0]), "assign", "--team", "Ventanilla")
    file = tmp_path / "carta.txt"
    file.write_text("algo")
    said = plain(office, f"#{ids[0]}", f"adjuntar {file}", f"cada #{ids[0]} #{ids[1]}: ;adios", "enviar", "adjuntar")
    why = next(each for each in said if each.startswith("Tina 0: ") and "identidad verificada" in each)
    assert "borrador" not in why, "there is the template"
    assert "Tina 1: respondido." in said and "1 conversación cambiada. 1 rechazada." in said
    assert "carta.txt" in said[-1] and outbound(office, ids[0]) == []
    assert rows(office, ids)[1]["state"] == "resolved"


def test_a_macro_without_words_for_several(office: Office, tmp_path: Path) -> None:
    template(office, tmp_path, "urge", '[[do]]\npriority = "urgent"\n')
    ids = [office.customer_writes("¡auxilio!", f"Uma {n}") for n in range(2)]
    said = plain(office, f"cada #{ids[0]} #{ids[1]}: macro urge", "hacer")
    assert "Hace esto: prioridad urgente." in said and "Para 2 clientes. ¿Qué hacer? hacer, nada" in said
    assert said[-3:] == ["Uma 0: hecho.", "Uma 1: hecho.", "2 conversaciones cambiadas."]
    assert [row["priority"] for row in rows(office, ids)] == ["urgent"] * 2


def test_several_are_to_be_looked_after_by_a_colleague(office: Office) -> None:
    ids = [office.customer_writes("¿me llaman el lunes?", f"Lola {n}") for n in range(2)]
    said = plain(office, f"cada #{ids[0]} #{ids[1]}: recordar sofia: lunes 9: llamarla", "deshacer")
    assert [each for each in said if each.startswith("Lola ") and each.endswith("(sofia)")] == said[:2]
    assert said[2] == "2 conversaciones cambiadas." and said[-1] == "Todo queda deshecho."


def test_more_than_twenty_are_taken_back_too(office: Office) -> None:
    ids = [office.customer_writes("veintitantos", f"Vilma {n:02}") for n in range(23)]
    chosen = " ".join(f"#{id}" for id in ids)
    plain(office, f"cada {chosen}: prioridad alta", "deshacer")
    assert {row["priority"] for row in rows(office, ids)} == {"normal"}
