"""Who is written to in a mail: reading the addresses a message carries, and answering everybody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from server.wire import Message

#: what is surely no address; what is one, the server and the provider decide
_ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,250}")
_ANSWER = re.compile(r"^(?:(?:re|rv|rm|fwd?|enc|aw|wg)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_PLUS = re.compile(r"\+[^@]*(?=@)")


class Box(NamedTuple):
    """A mailbox: an address and the name that stands beside it, if one does."""

    name: str
    address: str


def boxes(value: object) -> list[Box]:
    """The mailboxes in a value of `Message.data`, however they are written down; what is none is left out."""
    if isinstance(value, str | dict):
        value = [value]
    if not isinstance(value, list | tuple):
        return []
    return [box for each in value if (box := _box(each)) is not None]


def _box(value: object) -> Box | None:
    if isinstance(value, str):
        found = _ADDRESS.search(value)
        name = value.partition("<")[0].strip(' "') if "<" in value else ""
        return Box(name, found[0]) if found else None
    if isinstance(value, dict):
        given: tuple[object, object] = (value.get("name"), value.get("address"))
    elif isinstance(value, list | tuple) and len(value) == 2:
        given = (value[0], value[1])
    else:
        return None
    name_of, address = given
    if not isinstance(address, str) or not address:
        return None
    return Box(name_of if isinstance(name_of, str) else "", address)


def parse(text: str) -> tuple[list[str], list[str]]:
    """What a person typed, divided at commas, semicolons and line ends: the addresses, and what is none."""
    good: list[str] = []
    bad: list[str] = []
    for part in re.split(r"[,;\n]+", text):
        said = part.strip()
        if not said:
            continue
        bare = said[said.rfind("<") + 1 :].rstrip("> ") if said.endswith(">") and "<" in said else said
        (good if _ADDRESS.fullmatch(bare) else bad).append(bare)
    return list(dict.fromkeys(good)), bad


def is_ours(address: str, own: Collection[str]) -> bool:
    """Whether an address is one of our own, also with a token behind a plus sign."""
    bare = _PLUS.sub("", address.strip().lower())
    return any(bare == each.strip().lower() for each in own)


def reply_to(mail: Message) -> str:
    """The address that an answer to a mail goes to; empty for a machine's mail, which is not answered itself."""
    data = mail.data
    if data.get("automatic"):
        return ""
    found = boxes(data.get("reply_to")) or boxes(data.get("from"))
    return found[0].address if found else ""


def others(mail: Message, own: Collection[str]) -> list[str]:
    """Who else was written to, and so gets a copy of an answer to everybody: all but us and who is answered."""
    if mail.data.get("automatic"):
        return []
    answered = {box.address.lower() for name in ("reply_to", "from") for box in boxes(mail.data.get(name))}
    return _unique(
        box.address
        for name in ("to", "cc")
        for box in boxes(mail.data.get(name))
        if box.address.lower() not in answered and not is_ours(box.address, own)
    )


def bare_subject(subject: str) -> str:
    """A subject without the Re: and Fwd: before it, for comparing."""
    return " ".join(_ANSWER.sub("", subject.strip()).split()).casefold()


def _unique(addresses: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(address.lower(), address)
    return list(found.values())


def newest_mail(messages: Iterable[Message]) -> Message | None:
    """The customer's newest message among these (oldest first)."""
    newest: Message | None = None
    for message in messages:
        if message.direction == "in" and message.revoked_at is None:
            newest = message
    return newest


def options(message: Message) -> dict[str, Any]:
    """What the writer of one of our messages chose: copies, subject, private."""
    found = message.data.get("options")
    return found if isinstance(found, dict) else {}
