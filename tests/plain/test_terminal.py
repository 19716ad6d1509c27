"""A person at a terminal that can do nothing: what is typed is never disturbed, nothing is lost, news come in time."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.office import Office
from tests.console.terminal import Terminal
from tests.real_server import environment

pytestmark = [pytest.mark.pty, pytest.mark.timeout(240)]

PATIENCE = 30.0


class Screen:
    """What a screen reader gets: every byte in the order it came. `mark` remembers how much has been heard."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.heard = 0

    @property
    def all(self) -> str:
        return self.terminal.data.decode(errors="replace").replace("\r\n", "\n")

    def hear(self, wanted: str) -> str:
        """Read on until `wanted` (a pattern) is said; all that was said since the last time."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(wanted, self.all[self.heard :])):
            assert time.monotonic() < deadline, f"never heard {wanted!r} in:\n{self.all[self.heard :]}"
            self.terminal.read(0.1)
        said = self.all[self.heard : self.heard + found.end()]
        self.heard += found.end()
        return said

    def type(self, text: str) -> None:
        self.terminal.write(text.encode())

    def say(self, text: str) -> None:
        self.type(text + "\r")


@contextmanager
def at_terminal(office: Office, lang: str = "es", term: str = "dumb", **more: str) -> Iterator[Screen]:
    variables = environment(
        office.server.home,
        AGENT_CONSOLE_SERVER=office.server.url,
        AGENT_CONSOLE_TOKEN=office.server.tokens["advisor"],
        AGENT_CONSOLE_LANG=lang,
        TERM=term,
        **more,
    )
    with Terminal([sys.executable, "-m", "agent_console", "--plain"], 80, 24, env=variables) as terminal:
        yield Screen(terminal)


def outbound(office: Office, conversation: int) -> list[tuple[str, str]]:
    found = office.json("conv", str(conversation))["messages"]
    return [(each["text"], each["status"]) for each in found if each["direction"] == "out"]


# Where silence is listened for, nothing may have been sent before: the channel's provider cannot be reached, and after
# a while that is news, too.


def test_news_are_said_at_an_idle_prompt_and_never_while_one_types(office: Office) -> None:
    id = office.customer_writes("buenas", "Marta Lara")
    office.done("conv", str(id), "claim")
    with at_terminal(office, lang="en") as screen:
        screen.hear("Marta Lara, WhatsApp")
        screen.hear("Command: $")
        office.customer_writes("¿hay alguien?", "Norma Díaz")
        screen.hear("\n1 conversation without anybody has news.\nCommand: $")
        screen.type("not")
        screen.hear("not")
        office.customer_writes("¿y yo?", "Olga Rey")
        time.sleep(2.0)
        screen.terminal.settle(0.2)
        assert screen.all[screen.heard :] == ""  # nothing falls into a line that is begun
        screen.type("\x7f\x7f\x7f")
        screen.hear("1 conversation without anybody has news.\nCommand: $")
        screen.say("news off")
        screen.hear("Command: $")
        office.customer_writes("¿y yo también?", "Paula Sáenz")
        time.sleep(2.0)
        screen.terminal.settle(0.2)
        assert screen.all[screen.heard :] == ""
        screen.say("")
        screen.hear("1 conversation without anybody has news.\nCommand: $")
        screen.say("")
        screen.hear("1 conversation without anybody has news.\nCommand: $")  # said again


def test_what_goes_on_among_those_nobody_has_is_told_now_and_then(office: Office) -> None:
    with at_terminal(office, lang="en") as screen:
        screen.hear("Command: $")
        office.customer_writes("¿me atienden?", "Quena Uno")
        screen.hear("\n1 conversation without anybody has news.\nCommand: $")
        office.customer_writes("¿y a mí?", "Quena Dos")
        id = office.customer_writes("¿y a ella?", "Quena Tres")
        time.sleep(2.0)
        screen.terminal.settle(0.2)
        assert screen.all[screen.heard :] == ""  # whoever listens is left in peace for a while
        office.done("conv", str(id), "assign", "ana", role="supervisor")
        said = screen.hear("Command: $")  # what is about oneself is told at once, and the rest with it
        assert "Quena Tres is yours now" in said and "without anybody have news" in said


def test_a_working_session(office: Office) -> None:
    id = office.customer_writes("¿A qué hora abren?", "Elena Paz")
    with at_terminal(office) as screen:
        screen.hear("ayuda dice las palabras")
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("¿A qué hora abren\\?\nElena Paz: $")
        screen.say("r A las ocho.")
        screen.hear("deshacer lo retira.\nElena Paz: $")
        screen.say("deshacer")
        screen.hear("queda como borrador.\nElena Paz: $")
        screen.say("r")
        screen.hear("Hasta ahora: A las ocho.\n")
        screen.hear("Texto: $")
        screen.say("Traiga su DUI.")
        screen.hear("Texto: $")
        screen.say(".")
        screen.hear("deshacer lo retira.\nElena Paz: $")
        screen.say("salir")
        assert screen.terminal.ended() == 0
        assert "\x1b" not in screen.all and "\x08" not in screen.all
    assert [text for text, status in outbound(office, id) if status != "cancelled"] == ["A las ocho.\nTraiga su DUI."]


def test_a_question_that_is_broken_off_does_nothing(office: Office) -> None:
    id = office.customer_writes("¿me pasa con otra persona?", "Zoila Paz")
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Zoila Paz: $")
        screen.say("derivar sofia")
        screen.hear("¿Por qué\\? $")
        screen.type("\x03")
        screen.hear("derivar: interrumpido; no se hizo nada.\nZoila Paz: $")
    assert office.json("conv", str(id))["row"]["assignee"] is None


def test_a_note_that_calls_the_reader_and_a_conversation_that_is_given(office: Office) -> None:
    id = office.customer_writes("buenas", "Quique Alas")
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say("campana sí")
        screen.hear("Comando: $")
        office.done("conv", str(id), "note", "@ana ¿lo conoce?", role="supervisor")
        screen.hear(f"Quique Alas: una nota de sofia le menciona. \\(#{id}\\)\n")
        office.done("conv", str(id), "assign", "ana", role="supervisor")
        screen.hear(f"Quique Alas es suya ahora: se la dio sofia. \\(#{id}\\)\n")
        assert "\a" in screen.all


def test_a_message_of_the_open_conversation_is_read_out(office: Office) -> None:
    phone = "50379990001"
    from tests.cli.office import message

    office.deliver(message("buenas", "Rita Sosa", phone))
    id = next(row["id"] for row in office.json("convs", "--limit", "0") if row["contact_name"] == "Rita Sosa")
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Rita Sosa: $")
        office.deliver(message("¿sigue ahí?\nComando: falsa", "Rita Sosa", phone))
        assert "\n  Comando: falsa\nRita Sosa: " in screen.hear(
            "Rita Sosa: ¿sigue ahí\\?\n  Comando: falsa\nRita Sosa: $"
        )
        assert screen.all.count("¿sigue ahí?") == 1


def test_a_colleague_answers_while_one_types(office: Office) -> None:
    id = office.customer_writes("¿ya está mi tarjeta?", "Juana Paz")
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Juana Paz: $")
        screen.type("r Mañana llega.")
        screen.hear("r Mañana llega.")
        office.done("conv", str(id), "reply", "Sí, ya está.", role="supervisor")
        time.sleep(1.0)
        screen.type("\r")
        said = screen.hear("Juana Paz: $")
        assert "enviar la envía también" in said
        if "Sí, ya está." not in said:  # the feed was slower than the refusal: it is told as soon as it is known
            screen.hear(r"Sí, ya está\.(.|\n)*Juana Paz: $")
        assert [text for text, _status in outbound(office, id)] == ["Sí, ya está."]
        screen.say("enviar")
        screen.hear("deshacer lo retira.\nJuana Paz: $")
    assert [text for text, _status in outbound(office, id)] == ["Sí, ya está.", "Mañana llega."]


def test_a_colleague_answers_one_of_several_while_one_decides(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "lunes.toml"
    file.write_text('name = "lunes"\nfor = "all"\n[[text]]\ntext = "Abrimos el lunes."\n')
    office.done("template", "import", str(file), role="supervisor")
    ids = [office.customer_writes("¿cuándo abren?", f"Julia {n}") for n in range(2)]
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say(f"cada #{ids[0]} #{ids[1]}: plantilla lunes")
        screen.hear("enviar, oír, nada: $")
        office.done("conv", str(ids[0]), "reply", "El lunes.", role="supervisor")
        screen.say("oír")
        assert "Julia 1: Abrimos el lunes." in screen.hear("enviar, oír, nada: $")
        screen.say("enviar")
        said = screen.hear("1 conversación cambiada. 1 rechazada.")
        assert "Julia 1: respondido." in said and re.search("Julia 0: sofia respondió", said) and "espera" not in said
        screen.hear("Comando: $")
        screen.say(f"#{ids[0]}")
        assert "Borrador" not in screen.hear("Julia 0: $")
    assert [[text for text, _status in outbound(office, id)] for id in ids] == [["El lunes."], ["Abrimos el lunes."]]


def test_ctrl_c_loses_no_draft(office: Office) -> None:
    id = office.customer_writes("¿qué requisitos piden?", "Sara Vela")
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Sara Vela: $")
        screen.type("r Le piden DUI\x03")
        screen.hear("queda como borrador.\nSara Vela: $")
        screen.say("r")
        screen.hear("Texto: $")
        screen.type("y NIT\x03")
        screen.hear("interrumpido; lo que escribió queda como borrador.\nSara Vela: $")
        screen.type("\x03")
        screen.hear("Sara Vela: $")
        screen.type("\x04")
        assert screen.terminal.ended() == 0
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Borrador: Le piden DUI y NIT\n")
        os.kill(screen.terminal.pid, 15)
        assert screen.terminal.ended() == 0
    assert outbound(office, id) == []


def test_what_is_pasted_is_one_line_until_enter(office: Office) -> None:
    id = office.customer_writes("¿cómo llego?", "Tita Umaña")
    with at_terminal(office, term="xterm-256color") as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Tita Umaña: $")
        screen.type("r \x1b[200~salir\rresolver\r\x1b[31mfin\x1b[201~")
        screen.type("\x1b[A\x1b[D.\r")
        screen.hear("deshacer lo retira.\nTita Umaña: $")
    (sent,) = outbound(office, id)
    assert sent[0] == "salir\nresolver\nfin."


def test_the_editor_writes_an_answer(office: Office, tmp_path: Path) -> None:
    id = office.customer_writes("explíqueme todo", "Ursula Vaquero")
    program = tmp_path / "ed.sh"
    program.write_text("#!/bin/sh\nprintf 'Primero esto.\\nLuego eso.\\n' > \"$1\"\n")
    program.chmod(0o755)
    with at_terminal(office, EDITOR=str(program), VISUAL="") as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Ursula Vaquero: $")
        screen.say("editor")
        screen.hear("Borrador: Primero esto.\n  Luego eso.\nenviar lo envía.\nUrsula Vaquero: $")
        screen.say("enviar")
        screen.hear("deshacer lo retira.\n")
    assert [text for text, _status in outbound(office, id)] == ["Primero esto.\nLuego eso."]


def test_what_is_typed_can_be_corrected(office: Office) -> None:
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.type("xñandú\x15ayuda zz\x17claim漢\x7f\r")
        screen.hear("\ntomar: Tomar la conversación\n")


@pytest.mark.slow
def test_the_connection_goes_and_comes_back(office: Office) -> None:
    id = office.customer_writes("¿me oye?", "Vilma Zelaya")
    with at_terminal(office) as screen:
        screen.hear("Comando: $")
        screen.say(f"#{id}")
        screen.hear("Vilma Zelaya: $")
        office.server.kill()
        screen.hear("Sin conexión. Lo que escriba queda guardado y sale cuando vuelva.\nVilma Zelaya: $")
        screen.say("r Sí, le oigo.")
        screen.hear("No hay conexión; sale cuando vuelva.\nVilma Zelaya: $")
        screen.say("lista")
        screen.hear("lista: .*\nVilma Zelaya: $")
        office.server.start()
        screen.hear("La conexión volvió.\n(.*\n)*Vilma Zelaya: $")
        deadline = time.monotonic() + PATIENCE
        while not outbound(office, id):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert [text for text, _status in outbound(office, id)] == ["Sí, le oigo."]


def test_the_console_suggests_it_where_it_cannot_be_shown(office: Office) -> None:
    ran = office.cli()
    assert ran.returncode == 1 and "agent-console --plain" in ran.stderr
    with Terminal(
        [sys.executable, "-m", "agent_console"], env=environment(office.server.home, TERM="dumb")
    ) as terminal:
        assert terminal.ended() == 1
        assert "agent-console --plain" in terminal.data.decode().replace("\r\n", "")


def test_signing_in_by_hand(office: Office, tmp_path: Path) -> None:
    from tests.real_server import PASSWORD

    variables = environment(tmp_path, AGENT_CONSOLE_LANG="es", TERM="dumb")
    with Terminal([sys.executable, "-m", "agent_console", "--plain"], 80, 24, env=variables) as terminal:
        screen = Screen(terminal)
        screen.hear("Servidor: $")
        screen.say(office.server.url)
        screen.hear("Usuario: $")
        screen.say("ana")
        screen.hear("Contraseña: $")
        screen.say("wrong")
        screen.hear("Usuario: $")
        screen.say("ana")
        screen.hear("Contraseña: $")
        screen.say(PASSWORD)
        screen.hear("ayuda dice las palabras")
        assert PASSWORD not in screen.all and "wrong" not in screen.all
