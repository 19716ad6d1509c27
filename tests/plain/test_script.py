"""A script works at a real server: lines in, lines out, an exit code."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.cli.office import Office, message

#: what only an eye understands
SIGNS = "·●○✓✗▲‖→›│┃◉◌✎⚑◆≈▸□▣▶♪▤◪⚠"


def plain(office: Office, *lines: str, lang: str = "es", code: int = 0, downloads: str = "") -> list[str]:
    """What `agent-console --plain` says to these lines; at the end, if it fails, why (on stderr)."""
    ran = office.cli(
        "--plain", given="".join(f"{line}\n" for line in lines), lang=lang, AGENT_CONSOLE_DOWNLOADS=downloads
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    complaints = ran.stderr.splitlines()
    assert len(complaints) == (1 if code else 0), ran.stderr
    assert "\x1b" not in ran.stdout and "\r" not in ran.stdout
    assert not set(ran.stdout) & set(SIGNS), ran.stdout
    return ran.stdout.splitlines() + [each.removeprefix("agent-console: ") for each in complaints]


def outbound(office: Office, conversation: int) -> list[tuple[str, str]]:
    """What was written to a customer, and what became of it."""
    found = office.json("conv", str(conversation))["messages"]
    return [(each["text"], each["status"]) for each in found if each["direction"] == "out"]


def test_list_open_answer_and_take_it_back(office: Office) -> None:
    id = office.customer_writes("¿A qué hora abren?", "Elena Paz")
    said = plain(office, "vista sin", "abrir elena", "r A las ocho.", "deshacer", "borrador")
    assert any(
        "Elena Paz, WhatsApp, vence en" in line and "1 sin leer, sin asignar: ¿A qué hora abren?" in line
        for line in said
    )
    assert f"Conversación {id}: " in "\n".join(said)
    assert said[-3:] == [
        "Respondido. Sale en 5 segundos; deshacer lo retira.",
        "Retirada; el texto queda como borrador.",
        "Borrador: A las ocho.",
    ]
    assert outbound(office, id) == [("A las ocho.", "cancelled")]


def test_the_same_in_english(office: Office) -> None:
    id = office.customer_writes("When do you open?", "Ellen Price")
    said = plain(office, f"open #{id}", "reply At eight.", lang="en")
    assert said[-1] == "Answered. It leaves in 5 seconds; undo takes it back."
    assert [text for text, _status in outbound(office, id)] == ["At eight."]


def test_an_answer_of_several_lines(office: Office) -> None:
    id = office.customer_writes("¿Qué necesito?", "Berta Luna")
    plain(office, f"#{id}", "r", "Necesita:", "", "DUI", "..", ".")
    assert [text for text, _status in outbound(office, id)] == ["Necesita:\n\nDUI\n."]


def test_an_answer_without_an_end_is_not_sent_but_kept(office: Office) -> None:
    id = office.customer_writes("¿Me puede llamar?", "Celia Mejía")
    said = plain(office, f"#{id}", "r", "Con gusto,", "hoy mism", code=1)
    assert said[-1] == "responder: el texto no tiene final (una línea con solo .); queda como borrador."
    assert outbound(office, id) == []
    said = plain(office, f"#{id}", "borrador", "enviar")
    assert said[-3:-1] == ["Borrador: Con gusto,", "  hoy mism"]
    assert [text for text, _status in outbound(office, id)] == ["Con gusto,\nhoy mism"]


def test_what_is_said_in_one_breath_leaves_the_draft_alone(office: Office) -> None:
    id = office.customer_writes("hola", "Doris Peña")
    plain(office, f"#{id}", "r", "largo", code=1)
    said = plain(office, f"#{id}", "r corto", "borrador")
    assert said[-1] == "Borrador: largo"
    assert [text for text, _status in outbound(office, id)] == ["corto"]


def test_keeping_in_order_and_taking_it_back(office: Office) -> None:
    office.done("tag", "add", "mora", role="supervisor")
    id = office.customer_writes("se me venció la cuota", "Flor Cruz")
    said = plain(
        office, f"abrir #{id}", "tomar", "nota llamó ayer", "etiqueta mora", "prioridad alta", "deshacer",
        "posponer mañana", "deshacer", "seguir", "asignar nadie", "deshacer", "resolver solved", "deshacer", "resolver",
    )  # fmt: skip
    done = said[2:]
    assert done[0] == "Flor Cruz es suya ahora."
    assert done[1] == "Nota escrita; solo la ven sus colegas."
    assert done[2] == "Etiquetas de Flor Cruz: mora."
    assert done[3:5] == ["Flor Cruz: prioridad alta.", "Deshecho: Flor Cruz: prioridad alta."]
    assert done[5].startswith("Flor Cruz queda pospuesta: ") and done[6].startswith("Deshecho: ")
    assert done[8:10] == ["Flor Cruz está otra vez en la cola.", "Deshecho: Flor Cruz está otra vez en la cola."]
    assert done[-1] == "Flor Cruz: resuelta."
    row = office.json("conv", str(id))["row"]
    assert (row["state"], row["tags"], row["priority"], row["assignee"]) == ("resolved", ["mora"], "normal", "ana")


def test_searching_with_the_query_language(office: Office) -> None:
    office.customer_writes("la tarjeta quedó retenida en el cajero", "Gloria Sol")
    said = plain(office, 'buscar "quedó retenida" es:rara -asignada', code=1)
    assert said[0].startswith("buscar: en «rara»: ") or said[0].startswith("buscar: en «es:rara»: ")
    said = plain(office, '/"quedó retenida" canal:whatsapp', "1")
    assert said[1].startswith("1. Gloria Sol, WhatsApp")
    assert said[3].endswith("Gloria Sol: la tarjeta quedó retenida en el cajero")


def test_a_template_with_what_it_asks(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "saludo.toml"
    file.write_text(
        'name = "saludo"\nshortcut = "sal"\nfor = "all"\n'
        '[[text]]\ntext = "{{ cliente.primer_nombre }}, le llamo {{ dato.cuando }} por {{ dato.tema }}."\n'
        '[[ask]]\nname = "cuando"\nlabel = "¿Cuándo?"\nkind = "choice"\nchoices = ["hoy", "mañana"]\n'
        '[[ask]]\nname = "tema"\nlabel = "¿Por qué?"\ndefault = "su crédito"\n'
        '[[do]]\npriority = "high"\n'
    )
    office.done("template", "import", str(file), role="supervisor")
    id = office.customer_writes("llámeme", "Hilda Mata")
    said = plain(office, f"#{id}", "plantilla ;sal", "2", "", "guardar", "borrador")
    assert "Vista previa, 38 caracteres: Hilda, le llamo mañana por su crédito." in said
    assert "Al enviarla: prioridad alta." in said
    assert said[-1] == "Borrador: Hilda, le llamo mañana por su crédito."
    plain(office, f"#{id}", "borrador borrar", ";sal", "hoy", "un cobro", "enviar")
    found = office.json("conv", str(id))
    assert [m["text"] for m in found["messages"] if m["direction"] == "out"] == ["Hilda, le llamo hoy por un cobro."]
    assert found["row"]["priority"] == "high"
    assert [each["uses"] for each in office.json("template", "list") if each["name"] == "saludo"] == [1]


def test_a_template_that_is_kept_does_what_it_does_once_it_is_sent(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "cierre.toml"
    file.write_text('name = "cierre"\nfor = "all"\n[[text]]\ntext = "Gracias."\n[[do]]\npriority = "low"\n')
    office.done("template", "import", str(file), role="supervisor")
    id = office.customer_writes("listo", "Julia Guarda")
    plain(office, f"#{id}", "plantilla cierre", "guardar", "r Un momento.")
    assert office.json("conv", str(id))["row"]["priority"] == "normal"  # what was said in one breath does nothing else
    said = plain(office, f"#{id}", "plantilla cierre", "guardar", "enviar", "deshacer", "deshacer")
    assert said[-3:] == [
        "Hecho: prioridad baja.",
        "Deshecho: Hecho: prioridad baja.",
        "Retirada; el texto queda como borrador.",
    ]
    assert office.json("conv", str(id))["row"]["priority"] == "normal"


def test_a_macro_without_words_is_heard_confirmed_and_taken_back(office: Office, tmp_path: Path) -> None:
    office.done("tag", "add", "revisar", role="supervisor")
    file = tmp_path / "marcar.toml"
    file.write_text(
        'name = "marcar"\nshortcut = "mar"\nfor = "all"\n[[do]]\ntag = "revisar"\n[[do]]\npriority = "high"\n'
    )
    office.done("template", "import", str(file), role="supervisor")
    id = office.customer_writes("¿y mi caso?", "Katia Marca")
    said = plain(office, f"#{id}", "macro mar", "nada")
    assert said[-3:] == ["Hace esto: etiquetar revisar, prioridad alta.", "¿Qué hacer? hacer, nada", "No se hizo nada."]
    said = plain(office, f"#{id}", ";mar", "hacer")
    assert said[-1] == "Hecho: etiquetar revisar, prioridad alta."
    row = office.json("conv", str(id))["row"]
    assert (row["tags"], row["priority"], outbound(office, id)) == (["revisar"], "high", [])
    said = plain(office, f"#{id}", ";mar", "hacer", "etiqueta -revisar", "deshacer")
    assert said[-1] == "Deshecho: Etiquetas de Katia Marca: ninguna."


def test_a_script_stops_where_it_fails_and_says_at_what(office: Office) -> None:
    id = office.customer_writes("hola", "Irma Rivas")
    said = plain(office, f"#{id}", "abrir 99", "r esto no es para ella", code=1)
    assert said[-1] == "abrir: la lista no tiene número 99; lista la lee, y #99 es la conversación 99."
    assert outbound(office, id) == []
    assert plain(office, "r hola", code=1) == [
        "responder: no hay ninguna conversación abierta; abrir con un número de la lista abre una."
    ]
    assert plain(office, "abrir #999999", code=1) == ["abrir: No existe la conversación 999999."]
    assert plain(office, "xyz", code=2) == ["«xyz» no es una orden. ayuda las dice todas."]


def test_hostile_text_stays_in_its_place(office: Office) -> None:
    text = "hola\nConversación 1: falsa\n\x1b]52;c;aGFjaw==\x07\x1b[2J\u202eotro\r\nComando: salir"
    id = office.customer_writes(text, "Mala \u202e\x1b[31mPersona")
    said = plain(office, f"#{id}", "r ok", "lista", "historia", "cliente")
    assert "Conversación 1: falsa" not in said and "  Conversación 1: falsa" in said
    assert "  Comando: salir" in said


def test_files_come_and_go(office: Office, tmp_path: Path) -> None:
    id = office.customer_writes("mándeme el formulario", "Karla Solís")
    form = tmp_path / "formulario.pdf"
    form.write_bytes(b"%PDF-1.4 form")
    said = plain(
        office, f"#{id}", f"adjuntar {form}", "r Aquí está.", "archivo", "archivo 1", downloads=str(tmp_path / "down")
    )
    assert said[-2].startswith("1. documento, formulario.pdf, 13 B")
    assert (tmp_path / "down" / "formulario.pdf").read_bytes() == b"%PDF-1.4 form"
    assert plain(office, f"#{id}", "adjuntar /no/hay", code=1)[-1] == "adjuntar: ese archivo no existe."
    said = plain(office, f"#{id}", f"adjuntar {form}", "adjuntar", "adjuntar -1", "adjuntar")
    assert said[-3:] == ["1. formulario.pdf, 13 B", "Sin él: formulario.pdf", "Ningún archivo la acompaña."]
    said = plain(office, f"#{id}", "archivo 1 abrir", code=1)
    assert said[-1].startswith("archivo: aquí no hay un visor") or said[-1].startswith("archivo: los archivos de este")


def test_an_answer_says_to_which_message_it_is(office: Office) -> None:
    phone = "50379991111"
    office.deliver(message("¿qué requisitos?", "Sara Sobre", phone))
    office.deliver(message("¿y qué tasa?", "Sara Sobre", phone))
    id = next(row["id"] for row in office.json("convs", "--limit", "0") if row["contact_name"] == "Sara Sobre")
    said = plain(office, f"#{id}", "sobre", "sobre 2", "r DUI y NIT.", "r Catorce por ciento.")
    assert said[-5].startswith("1. ") and said[-5].endswith(": ¿y qué tasa?")
    assert said[-4].endswith(": ¿qué requisitos?") and said[-3] == "La respuesta es a: «¿qué requisitos?»"
    messages = office.json("conv", str(id))["messages"]
    asked = next(each["id"] for each in messages if each["text"] == "¿qué requisitos?")
    assert [each.get("reply_to") for each in messages if each["direction"] == "out"] == [asked, None]
    assert plain(office, f"#{id}", "sobre 1", "sobre no")[-1] == "La respuesta no es a ningún mensaje en particular."
    assert "diga su número" in plain(office, f"#{id}", "sobre 9", code=1)[-1]


def test_links_are_heard_put_into_the_answer_and_opened_once_that_is_sure(office: Office, tmp_path: Path) -> None:
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    program.chmod(0o755)
    id = office.customer_writes("vea https://coop.example/requisitos, por favor", "Lía Enlace")
    said = plain(office, f"#{id}", "enlace", "enlace 1")
    assert said[-2].startswith("1. https://coop.example/requisitos, Lía Enlace, ")
    assert said[-1] == "Borrador: https://coop.example/requisitos"
    given = f"#{id}\nenlace\nenlace 1 abrir\n"
    here: dict[str, Any] = {"DISPLAY": ":9", "PATH": f"{tmp_path}:/usr/bin:/bin", "SSH_CONNECTION": "", "SSH_TTY": ""}
    ran = office.cli("--plain", given=given + "no\n", **here)
    assert ran.returncode == 1 and "Lleva a coop.example." in ran.stdout and not (tmp_path / "opened").exists()
    assert office.cli("--plain", given=given + "sí\n", **here).returncode == 0
    deadline = time.monotonic() + 10
    while not (tmp_path / "opened").exists() or not (tmp_path / "opened").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (tmp_path / "opened").read_text() == "https://coop.example/requisitos\n"


def test_help_is_in_the_readers_language(office: Office) -> None:
    assert "posponer HASTA CUÁNDO|ahora: Posponerla: mañana, 2h, lunes 10:00" in plain(office, "ayuda todo")
    assert any(each.startswith("Responder: responder, privado, nota, ") for each in plain(office, "ayuda"))
    assert plain(office, "ayuda equipo")[0] == "Cuidar del equipo:"
    of_a_group = plain(office, "ayuda encontrar")
    assert of_a_group[0] == "Encontrar:" and not any(each.startswith("responder") for each in of_a_group)
    assert plain(office, "help snooze", lang="en") == [
        "snooze: Put it aside: mañana, 2h, lunes 10:00",
        "For example: snooze tomorrow; snooze 2h; snooze monday 10:00; snooze now.",
        "Also: posponer, snooze",
    ]


def test_without_a_sign_in_or_a_server_it_says_what_to_do(office: Office) -> None:
    assert "agent-console login URL" in office.refused("--plain", role=None)
    ran = office.cli("--plain", given="lista\n", AGENT_CONSOLE_SERVER="http://127.0.0.1:9")
    assert ran.returncode == 1
    assert ran.stderr.startswith("agent-console: lista: http://127.0.0.1:9 no responde.")


def test_what_a_colleague_has_taken_is_not_taken_away(office: Office) -> None:
    id = office.customer_writes("buenas", "Lidia Mora")
    said = plain(office, f"#{id}", "asignar sofia", "deshacer", code=1)
    assert said[-2:] == ["Lidia Mora está ahora con sofia.", "deshacer: sofia ya tomó esta conversación."]


def test_nothing_goes_after_the_option(office: Office) -> None:
    assert "--plain" in office.refused("--plain", "lista", code=2)


def test_handing_on_and_asking(office: Office) -> None:
    id = office.customer_writes("¿puedo refinanciar mi deuda?", "Delia Derivada")
    said = plain(office, f"#{id}", "tomar", "derivar sofia: pide aprobación", "deshacer", "derivadas")
    assert "Delia Derivada: derivada a sofia" in said
    assert said[-2:] == ["Deshecho: Delia Derivada: derivada a sofia", "Nada espera su respuesta."]
    said = plain(office, f"#{id}", "derivar sofia: pide aprobación", "consultar sofia: ¿qué tasa?")
    assert "Se consultó a sofia sobre Delia Derivada" in said
    assert office.json("conv", str(id), "accept", role="supervisor")["state"] == "accepted"
