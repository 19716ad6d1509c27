"""What a raw mail tells: a message from somebody, what became of one of ours, or our own mail come back. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from typing import Any

from server.channels.email_bounce import Bounce
from server.channels.email_headers import Mailbox
from server.channels.email_ids import DIGEST, ref_of, ref_of_token
from server.channels.email_machine import is_nobody, is_own
from server.channels.email_message import Mail, part_content, read_mail
from server.channels.email_parts import MailPart
from server.channels.email_reasons import failure, reason
from server.facts import Address, Fact, Media, MessageFact, Party, StatusFact, Unreadable

#: the first line of a document that holds only the beginning of a mail too large to keep: its size in bytes
_CUT = re.compile(rb"X-Agent-Console-Cut: ([0-9]{1,15})\r\n")
#: a mail without any sender still belongs to somebody (RFC 2606: nobody has this address)
UNKNOWN = "unknown@unknown.invalid"
#: the part of a mail that came back
_RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)


def cut_document(beginning: bytes, size: int) -> bytes:
    """The document for a mail of `size` bytes of which only the beginning is kept."""
    return b"X-Agent-Console-Cut: %d\r\n%b" % (size, beginning)


def raw_mail(document: bytes) -> tuple[bytes, int]:
    """(the mail in a document, or its beginning, its full size if it was cut, else 0)."""
    cut = _CUT.match(document)
    return (document, 0) if cut is None else (document[cut.end() :], int(cut[1]))


def facts_of(document: bytes, received_at: int, own: Collection[str]) -> list[Fact]:
    """The facts in a mail; `own` are the addresses of the mailbox. Never raises for content."""
    raw, cut = raw_mail(document)
    if cut and not raw:
        return [Unreadable(where="mail", why=f"the mail server does not hand out this mail of {cut} bytes")]
    mail = read_mail(raw, own)
    facts: list[Fact] = []
    if mail.bounce is not None:
        facts += _bounced(mail, mail.bounce, raw, received_at)
    else:
        facts += _arrived(mail, received_at)
    facts.append(_message(mail, raw, received_at, own, cut))
    if cut:
        facts.append(Unreadable(where="mail", why=f"only the first {len(raw)} of {cut} bytes are kept"))
    return facts


# ---------------------------------------------------------------- messages


def _message(mail: Mail, raw: bytes, received_at: int, own: Collection[str], cut: int) -> MessageFact:
    person, echo = _person(mail, own)
    content = _content(raw, mail)
    media = (_whole(cut),) if cut else tuple(_media(part) for part in mail.parts)
    originals = mail.bounce.originals if mail.bounce is not None else ()
    references = tuple(dict.fromkeys([*originals, *mail.references]))
    return MessageFact(
        external_id=mail.message_id or f"{DIGEST}{mail.digest}",
        party=Party(addresses=(Address("email", person.address.lower() or UNKNOWN),), name=person.name),
        at=received_at if mail.date is None else min(mail.date, received_at),
        kind="text" if mail.text or not media else media[0].kind,
        text=mail.text,
        data=_data(mail),
        media=media,
        reply_to=mail.references[0] if mail.references else "",
        # never the subject, and not the id alone, which the sender chose
        thread=f"mail:{mail.message_id or mail.digest}:{content}",
        references=references,
        refs=_refs(references, mail.tokens),
        subject=mail.subject,
        automatic=mail.machine not in ("", "own"),
        content=content,
        echo=echo,
        via="e-mail" if echo else "",
    )


def _person(mail: Mail, own: Collection[str]) -> tuple[Mailbox, bool]:
    """(who the conversation is with, whether it was us who wrote).

    A form on a web site writes in our name, or as no-reply, for the person in Reply-To.
    """
    answer_to = [box for box in mail.reply_to if box.address and not is_own(box.address, own)]
    ours = is_own(mail.from_.address, own)
    if answer_to and (ours or is_nobody(mail.from_.address) or not mail.from_.address):
        return answer_to[0], False
    if ours:
        others = [box for box in (*mail.to, *mail.cc) if box.address and not is_own(box.address, own)]
        return (others or [mail.from_])[0], True
    return mail.from_, False


def _data(mail: Mail) -> dict[str, Any]:
    data: dict[str, Any] = {
        "subject": mail.subject,
        "from": _addresses([mail.from_]),
        "reply_to": _addresses(mail.reply_to),
        "to": _addresses(mail.to),
        "cc": _addresses(mail.cc),
        "folded": mail.folded,
        "machine": mail.machine,
    }
    return {name: value for name, value in data.items() if value}


def _addresses(boxes: Sequence[Mailbox]) -> list[str]:
    return [box.address for box in boxes if box.address]


def _media(part: MailPart) -> Media:
    kind = part.mime.partition("/")[0]
    return Media(
        kind=kind if kind in ("image", "audio", "video") else "document",
        provider_id=str(part.index),
        mime=part.mime,
        file_name=part.file_name,
        size=part.size,
    )


def _whole(size: int) -> Media:
    """The mail itself, where it is too large to be kept: shown as a file that was not accepted."""
    return Media(kind="document", mime="message/rfc822", file_name="mail.eml", size=size)


def _refs(message_ids: Sequence[str], tokens: Sequence[str]) -> tuple[str, ...]:
    """Our own references, by Message-ID before plus-address."""
    found = [ref_of(id) for id in message_ids] + [ref_of_token(token) for token in tokens]
    return tuple(dict.fromkeys(ref for ref in found if ref))


def _content(raw: bytes, mail: Mail) -> str:
    """A digest that is the same for each copy of a mail, whichever way it came: of who wrote it, to whom, when, in
    answer to what, of the subject and of what stands below the headers."""
    _, _, body = raw.replace(b"\r", b"").partition(b"\n\n")
    boxes = (mail.from_, *mail.to, *mail.cc)
    about = [*(box.address.lower() for box in boxes), str(mail.date), *mail.references, *mail.subject.split()]
    return hashlib.sha256(" ".join(about).encode("utf-8", "replace") + b"\n" + body.strip()).hexdigest()[:16]


# ---------------------------------------------------------------- what became of ours


def _bounced(mail: Mail, bounce: Bounce, raw: bytes, received_at: int) -> list[Fact]:
    """Our message failed, if the report is of one and says that it will not arrive where it was sent to."""
    ours = next((id for id in bounce.originals if ref_of(id)), "")
    if not ours or not bounce.permanent or _of_a_copy(mail, bounce, raw):
        return []
    words = f"{bounce.recipient}: {bounce.diagnostic}" if bounce.recipient else bounce.diagnostic
    why = reason(0, bounce.diagnostic, bounce.status)
    return [
        StatusFact(
            external_id=ours,
            status="failed",
            at=received_at,
            failure=failure(why, words=f"{bounce.status} {words}"),
            client_ref=ref_of(ours),
        )
    ]


def _of_a_copy(mail: Mail, bounce: Bounce, raw: bytes) -> bool:
    """Whether only a copy did not arrive: the message itself did, as far as anybody knows."""
    for part in mail.parts:
        if part.mime in _RETURNED and bounce.recipient:
            returned = read_mail(part_content(raw, part.index)[0])
            to = {box.address.lower() for box in returned.to}
            return bool(to) and bounce.recipient.lower() not in to
    return False


def _arrived(mail: Mail, received_at: int) -> list[Fact]:
    """What a mail proves of ours: one that comes back from us did leave, one that is answered did arrive."""
    if mail.machine == "own" and (ref := ref_of(mail.message_id)):
        return [StatusFact(external_id=mail.message_id, status="sent", at=received_at, client_ref=ref)]
    answered = mail.references[0] if mail.references else ""
    if mail.machine == "" and (ref := ref_of(answered)):
        return [StatusFact(external_id=answered, status="delivered", at=received_at, client_ref=ref)]
    return []
