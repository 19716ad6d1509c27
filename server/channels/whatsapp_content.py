"""What a WhatsApp message says, kind by kind: readable text, machine detail, files.

Every reader takes the message object and returns `Content`; it raises `Malformed` if the part that makes up the kind
has the wrong type. `text` holds only what people wrote or what names a thing (a caption, a button's title, a place's
name), never a word of ours: the console names kinds in the reader's language. Keys of `data`, by kind:

    audio        voice (bool)                     sticker   animated (bool)
    location     latitude, longitude, name, address, url
    contacts     contacts (as they came), origin
    interactive  type, id, title, description, response (of a flow), expires_at
    button       payload          order    catalog_id, items
    system       type             unsupported   type (Meta's word), errors, content
    any kind     forwarded, frequently_forwarded, product, errors, truncated
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import msgspec

from server.channels.foreign import (
    NAME_LIMIT,
    TEXT_LIMIT,
    Content,
    Malformed,
    coordinate,
    items,
    mapping,
    name_of_type,
    scalar,
    size_of,
    string,
    trim,
    words,
)
from server.facts import Media

FILES = ("image", "video", "audio", "document", "sticker")


# ---------------------------------------------------------------- files


def sha256_hex(value: object) -> str:
    """Meta's base64 (or already hex) SHA-256 as lower-case hex; "" if it is not one."""
    text = string(value, 128).strip().replace("\\/", "/")
    if len(text) == 64:
        try:
            return bytes.fromhex(text).hex()
        except ValueError:
            return ""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == 32 else ""


def file(kind: str, part: dict[str, Any]) -> tuple[Media, ...]:
    """The file a media object names, if it names one."""
    provider_id, url = scalar(part.get("id")), string(part.get("url"), 4096)
    if not provider_id and not url:
        return ()
    return (
        Media(
            kind=kind,
            provider_id=provider_id,
            url=url,
            mime=string(part.get("mime_type")).replace("\\/", "/"),
            file_name=string(part.get("filename"), NAME_LIMIT),
            sha256=sha256_hex(part.get("sha256")),
            size=size_of(part.get("file_size")),
        ),
    )


def _file(kind: str) -> Callable[[dict[str, Any]], Content]:
    def read(message: dict[str, Any]) -> Content:
        part = mapping(message, kind)
        data: dict[str, Any] = {}
        for flag in ("voice", "animated"):
            if isinstance(part.get(flag), bool):
                data[flag] = part[flag]
        return Content(kind, string(part.get("caption"), TEXT_LIMIT), data, file(kind, part))

    return read


# ---------------------------------------------------------------- text and structured kinds


def _text(message: dict[str, Any]) -> Content:
    body = mapping(message, "text").get("body")
    if not isinstance(body, str):
        raise Malformed(f"text.body is {name_of_type(body)}, not a string")
    if len(body) > TEXT_LIMIT:
        return Content("text", string(body, TEXT_LIMIT), {"truncated": True})
    return Content("text", string(body, TEXT_LIMIT))


def _location(message: dict[str, Any]) -> Content:
    part = mapping(message, "location")
    data: dict[str, Any] = {key: coordinate(part.get(key)) for key in ("latitude", "longitude")}
    for key, limit in (("name", 1000), ("address", 1000), ("url", 2048)):
        if value := string(part.get(key), limit):
            data[key] = value
    text = words(data.get("name", ""), data.get("address", ""))
    if not text and data["latitude"] is not None and data["longitude"] is not None:
        text = f"{data['latitude']}, {data['longitude']}"
    return Content("location", text, data)


def _card(card: dict[str, Any]) -> str:
    """One shared contact in a line: its name and its numbers (or addresses)."""
    name = card.get("name")
    shown = ""
    if isinstance(name, dict):
        shown = string(name.get("formatted_name")) or words(
            string(name.get("first_name")), string(name.get("last_name")), sep=" "
        )
    if not shown:
        for line in string(card.get("vcard"), 4096).splitlines():
            if line.upper().startswith("FN:"):
                shown = line[3:].strip()
                break
    ways = [scalar(p.get("phone")) or scalar(p.get("wa_id")) for p in items(card.get("phones"))[:10]]
    ways += [string(e.get("email")) for e in items(card.get("emails"))[:10]]
    return words(shown, words(*ways), sep=" ")


def _contacts(message: dict[str, Any]) -> Content:
    cards = message.get("contacts")
    if not isinstance(cards, list):
        raise Malformed(f"'contacts' is {name_of_type(cards)}, not a list")
    data: dict[str, Any] = {"contacts": trim(cards)}
    if origin := string(message.get("origin")):
        data["origin"] = origin
    lines = [_card(card) for card in items(cards)[:50]]
    return Content("contacts", "\n".join(line for line in lines if line), data)


def _form(answer: dict[str, Any]) -> str:
    """What a person filled into a flow, a line per field; the flow's own bookkeeping is left out."""
    lines = []
    for key, value in answer.items():
        if key == "flow_token" or value is None or value == "":
            continue
        shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        lines.append(f"{key}: {shown}")
    return "\n".join(lines)


def _interactive(message: dict[str, Any]) -> Content:
    part = mapping(message, "interactive")
    kind = string(part.get("type")) or next((key for key in part if isinstance(part[key], dict)), "")
    choice = part.get(kind)
    data: dict[str, Any] = {"type": kind}
    if not isinstance(choice, dict):
        data["content"] = trim(part)
        return Content("interactive", _readable(part), data)
    for key in ("id", "title", "description", "response", "name"):
        if value := scalar(choice.get(key), 1024):
            data[key] = value
    if expires := scalar(choice.get("expiration_timestamp"), 16):
        data["expires_at"] = expires
    if kind in ("button_reply", "list_reply"):
        return Content("interactive", words(data.get("title", ""), data.get("description", ""), sep="\n"), data)
    if kind == "nfm_reply":
        try:
            answer = msgspec.json.decode(string(choice.get("response_json"), TEXT_LIMIT))
        except (msgspec.DecodeError, ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict):
            data["response"] = trim(answer)
            return Content("interactive", string(_form(data["response"]), TEXT_LIMIT), data)
        return Content("interactive", string(choice.get("body"), TEXT_LIMIT), data)
    if kind == "call_permission_reply":
        return Content("interactive", data.get("response", ""), data)
    data["content"] = trim(choice)
    return Content("interactive", _readable(choice), data)


def _button(message: dict[str, Any]) -> Content:
    part = mapping(message, "button")
    payload = scalar(part.get("payload"), 1024)
    return Content("button", string(part.get("text"), TEXT_LIMIT) or payload, {"payload": payload})


def _order(message: dict[str, Any]) -> Content:
    part = mapping(message, "order")
    products = items(part.get("product_items"))
    lines = [string(part.get("text"), TEXT_LIMIT)]
    for item in products[:100]:
        money = words(scalar(item.get("item_price")), scalar(item.get("currency")), sep=" ")
        name = words(scalar(item.get("quantity")), scalar(item.get("product_retailer_id")), sep=" × ")
        lines.append(words(name, money, sep=" · "))
    data = {"catalog_id": scalar(part.get("catalog_id")), "items": trim(products)}
    return Content("order", "\n".join(line for line in lines if line), data)


def _system(message: dict[str, Any]) -> Content:
    part = mapping(message, "system")
    data: dict[str, Any] = {"type": string(part.get("type"))}
    if isinstance(message.get("identity"), dict):
        data["identity"] = trim(message["identity"])
    return Content("system", string(part.get("body"), TEXT_LIMIT), data)


def _readable(part: object) -> str:
    """Whatever a person would recognise in an object of an unknown kind."""
    if isinstance(part, str):
        return string(part, TEXT_LIMIT)
    if isinstance(part, dict):
        for key in ("body", "text", "caption", "title", "name", "header"):
            value = part.get(key)
            if found := _readable(value.get("text") if isinstance(value, dict) else value):
                return found
    return ""


def _unsupported(message: dict[str, Any], word: str) -> Content:
    """A kind we (or the API) do not know: shown as such, with whatever could be read."""
    data: dict[str, Any] = {"type": word}
    part = message.get(word)
    if part is not None:
        data["content"] = trim(part)
    if word == "unsupported" and isinstance(part, dict) and (real := string(part.get("type"))):
        data["type"] = real
    return Content("unsupported", _readable(part), data)


READERS: dict[str, Callable[[dict[str, Any]], Content]] = {
    "text": _text,
    **{kind: _file(kind) for kind in FILES},
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    "system": _system,
}

#: the kinds a message can have here, apart from those that are facts of their own (reaction, edit, revoke)
KINDS = (*READERS, "unsupported")
FACTS = ("reaction", "edit", "revoke")


def word_of(message: dict[str, Any]) -> str:
    """Meta's word for the kind; where it is missing, told from what the message holds."""
    word = message.get("type")
    if isinstance(word, str) and word:
        return string(word, 64)
    return next((key for key in (*FACTS, *READERS) if key in message), "unknown")


def read(message: dict[str, Any], word: str) -> Content:
    """What the message says."""
    reader = READERS.get(word)
    if reader is None:
        return _unsupported(message, word)
    try:
        return reader(message)
    except Malformed:
        if not items(message.get("errors")):
            raise
        return _unsupported(message, word)  # WhatsApp says itself that it could not hand this one over
