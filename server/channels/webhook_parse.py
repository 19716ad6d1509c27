"""What another system tells a webhook channel, to facts. Total: whatever the bytes are, the answer is a list of facts.

A call's body is one object or a list of them; `type` is message (the default), reaction, edit, delete or status. All
fields are in docs/channels/webhook.md. What is kept of a call is its `webhook-id`, an empty line, and its body: the id
stands in for a message's own where it has none, and the same call offered again is the same document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from server.channels.foreign import (
    NAME_LIMIT,
    TEXT_LIMIT,
    Malformed,
    coordinate,
    decode,
    identifier,
    items,
    mapping,
    moment,
    need_id,
    scalar,
    size_of,
    string,
    trim,
    words,
)
from server.facts import (
    REASONS,
    Address,
    EditFact,
    Fact,
    Failure,
    Media,
    MessageFact,
    Party,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)

#: the kind of address a person has here: what the other system calls them
PERSON = "user"
#: files of one message, and objects of one call
FILES, OBJECTS = 20, 1000

_KINDS = ("image", "video", "audio", "document", "sticker")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEAD = b"webhook-id: "


class _Call(NamedTuple):
    """What all objects of a call share: its id, and when it came in (UTC ms)."""

    id: str
    received_at: int


def document(id: str, body: bytes) -> bytes:
    """What is kept of a call."""
    return _HEAD + id.encode("latin-1", "replace") + b"\n\n" + body


def _split(kept: bytes) -> tuple[str, bytes]:
    head, gap, body = kept.partition(b"\n\n")
    if not gap or not head.startswith(_HEAD):
        return "", kept
    return head.removeprefix(_HEAD).decode("latin-1"), body


def parse(kept: bytes, received_at: int) -> list[Fact]:
    """The facts in one kept call, in its order."""
    id, body = _split(kept)
    try:
        found = decode(body)
    except (ValueError, RecursionError) as error:
        return [Unreadable(where="body", why=f"not JSON: {str(error)[:200]}")]
    objects = found if isinstance(found, list) else [found]
    facts: list[Fact] = []
    if not objects:
        facts.append(Unreadable(where="body", why="an empty list"))
    if len(objects) > OBJECTS:
        facts.append(Unreadable(where=f"[{OBJECTS}]", why=f"more than {OBJECTS} objects in one call"))
    for n, item in enumerate(objects[:OBJECTS]):
        call = _Call(identifier(id if len(objects) == 1 else f"{id}#{n}"), received_at)
        try:
            if not isinstance(item, dict):
                raise Malformed("not an object")
            word = string(item.get("type"), 64) or "message"
            reader = _READERS.get(word)
            if reader is None:
                raise Malformed(f"type {word!r} is none of {', '.join(_READERS)}")
            facts.append(reader(call, item))
        except Malformed as error:
            facts.append(Unreadable(where=f"[{n}]", why=string(str(error), 300)))
        except Exception as error:  # one bad object never takes its batch with it
            facts.append(Unreadable(where=f"[{n}]", why=string(f"{type(error).__name__}: {error}", 300)))
    return facts


# ---------------------------------------------------------------- small readings


def _at(call: _Call, value: object) -> int:
    """Unix seconds or milliseconds, or a time as ISO 8601 writes it (UTC where it names no zone)."""
    text = string(value, 64).strip()
    if not text or text.isdigit():
        return moment(value, call.received_at)
    try:
        found = datetime.fromisoformat(text)
        return moment((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp(), call.received_at)
    except (ValueError, OverflowError, OSError):
        return call.received_at


def _id(call: _Call, item: dict[str, Any]) -> str:
    found = identifier(item.get("id")) or call.id
    if not found:
        raise Malformed("'id' is missing")
    return found


def _party(item: dict[str, Any]) -> Party:
    """Who it is. Only `id` is an address: a telephone number may be a family's, and suggests a person, no more."""
    person = mapping(item, "from")
    attributes = {key: value for key in ("phone", "email") if (value := scalar(person.get(key), 254))}
    return Party(
        addresses=(Address(PERSON, need_id(person)),),
        name=string(person.get("name"), NAME_LIMIT).strip(),
        username=string(person.get("username")).strip(),
        language=string(person.get("language"), 16).strip().lower().partition("-")[0],
        region=string(person.get("region"), 100).strip(),
        attributes=attributes,
    )


def _files(item: dict[str, Any]) -> tuple[Media, ...]:
    found: list[Media] = []
    for part in items(item.get("attachments"))[:FILES]:
        url, mime = string(part.get("url"), 4096).strip(), string(part.get("mime")).strip().lower()
        if not url:
            raise Malformed("an attachment has no url")
        kind = string(part.get("kind"), 16)
        if kind not in _KINDS:
            kind = mime.partition("/")[0] if mime.partition("/")[0] in ("image", "video", "audio") else "document"
        sha256 = string(part.get("sha256"), 64).lower()
        found.append(
            Media(
                kind=kind,
                url=url,
                mime=mime,
                file_name=string(part.get("name"), NAME_LIMIT),
                sha256=sha256 if _SHA256.fullmatch(sha256) else "",
                size=size_of(part.get("size")),
            )
        )
    return tuple(found)


# ---------------------------------------------------------------- each type


def _message(call: _Call, item: dict[str, Any]) -> Fact:
    files, thread = _files(item), identifier(item.get("thread"))
    text = string(item.get("text"), TEXT_LIMIT)
    data: dict[str, Any] = {}
    place = item.get("location")
    if isinstance(place, dict):
        data |= {key: coordinate(place.get(key)) for key in ("latitude", "longitude")}
        data |= {key: value for key in ("name", "address") if (value := string(place.get(key), 1000))}
        text = text or words(data.get("name", ""), data.get("address", ""))
        if not text and None not in (data["latitude"], data["longitude"]):
            text = f"{data['latitude']}, {data['longitude']}"
    if not text.strip() and not files:
        raise Malformed("neither text nor attachments nor location")
    if thread:
        data["thread"] = thread
    if item.get("data") is not None:
        data["data"] = trim(item["data"], depth=6)
    if isinstance(item.get("text"), str) and len(item["text"]) > TEXT_LIMIT:
        data["truncated"] = True
    id, reply_to = _id(call, item), identifier(item.get("reply_to"))
    campaign = item.get("campaign")
    return MessageFact(
        external_id=id,
        party=_party(item),
        at=_at(call, item.get("at")),
        kind="location" if isinstance(place, dict) else files[0].kind if files else "text",
        text=text,
        data=data,
        media=files,
        reply_to=reply_to if reply_to != id else "",
        thread=f"thread:{thread}" if thread else "",
        subject=string(item.get("subject"), 300).strip(),
        campaign=trim(campaign, depth=4) if isinstance(campaign, dict) and campaign else None,
        automatic=item.get("automatic") is True,
    )


def _reaction(call: _Call, item: dict[str, Any]) -> Fact:
    return ReactionFact(
        external_id=_id(call, item),
        party=_party(item),
        at=_at(call, item.get("at")),
        target=need_id(item, "message"),
        emoji=string(item.get("emoji"), 64),
    )


def _edit(call: _Call, item: dict[str, Any]) -> Fact:
    return EditFact(
        external_id=_id(call, item),
        party=_party(item),
        at=_at(call, item.get("at")),
        target=need_id(item, "message"),
        text=string(item.get("text"), TEXT_LIMIT),
    )


def _delete(call: _Call, item: dict[str, Any]) -> Fact:
    return RevokeFact(
        external_id=_id(call, item),
        party=_party(item),
        at=_at(call, item.get("at")),
        target=need_id(item, "message"),
    )


def _status(call: _Call, item: dict[str, Any]) -> Fact:
    """What became of a message of ours; `message` is the id that we gave it."""
    ours, status = need_id(item, "message"), string(item.get("status"), 64).strip().lower()
    if not status:
        raise Malformed("'status' is missing")
    failure = None
    if status == "failed":
        reason = string(item.get("reason"), 64)
        failure = Failure(reason=reason if reason in REASONS else "other", detail=string(item.get("detail"), 300))
    return StatusFact(external_id=ours, status=status, at=_at(call, item.get("at")), failure=failure, client_ref=ours)


_READERS: dict[str, Callable[[_Call, dict[str, Any]], Fact]] = {
    "message": _message,
    "reaction": _reaction,
    "edit": _edit,
    "delete": _delete,
    "status": _status,
}
