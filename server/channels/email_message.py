"""One mail as the desk needs it: who, when, answering what, what they wrote now and what they only quoted.

`read_mail` is total: whatever the bytes, it gives a `Mail` in bounded time and memory, and says in `defects` what was
wrong. The raw mail is the caller's to keep; `part_content` gives an attachment out of it again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

import msgspec

from server.channels.email_body import body_of
from server.channels.email_bounce import Bounce, bounce_of
from server.channels.email_fold import fold
from server.channels.email_headers import Mailbox, date_ms, line, mailboxes, message_id, message_ids
from server.channels.email_machine import machine_of
from server.channels.email_mime import Part, Tree
from server.channels.email_parts import MailPart, describe

#: the newest so many references are kept
REFERENCES_LIMIT = 100

#: headers that say for which of our addresses a mail was delivered
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")


class Mail(msgspec.Struct, kw_only=True):
    """What a mail says. Message ids are without angle brackets; times are UTC ms; addresses as written.

    `digest`: SHA-256 of the raw bytes, hex. `references`: the mails this one answers, newest first. `tokens`: what
    stands after the plus sign of our own addresses it was sent to. `text`: what was written now; `folded`: the rest
    (quoted mail, signature, notices); together they lose nothing but blanks. `machine`: why nobody waits for an answer:
    auto_reply, bounce, list, own (we sent it ourselves) or report; empty: a person. `defects`: short words.
    """

    message_id: str
    digest: str
    from_: Mailbox = Mailbox()
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    date: int | None = None
    references: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    text: str = ""
    folded: str = ""
    parts: tuple[MailPart, ...] = ()
    machine: str = ""
    bounce: Bounce | None = None
    defects: tuple[str, ...] = ()


def read_mail(raw: bytes, own: Collection[str] = ()) -> Mail:
    """Read a mail; `own` are our addresses. Never raises."""
    tree = Tree(raw)
    root = tree.root
    body = body_of(tree)
    text, folded = fold(body.text)
    if not text and not body.parts:
        text, folded = folded, ""  # somebody who sends nothing but a quote wants it to be seen
    bounce = bounce_of(tree, body.text)
    from_ = (mailboxes(root.header("from")) or mailboxes(root.header("sender")) or (Mailbox(),))[0]
    to, cc = _addresses(root, "to"), _addresses(root, "cc")
    delivered = tuple(box.address for name in _DELIVERED for box in _addresses(root, name) if box.address)
    return Mail(
        message_id=message_id(root.header("message-id")),
        digest=hashlib.sha256(raw).hexdigest(),
        from_=from_,
        reply_to=mailboxes(root.header("reply-to")),
        to=to,
        cc=cc,
        delivered_to=tuple(dict.fromkeys(delivered)),
        subject=line(root.header("subject")),
        date=date_ms(root.header("date")),
        references=_references(root),
        tokens=tokens_of([*(box.address for box in (*to, *cc)), *delivered], own),
        text=text,
        folded=folded,
        parts=body.parts,
        machine=machine_of(root, from_, own, bounce),
        bounce=bounce,
        defects=tuple(tree.defects),
    )


def part_content(raw: bytes, index: int) -> tuple[bytes, str, str]:
    """The bytes, type and file name of the part that `MailPart.index` names. Raises IndexError if there is none."""
    tree = Tree(raw)
    for part in tree.root.leaves():
        if part.index == index:
            described = describe(tree, part)
            return tree.content(part), described.mime, described.file_name
    raise IndexError(index)


def tokens_of(addresses: Collection[str], own: Collection[str]) -> tuple[str, ...]:
    """The tokens of `user+token@domain` among the addresses, where `user@domain` is one of our own."""
    ours = {address.strip().lower() for address in own}
    found: dict[str, None] = {}
    for address in addresses:
        match = re.fullmatch(r"([^+@]+)\+([^@]+)@([^@]+)", address)
        if match is not None and f"{match[1]}@{match[3]}".lower() in ours:
            found[match[2]] = None
    return tuple(found)


def _addresses(root: Part, name: str) -> tuple[Mailbox, ...]:
    """The addresses of all headers of this name: some programs write one header for each."""
    return tuple(box for key, value in root.headers if key == name for box in mailboxes(value))


def _references(root: Part) -> tuple[str, ...]:
    newest_first = [*message_ids(root.header("in-reply-to")), *reversed(message_ids(root.header("references")))]
    return tuple(dict.fromkeys(newest_first))[:REFERENCES_LIMIT]
