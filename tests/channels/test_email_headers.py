"""Headers as programs write them, and as they should not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.email_headers import Mailbox, date_ms, line, mailboxes, message_id, message_ids


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ana@x.sv", [("", "ana@x.sv")]),
        ("<ana@x.sv>", [("", "ana@x.sv")]),
        ("Ana Pérez <ana@x.sv>", [("Ana Pérez", "ana@x.sv")]),
        ('"Pérez, Ana" <ana@x.sv>, Luis <l@x.sv>', [("Pérez, Ana", "ana@x.sv"), ("Luis", "l@x.sv")]),
        ("ana@x.sv (Ana (la de caja))", [("Ana (la de caja)", "ana@x.sv")]),
        ("=?utf-8?q?Ana=2C_P=C3=A9rez?= <ana@x.sv>", [("Ana, Pérez", "ana@x.sv")]),
        ("=?utf-8?Q?Ana, Perez?= <ana@x.sv>", [("Ana, Perez", "ana@x.sv")]),
        ("=?utf-8?q?Ana_=3Cana=40x=2Esv=3E?=", [("Ana", "ana@x.sv")]),
        ("equipo: a@x.sv, B <b@x.sv>; c@x.sv", [("", "a@x.sv"), ("B", "b@x.sv"), ("", "c@x.sv")]),
        ("undisclosed-recipients:;", []),
        ("mailto:ana@x.sv", [("", "ana@x.sv")]),
        ("<mailto:ana@x.sv>", [("", "ana@x.sv")]),
        ("Ana <<ana@x.sv>>", [("Ana", "ana@x.sv")]),
        ("Ana <@relay.sv:ana@x.sv>", [("Ana", "ana@x.sv")]),
        ("Ana <ana@x.sv", [("Ana", "ana@x.sv")]),
        ('"Ana <ana@x.sv>', [('Ana', "ana@x.sv")]),
        ("Ana [ana@x.sv]", [("Ana", "ana@x.sv")]),
        ("ana@x.sv <ana@x.sv>", [("", "ana@x.sv")]),
        ("Ana <a@x.sv> Luis <l@x.sv>", [("Ana", "a@x.sv"), ("Luis", "l@x.sv")]),
        ("a@x.sv; b@x.sv", [("", "a@x.sv"), ("", "b@x.sv")]),
        ("Ana", [("Ana", "")]),
        ('"ana maria"@x.sv', [("", '"ana maria"@x.sv')]),
        ("Ana\r\n Bcc: otra@x.sv <ana@x.sv>", [("otra@x.sv", "ana@x.sv")]),
        ("", []),
        (",,;;<>()", []),
    ],
)  # fmt: skip
def test_mailboxes(value: str, found: list[tuple[str, str]]) -> None:
    assert mailboxes(value.encode()) == tuple(Mailbox(*one) for one in found)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"hola", "hola"),
        ("préstamo".encode(), "préstamo"),
        ("préstamo".encode("latin-1"), "préstamo"),
        (b"=?utf-8?B?aG9sYQ==?=  =?utf-8?Q?_mundo?=", "hola mundo"),
        (b"=?utf-8?B?aG9sYQ?= y", "hola y"),
        (b"=?utf-8?q?=F0=9F?= =?utf-8?q?=99=82?=", "🙂"),
        (b"=?utf-8*es?q?hola?=", "hola"),
        (b"=?x-unknown?q?pr=C3=A9stamo?=", "préstamo"),
        (b"=?us-ascii?q?pr=E9stamo?=", "préstamo"),
        (b"=?utf-8?x?hola?=", "=?utf-8?x?hola?="),
        (b"=?utf-8?q?a?=b", "ab"),
        (b"a=?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a\tb=0D=0AX: c?=", "a b X: c"),
        (b"a\x00b\x1b[31m", "a b [31m"),
    ],
)
def test_lines(value: bytes, text: str) -> None:
    assert line(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a@b>", ("a@b",)),
        ("<a@b> <c@d>\r\n <a@b>", ("a@b", "c@d")),
        ("Your message of Monday <a@b>", ("a@b",)),
        ("Your message of Monday", ()),
        ("a@b, c@d", ("a@b", "c@d")),
        ("<a b\t@c>", ("ab@c",)),
        ("<>", ()),
    ],
)
def test_message_ids(value: str, found: tuple[str, ...]) -> None:
    assert message_ids(value.encode()) == found


def test_a_mails_own_id() -> None:
    assert message_id(b"<a@b>") == "a@b"
    assert message_id(b"something without brackets") == "somethingwithoutbrackets"
    assert message_id(b"") == ""
    assert len(message_id(b"<%b@x>" % (b"a" * 5_000))) < 998
    assert message_id(b"<%b@x>" % (b"a" * 5_000)) != message_id(b"<%b@y>" % (b"a" * 5_000))


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 5 Jan 2026 10:12:00 -0600", "5 Jan 2026 16:12 GMT", "Mon, 05 Jan 2026 10:12:00 -0600 (CST)",
        "Monday, 5 January 2026 10:12:00 -0600", "2026-01-05T10:12:00-06:00", "2026-01-05 16:12:00",
        "lun, 5 ene 2026 10:12:00 -0600", "5 de enero 2026 16:12", "Mon,5 Jan 2026 10:12:00-0600",
        "Mon Jan  5 16:12:00 2026",
    ],
)  # fmt: skip
def test_dates(value: str) -> None:
    assert date_ms(value.encode()) == 1_767_629_520_000


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ayer",
        "99 Jan 2026",
        "Mon, 5 Jan 99999",
        "1 Jan 1900 00:00",
        "5 Foo 2026",
        "-",
    ],
)
def test_no_dates(value: str) -> None:
    assert date_ms(value.encode()) is None


def test_a_time_that_no_clock_has() -> None:
    assert date_ms(b"Tue, 22 Jan 2002 14:3510117101281980") == 1_011_710_100_000, "what is before it still counts"


@given(st.binary(max_size=200))
def test_total(value: bytes) -> None:
    for text in (line(value), message_id(value), *message_ids(value)):
        text.encode()
        assert "\n" not in text
    for box in mailboxes(value):
        assert "\n" not in box.name + box.address
        assert box.address == "" or "@" in box.address
    date_ms(value)


@pytest.mark.parametrize("piece", ["(", "<", '"', "=?", "=?utf-8?q?", "a@", "<a", "\\", ",", "a ", ":", "=?a?q?b?= "])
def test_hostile(piece: str) -> None:
    value = (piece * 50_000)[:50_000].encode()
    before = time.process_time()
    mailboxes(value), line(value), message_ids(value), date_ms(value)
    assert time.process_time() - before < 5  # seconds of this process; measured: at most 0.2
