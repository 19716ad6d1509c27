"""Whole mails: what is text and what is a file, who wrote to whom, and mails that are no mails."""

from __future__ import annotations

import base64
import hashlib
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.email_headers import Mailbox
from server.channels.email_message import Mail, part_content, read_mail, tokens_of
from server.channels.email_parts import MailPart

OWN = ["soporte@coop.sv"]


def raw(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def mail(text: str) -> Mail:
    return read_mail(raw(text), OWN)


WHOLE = """\
Return-Path: <ana@example.com>
Delivered-To: soporte+c7.abc@coop.sv
From: =?utf-8?q?Ana_P=C3=A9rez?= <ana@example.com>
Reply-To: otra@example.com
To: Cooperativa <soporte@coop.sv>, "Pérez, Luis" <luis@example.com>
Cc: equipo: uno@x.sv, dos@x.sv;
Subject: =?iso-8859-1?Q?Pr=E9stamo_?= =?utf-8?b?8J+Zgg==?=
Date: Mon, 5 Jan 2026 10:12:00 -0600
Message-ID: <abc@mail.example.com>
In-Reply-To: <c7.m3@coop.sv>
References: <c7.m1@coop.sv> <x@mail.example.com>
 <c7.m3@coop.sv>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

Este es un mensaje de varias partes.
--m
Content-Type: multipart/related; boundary="r"

--r
Content-Type: multipart/alternative; boundary="a"

--a
Content-Type: text/html; charset=utf-8

<p>Buenos días <img src="cid:foto"></p>
--a
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Buenos días
--
Ana
--a
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
--a--
--r
Content-Type: image/png; name="foto.png"
Content-ID: <foto>
Content-Disposition: inline
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--r--
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=utf-8''Resoluci%C3%B3n; filename*1=" final.pdf"
Content-Transfer-Encoding: base64

JVBERg==
--m
Content-Type: message/rfc822

Subject: dentro
Content-Type: multipart/mixed; boundary="i"

--i

hola
--i--
--m--
"""


def test_a_whole_mail() -> None:
    found = mail(WHOLE)
    assert found == Mail(
        message_id="abc@mail.example.com",
        digest=hashlib.sha256(raw(WHOLE)).hexdigest(),
        from_=Mailbox("Ana Pérez", "ana@example.com"),
        reply_to=(Mailbox("", "otra@example.com"),),
        to=(Mailbox("Cooperativa", "soporte@coop.sv"), Mailbox("Pérez, Luis", "luis@example.com")),
        cc=(Mailbox("", "uno@x.sv"), Mailbox("", "dos@x.sv")),
        delivered_to=("soporte+c7.abc@coop.sv",),
        subject="Préstamo 🙂",
        date=1767629520000,
        references=("c7.m3@coop.sv", "x@mail.example.com", "c7.m1@coop.sv"),
        tokens=("c7.abc",),
        text="Buenos días",
        folded="--\nAna",
        parts=(
            MailPart(index=2, mime="text/calendar", size=15),
            MailPart(index=3, mime="image/png", file_name="foto.png", size=8, content_id="foto", inline=True),
            MailPart(index=4, mime="application/pdf", file_name="Resolución final.pdf", size=4),
            MailPart(index=5, mime="message/rfc822", size=82),
        ),
    )
    assert part_content(raw(WHOLE), 4) == (b"%PDF", "application/pdf", "Resolución final.pdf")
    assert part_content(raw(WHOLE), 5)[0].startswith(b"Subject: dentro\r\n")
    with pytest.raises(IndexError):
        part_content(raw(WHOLE), 6)


def test_line_ends_do_not_matter() -> None:
    for ends in ("\n", "\r"):
        other = read_mail(WHOLE.replace("\n", ends).encode(), OWN)
        assert (other.text, other.references, len(other.parts)) == ("Buenos días", mail(WHOLE).references, 4)


@pytest.mark.parametrize(
    ("text", "visible", "parts"),
    [
        ("hola", "hola", 0),
        ("Subject: x\n\nhola", "hola", 0),
        ("Subject: x\nhola\ny adiós", "hola\ny adiós", 0),
        ("Content-Type: multipart/mixed; boundary=b\n\nhola", "hola", 0),
        ("Content-Type: multipart/mixed\n\n--b\n\nhola\n--b--", "hola", 0),
        ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhola", "hola", 0),
        ("Content-Type: multipart/mixed boundary=b\n\n--b\n\nhola\n--b--\nadiós", "hola", 0),
        ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nuno\n--b\n\ndos\n--b--", "uno\n\ndos", 0),
        ("Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\n"
         "Content-Type: text/html\n\n<p>hola</p>\n--b--", "hola", 0),
        ("Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
         "Your e-mail client does not support HTML.\n--b\nContent-Type: text/html\n\n<p>hola</p>\n--b--", "hola", 0),
        ("Content-Type: TEXT/HTML\n\n<p>hola</p>", "hola", 0),
        ("Content-Type: text/plain\n\n<!DOCTYPE html><p>hola</p>", "hola", 0),
        ("Content-Type: text/x-own\n\nhola", "hola", 0),
        ("Content-Type: image/png\n\nx", "", 1),
        ("Content-Type: text/plain; name=a.txt\n\nhola", "", 1),
        ("Content-Type: nonsense\n\nhola", "hola", 0),
        ("Content-Transfer-Encoding: base64\n\naG9sYQ==", "hola", 0),
        ("Content-Transfer-Encoding: BASE64;\n\naG9s\n!!YQ", "hola", 0),
        ("Content-Transfer-Encoding: base64\n\naG9s\nYQ==\naG9sYQ==\n", "holahola", 0),
        ("Content-Transfer-Encoding: quoted-printable\n\nhol=61 =\nadi=C3=B3s =ZZ", "hola adiós =ZZ", 0),
        ("Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n$:&]L80``\n`\nend\n", "hola", 0),
        ("Content-Transfer-Encoding: nonsense\n\nhola", "hola", 0),
        ("Content-Type: application/ms-tnef; name=winmail.dat\n\nx", "", 1),
    ],
)  # fmt: skip
def test_what_is_text(text: str, visible: str, parts: int) -> None:
    found = mail(text)
    assert (found.text, len(found.parts)) == (visible, parts)


@pytest.mark.parametrize(
    ("declared", "encoded"),
    [
        ("utf-8", "utf-8"), ("us-ascii", "utf-8"), ("", "utf-8"), ("iso-8859-1", "utf-8"), ("x-unknown", "utf-8"),
        ("utf-8", "cp1252"), ("us-ascii", "cp1252"), ("", "cp1252"), ("iso-8859-1", "cp1252"), ("latin1", "cp1252"),
        ("windows-1252", "cp1252"), ("cp-850", "cp850"), ("unicode-1-1-utf-7", "utf-7"), ("utf-16", "utf-16"),
        ("idna", "utf-8"), ("rot13", "utf-8"), ("unicode_escape", "utf-8"), ("\"'; drop", "utf-8"),
    ],
)  # fmt: skip
def test_charsets_that_lie(declared: str, encoded: str) -> None:
    text = "Señora Muñoz: ¿cuándo está el préstamo?"
    content_type = f"Content-Type: text/plain; charset={declared}\r\n" if declared else ""
    assert read_mail(content_type.encode() + b"\r\n" + text.encode(encoded)).text == text


@pytest.mark.parametrize(
    ("charset", "text"),
    [("ks_c_5601-1987", "안녕하세요 고객님"), ("shift_jis", "お問い合わせ①"), ("iso-2022-jp", "お問い合わせ"),
     ("gb2312", "您好，请问"), ("big5", "您好，請問"), ("koi8-r", "Здравствуйте"), ("windows-1256", "مرحبا")],
)  # fmt: skip
def test_charsets_of_the_world(charset: str, text: str) -> None:
    codec = {"ks_c_5601-1987": "cp949", "shift_jis": "cp932"}.get(charset, charset)
    body = base64.encodebytes(text.encode(codec))
    subject = base64.b64encode(text.encode(codec))
    head = b"Subject: =?%b?B?%b?=\r\nContent-Type: text/plain; charset=%b\r\n" % (
        *[charset.encode(), subject],
        charset.encode(),
    )
    found = read_mail(head + b"Content-Transfer-Encoding: base64\r\n\r\n" + body)
    assert (found.subject, found.text, found.defects) == (text, text, ())


def test_nothing_but_a_quote_is_shown() -> None:
    assert mail("Subject: x\n\nOn Mon, Jan 5, 2026 at 10:12 AM A <a@b.sv> wrote:\n> hola").text.endswith("> hola")


def test_tokens() -> None:
    addresses = ["Soporte+Abc=1@COOP.sv", "soporte@coop.sv", "otro+x@coop.sv", "soporte+@coop.sv", "soporte+abc@x.sv"]
    assert tokens_of(addresses, ["soporte@Coop.SV "]) == ("Abc=1",)


# ---------------------------------------------------------------- mails that are no mails

M = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_000))
HOSTILE = {
    "nothing": b"",
    "zeros": b"\0" * 10_000_000,
    "noise": os.urandom(3_000_000),
    "headers": b"X-A: b\r\n" * 100_000 + b"\r\nhola",
    "long header": b"Subject: " + b"x\r\n " * 1_000_000 + b"\r\n\r\nhola",
    "recipients": b"To: " + b"a@b.cc,\r\n " * 300_000 + b"\r\n\r\nhola",
    "nested": NESTED + b"\r\nhola" + b"".join(b"\r\n--b%d--" % n for n in reversed(range(1_000))),
    "dashes": M + b"--\n" * 1_000_000,
    "boundaries": M + b"--b\n" * 1_000_000,
    "parts": M + b"--b\nA: b\n\nhola\n" * 100_000,
    "html parts": M + (b"--b\nContent-Type: text/html\n\n" + b"<p>x" * 2_500 + b"\n") * 990,
    "returned": b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\nContent-Type: message/delivery-status\n\n\n"
    + (b"--b\nContent-Type: message/rfc822\n\n" + b"A: x\n" * 2_000) * 400,
    "lines": b"\r\n" + b"hola que tal\r\n" * 700_000,
    "one line": b"\r\n" + b"a" * 10_000_000,
    "padding": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"A=\n" * 1_000_000,
    "words": b"Subject: " + b"=?utf-8?q?a" * 9_000 + b"\r\n\r\nx",
    "brackets": b"From: " + b"(" * 49_000 + b"\r\nTo: " + b"<" * 49_000 + b"\r\nCc: " + b'"a' * 20_000 + b"\r\n\r\nx",
    "signs": b"From: " + b"a@" * 24_000 + b"\r\nReferences: " + b"<a" * 20_000 + b"\r\nDate: " + b"1 " * 20_000,
    "parameters": b"Content-Type: text/plain; " + b"a=b;" * 12_000 + b" " * 20_000 + b"\r\n\r\nx",
    "no server": b"From: mailer-daemon@x\r\nSubject: failure notice\r\n\r\n" + b"<a@b\n" * 500_000,
    "no server's blanks": b"From: mailer-daemon@x\r\nSubject: failure notice\r\n\r\n" + (b"to" + b" " * 9_000) * 6,
    "answers": b"\r\n" + b"On 1 Jan 2026 at 10:10 a@b.cc wrote:\n> a\nb\n\n" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    before = time.process_time()
    found = read_mail(HOSTILE[name], OWN)
    assert time.process_time() - before < 15  # seconds of this process; at most three where nothing else runs
    assert len(found.text) + len(found.folded) <= 1_100_000
    assert len(found.parts) <= 1_000
    assert len(found.to) <= 500 and len(found.subject) <= 2_000 and len(found.references) <= 100


def test_ten_megabytes_of_attachments() -> None:
    file = base64.encodebytes(os.urandom(2_500_000))
    part = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n%b\r\n" % file
    large = M + b"--b\r\n\r\nhola\r\n" + part * 3 + b"--b--\r\n"
    assert len(large) > 10_000_000
    before = time.process_time()
    found = read_mail(large)
    assert time.process_time() - before < 2  # seconds; measured 0.06
    assert found.text == "hola"
    assert [part.size for part in found.parts] == [2_500_000] * 3


_PIECE = st.sampled_from(
    [b"From: ", b"To: a@b", b"Subject: =?utf-8?q?", b"?=", b"Content-Type: multipart/mixed; boundary=b", b"\r\n", b"\n",
     b"--b", b"--b--", b"Content-Type: text/html", b"<p>", b"<", b">", b"Content-Transfer-Encoding: base64", b"\x00",
     b"Content-Type: message/delivery-status", b"multipart/alternative", b"; charset=", b"utf-7", b"+AAA-", b"=",
     b"Content-Disposition: attachment; filename*0*=", b"''", b"%ff", b"References: <a@b>", b"Date: ", b"\r", b" "]
)  # fmt: skip


@given(st.lists(st.one_of(_PIECE, st.binary(max_size=12)), max_size=40).map(b"".join))
def test_total(data: bytes) -> None:
    found = read_mail(data, OWN)
    for text in (found.text, found.folded, found.subject, found.from_.name, *(part.file_name for part in found.parts)):
        text.encode()  # no lone surrogates
        assert "\x00" not in text
    for part in found.parts:
        content, mime, name = part_content(data, part.index)
        assert (len(content), mime, name) == (part.size, part.mime, part.file_name)
