"""A hundred thousand spoiled mails: none is too much for the reader, and none takes it long."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from server.channels.email_compose import OutgoingPart, compose
from server.channels.email_headers import Mailbox
from server.channels.email_message import part_content, read_mail
from tests.channels.test_email_html import GMAIL, OUTLOOK
from tests.channels.test_email_machine import DSN, REPORT
from tests.channels.test_email_message import WHOLE
from tests.conformance.test_email import mails
from tests.fuzz.run import dice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SHARES = 4
EACH = int(os.environ.get("FUZZ_MAILS", "104000")) // SHARES
#: larger ones are left to the tests of hostile mails, so that many small ones can be read
SMALL = 2_500
#: processor seconds one small mail may take; it takes 1 ms
LONG = 2.0

#: what is put in somewhere
PIECES = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"=", b"=?", b"?=", b"=?utf-8?q?=ff?=",
    b"=?x?b?AAA?=", b"--", b"--b", b"--a--", b"<", b">", b'"', b"(", b";", b":", b",", b"@", b"> ", b"\r\n> ",
    b"\r\nContent-Type: ", b"multipart/mixed; boundary=b", b"multipart/alternative; boundary=b", b"message/rfc822",
    b"message/delivery-status", b"text/html", b"text/plain; charset=", b"utf-16", b"utf-7", b"iso-2022-jp", b"hz",
    b"unicode_escape", b"\r\nContent-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode", b"binary",
    b"\r\nContent-Disposition: attachment; filename*0*=utf-8''%ff", b"filename=../../x", b"\r\nFrom: ", b"\r\nDate: ",
    b"99 Feb 99999 99:99:99 +9999", b"\r\nReferences: <", b"\r\nAuto-Submitted: ", b"\r\nList-Id: x", b"<blockquote>",
    b"<table><tr><td>", b"<style>", b"<!--", b"&#xd800;", b"&#0;", b"<a href=", b"</", b"<![CDATA[", b"begin 644 a\r\n",
    b"\r\nOn 1 Jan 2026 at 10:10 a@b.cc wrote:\r\n", b"\r\nDe: a\r\nPara: b\r\nAsunto: c\r\n", b"x" * 1_000, b"(" * 300,
    "\u202e\u2066\ue000\ue001é日".encode(), b"\xe2\x80\xa8", b"\x1b$B", b"~{", b"+AAA-", b" " * 500, b"\t", b"-- \r\n",
)  # fmt: skip


def _good() -> list[bytes]:
    """Mails to spoil: our own, and small ones that nobody here wrote if they are there."""
    html = "From: Ana <a@x.sv>\nContent-Type: text/html; charset=utf-8\n\n"
    report = f"{REPORT}\n\n{DSN.format(action='failed', status='5.1.1', returned='message/rfc822')}"
    own = [text.replace("\n", "\r\n").encode() for text in (WHOLE, report, html + GMAIL, html + OUTLOOK)]
    own.append(
        compose(
            from_=Mailbox("Acacoop", "soporte@coop.sv"), to=[Mailbox("José", "j@x.sv")], message_id="1@coop.sv", at=0,
            subject="Préstamo", text="Buenos días\n日本", quoted="hola", quoted_from="El lunes, José escribió:",
            files=[OutgoingPart(content=b"x" * 99, file_name="a.txt")],
        )
    )  # fmt: skip
    return own + [raw for path in mails() if len(raw := path.read_bytes()) < SMALL]


def _spoiled(good: list[bytes], chance: random.Random) -> bytes:
    data = bytearray(chance.choice(good))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randint(0, len(data))
        how = chance.randrange(8)
        if how < 3:
            data[at:at] = chance.choice(PIECES)
        elif how == 3:
            del data[at : at + chance.choice((1, 2, 20, 400))]
        elif how == 4 and data:
            data[at % len(data)] = chance.randrange(256)
        elif how == 5:  # the same again, elsewhere
            start = chance.randint(0, len(data))
            data[at:at] = data[start : start + chance.randint(1, 200)] * chance.choice((1, 2, 20))
        elif how == 6:  # the lines from here on in another order
            lines = bytes(data[at : at + 1_000]).split(b"\n")
            chance.shuffle(lines)
            data[at : at + 1_000] = b"\n".join(lines)
        else:  # another mail's end
            other = chance.choice(good)
            data[at:] = other[chance.randint(0, len(other)) :]
    return bytes(data[: 4 * SMALL])


def _check(data: bytes) -> None:
    found = read_mail(data, ["soporte@coop.sv"])
    texts = (found.text, found.folded, found.subject, found.message_id, found.from_.name, found.from_.address)
    for text in (*texts, *(part.file_name for part in found.parts)):
        text.encode()
        assert "\x00" not in text
    assert all(one.index < other.index for one, other in pairwise(found.parts))
    if found.parts:
        last = found.parts[-1]
        assert len(part_content(data, last.index)[0]) == last.size


@pytest.mark.parametrize("share", range(SHARES))
def test_no_mail_is_too_much(share: int, say: Callable[[str], None]) -> None:
    seed, chance = dice(share)
    good = _good()
    longest = 0.0
    for number in range(EACH):
        data = _spoiled(good, chance)
        before = time.process_time()
        try:
            _check(data)
            took = time.process_time() - before
            assert took < LONG, f"took {took:.2f} s"
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={seed} share {share}, mail {number}: {data!r}") from error
        longest = max(longest, took)
    if share == 0:
        say(f"{EACH * SHARES} spoiled mails read, seed {seed}; the longest of a share took {longest * 1000:.0f} ms")
