"""An answer as a mail: who it goes to, under which subject, in which thread, and its bytes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from server.channels.base import Outgoing, Refused
from server.channels.email_address import travelling
from server.channels.email_compose import OutgoingPart, answer_subject, compose
from server.channels.email_facts import UNKNOWN
from server.channels.email_headers import Mailbox
from server.channels.email_ids import header_id, message_id, plus_address
from server.channels.email_machine import is_own
from server.channels.email_reasons import failure

#: bytes of all files of one mail together: what most servers take, and 37 % more once they are encoded
FILES_LIMIT = 25 * 1024 * 1024

#: so many addresses of a Reply-To get the answer: whoever lists hundreds wants us to write to strangers
ANSWERED = 5

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\\\x00-\x1f\x7f]{1,253}")


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Us: `own` are all addresses of the mailbox, `plus` whether mail to user+anything@ reaches it."""

    address: str
    name: str = ""
    own: tuple[str, ...] = ()
    plus: bool = False


class Letter(msgspec.Struct, kw_only=True):
    """A mail ready to leave: `sender` and `recipients` are the envelope's, copies and blind ones among them. `utf8`: it
    needs servers that carry other letters than ASCII in addresses (SMTPUTF8)."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def utf8(self) -> bool:
        return not all(address.isascii() for address in self.recipients)


def letter(message: Outgoing, us: Sender) -> Letter:
    """The mail for a message; the same one at every attempt. Refused if it has no recipient or its files cannot go.

    Reads the files from disk: call it in a thread.
    """
    if message.kind == "template":
        raise Refused(failure("unsupported", words="mails have no templates of a provider's"))
    cc, bcc = (_usable(message.options.get(name), us.own) for name in ("cc", "bcc"))
    to = _to(message, us)
    id = message_id(message.client_ref, us.address)
    content = compose(
        from_=Mailbox(us.name, us.address),
        to=[Mailbox("", address) for address in to],
        cc=[Mailbox("", address) for address in cc],
        message_id=id,
        at=message.at,
        subject=_subject(message),
        text=message.text,
        reply_to=Mailbox(us.name, plus_address(message.client_ref, us.address)) if us.plus else None,
        in_reply_to=header_id(message.last_in),
        references=[found for one in message.references if (found := header_id(one))],
        files=_files(message),
        automatic=message.data.get("automatic") is True,
    )
    recipients = {address.lower(): _recipient(address) for address in (*to, *cc, *bcc)}
    return Letter(message_id=id, sender=us.address, recipients=tuple(recipients.values()), content=content)


def _to(message: Outgoing, us: Sender) -> list[str]:
    """Where the answered mail wants its answer; the contact's address if it was a machine's or there is none."""
    found: list[str] = []
    if not message.last_data.get("automatic"):
        answer_to, wrote = (_usable(message.last_data.get(name), us.own) for name in ("reply_to", "from"))
        found = answer_to[:ANSWERED] or wrote[:1]
    found = found or _usable(address.value for address in message.to if address.kind == "email")[:1]
    if not found or found[0] == UNKNOWN:
        raise Refused(failure("recipient_unknown", words="the mail named no sender that can be written to"))
    return found


def _usable(value: Any, but: Collection[str] = ()) -> list[str]:
    """The good addresses in a list, each once, without our own."""
    given = value if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else []
    found = {one.lower(): one for one in given if isinstance(one, str) and _ADDRESS.fullmatch(one)}
    return [one for one in found.values() if not is_own(one, but)]


def _recipient(address: str) -> str:
    """An address as SMTP takes it. Refused if its domain cannot be one."""
    try:
        return travelling(address)
    except ValueError:
        raise Refused(failure("recipient_unknown", words=f"{address}: there can be no such domain")) from None


def _subject(message: Outgoing) -> str:
    chosen = message.options.get("subject")
    if isinstance(chosen, str) and chosen:
        return chosen
    before = message.last_data.get("subject") or message.subject
    return answer_subject(before) if isinstance(before, str) and before else ""


def _files(message: Outgoing) -> list[OutgoingPart]:
    total = sum(file.size for file in message.files)
    if total > FILES_LIMIT:
        raise Refused(failure("media", words=f"the files have {total} bytes together, {FILES_LIMIT} can go"))
    try:
        return [
            OutgoingPart(content=Path(file.path).read_bytes(), mime=file.mime, file_name=file.file_name)
            for file in message.files
        ]
    except OSError as error:
        raise Refused(failure("media", words=f"the stored file cannot be read: {error.strerror}")) from error
