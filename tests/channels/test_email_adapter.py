"""What a mail tells, what an answer becomes, and which settings are good."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.base import BadSettings, Outgoing, OutgoingFile, Refused
from server.channels.email import Email
from server.channels.email_facts import UNKNOWN, cut_document, facts_of
from server.channels.email_ids import LOCAL_LIMIT, header_id, message_id, plus_address, ref_of, ref_of_token
from server.channels.email_message import read_mail
from server.channels.email_out import ANSWERED, FILES_LIMIT, Letter, Sender, letter
from server.channels.email_reasons import reason
from server.facts import REASONS, Address, Fact, MessageFact, StatusFact, Unreadable

NOW = 1_795_000_000_000
ADDRESS = "servicio@coop.example"
OWN = (ADDRESS,)
REF = "6a3f01c2b4.0123456789abcdef"
GOOD = {
    "address": ADDRESS,
    "user": "servicio",
    "password": "secreto",
    "imap_host": "imap.coop.example",
    "smtp_host": "smtp.coop.example",
}


def mail(*headers: str, body: str = "hola") -> bytes:
    return "\r\n".join([*headers, "", body]).encode()


def facts(*headers: str, body: str = "hola") -> list[Fact]:
    return facts_of(mail(*headers, body=body), NOW, OWN)


def message(*headers: str, body: str = "hola") -> MessageFact:
    found = facts(*headers, body=body)[-1]
    assert isinstance(found, MessageFact)
    return found


def out(**fields: Any) -> Outgoing:
    base: dict[str, Any] = {
        "kind": "text",
        "to": (Address("email", "ana@mail.example"),),
        "client_ref": REF,
        "at": NOW,
        "text": "Con gusto.",
    }
    return Outgoing(**(base | fields))


# ---------------------------------------------------------------- settings


def test_settings() -> None:
    adapter = Email(GOOD)
    assert (adapter.imap.port, adapter.imap.tls) == (993, "yes")
    assert (adapter.smtp.port, adapter.smtp.tls) == (587, "starttls")
    assert adapter.smtp.user == "servicio" and adapter.account == ADDRESS
    other = Email(GOOD | {"smtp_user": "relay", "smtp_password": "otro", "aliases": "info@coop.example, "})
    assert (other.smtp.user, other.smtp.password, other.imap.user) == ("relay", "otro", "servicio")
    assert other.us.own == (ADDRESS, "info@coop.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "servicio"),
        ("address", "a@b\r\nBcc: c@d"),
        ("aliases", "info@coop.example,nobody"),
        ("imap_port", "0"),
        ("imap_port", "70000"),
        ("imap_port", "993x"),
        ("imap_tls", "maybe"),
        ("imap_host", "imap.coop.example/inbox"),
        ("smtp_tls", "ssl"),
        ("plus", "si"),
        ("start", "yesterday"),
        ("password", "two\nlines"),
        ("folder", "IN\nBOX"),
        ("authority", "no certificate"),
    ],
)
def test_senseless_settings(name: str, value: str) -> None:
    with pytest.raises(BadSettings):
        Email(GOOD | {name: value})


def test_every_setting_is_needed_or_has_a_default() -> None:
    for name in GOOD:
        with pytest.raises(BadSettings, match=name):
            Email({key: value for key, value in GOOD.items() if key != name})


# ---------------------------------------------------------------- in


def test_a_message() -> None:
    fact = message(
        "From: =?utf-8?q?Ana_L=C3=B3pez?= <Ana.Lopez@Mail.Example>",
        f"To: {ADDRESS}, otra@mail.example",
        "Cc: Luis <luis@mail.example>",
        "Reply-To: ana@casa.example",
        "Subject: Mi cuenta",
        "Date: Sun, 01 Nov 2026 10:00:00 -0600",
        "Message-ID: <1@mail.example>",
        f"References: <0@mail.example> <{REF}@coop.example>",
        "In-Reply-To: <0@mail.example>",
    )
    assert fact.external_id == "1@mail.example"
    assert fact.party.name == "Ana López"
    assert fact.party.addresses == (Address("email", "ana.lopez@mail.example"),)
    assert fact.references == ("0@mail.example", f"{REF}@coop.example")
    assert fact.refs == (REF,)
    assert fact.reply_to == "0@mail.example"
    assert (fact.subject, fact.text, fact.at) == ("Mi cuenta", "hola", 1_793_548_800_000)
    assert fact.data == {
        "subject": "Mi cuenta",
        "from": ["Ana.Lopez@Mail.Example"],
        "reply_to": ["ana@casa.example"],
        "to": [ADDRESS, "otra@mail.example"],
        "cc": ["luis@mail.example"],
    }
    assert not fact.automatic and not fact.echo


def test_dates_are_never_in_the_future_and_threads_never_by_subject() -> None:
    later = message("From: a@b.example", "Date: Sun, 01 Nov 2099 10:00:00 +0000", "Subject: x", "Message-ID: <1@b>")
    assert later.at == NOW
    other = message("From: a@b.example", "Subject: x", "Message-ID: <2@b>")
    assert other.at == NOW
    assert later.thread != other.thread


def test_without_message_id_and_without_sender() -> None:
    one, same = message("Subject: x"), message("Subject: x")
    assert one.external_id.startswith("sha256:") and one.external_id == same.external_id
    assert header_id(one.external_id) == ""
    assert one.party.addresses == (Address("email", UNKNOWN),)
    with pytest.raises(Refused) as refused:
        letter(out(to=one.party.addresses), Sender(address=ADDRESS))
    assert refused.value.failure.reason == "recipient_unknown"


def test_content_tells_mails_with_one_id_apart() -> None:
    first = message("Message-ID: <1@b>", "From: a@b.example", body="uno")
    copy = message("Received: elsewhere", "Message-ID: <1@b>", "From: a@b.example", body="uno\r\n")
    other = message("Message-ID: <1@b>", "From: a@b.example", body="dos")
    assert first.content == copy.content != other.content
    assert first.thread == copy.thread != other.thread


def test_plus_addresses() -> None:
    local, _, domain = ADDRESS.partition("@")
    fact = message("From: a@b.example", f"To: {local}+{REF.upper()}@{domain}")
    assert fact.refs == (REF,)
    delivered = message("From: a@b.example", "To: list@b.example", f"Delivered-To: {local}+{REF}@{domain}")
    assert delivered.refs == (REF,)
    assert message("From: a@b.example", f"To: otro+{REF}@{domain}").refs == ()
    assert message("From: a@b.example", f"To: {local}+facturas@{domain}").refs == ()


def test_an_answer_proves_that_ours_arrived() -> None:
    status, fact = facts("From: a@b.example", f"In-Reply-To: <{REF}@coop.example>", "Message-ID: <9@b>")
    assert isinstance(status, StatusFact) and isinstance(fact, MessageFact)
    assert (status.status, status.client_ref, status.external_id) == ("delivered", REF, f"{REF}@coop.example")
    away = facts("From: a@b.example", f"In-Reply-To: <{REF}@coop.example>", "Auto-Submitted: auto-replied")
    assert len(away) == 1 and isinstance(away[0], MessageFact) and away[0].automatic


def test_our_own_mail() -> None:
    status, echo = facts(f"From: Coop <{ADDRESS}>", "To: ana@mail.example", f"Message-ID: <{REF}@coop.example>")
    assert isinstance(status, StatusFact) and isinstance(echo, MessageFact)
    assert (status.status, status.client_ref) == ("sent", REF)
    assert echo.echo and not echo.automatic
    assert echo.party.addresses == (Address("email", "ana@mail.example"),)
    (to_ourselves,) = facts(f"From: {ADDRESS}", f"To: {ADDRESS}", "Message-ID: <1@phone>")
    assert isinstance(to_ourselves, MessageFact) and to_ourselves.echo
    form = message(f"From: {ADDRESS}", f"To: {ADDRESS}", "Reply-To: Ana <ana@mail.example>")
    assert not form.echo and not form.automatic and form.party.name == "Ana"
    service = message("From: no-reply@forms.example", f"To: {ADDRESS}", "Reply-To: ana@mail.example")
    assert service.party.addresses == (Address("email", "ana@mail.example"),)


REPORT = """--b\r
Content-Type: text/plain\r
\r
Sorry.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example\r
\r
Final-Recipient: rfc822; {to}\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: smtp; 550 {status} no such user\r
\r
--b\r
Content-Type: message/rfc822\r
\r
From: {own}\r
To: ana@mail.example\r
Cc: luis@mail.example\r
Message-ID: <{id}>\r
\r
--b--\r
"""


def bounce(to: str = "ana@mail.example", action: str = "failed", status: str = "5.1.1", id: str = "") -> list[Fact]:
    body = REPORT.format(to=to, action=action, status=status, own=ADDRESS, id=id or f"{REF}@coop.example")
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'
    return facts("From: MAILER-DAEMON@mx.example", "Subject: Undelivered", "Message-ID: <d@mx>", kind, body=body)


def test_bounces() -> None:
    status, report = bounce()
    assert isinstance(status, StatusFact) and status.failure is not None and isinstance(report, MessageFact)
    assert (status.status, status.failure.reason, status.client_ref) == ("failed", "bounced", REF)
    assert "ana@mail.example" in status.failure.detail and "no such user" in status.failure.detail
    assert report.automatic and report.refs == (REF,)
    for late in (bounce(action="delayed", status="4.4.1"), bounce(action="relayed", status="2.0.0")):
        assert [type(fact) for fact in late] == [MessageFact]
    # a copy did not arrive: the message did
    assert [type(fact) for fact in bounce(to="luis@mail.example")] == [MessageFact]
    # somebody else's mail
    assert [type(fact) for fact in bounce(id="1@elsewhere.example")] == [MessageFact]


def test_a_cut_mail_is_shown_and_told_of() -> None:
    raw = mail("From: a@b.example", "Subject: grande", "Message-ID: <g@b>", body="el texto")
    fact, told = facts_of(cut_document(raw, 99_000_000), NOW, OWN)
    assert isinstance(fact, MessageFact) and isinstance(told, Unreadable)
    (whole,) = fact.media
    assert (fact.text, fact.kind, whole.file_name, whole.size) == ("el texto", "text", "mail.eml", 99_000_000)
    with pytest.raises(Refused, match="99000000 bytes"):
        Email(GOOD).extract(cut_document(raw, 99_000_000), whole.provider_id)
    assert "99000000" in told.why
    (only,) = facts_of(cut_document(b"", 7), NOW, OWN)
    assert isinstance(only, Unreadable)


def test_files_come_out_of_the_mail() -> None:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nva\r\n--b\r\nContent-Type: image/png\r\n"
        'Content-Disposition: attachment; filename="../../foto.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        "iVBORw0KGgo=\r\n--b--\r\n"
    )
    raw = mail("From: a@b.example", 'Content-Type: multipart/mixed; boundary="b"', body=body)
    (fact,) = facts_of(raw, NOW, OWN)
    assert isinstance(fact, MessageFact)
    (file,) = fact.media
    assert (file.kind, file.file_name, file.mime) == ("image", "foto.png", "image/png")
    adapter = Email(GOOD)
    assert adapter.extract(raw, file.provider_id) == (b"\x89PNG\r\n\x1a\n", "image/png")
    for wrong in ("77", "x", ""):
        with pytest.raises(Refused):
            adapter.extract(raw, wrong)


@given(st.binary(max_size=2000))
def test_no_bytes_are_too_bad(raw: bytes) -> None:
    for document in (raw, cut_document(raw, 1), b"From: a@b\r\n" + raw):
        assert facts_of(document, NOW, OWN)


# ---------------------------------------------------------------- references


@given(st.integers(1, 2**53), st.integers(0, 2**64 - 1))
def test_our_reference_comes_back(id: int, token: int) -> None:
    ref = f"{id:x}.{token:016x}"
    own = message_id(ref, ADDRESS)
    assert ref_of(own) == ref_of(own.upper()) == ref_of_token(ref.upper()) == ref
    tagged = plus_address(ref, ADDRESS)
    assert len(tagged.partition("@")[0]) <= LOCAL_LIMIT
    assert plus_address(ref, "x" * 50 + "@coop.example") == "x" * 50 + "@coop.example"


@pytest.mark.parametrize("id", ["", "@", "1@b", "x.0123456789abcdef@b", "1.0123456789abcde@b", f"a{REF}.x@b"])
def test_other_ids_are_not_ours(id: str) -> None:
    assert ref_of(id) == ""


def test_ids_kept_apart_are_sent_as_they_came() -> None:
    assert header_id("1@b#0123456789abcdef") == "1@b"
    assert header_id("1#2@b") == "1#2@b"


# ---------------------------------------------------------------- out


def test_who_gets_an_answer() -> None:
    us = Sender(address=ADDRESS, own=OWN)
    assert letter(out(), us).recipients == ("ana@mail.example",)
    wrote: dict[str, Any] = {"from": ["Luis@Mail.example"], "to": [ADDRESS], "subject": "Hola"}
    assert letter(out(last_data=wrote), us).recipients == ("Luis@Mail.example",)
    assert letter(out(last_data=wrote | {"reply_to": ["b@c.example"]}), us).recipients == ("b@c.example",)
    many = [f"{n}@c.example" for n in range(300)]
    assert letter(out(last_data=wrote | {"reply_to": many}), us).recipients == tuple(many[:ANSWERED])
    # nobody makes us write to ourselves
    assert letter(out(last_data=wrote | {"reply_to": [ADDRESS]}), us).recipients == ("Luis@Mail.example",)
    # a machine's mail is not answered to the machine
    assert letter(out(last_data=wrote | {"automatic": True}), us).recipients == ("ana@mail.example",)
    copies = {"cc": ["luis@mail.example", ADDRESS, "ANA@mail.example"], "bcc": ["jefe@coop.example"]}
    ready = letter(out(options=copies), us)
    assert {one.lower() for one in ready.recipients} == {"ana@mail.example", "luis@mail.example", "jefe@coop.example"}
    assert b"jefe@coop.example" not in ready.content and ADDRESS not in ready.recipients


def test_an_answer_is_the_same_every_time_and_says_whom_it_answers() -> None:
    us = Sender(address=ADDRESS, name="Coop", own=OWN, plus=True)
    chain = ("0@b", "sha256:abc", "1@b#0123456789abcdef")
    answer = out(last_in="1@b#0123456789abcdef", references=chain, subject="Mi cuenta")
    ready = letter(answer, us)
    assert ready.content == letter(answer, us).content
    read = read_mail(ready.content, OWN)
    assert ready.message_id == read.message_id == f"{REF}@coop.example"
    assert read.references == ("1@b", "0@b")
    assert read.subject == "Re: Mi cuenta"
    assert [box.address for box in read.reply_to] == [f"servicio+{REF}@coop.example"]
    assert read.machine == "own"


def test_addresses_in_other_letters() -> None:
    us = Sender(address=ADDRESS)

    def copied(address: str) -> Letter:
        return letter(out(options={"cc": [address]}), us)

    assert copied("a@peña.example").recipients[1] == "a@xn--pea-8ma.example" and not copied("a@peña.example").utf8
    assert copied("a@faß.example").recipients[1] == "a@xn--fa-hia.example", "and not fass (IDNA 2008)"
    both = copied("pen\u0303a@señal.example")  # the tilde apart, as some systems write it
    assert both.recipients[1] == "peña@xn--seal-hqa.example" and both.utf8
    assert "Cc: peña@xn--seal-hqa.example\r\n".encode() in both.content
    for wrong in ("a@-señal.example", "a@señal..example", f"a@{'ñ' * 70}.example"):
        with pytest.raises(Refused) as refused:
            copied(wrong)
        assert refused.value.failure.reason == "recipient_unknown"


def test_mails_from_addresses_in_other_letters() -> None:
    raw = (
        "From: Núria Peña <Peña@correo.example>\r\nTo: 用户@例子.example, servicio@coop.example\r\n"
        "Cc: =?utf-8?q?Jos=C3=A9?= <jos\u0065\u0301@correo.example>\r\nSubject: ¿Saldo?\r\n"
        "Message-ID: <1@correo.example>\r\n\r\nhola"
    ).encode()
    (fact,) = facts_of(raw, NOW, OWN)
    assert isinstance(fact, MessageFact)
    assert fact.party.name == "Núria Peña" and fact.party.addresses == (Address("email", "peña@correo.example"),)
    assert fact.data["from"] == ["Peña@correo.example"] and fact.data["cc"] == ["josé@correo.example"]
    assert fact.data["to"] == ["用户@例子.example", "servicio@coop.example"] and fact.subject == "¿Saldo?"
    answer = letter(out(last_data=fact.data, last_in=fact.external_id), Sender(address=ADDRESS))
    assert answer.recipients == ("Peña@correo.example",) and answer.utf8


@pytest.mark.parametrize("recipient", ["utf-8; peña@correo.example", "utf-8; pe\\x{F1}a@correo.example"])
def test_reports_of_addresses_in_other_letters(recipient: str) -> None:
    raw = (
        "From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/global-delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: {recipient}\r\nAction: failed\r\nStatus: 5.6.7\r\n\r\n"
        f"--b\r\nContent-Type: message/global-headers\r\n\r\nMessage-ID: <{REF}@coop.example>\r\n\r\n--b--\r\n"
    ).encode()
    found = read_mail(raw, OWN).bounce
    assert (
        found is not None and found.recipient == "peña@correo.example" and found.originals == (f"{REF}@coop.example",)
    )
    (status,) = (fact for fact in facts_of(raw, NOW, OWN) if isinstance(fact, StatusFact))
    assert status.failure is not None and status.failure.reason == "other_letters"


def test_files_that_cannot_go(tmp_path: Path) -> None:
    lost = OutgoingFile(kind="document", path=str(tmp_path / "gone"), mime="a/b", file_name="x", size=1)
    big = OutgoingFile(kind="document", path=str(tmp_path / "gone"), mime="a/b", file_name="x", size=FILES_LIMIT)
    for files in ((lost,), (big, big)):
        with pytest.raises(Refused) as refused:
            letter(out(files=files), Sender(address=ADDRESS))
        assert refused.value.failure.reason == "media"


# ---------------------------------------------------------------- reasons


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        (550, "5.1.1 no such user", "bounced"),
        (550, "no such user", "bounced"),
        (552, "5.2.2 over quota", "mailbox_full"),
        (552, "mailbox full", "mailbox_full"),
        (554, "5.2.2 El buzón está lleno", "mailbox_full"),
        (552, "5.3.4 message too big", "too_long"),
        (552, "message size exceeds fixed limit", "too_long"),
        (550, "5.7.1 blocked by policy", "policy"),
        (554, "rejected as spam", "policy"),
        (535, "5.7.8 bad credentials", "token"),
        (530, "Authentication required", "permission"),
        (550, "5.4.1 no route", "undeliverable"),
        (550, "5.0.0 whatever", "bounced"),
        (0, "5.1.10 recipient not found", "bounced"),
    ],
)
def test_reasons(code: int, words: str, expected: str) -> None:
    assert reason(code, words) == expected


@given(st.integers(0, 999), st.text(max_size=80), st.text(max_size=10))
def test_every_refusal_has_a_reason(code: int, words: str, status: str) -> None:
    assert reason(code, words, status) in REASONS


def test_tls_always_checks_the_server() -> None:
    context = Email(GOOD).smtp.context()
    assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
