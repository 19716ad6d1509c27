"""What was written now and what was only quoted: introductions, headers and signatures of many programs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.email_fold import FOLD_LIMIT, fold


def _cases(text: str, between: str = "\n") -> list[str]:
    return text.split(between)


INTRODUCTIONS = _cases("""\
El lun, 5 ene 2026 a las 10:12, Cooperativa Acacoop (<soporte@coop.sv>) escribió:
El lun., 5 ene. 2026 10:12 a. m., Cooperativa <soporte@coop.sv> escribió:
El 5 ene 2026, a las 10:12, Cooperativa <soporte@coop.sv> escribió:
El 05/01/2026 a las 10:12, Cooperativa escribió:
El lunes, 5 de enero de 2026 10:12:33 a. m. CST, Cooperativa <soporte@coop.sv> escribió:
On Mon, Jan 5, 2026 at 10:12 AM Support <s@coop.sv> wrote:
On 5 Jan 2026, at 10:12, Support <s@coop.sv> wrote:
On 05/01/2026 10:12, Support wrote:
Support <s@coop.sv> wrote on 01/05/2026 10:12:33 AM:
Am 05.01.26 um 10:12 schrieb Support:
Am Mo., 5. Jan. 2026 um 10:12 Uhr schrieb Support <s@coop.sv>:
Le lun. 5 janv. 2026 à 10:12, Support <s@coop.sv> a écrit :
Le 05/01/2026 à 10:12, Support a écrit :
Em seg., 5 de jan. de 2026 às 10:12, Suporte <s@coop.sv> escreveu:
Il giorno lun 5 gen 2026 alle ore 10:12 Supporto <s@coop.sv> ha scritto:
Op ma 5 jan 2026 om 10:12 schreef Support <s@coop.sv>:
Den mån 5 jan. 2026 kl 10:12 skrev Support <s@coop.sv>:
man. 5. jan. 2026 kl. 10:12 skrev Support <s@coop.sv>:
ma 5. tammik. 2026 klo 10.12 Support (s@coop.sv) kirjoitti:
pon., 5 sty 2026 o 10:12 Support <s@coop.sv> napisał(a):
W dniu 5.01.2026 o 10:12, Support pisze:
пн, 5 янв. 2026 г. в 10:12, Support <s@coop.sv>:
05.01.2026 10:12, Support пишет:
po 5. 1. 2026 v 10:12 odesílatel Support <s@coop.sv> napsal:
2026年1月5日(月) 10:12 Support <s@coop.sv>:
Support <s@coop.sv> 于2026年1月5日周一 10:12写道：
2026년 1월 5일 (월) 오전 10:12, Support <s@coop.sv>님이 작성:
5 Oca 2026 Pzt 10:12 tarihinde Support <s@coop.sv> şunu yazdı:
Vào Th 2, 5 thg 1, 2026 vào lúc 10:12 Support <s@coop.sv> đã viết:
Support <s@coop.sv> ezt írta (időpont: 2026. jan. 5., H, 10:12):
În lun., 5 ian. 2026 la 10:12, Support <s@coop.sv> a scris:
Missatge de Support <s@coop.sv> del dia dl., 5 de gen. 2026 a les 10:12:
Citando a Support <s@coop.sv>:""")

HEADERS = _cases(
    """\
De: Soporte <soporte@coop.sv>
Enviado: lunes, 5 de enero de 2026 10:12
Para: Ana <ana@x.sv>
Asunto: Préstamo
###
From: Support <s@coop.sv>
Sent: Monday, January 5, 2026 10:12 AM
To: Ana <ana@x.sv>
Cc: Bob
Subject: RE: Loan
###
De : Support <s@coop.sv>
Envoyé : lundi 5 janvier 2026 10:12
À : Ana
Objet : prêt
###
-----Mensaje original-----
De: Soporte [mailto:soporte@coop.sv]
Enviado el: lunes, 5 de enero de 2026 10:12
Para: Ana
Asunto: Préstamo
###
________________________________
From: Support <s@coop.sv>
Sent: Monday
To: Ana
Subject: x
###
**De:** Soporte <soporte@coop.sv>
**Fecha:** lunes, 5 de enero de 2026, 10:12
**Para:** Ana
**Asunto:** x
###
差出人: Support <s@coop.sv>
送信日時: 2026年1月5日 10:12
宛先: Ana
件名: x
###
------------------ 原始邮件 ------------------
发件人: "Support"<s@coop.sv>;
发送时间: 2026年1月5日(星期一) 10:12
收件人: "Ana"<ana@x>;
主题: Re: x
###
Subject: x
From: s@coop.sv
To: ana@x
Date: Mon, 5 Jan 2026 10:12:00 +0000
###
##- Por favor, escriba su respuesta por encima de esta línea -##""",
    "\n###\n",
)

ADDED = [
    *_cases("""\
Enviado desde mi iPhone
Enviado desde mi Samsung Mobile de Claro
Enviado desde Correo para Windows
Enviado con el correo de Yahoo
Sent from Outlook for Android
Get Outlook for iOS
Obtener Outlook para Android<https://aka.ms/x>
Sent with Proton Mail secure email.
Envoyé de mon iPhone
Von meinem iPhone gesendet
Gesendet mit der WEB.DE Mail App
Inviato da iPhone
Enviado do meu iPhone
Lähetetty iPhonesta
Отправлено с iPhone
iPhoneから送信
从我的iPhone发送
_______________________
AVISO DE CONFIDENCIALIDAD: Este correo y sus anexos contienen información confidencial.
This e-mail is confidential and intended only for the recipient.
Antes de imprimir este correo piense en el medio ambiente"""),
    "AVISO LEGAL\n\nEste correo es para quien se dirige.\n\nNo lo copie sin permiso.",
    "-- \nAna Pérez\nTel. 2222-2222",
    "--\nAna\n+503 7777\n\nAcacoop",
]

#: what looks like one of these and is none
KEPT = _cases(
    """\
Nombre: Ana
Correo: ana@x.sv
Fecha: 5/1/2026
Asunto: Consulta
Mensaje: hola
###
Quiero viajar
De: San Salvador
Para: Santa Ana
gracias
###
Hola, el 5 de enero a las 10:30 su agente me escribió y no contesté.
Espero respuesta.
###
Mis datos:
- DUI 01234567-8

----------
Cuenta: 123
----------
Gracias
###
Enviado por mi hijo el dinero no llegó, ¿pueden revisar mi cuenta?
###
| a | b |
|---|---|
| 1 | 2 |
###
5 > 3 y 2 < 4
x -> y
###
On 5 January I went to the branch and nobody helped me.
Please call.
###
El 05/01/2026 recibí este correo de soporte@coop.sv y no entiendo:
me piden mi clave""",
    "\n###\n",
)

INTRO = "El lun, 5 ene 2026 a las 10:12, C (<s@coop.sv>) escribió:"


@pytest.mark.parametrize("line", INTRODUCTIONS)
def test_introductions(line: str) -> None:
    visible, folded = fold(f"Sí, gracias.\n\n{line}\n\n> Hola\n> ¿Qué tal?\n")
    assert visible == "Sí, gracias."
    assert folded == f"{line}\n\n> Hola\n> ¿Qué tal?"


@pytest.mark.parametrize("line", [line for line in INTRODUCTIONS if len(line) > 60 and " " in line[:55]])
def test_introductions_broken_in_two(line: str) -> None:
    at = line.rindex(" ", 0, 55)
    visible, _ = fold(f"Sí, gracias.\n{line[:at]}\n{line[at + 1 :]}\n> Hola\n\n--\nAna\n")
    assert visible == "Sí, gracias."


@pytest.mark.parametrize("block", HEADERS)
def test_header_blocks(block: str) -> None:
    visible, folded = fold(f"Sí, gracias.\n\nAna\n\n{block}\n\nHola Ana:\n¿acepta?\n")
    assert visible == "Sí, gracias.\n\nAna"
    assert folded == f"{block}\n\nHola Ana:\n¿acepta?"


@pytest.mark.parametrize("lines", ADDED)
def test_what_programs_add(lines: str) -> None:
    assert fold(f"Sí, gracias.\n\n{lines}\n") == ("Sí, gracias.", lines)
    assert fold(f"Sí, gracias.\n\n{lines}\n\n{INTRO}\n> x\n")[0] == "Sí, gracias."


@pytest.mark.parametrize("text", KEPT)
def test_own_words_stay(text: str) -> None:
    assert fold(text) == (text, "")


def test_answers_between_quotes_stay_in_order() -> None:
    text = f"Hola,\n\n{INTRO}\n> ¿Su DUI?\n0123\n> ¿Su teléfono?\n7777\n\n> Gracias\n> Soporte\n"
    assert fold(text) == (
        "Hola,\n\n> ¿Su DUI?\n0123\n> ¿Su teléfono?\n7777",
        f"{INTRO}\n> Gracias\n> Soporte",
    )
    assert fold(f"{INTRO}\n> ¿Su DUI?\n\n0123\n\n> ¿Su teléfono?\n\n7777")[0] == (
        "> ¿Su DUI?\n\n0123\n\n> ¿Su teléfono?\n\n7777"
    )


def test_an_answer_below_the_quote() -> None:
    assert fold(f"{INTRO}\n> ¿Su DUI?\n\n0123") == ("0123", f"{INTRO}\n> ¿Su DUI?")
    assert fold(f"Buenas tardes:\n\n{INTRO}\n> ¿Su DUI?\n\n0123")[0] == "Buenas tardes:\n\n> ¿Su DUI?\n\n0123"


def test_a_long_quoted_line_that_was_broken() -> None:
    quote = f"> {'palabra ' * 9}\nque se partió\n> fin"
    assert fold(f"Ya lo hice.\n\n{quote}") == ("Ya lo hice.", quote.rstrip())


def test_forwarded_mails() -> None:
    head = "---------- Forwarded message ---------\nDe: Banco <b@x.sv>\nDate: lun, 5 ene 2026\nSubject: Cobro\nTo: Ana"
    assert fold(f"{head}\n\nSu cuenta será cobrada.") == ("Su cuenta será cobrada.", head)
    assert fold(f"¿Es verdad?\n\n{head}\n\nSu cuenta será cobrada.")[0] == "¿Es verdad?"
    quoted = "\n".join(f"> {line}" for line in head.split("\n"))
    assert fold(f"{quoted}\n>\n> Su cuenta")[0].strip("> \n") == "Su cuenta"


def test_nothing_but_a_quote() -> None:
    assert fold("> hola") == ("> hola", "")
    assert fold(f"{INTRO}\n> hola") == ("", f"{INTRO}\n> hola")


def test_what_is_too_long_to_look_at_is_folded() -> None:
    visible, folded = fold("hola que tal\n" * 100_000)
    assert len(visible) <= FOLD_LIMIT
    assert visible.count("hola") + folded.count("hola") == 100_000


@pytest.mark.parametrize(
    "piece",
    ["_", "-", "=", "* ", "> ", "| ", "<", "a@", "<a@", "a ", "a\t", " ", ": ", "12:12 ", "On 1 ", "El lun 1 ", "wrote",
     "a:", "--", "*_", "sent from my ", "__ ", "~ ", "a" + " " * 50_000 + "b:", "On 1" + " " * 50_000],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "\n", ":\n", "-\n> a\n", " wrote:\n> a\nb\n"])
def test_long_lines_and_many(piece: str, end: str) -> None:
    for text in (piece * (60_000 // len(piece)) + end, (piece * (1 + 60 // len(piece)) + end) * 150):
        before = time.process_time()
        fold(f"hola\n{text[:FOLD_LIMIT]}")
        assert time.process_time() - before < 5  # seconds of this process; half of one where nothing else runs


_LINES = st.sampled_from(
    [*INTRODUCTIONS, *HEADERS, *ADDED, *KEPT, INTRO, "", " ", ">", "> a", ">> b", "C> d", "```", "text", "From: a@b.c",
     "To: x", "----", "-- ", "\r", "\x0c", "<", "Some One <", "Sent from my iPhone"]
)  # fmt: skip


@given(st.lists(st.one_of(_LINES, st.text(max_size=30)), max_size=25))
def test_nothing_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    visible, folded = fold(text)
    assert sorted("".join((visible + folded).split())) == sorted("".join(text.split()))
    rows = iter([row.rstrip() for row in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")])
    shown = [row.rstrip() for row in visible.split("\n") if row.strip()]
    assert all(any(row == other for other in rows) for row in shown), "in another order"
