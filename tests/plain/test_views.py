"""Saved views line by line, at a real server: saved from a search, heard, gone to, named, put in order, removed."""

from __future__ import annotations

from tests.cli.office import Office
from tests.plain.test_overseeing import supervisor
from tests.plain.test_script import plain


def saved(office: Office) -> list[tuple[str, str, str]]:
    """The advisor's views as the command line tells of them."""
    return [(each["name"], each["query"], each["scope"]) for each in office.json("view", "list")]


def number_of(said: list[str], name: str) -> str:
    return next(each for each in said if f". {name}, para" in each).partition(".")[0]


def test_a_search_is_saved_heard_and_gone_to(office: Office) -> None:
    office.customer_writes("¿mi tarjeta?", "Vera Vista")
    said = plain(office, "guardar mora", code=1)
    assert said == ["guardar: primero busque algo (buscar); eso se puede guardar."]
    said = plain(office, "/canal:whatsapp tarjeta", "guardar  mis   tarjetas", "vista", "vista mis", "vista 7")
    assert "Guardada para mí: mis tarjetas." in said
    assert "7. mis tarjetas, para mí: canal:whatsapp tarjeta" in said
    assert said.count("mis tarjetas: 1 conversación.") == 2
    assert any("Vera Vista, WhatsApp" in each for each in said)
    assert ("mis tarjetas", "canal:whatsapp tarjeta", "user") in saved(office)


def test_one_that_is_called_so_already_asks_something_else_from_now_on(office: Office) -> None:
    said = plain(office, "/es:abierta", "guardar dos", "/canal:sms", "guardar dos", "deshacer")
    assert "dos muestra ahora canal:sms." in said and said[-1].startswith("Deshecho: dos muestra")
    assert ("dos", "es:abierta", "user") in saved(office)


def test_naming_ordering_and_removing_are_taken_back(office: Office) -> None:
    said = plain(office, "/uno", "guardar primera", "/dos", "guardar segunda", "vista")
    first, second = number_of(said, "primera"), number_of(said, "segunda")
    said = plain(office, "vista", f"renombrar {second}: otra cosa", "deshacer", f"renombrar {second}: cambiada")
    assert "segunda se llama ahora cambiada." in said
    assert plain(office, f"mover {second} {first}")[-1] == f"{first}. cambiada."
    assert [name for name, _query, _scope in saved(office)].index("cambiada") == int(first) - 7
    assert plain(office, "quitar cambiada", "deshacer")[-1] == "Deshecho: Quitada: cambiada."
    assert ("cambiada", "dos", "user") in saved(office)
    assert plain(office, "quitar mías", code=1)[-1] == "quitar: esa vista está siempre; solo cambian las guardadas."
    assert "números" in plain(office, f"mover {first} 2", code=1)[-1]


def test_numbers_mean_what_was_read_out_until_it_is_read_again(office: Office) -> None:
    said = plain(office, "/aa", "guardar aa", "/bb", "guardar bb", "vista")
    first, second = number_of(said, "aa"), number_of(said, "bb")
    plain(office, "vista", f"quitar {first}", f"quitar {second}")
    assert not {"aa", "bb"} & {name for name, _query, _scope in saved(office)}


def test_supervisors_share_views_and_advisors_do_not(office: Office) -> None:
    team = office.json("team", "list", role="admin")[0]["name"]
    said = supervisor(office, "/es:abierta", "guardar turno: todos", f"guardar equipo: {team.split()[0].lower()}")
    assert "Guardada para todos: turno." in said and f"Guardada para {team}: equipo." in said
    said = plain(office, "vista")
    assert any(each.endswith(". turno, para todos: es:abierta") for each in said)
    assert plain(office, "/es:abierta", "guardar mía: todos", code=1)[-1].startswith("guardar: ")
    assert plain(office, "quitar turno", code=1)[-1].startswith("quitar: ")
    assert "diga para quién" in supervisor(office, "/es:abierta", "guardar x: marcianos", code=1)[-1]
