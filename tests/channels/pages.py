"""Webhook documents of Pages and Instagram accounts for these tests, built by hand after the published shapes."""

from __future__ import annotations

from typing import Any

import msgspec

from server.channels.instagram import Instagram
from server.channels.messenger import Messenger
from server.channels.meta_messaging import MetaMessaging
from server.facts import Fact

NOW = 1_795_000_000_000  # November 2026
SENT = NOW - 5_000
PAGE = "104567890123456"
IG = "17841405822304914"
PERSON = "7001"
SECRET = "app-secret"

_COMMON = {"access_token": "sandbox-page-token", "app_secret": SECRET, "verify_token": "verify me"}


def messenger(**settings: str) -> Messenger:
    return Messenger({"page_id": PAGE, **_COMMON, **settings})


def instagram(**settings: str) -> Instagram:
    return Instagram({"account_id": IG, **_COMMON, **settings})


def adapter(kind: str, **settings: str) -> MetaMessaging:
    return messenger(**settings) if kind == "messenger" else instagram(**settings)


ACCOUNTS = {"messenger": PAGE, "instagram": IG}
OBJECTS = {"messenger": "page", "instagram": "instagram"}


def document(kind: str = "messenger", **entry: Any) -> bytes:
    return msgspec.json.encode({"object": OBJECTS[kind], "entry": [{"id": ACCOUNTS[kind], "time": NOW, **entry}]})


def item(kind: str = "messenger", own: bool = False, **content: Any) -> dict[str, Any]:
    """One item between the person and the account (which did it itself, if `own`)."""
    ends = [{"id": PERSON}, {"id": ACCOUNTS[kind]}]
    sender, recipient = reversed(ends) if own else ends
    return {"sender": sender, "recipient": recipient, "timestamp": SENT, **content}


def direct(kind: str = "messenger", own: bool = False, **content: Any) -> bytes:
    return document(kind, messaging=[item(kind, own, **content)])


def message(kind: str = "messenger", own: bool = False, **fields: Any) -> bytes:
    return direct(kind, own, message={"mid": "m_1", **fields})


def attached(type: str, kind: str = "messenger", **payload: Any) -> bytes:
    return message(kind, attachments=[{"type": type, "payload": payload}])


def change(field: str, kind: str = "messenger", **value: Any) -> bytes:
    return document(kind, changes=[{"field": field, "value": value}])


def comment(verb: str = "add", author: str = PERSON, **value: Any) -> bytes:
    """A comment below the Page's post `104567890123456_1`."""
    common: dict[str, Any] = {"item": "comment", "verb": verb, "comment_id": "1_2"}
    common |= {"post_id": f"{PAGE}_1", "parent_id": f"{PAGE}_1"}
    common |= {"from": {"id": author, "name": "María"}, "created_time": SENT // 1000, "message": "¿qué tasa tienen?"}
    return change("feed", **{**common, **value})


def ig_comment(author: str = PERSON, field: str = "comments", **value: Any) -> bytes:
    common = {"id": "179", "text": "¿precio?", "from": {"id": author, "username": "maria"}}
    common |= {"media": {"id": "55", "media_product_type": "FEED"}}
    return change(field, "instagram", **{**common, **value})


def facts(body: bytes) -> list[Fact]:
    return messenger().parse(body, NOW)


def only(body: bytes) -> Any:
    """The one fact in a document."""
    found = facts(body)
    assert len(found) == 1, found
    return found[0]
