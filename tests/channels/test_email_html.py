"""HTML mails as text: what programs write, what is hostile, and what of it is folded."""

from __future__ import annotations

import time

import pytest

from server.channels.email_fold import fold
from server.channels.email_html import HTML_LIMIT, html_to_text

GMAIL = """<html><head><style>p{}</style><script>alert(1)</script><title>x</title></head><body><div dir="ltr">De acuerdo
con <b>la cuota</b>.<div>Vea <a href="https://coop.sv/p?utm=1">el plan</a> o <a href="https://coop.sv/">coop.sv</a>.
</div><ul><li>uno</li><li>dos</li></ul><img src="http://t/x.gif" width="1" height="1" alt="pixel"></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">El lun, 5 ene 2026 a las 10:12, Cooperativa
(&lt;<a href="mailto:soporte@coop.sv">soporte@coop.sv</a>&gt;) escribió:<br></div><blockquote class="gmail_quote">
<div>¿Acepta?</div><blockquote>antes</blockquote></blockquote></div>
<div dir="ltr" class="gmail_signature">Ana<br>Tel 7777</div></body></html>"""

OUTLOOK = """<html xmlns:o="urn:x"><body><div class=WordSection1><p class=MsoNormal>Buenos días,<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Adjunto mi DUI.</p><div><div style='border:none'>
<p class=MsoNormal><b>De:</b> Soporte &lt;soporte@coop.sv&gt;<br><b>Enviado el:</b> lunes, 5 de enero de 2026<br>
<b>Para:</b> Ana<br><b>Asunto:</b> Préstamo</p></div></div><p class=MsoNormal>Envíe su DUI</p></div></body></html>"""

#: in a language that nobody here reads: only the elements say what is quoted
OUTLOOK_WEB = """<div>ok gracias</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Kutoka:</b> a@b.c<br>
<b>Tuma:</b> leo</div><div>texto citado</div>"""
YAHOO = '<div>Sí</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>Jumatatu, Soporte:</div><div>Hola</div></div>'


def text_of(html: str) -> str:
    text, defect = html_to_text(html)
    assert defect == ""
    return text


def test_gmail() -> None:
    visible, folded = fold(text_of(GMAIL))
    assert visible.split("\n") == [
        "De acuerdo con la cuota.",
        "Vea el plan <https://coop.sv/p?utm=1> o coop.sv.",
        "  * uno",
        "  * dos",
    ]
    assert folded.split("\n") == [
        "El lun, 5 ene 2026 a las 10:12, Cooperativa (<soporte@coop.sv>) escribió:",
        "> ¿Acepta?",
        ">> antes",
        "-- ",
        "Ana",
        "Tel 7777",
    ]


def test_outlook() -> None:
    visible, folded = fold(text_of(OUTLOOK))
    assert visible == "Buenos días,\n\nAdjunto mi DUI."
    assert folded.startswith("De: Soporte <soporte@coop.sv>\nEnviado el: lunes")


@pytest.mark.parametrize(("html", "visible"), [(OUTLOOK_WEB, "ok gracias"), (YAHOO, "Sí")])
def test_quotes_known_by_their_element(html: str, visible: str) -> None:
    assert fold(text_of(html))[0] == visible


def test_a_forwarded_mail_stays() -> None:
    assert "texto citado" in fold(text_of(OUTLOOK_WEB.replace("ok gracias", "")))[0]


def test_what_is_written_below_a_signature_stays() -> None:
    html = '<div class="gmail_signature">Ana</div><div>Y mi DUI es 0123</div>'
    assert "0123" in fold(text_of(html))[0]


def test_tables() -> None:
    data = "<table><tr><td>Cuenta</td><td>Saldo</td></tr><tr><td>123</td><td>$ 45.00</td></tr></table>"
    assert text_of(data) == "Cuenta  Saldo\n123     $ 45.00"
    layout = f"<table><tr><td><table><tr><td><p>{'largo ' * 100}</p></td></tr></table></td><td>corto</td></tr></table>"
    assert max(map(len, text_of(layout).split("\n"))) < 700


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b", "a\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a &lt;b&gt; &amp; &eacute;", "a <b> & é"),
        ('<img src="cid:1" alt="recibo">', "[recibo]"),
        ('<div style="display:none">oculto</div>visto', "visto"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<img src="data:image/png;base64,AAAA">hola', "hola"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("sin etiquetas", "sin etiquetas"),
        ("<!-- nada -->", ""),
        ("", ""),
        ("\ue000a\ue001", "a"),
    ],
)
def test_small_ones(html: str, text: str) -> None:
    assert text_of(html) == text


def test_control_characters() -> None:
    html = 'a\x1d<a href="http://x/\x1e">b&#29;</a><img>\x02<blockquote>c\x03</blockquote><hr>&#1;d'
    assert [char for char in text_of(html) if char in "abcd"] == ["a", "b", "c", "d"]


HOSTILE = {
    "deep": "<div>" * 300_000 + "x",
    "scripts": "<div>" * 300 + "<script>" * 100_000,
    "half scripts": "<div>" * 300 + "<script" * 100_000,
    "bold": "<b>" * 300_000,
    "quotes": "<blockquote>" * 80_000 + "x",
    "tables": "<table><tr><td>" * 60_000,
    "wide": "<table>" + ("<tr><td>" + "x" * 190 + "<td>y") * 5_000,
    "links": '<a href="http://x.y/"><b>' * 40_000,
    "lists": "<ul><li>" * 40 + "x\n" * 10_000,
    "comments": "<!--" * 250_000,
    "brackets": "<" * 1_000_000,
    "attributes": "<a " + "x=1 " * 250_000,
    "entities": "&amp;" * 200_000,
    "picture": '<img src="data:image/png;base64,' + "A" * 10_000_000 + '">hola',
    "long": "<p>hola <i>mundo</i></p>" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    before = time.process_time()
    text, defect = html_to_text(HOSTILE[name])
    assert time.process_time() - before < 10  # seconds of this process; half a second where nothing else runs
    assert len(text) < 3 * HTML_LIMIT
    assert bool(defect) == (len(HOSTILE[name]) > HTML_LIMIT and name != "picture") or defect


def test_what_is_too_deep_is_read_without_layout() -> None:
    assert html_to_text("<div>" * 3_000 + "a<br>b" + "<script>no</script>") == ("a\nb", "html_too_deep")
