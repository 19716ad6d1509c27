"""The message templates of a WhatsApp business account: what each says, and what has to be filled in to send it. Pure.

Sources: facebook/openapi business-messaging-api v23.0 (GET /{WABA-ID}/message_templates) for the answer; for named
parameters and the kinds of headers and buttons developers.facebook.com/documentation/business-messaging/whatsapp/
templates/components, which is newer than that schema.
"""

from __future__ import annotations

import re
from typing import Any

from server.channels.foreign import items, scalar, string
from server.wire import ApprovedTemplate

#: what Graph is asked for, of each template
FIELDS = "name,language,status,category,parameter_format,components"
#: templates asked for at once, and pages looked at
PAGE, PAGES = "100", 40

_HOLE = re.compile(r"\{\{\s*(\w{1,60})\s*\}\}")
#: kinds of buttons that need nothing when the template is sent
_PLAIN_BUTTONS = frozenset({"QUICK_REPLY", "PHONE_NUMBER", "URL", "VOICE_CALL"})
_KNOWN = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS"})


def read_page(answer: dict[str, Any]) -> tuple[list[ApprovedTemplate], str]:
    """The templates of one page, and where the next one begins (empty: this was the last)."""
    paging = answer.get("paging")
    paging = paging if isinstance(paging, dict) else {}
    cursors = paging.get("cursors")
    after = scalar(cursors.get("after"), 1000) if isinstance(cursors, dict) and paging.get("next") else ""
    return [found for item in items(answer.get("data")) if (found := _one(item)) is not None], after


def _one(item: dict[str, Any]) -> ApprovedTemplate | None:
    name, language = string(item.get("name"), 512), string(item.get("language"), 20)
    if not (name and language):
        return None
    found = ApprovedTemplate(
        channel="",
        name=name,
        language=language,
        status=string(item.get("status"), 40).lower(),
        category=string(item.get("category"), 40).lower(),
    )
    components = items(item.get("components"))
    if found.category == "authentication" or any(_type(each) not in _KNOWN for each in components):
        found.lacks = "kind"
    header_holes: list[str] = []
    body_holes: list[str] = []
    for component in components:
        match _type(component):
            case "HEADER" if string(component.get("format")).upper() in ("", "TEXT"):
                found.header = string(component.get("text"), 1000)
                header_holes = _holes(found.header)
            case "HEADER":
                found.lacks = found.lacks or "file"
            case "BODY":
                found.body = string(component.get("text"), 8000)
                body_holes = _holes(found.body)
            case "FOOTER":
                found.footer = string(component.get("text"), 1000)
            case "BUTTONS":
                _take_buttons(items(component.get("buttons")), found)
    found.header_parameters, found.parameters = len(header_holes), len(body_holes)
    holes = [*header_holes, *body_holes]
    if not all(hole.isdecimal() for hole in holes):
        found.names = holes
    return found


def _type(component: dict[str, Any]) -> str:
    return string(component.get("type")).upper()


def _holes(text: str) -> list[str]:
    """The names or numbers of what is to be filled in, each once: numbers ascending, names as they come."""
    found = list(dict.fromkeys(_HOLE.findall(text)))
    return sorted(found, key=int) if all(hole.isdecimal() for hole in found) else found


def _take_buttons(buttons: list[dict[str, Any]], found: ApprovedTemplate) -> None:
    for index, button in enumerate(buttons):
        kind = string(button.get("type")).upper()
        if kind not in _PLAIN_BUTTONS:
            found.lacks = found.lacks or "kind"
        elif kind == "URL" and _HOLE.search(string(button.get("url"), 4000)):
            found.links.append(index)


def components_of(given: dict[str, Any]) -> list[dict[str, Any]]:
    """What Graph wants filled in, from a `wire.Template`: header, body, endings of links."""
    header, body = _texts(given.get("header")), _texts(given.get("parameters"))
    names = _texts(given.get("names"))
    filled = [
        {"type": "text", **({"parameter_name": names[n]} if n < len(names) else {}), "text": text}
        for n, text in enumerate([*header, *body])
    ]
    components: list[dict[str, Any]] = []
    if header:
        components.append({"type": "header", "parameters": filled[: len(header)]})
    if body:
        components.append({"type": "body", "parameters": filled[len(header) :]})
    links = given.get("links")
    for index, ending in links.items() if isinstance(links, dict) else ():
        parameters = [{"type": "text", "text": str(ending)}]
        components.append({"type": "button", "sub_type": "url", "index": str(index), "parameters": parameters})
    return components


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
