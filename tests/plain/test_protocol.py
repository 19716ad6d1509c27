"""The protocol line by line, at a real server: classify, tick, conclude, resolve anyway."""

from __future__ import annotations

from pathlib import Path

from tests.cli.office import Office
from tests.plain.test_script import outbound, plain


def test_the_protocol_line_by_line(office: Office) -> None:
    office.done("topic", "add", "banca en línea/acceso", "--es", "xyzzy", "--complexity", "simple", role="admin")
    office.done("team", "add", "Ventanilla", role="admin")
    office.done("protocol", "set", "Ventanilla", "identity!", "outcome!", "--outcome", "solved", role="admin")
    id = office.customer_writes("no puedo entrar", "Ruth Protocolo")
    office.done("conv", str(id), "assign", "--team", "Ventanilla")
    said = plain(
        office, f"abrir #{id}", "tomar", "clasificar acceso compleja", "deshacer", "clasificar 1", "protocolo identity",
        "protocolo", "protocolo -1", "deshacer", "etapa seguimiento", "etapa", "resultado solucionada", "resolver",
    )  # fmt: skip
    text = "\n".join(said)
    assert "Ruth Protocolo: Banca en línea, acceso, compleja." in text
    assert "Deshecho: Ruth Protocolo: Banca en línea, acceso, compleja." in text
    assert "Ruth Protocolo: Banca en línea, acceso, simple." in text
    assert "identidad verificada: hecho, ana, hoy." in said
    assert "Etapa: bienvenida, 1 de 5." in said or "Etapa: diagnóstico, 2 de 5." in said
    assert "1. identidad verificada: hecho, ana, hoy." in said and "identidad verificada: falta." in said
    assert text.count("Etapa: seguimiento.") == 2
    assert said[-2:] == ["solucionada", "Ruth Protocolo: resuelta."]
    row = office.json("conv", str(id))["row"]
    assert (row["topic"], row["complexity"], row["stage"]) == ("banca en línea/acceso", "simple", "closure")


def test_what_is_missing_is_said_and_resolved_anyway(office: Office) -> None:
    office.done("team", "add", "Ventana", role="admin")
    office.done("protocol", "set", "Ventana", "identity!", role="admin")
    id = office.customer_writes("hola", "Rita Falta")
    office.done("conv", str(id), "assign", "--team", "Ventana")
    said = plain(office, f"abrir #{id}", "resolver", code=1)
    assert "identidad verificada" in said[-1] and said[-1].endswith("Diga: resolver igual.")
    assert plain(office, f"abrir #{id}", "resolver igual")[-1] == "Rita Falta: resuelta."


def test_a_macro_that_resolves_asks_where_something_is_missing(office: Office, tmp_path: Path) -> None:
    office.done("team", "add", "Mostrador", role="admin")
    office.done("protocol", "set", "Mostrador", "identity!", role="admin")
    for name, text in (("cerrar", '[[text]]\ntext = "Gracias."\n'), ("callada", "")):
        file = tmp_path / f"{name}.toml"
        file.write_text(f'name = "{name}"\nfor = "all"\n{text}[[do]]\npriority = "low"\n[[do]]\nresolve = "solved"\n')
        office.done("template", "import", str(file), role="supervisor")
    ids = [office.customer_writes("hola", f"Mara {n}") for n in range(2)]
    for id in ids:
        office.done("conv", str(id), "assign", "--team", "Mostrador")
    for id, name, word in zip(ids, ("cerrar", "callada"), ("enviar", "hacer"), strict=True):
        said = plain(office, f"#{id}", f"macro {name}", word, "no", code=1)
        assert "identidad verificada" in "\n".join(said) and "no se hizo nada" in said[-1]
        assert office.json("conv", str(id))["row"]["state"] != "resolved"
        said = plain(office, f"#{id}", f"macro {name}", word, "sí")
        assert said[-1] == "Hecho: prioridad baja, resolver."
        row = office.json("conv", str(id))["row"]
        assert (row["state"], row["priority"]) == ("resolved", "low")
    assert [text for text, _status in outbound(office, ids[0])] == ["Gracias."]
