"""Webhook documents as Meta sends them for Pages and Instagram accounts."""

from __future__ import annotations

from typing import Any

from server.sandbox.graph_pages_state import Comment, Person, State
from server.sandbox.graph_state import Accepted

#: kinds of direct messages that are an attachment, by what Meta calls them
_ATTACHED = ("image", "video", "audio", "file", "sticker", "share", "story_mention", "ig_reel", "reel", "fallback")


def document(state: State, **entry: Any) -> dict[str, Any]:
    """A document of one entry of the account."""
    name = "page" if state.settings.kind == "messenger" else "instagram"
    return {"object": name, "entry": [{"id": state.settings.account_id, "time": state.clock(), **entry}]}


def direct(state: State, person: Person, at: int, *, own: bool = False, **content: Any) -> dict[str, Any]:
    """A document with one item between a person and the account (which did it itself, if `own`)."""
    ends = [{"id": person.id}, {"id": state.settings.account_id}]
    sender, recipient = reversed(ends) if own else ends
    return document(state, messaging=[{"sender": sender, "recipient": recipient, "timestamp": at, **content}])


def content_of(kind: str, text: str, reply_to: str, url: str, mid: str, payload: str) -> dict[str, Any]:
    """What a person did, as the part of an item that says so."""
    if kind == "text":
        return {"message": {"mid": mid, "text": text, **_reply(reply_to)}}
    if kind == "quick_reply":
        return {"message": {"mid": mid, "text": text, "quick_reply": {"payload": payload or text}}}
    if kind == "postback":
        return {"postback": {"mid": mid, "title": text, "payload": payload or text}}
    if kind == "reaction":
        return {"reaction": {"mid": reply_to, "action": "react", "reaction": "other", "emoji": text}}
    if kind == "unreact":
        return {"reaction": {"mid": reply_to, "action": "unreact"}}
    if kind == "unsend":
        return {"message": {"mid": reply_to, "is_deleted": True}}
    if kind == "edit":
        return {"message_edit": {"mid": reply_to, "text": text, "num_edit": 1}}
    if kind == "referral":
        return {"referral": {"ref": text, "source": "SHORTLINK", "type": "OPEN_THREAD"}}
    if kind in _ATTACHED:
        part: dict[str, Any] = {"url": url}
        if kind == "sticker":
            part["sticker_id"] = "369239263222822"
        if kind in ("share", "fallback") and text:
            part["title"] = text
        return {"message": {"mid": mid, "attachments": [{"type": kind, "payload": part}], **_reply(reply_to)}}
    return {"message": {"mid": mid, "is_unsupported": True}}


def _reply(reply_to: str) -> dict[str, Any]:
    return {"reply_to": {"mid": reply_to}} if reply_to else {}


def echo(state: State, person: Person, accepted: Accepted, own_app: bool) -> dict[str, Any]:
    """What the account sent, told back; `own_app`: over the API, else with Meta's inbox."""
    sent = accepted.body.get("message") or {}
    message: dict[str, Any] = {"mid": accepted.id, "is_echo": True}
    if "text" in sent:
        message["text"] = sent["text"]
    if attachment := sent.get("attachment"):
        message["attachments"] = [{"type": attachment["type"], "payload": {"url": "https://scontent.xx.fbcdn.net/x"}}]
    if own_app and state.settings.metadata:
        message["metadata"] = sent.get("metadata", "")
    if state.settings.kind == "messenger":
        message["app_id"] = int(state.settings.app_id) if own_app else 263902037430900
    return direct(state, person, accepted.at, own=True, message=message)


def delivery(state: State, person: Person, accepted: Accepted, at: int) -> dict[str, Any]:
    return direct(state, person, at, delivery={"mids": [accepted.id], "watermark": at})


def read(state: State, person: Person, accepted: Accepted, at: int) -> dict[str, Any]:
    """Messenger says up to when, Instagram which."""
    told = {"watermark": at} if state.settings.kind == "messenger" else {"mid": accepted.id}
    return direct(state, person, at, read=told)


def comment(state: State, written: Comment, verb: str = "add", media: dict[str, Any] | None = None) -> dict[str, Any]:
    """Something public, or what became of it. `media`: further fields of where it stands."""
    settings = state.settings
    person = state.people.get(written.author)
    name = settings.name if written.author == settings.account_id else person.name if person else ""
    if settings.kind == "instagram":
        value: dict[str, Any] = {
            "id": written.id,
            "text": written.text,
            "from": {"id": written.author, "username": (person.username if person else "") or name},
            "media": {"id": written.post, "media_product_type": "FEED", **(media or {})},
        }
        if written.parent:
            value["parent_id"] = written.parent
        return document(state, changes=[{"field": "comments", "value": value}])
    visitor = written.id == written.post
    value = {
        "item": "post" if visitor else "comment",
        "verb": verb,
        "post_id": written.post,
        "from": {"id": written.author, "name": name},
        "created_time": written.at // 1000,
        "message": written.text,
    }
    if not visitor:
        value |= {"comment_id": written.id, "parent_id": written.parent or written.post}
        value["post"] = {"id": written.post, "permalink_url": f"https://www.facebook.com/{written.post}"}
    if written.file:
        value["photo"] = "https://scontent.xx.fbcdn.net/x.jpg"
    return document(state, changes=[{"field": "feed", "value": value | (media or {})}])
