"""Mails we send: what is put in comes out again, whoever reads them, and nothing put in can become a header."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.email_compose import OutgoingPart, answer_subject, compose
from server.channels.email_headers import Mailbox, one_line
from server.channels.email_message import part_content, read_mail

US = Mailbox("Cooperativa Acacoop", "soporte@coop.sv")
ANA = Mailbox("Ana Pérez", "ana@example.com")
AT = 1_795_000_000_000


def mail(**fields: Any) -> bytes:
    return compose(**{"from_": US, "to": [ANA], "message_id": "c1.m2.x9@coop.sv", "at": AT, **fields})


def by_the_library(raw: bytes) -> EmailMessage:
    """As the standard library reads it: an opinion that is not ours."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_a_whole_answer() -> None:
    raw = mail(
        cc=[Mailbox("", "jefe@example.com")],
        reply_to=Mailbox("Acacoop", "soporte+c1@coop.sv"),
        subject=answer_subject("RE: Préstamo"),
        in_reply_to="abc@mail.example.com",
        references=["first@x", "abc@mail.example.com"],
        text="Buenos días:\n\nSu préstamo está listo.",
        quoted="¿Y mi préstamo?\n> antes",
        quoted_from="El lunes, Ana escribió:",
        files=[OutgoingPart(content=b"%PDF-1.7", mime="application/pdf", file_name="Resolución.pdf")],
    )
    read = by_the_library(raw)
    assert str(read["From"]) == "Cooperativa Acacoop <soporte@coop.sv>"
    assert str(read["To"]) == "Ana Pérez <ana@example.com>"
    assert str(read["Cc"]) == "jefe@example.com"
    assert str(read["Reply-To"]) == "Acacoop <soporte+c1@coop.sv>"
    assert str(read["Subject"]) == "Re: Préstamo"
    assert read["Message-ID"] == "<c1.m2.x9@coop.sv>"
    assert read["In-Reply-To"] == "<abc@mail.example.com>"
    assert read["References"] == "<first@x> <abc@mail.example.com>"
    assert read["Date"].datetime.timestamp() * 1000 == AT
    assert read["Auto-Submitted"] is None
    body, file = read.iter_parts()
    assert (
        body.get_content().splitlines()
        == """\
Buenos días:

Su préstamo está listo.

El lunes, Ana escribió:
> ¿Y mi préstamo?
>> antes""".splitlines()
    )
    assert file.get_filename() == "Resolución.pdf"
    assert file.get_content() == b"%PDF-1.7"
    assert file.get_content_type() == "application/pdf"
    assert not read.defects


def test_the_same_arguments_give_the_same_bytes() -> None:
    files = [OutgoingPart(content=b"x")]
    assert mail(text="hola", files=files) == mail(text="hola", files=files)


def test_an_automatic_mail_starts_no_loop() -> None:
    raw = mail(automatic=True)
    assert by_the_library(raw)["Auto-Submitted"] == "auto-replied"
    assert by_the_library(raw)["X-Auto-Response-Suppress"] == "All"
    assert read_mail(raw).machine == "auto_reply"
    assert read_mail(mail()).machine == ""
    assert read_mail(mail(), ["Soporte@coop.sv"]).machine == "own"


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Préstamo", "Re: Préstamo"),
        ("re: Préstamo", "Re: Préstamo"),
        ("RE: Re: AW: Préstamo", "Re: Préstamo"),
        ("RE[2]: Préstamo", "Re: Préstamo"),
        ("RES: SV: Préstamo", "Re: Préstamo"),
        ("RV: Préstamo", "Re: RV: Préstamo"),
        ("Reporte: Préstamo", "Re: Reporte: Préstamo"),
        ("回复：你好", "Re: 你好"),
        ("", "Re:"),
        ("a\r\nBcc: x@y", "Re: a Bcc: x@y"),
    ],
)
def test_re_once(subject: str, answer: str) -> None:
    assert answer_subject(subject) == answer
    assert answer_subject(answer) == answer


def test_references_keep_the_first_and_the_newest() -> None:
    chain = [f"{n}@x" for n in range(100)]
    found = re.findall(r"<(.*?)>", str(by_the_library(mail(references=chain, in_reply_to="new@x"))["References"]))
    assert found == ["0@x", *chain[-19:], "new@x"]
    assert read_mail(mail(references=chain, in_reply_to="5@x")).references[0] == "5@x"


HOSTILE = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\r\n\t\x00:<>,;\"'\\()=?@ \u2028\x85é😩")),
    max_size=60,
)


def _headers(raw: bytes) -> list[str]:
    head = raw.partition(b"\r\n\r\n")[0]
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), "bare line ends"
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    return [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_nothing_becomes_a_header(subject: str, name: str, address: str, ident: str, file: str) -> None:
    raw = compose(
        from_=Mailbox(name, f"{address}@coop.sv"),
        to=[Mailbox(name, f"a{address}@x.sv")],
        cc=[Mailbox(name, "b@x.sv")],
        message_id=f"1{ident}",
        in_reply_to=f"2{ident}",
        references=[f"3{ident}"],
        at=AT,
        subject=subject,
        text=subject,
        files=[OutgoingPart(content=b"x", file_name=file, mime=file)],
    )
    named = ["From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version"]
    named = [one for one in named if one != "Subject" or one_line(subject)]
    assert _headers(raw) == [*named, "Content-Type"]
    read = read_mail(raw)
    assert [len(read.to), len(read.cc), len(read.parts)] == [1, 1, 1]
    assert read.cc[0].address == "b@x.sv"
    assert read.subject == one_line(subject)
    assert len(read.references) == 2


_PRINTED = st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Co"], exclude_characters="\ufeff\"'\\/")
_WORD = st.text(_PRINTED, min_size=1, max_size=30)
_NAME = st.lists(_WORD, max_size=3).map(" ".join)
_ADDRESS = st.from_regex(r"[a-z0-9.+_-]{1,20}@[a-z0-9]{1,10}\.(sv|example\.com)", fullmatch=True)
_BOX = st.builds(Mailbox, _NAME, _ADDRESS).filter(lambda box: "@" not in box.name)
_ID = st.from_regex(r"[A-Za-z0-9.$_+-]{1,80}@[a-z0-9.-]{1,60}", fullmatch=True)
_FILE = st.builds(OutgoingPart, content=st.binary(max_size=200), file_name=_NAME,
                  mime=st.sampled_from(["application/pdf", "text/plain", "image/png", "text/html"]))  # fmt: skip


@given(
    box=_BOX, to=st.lists(_BOX, min_size=1, max_size=3), subject=_NAME, text=st.lists(_NAME, max_size=6),
    ids=st.lists(_ID, min_size=2, max_size=5, unique=True), files=st.lists(_FILE, max_size=3),
    at=st.integers(0x4000_0000, 0xFFFF_FFFF),
)  # fmt: skip
def test_what_is_written_is_read(
    box: Mailbox, to: list[Mailbox], subject: str, text: list[str], ids: list[str], files: list[OutgoingPart], at: int
) -> None:
    body = "\n".join(text)
    raw = compose(
        from_=box, to=to, message_id=ids[0], in_reply_to=ids[1], references=ids[2:], at=at * 1000, subject=subject,
        text=body, files=files,
    )  # fmt: skip
    read = read_mail(raw)
    assert read.from_ == box
    assert read.to == tuple(to)
    assert read.subject == one_line(subject)
    assert read.message_id == ids[0]
    assert read.references == (ids[1], *reversed(ids[2:]))
    assert read.date == at * 1000
    assert sorted("".join((read.text + read.folded).split())) == sorted("".join(body.split()))
    assert read.defects == ()
    assert [part.file_name for part in read.parts] == [one_line(file.file_name) for file in files]
    for part, file in zip(read.parts, files, strict=True):
        assert part_content(raw, part.index) == (file.content, file.mime, part.file_name)
        assert part.size == len(file.content)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=400))
def test_any_text_arrives(text: str) -> None:
    (body,) = by_the_library(mail(text=text)).walk()
    arrived = body.get_content().replace("\r\n", "\n")
    assert arrived.rstrip("\n") == re.sub(r"\r\n|\r", "\n", text).rstrip("\n")
