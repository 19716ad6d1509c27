"""Mail that no person wrote is known as such, and what bounces say of our mails."""

from __future__ import annotations

import pytest

from server.channels.email_bounce import Bounce
from server.channels.email_message import read_mail

OWN = ["soporte@coop.sv", "Ventas@Coop.sv"]


def read(headers: str, body: str = "hola") -> tuple[str, Bounce | None]:
    found = read_mail(f"{headers}\n\n{body}".replace("\n", "\r\n").encode(), OWN)
    return found.machine, found.bounce


@pytest.mark.parametrize(
    ("headers", "machine"),
    [
        ("From: ana@x.sv", ""),
        ("From: ana@x.sv\nAuto-Submitted: no", ""),
        ("From: ana@x.sv\nAuto-Submitted: auto-replied (vacation)", "auto_reply"),
        ("From: ana@x.sv\nAuto-Submitted: auto-generated; owner-email=x", "auto_reply"),
        ("From: ana@x.sv\nReturn-Path: <>", "auto_reply"),
        ("From: ana@x.sv\nReturn-Path: <ana@x.sv>", ""),
        ("From: ana@x.sv\nX-Auto-Response-Suppress: All", "auto_reply"),
        ("From: ana@x.sv\nX-Auto-Response-Suppress: DR, OOF, AutoReply", "auto_reply"),
        ("From: ana@x.sv\nX-Auto-Response-Suppress: DR, RN, NRN", ""),
        ("From: ana@x.sv\nX-Autoreply: yes", "auto_reply"),
        ("From: ana@x.sv\nX-Autorespond: hola", "auto_reply"),
        ("From: ana@x.sv\nPrecedence: auto_reply", "auto_reply"),
        ("From: ana@x.sv\nPrecedence: Bulk", "auto_reply"),
        ("From: ana@x.sv\nPrecedence: list", "list"),
        ("From: ana@x.sv\nList-Id: <members.x.sv>", "list"),
        ("From: ana@x.sv\nList-Unsubscribe: <mailto:u@x>", "list"),
        ("From: ana@x.sv\nSubject: Respuesta automática: Préstamo", "auto_reply"),
        ("From: ana@x.sv\nSubject: =?utf-8?q?Respuesta_autom=C3=A1tica=3A?= x", "auto_reply"),
        ("From: ana@x.sv\nSubject: Su respuesta automática me molesta", ""),
        ("From: No-Reply <no-reply@bank.sv>", "auto_reply"),
        ("From: noreply+55@bank.sv", "auto_reply"),
        ("From: nora@bank.sv", ""),
        ("From: MAILER-DAEMON@mx.sv", "auto_reply"),
        # a form on a web site writes for somebody
        ("From: no-reply@coop-web.sv\nReply-To: Ana <ana@x.sv>", ""),
        ("From: ana@x.sv\nReply-To: noreply@x.sv", "auto_reply"),
        ("From: Soporte <SOPORTE@coop.sv>", "own"),
        ("From: soporte+c12@coop.sv", "own"),
        ("From: ventas@coop.sv", "own"),
        ("From: soporte@coop.sv.example", ""),
        ("From: ana@x.sv\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b", "report"),
        ("From: ana@x.sv\nContent-Type: multipart/report; report-type=feedback-report; boundary=b", "report"),
    ],
)
def test_machines(headers: str, machine: str) -> None:
    assert read(headers)[0] == machine


DSN = """\
--b
Content-Type: text/plain

No se pudo entregar.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.coop.sv

Original-Recipient: rfc822;bien@x.sv
Final-Recipient: rfc822;bien@x.sv
Action: delivered
Status: 2.0.0

Final-Recipient: rfc822; <ana@x.sv>
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1
 User unknown
--b
Content-Type: {returned}

Message-ID: <c1.m2@coop.sv>
From: soporte@coop.sv

hola
--b--
"""
REPORT = "From: MAILER-DAEMON@mx\nContent-Type: multipart/report; report-type=delivery-status; boundary=b"


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_by_the_standard(returned: str) -> None:
    machine, bounce = read(REPORT, DSN.format(action="failed", status="5.1.1 (bad)", returned=returned))
    assert machine == "bounce"
    assert bounce == Bounce(
        originals=("c1.m2@coop.sv",),
        recipient="ana@x.sv",
        status="5.1.1",
        action="failed",
        diagnostic="550 5.1.1 User unknown",
        permanent=True,
    )


def test_late_is_not_lost() -> None:
    machine, bounce = read(REPORT, DSN.format(action="delayed", status="4.4.1", returned="message/rfc822"))
    assert machine == "bounce"
    assert bounce is not None
    assert (bounce.action, bounce.recipient, bounce.permanent) == ("delayed", "ana@x.sv", False)
    machine, bounce = read(REPORT, DSN.format(action="failed", status="4.4.1", returned="message/rfc822"))
    assert bounce is not None and bounce.permanent  # it was tried long enough


def test_delivered_is_no_bounce() -> None:
    machine, bounce = read(REPORT, DSN.format(action="relayed", status="2.0.0", returned="message/rfc822"))
    assert machine == "report"
    assert bounce is not None and not bounce.permanent


def test_who_forwards_a_report_is_a_person() -> None:
    body = DSN.format(action="failed", status="5.1.1", returned="message/rfc822")
    assert read("From: ana@x.sv\nContent-Type: multipart/mixed; boundary=b", body) == ("", None)
    assert read("From: ana@x.sv\nSubject: Fwd: Undelivered Mail Returned to Sender") == ("", None)


QMAIL = """\
Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@x.sv>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 No such user here

--- Below this line is a copy of the message.

Message-ID: <c1.m2@coop.sv>
Subject: hola
"""
EXIM = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ana@x.sv
    host mx.x.sv [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ana@x.sv>:
    550 mailbox unavailable

------ This is a copy of the message, including all the headers. ------

Message-Id: <c1.m2@coop.sv>
"""


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ("From: MAILER-DAEMON@mx\nSubject: failure notice", QMAIL, "5.1.1"),
        ("From: Mail Delivery System <Mailer-Daemon@mx>\nSubject: Mail delivery failed: returning message", EXIM, ""),
        ("From: ana@x.sv\nX-Failed-Recipients: ana@x.sv\nSubject: hola", EXIM, ""),
        ("Return-Path: <>\nFrom: postmaster@mx\nSubject: No se puede entregar: hola", QMAIL, "5.1.1"),
        ("Subject: Undelivered Mail Returned to Sender", QMAIL, "5.1.1"),
    ],
)
def test_reports_in_own_words(headers: str, body: str, status: str) -> None:
    machine, bounce = read(headers, body)
    assert machine == "bounce"
    assert bounce is not None
    assert bounce.originals == ("c1.m2@coop.sv",)
    assert (bounce.recipient, bounce.status, bounce.permanent) == ("ana@x.sv", status, True)
    assert "550" in bounce.diagnostic


def test_a_report_that_only_answers_ours() -> None:
    _, bounce = read("From: postmaster@x\nIn-Reply-To: <c1.m2@coop.sv>\nSubject: Delivery delayed", "451 4.7.1 delayed")
    assert bounce == Bounce(
        originals=("c1.m2@coop.sv",), status="4.7.1", action="delayed", diagnostic="451 4.7.1 delayed", permanent=False
    )
