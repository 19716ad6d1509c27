"""Several conversations with one line, and going from one to the next, at a real server."""

from __future__ import annotations

from pathlib import Path

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
