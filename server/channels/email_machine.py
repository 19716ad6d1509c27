"""Mail that no person wrote: answering it could start a loop.

RFC 3834 (Auto-Submitted), RFC 2919 and 2369 (lists), Microsoft's [MS-OXCMAIL] (X-Auto-Response-Suppress), and what
programs write that know none of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from server.channels.email_bounce import Bounce
from server.channels.email_headers import Mailbox, line, mailboxes
from server.channels.email_mime import Part

_NO_PERSON = re.compile(
    r"(?:mailer|mail)[-_.]?daemon|postmaster|double-bounce|bounces?(?:[-+=_.].*)?|(?:auto[-_.]?)(?:reply|responder)"
    r"|(?:do[-_.]?not|no)[-_.]?(?:reply|responder|responda|contestar|contestes)(?:[-+=_.\d].*)?"
    r"|nao[-_.]?responda|ne[-_.]?pas[-_.]?repondre|keine[-_.]?antwort",
    re.I,
)
_AUTO_SUBJECT = re.compile(
    r"\W{0,3}(?:out of (?:the )?office|automatic reply|auto[- ]?(?:matic )?(?:reply|response|antwort)|autoreply"
    r"|away from (?:the )?office|respuesta automática|fuera de (?:la )?oficina|réponse automatique|absence du bureau"
    r"|automatische antwort|abwesenheits(?:notiz|meldung)|resposta automática|risposta automatica|fuori sede"
    r"|automatisch antwoord|afwezigheid|autosvar|automaattinen vastaus|автоответ|自动回复|自動回覆|自動応答)",
    re.I,
)
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply")
_LIST_HEADERS = ("list-id", "list-unsubscribe", "list-post", "mailing-list", "x-mailing-list")
_BULK = ("bulk", "junk", "auto_reply", "auto-reply")


def machine_of(root: Part, from_: Mailbox, own: Collection[str], bounce: Bounce | None) -> str:
    """Why a mail is a machine's: bounce, report, own, auto_reply or list; "" if a person wrote it."""
    if bounce is not None and bounce.action in ("failed", "delayed"):
        return "bounce"
    if bounce is not None or root.mime == "multipart/report":
        return "report"
    if is_own(from_.address, own):
        return "own"
    if _value(root, "auto-submitted").partition(";")[0].strip() not in ("", "no"):
        return "auto_reply"
    if _AUTO_SUBJECT.match(line(root.header("subject"))):
        return "auto_reply"
    precedence = _value(root, "precedence")
    if precedence == "list" or any(root.header(name) for name in _LIST_HEADERS):
        return "list"
    if precedence in _BULK or _marked(root) or _null_return_path(root) or _nobody(root, from_):
        return "auto_reply"
    return ""


def is_own(address: str, own: Collection[str]) -> bool:
    """Whether an address is one of ours, with or without a token after a plus sign."""
    plain = _without_token(address)
    return bool(address) and any(plain == _without_token(one) for one in own)


def _without_token(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _value(root: Part, name: str) -> str:
    return line(root.header(name), 200).lower()


def _marked(root: Part) -> bool:
    """Whether a header of some program says that a program wrote it, or wants no program to answer."""
    if any(_value(root, name) not in ("", "no", "false", "0") for name in _AUTO_HEADERS):
        return True
    # the other values (DR, RN, NRN) only speak of receipts
    return bool({"all", "oof", "autoreply"} & set(re.split(r"[,\s]+", _value(root, "x-auto-response-suppress"))))


def _null_return_path(root: Part) -> bool:
    return any(key == "return-path" and value.replace(b" ", b"") == b"<>" for key, value in root.headers)


def _nobody(root: Part, from_: Mailbox) -> bool:
    """Whether nobody reads what is sent there. A form on a web site writes as no-reply for the person in Reply-To."""
    answer_to = [box.address for box in mailboxes(root.header("reply-to")) if box.address] or [from_.address]
    return all(is_nobody(address) for address in answer_to)


def is_nobody(address: str) -> bool:
    """Whether an address is called as those are that no person reads: no-reply, mailer-daemon, postmaster …"""
    return _NO_PERSON.fullmatch(address.partition("@")[0]) is not None
