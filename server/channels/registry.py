"""Which adapter serves which kind of channel. A module is imported only when its kind is asked for."""

from __future__ import annotations

import importlib

from server.channels.base import Adapter, BadSettings

_CLASSES: dict[str, str] = {
    "email": "server.channels.email:Email",
    "instagram": "server.channels.instagram:Instagram",
    "messenger": "server.channels.messenger:Messenger",
    "sms": "server.channels.sms:Sms",
    "telegram": "server.channels.telegram:Telegram",
    "webchat": "server.channels.webchat:WebChat",
    "webhook": "server.channels.webhook:Webhook",
    "whatsapp": "server.channels.whatsapp:WhatsApp",
}


def kinds() -> tuple[str, ...]:
    """The kinds of channel there are, in alphabetical order."""
    return tuple(sorted(_CLASSES))


def adapter_class(kind: str) -> type[Adapter]:
    """The adapter of a kind; BadSettings if there is none."""
    try:
        module, _, name = _CLASSES[kind].partition(":")
    except KeyError:
        known = [*kinds()]
        detail = f"unknown kind of channel {kind!r}; known: {', '.join(known)}"
        raise BadSettings("kind", detail, value=kind, known=known) from None
    found = getattr(importlib.import_module(module), name)
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        raise TypeError(f"{_CLASSES[kind]} is not an Adapter")
    return found
