"""The customer line by line, at a real server: heard, noted, merged, taken apart."""

from __future__ import annotations

from typing import Any

from tests.cli.office import Office, message
from tests.plain.test_script import plain


def contact(office: Office, conversation: int) -> Any:
    """The customer as the command line tells of them."""
    row = office.json("conv", str(conversation))["row"]
    return office.json("contact", "show", str(row["contact"]))


def test_what_is_known_is_noted_and_taken_back(office: Office) -> None:
    id = office.customer_writes("hola", "Nora Nota")
    said = plain(
        office, f"#{id}", "cliente región: San Miguel", "cliente idioma: inglés", "cliente PERFIL: socia",
        "cliente dui: 01234567-8", "cliente nombre: Nora  Notable", "cliente", "cliente región: La Unión", "deshacer",
    )  # fmt: skip
    assert "Anotado: Región, San Miguel." in said
    assert "Anotado: Idioma, en." in said
    assert "Anotado, un dato nuevo: dui, 01234567-8." in said
    assert "Anotado: Nombre, Nora Notable; antes, Nora Nota." in said
    assert {"Región: San Miguel", "Idioma: English", "Perfil: socia", "dui: 01234567-8"} <= set(said)
    assert said[-1] == "Deshecho: Anotado: Región, La Unión; antes, San Miguel."
    found = contact(office, id)
    assert (found["name"], found["region"], found["language"]) == ("Nora Notable", "San Miguel", "en")
    assert found["attributes"] == {"profile": "socia", "dui": "01234567-8"}


def test_what_was_noted_is_taken_away(office: Office) -> None:
    id = office.customer_writes("hola", "Saúl Saca")
    said = plain(office, f"#{id}", "cliente dui: 1", "cliente -DUI", "deshacer", "cliente -región")
    assert "Ya no consta: dui, 1." in said
    assert contact(office, id)["attributes"] == {"dui": "1"}
    assert "Un cliente tiene nombre" in plain(office, f"#{id}", "cliente -nombre", code=1)[-1]
    assert "diga qué y dos puntos" in plain(office, f"#{id}", "cliente región", code=1)[-1]
    assert "no hay nada anotado" in plain(office, f"#{id}", "cliente -placa", code=1)[-1]


def test_what_is_noted_stays_of_its_kind_and_hostile_words_in_their_place(office: Office) -> None:
    id = office.customer_writes("hola", "Tomás Tipo")
    plain(office, f"#{id}", "cliente saldo: 12\x1b[2J\u202e", "cliente nota: a: b: c")
    found = contact(office, id)["attributes"]
    assert found["nota"] == "a: b: c"
    said = plain(office, f"#{id}", "cliente")
    assert any(each.startswith("saldo: 12") for each in said)


def test_a_number_is_read_in_its_groups(office: Office) -> None:
    office.deliver(message("hola", "", "50379991234"))
    said = plain(office, "vista todas")
    assert any(". +503 7999 1234, WhatsApp" in each for each in said)


def test_what_was_merged_is_taken_apart(office: Office) -> None:
    one, other = office.customer_writes("hola", "Ulises Uno"), office.customer_writes("buenas", "Ulises Otro")
    ids = [office.json("conv", str(each))["row"]["contact"] for each in (one, other)]
    office.done("contact", "merge", str(ids[0]), str(ids[1]))
    said = plain(office, f"#{one}", "separar", "cliente")
    assert any(each.startswith("1. Ulises Otro, por ana, hoy") for each in said)
    assert "Unidos: Ulises Otro" in said
    said = plain(office, f"#{one}", "separar 1", "deshacer", "separar", "separar 1", "separar")
    assert said[-1] == "Aquí no se ha unido nada."
    assert said.count("Ulises Otro es otra vez un cliente aparte.") == 2
    assert "diga su número" in plain(office, f"#{one}", "separar 4", code=1)[-1]


def test_words_of_the_customer_begin_an_answer(office: Office) -> None:
    id = office.customer_writes("¿a qué hora?\n¿y dónde?", "Clara Cita")
    said = plain(office, f"#{id}", "citar", "r", "A las ocho.", ".")
    assert said[2:5] == ["  ¿y dónde?", "Borrador: > ¿a qué hora?", "  > ¿y dónde?"]
    found = [each["text"] for each in office.json("conv", str(id))["messages"] if each["direction"] == "out"]
    assert found == ["> ¿a qué hora?\n> ¿y dónde?\n\nA las ocho."]
    assert "nada que citar" in plain(office, f"#{id}", "citar 9", code=1)[-1]
