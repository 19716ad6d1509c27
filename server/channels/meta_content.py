"""What a direct message of Messenger or Instagram says: readable text, machine detail, files.

`text` holds what people wrote or what names a thing (a link's title). Keys of `data`:

    payload      of a quick reply or postback          story      {"id", "url"}: a story that it answers or mentions
    links        [{"title", "url"}]                    products   of a shop, as they came
    sticker_id   of Meta's sticker                     type, content   of a kind we do not know

Source: developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/messages
and …/instagram-messaging/webhooks (both 2026). Stickers: until 30 August 2026 an image with a `sticker_id`, for a while
both, since then an attachment of type sticker only.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from server.channels.foreign import TEXT_LIMIT, Content, coordinate, items, scalar, string, trim, words
from server.facts import Media

#: Meta's word for a file -> ours
FILES = {"image": "image", "video": "video", "audio": "audio", "file": "document", "sticker": "sticker"}
#: something public that somebody passes on: its picture or film, and what that is for us
SHARES = {"share": "image", "ig_post": "image", "post": "image", "reel": "video", "ig_reel": "video"}
_STORIES = ("story_mention", "ig_story", "story")
#: attachments that one message is looked through for
_MOST = 50
_URL = 4096


def read(message: dict[str, Any]) -> Content:
    """What the message says."""
    text = string(message.get("text"), TEXT_LIMIT)
    data: dict[str, Any] = {}
    reply = message.get("quick_reply")
    if isinstance(reply, dict):
        data["payload"] = scalar(reply.get("payload"), 1024)
    answered = message.get("reply_to")
    if isinstance(answered, dict) and isinstance(answered.get("story"), dict):
        data["story"] = _story(answered["story"])
    kind = "text"
    media: tuple[Media, ...] = ()
    attachments = items(message.get("attachments"))[:_MOST]
    if attachments or scalar(message.get("sticker_id")):
        kind, text, media = _attachments(message, attachments, text, data)
    elif not text:
        kind = "unsupported"
    if message.get("is_unsupported") is True and not media:
        kind = "unsupported"
    return Content(kind, text, data, media)


def _story(part: dict[str, Any]) -> dict[str, Any]:
    return {"id": scalar(part.get("id")), "url": string(part.get("url"), _URL)}


def _attachments(
    message: dict[str, Any], attachments: list[dict[str, Any]], text: str, data: dict[str, Any]
) -> tuple[str, str, tuple[Media, ...]]:
    """(kind, text, files) of a message with attachments; `data` is filled."""
    sticker = scalar(message.get("sticker_id")) or next(filter(None, map(_sticker_of, attachments)), "")
    if sticker:
        data["sticker_id"] = sticker
    whole = any(each.get("type") == "sticker" for each in attachments)
    kinds: list[str] = []
    media: list[Media] = []
    for attachment in attachments:
        if whole and sticker and attachment.get("type") == "image" and _sticker_of(attachment) in ("", sticker):
            continue  # the same sticker, for those who do not know the new type
        kind, words_of, files = _attachment(attachment, sticker, data)
        kinds.append(kind)
        media += files
        text = text or words_of
    return (kinds[0] if kinds else "sticker"), text, tuple(media)


def _sticker_of(attachment: dict[str, Any]) -> str:
    payload = attachment.get("payload")
    return scalar(payload.get("sticker_id")) if isinstance(payload, dict) else ""


def _attachment(attachment: dict[str, Any], sticker: str, data: dict[str, Any]) -> tuple[str, str, list[Media]]:
    word = string(attachment.get("type"), 64)
    found = attachment.get("payload")
    payload: dict[str, Any] = found if isinstance(found, dict) else {}
    url = string(payload.get("url"), _URL) or string(attachment.get("url"), _URL)
    title = string(payload.get("title"), 1000) or string(attachment.get("title"), 1000)
    if word in FILES:
        kind = "sticker" if sticker and word == "image" else FILES[word]
        name = string(payload.get("file_name"), 200)
        return kind, "", [Media(kind=kind, url=url, file_name=name)] if url else []
    if word in SHARES:
        if url or title:
            data.setdefault("links", []).append({"title": title, "url": url})
        return "share", title, [Media(kind=SHARES[word], url=url)] if _is_file(url) else []
    if word in _STORIES:
        data["story"] = {"id": scalar(payload.get("id")), "url": url}
        return "story_mention", "", [Media(kind="image", url=url)] if url else []
    if word == "fallback" and (url or title):
        data.setdefault("links", []).append({"title": title, "url": url})
        return "text", words(title, url, sep="\n"), []
    if word == "template":
        return _template(payload, data, title)
    if word == "location" and isinstance(payload.get("coordinates"), dict):
        place = payload["coordinates"]
        data |= {"latitude": coordinate(place.get("lat")), "longitude": coordinate(place.get("long"))}
        return "location", title, []
    if word == "like_heart":
        return "text", "❤", []
    data |= {"type": word, "content": trim(attachment)}
    return "unsupported", words(title, url, sep="\n"), []


def _is_file(url: str) -> bool:
    """Whether what is passed on comes as a file, not as the address of a page."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return f".{host}".endswith((".fbsbx.com", ".fbcdn.net", ".cdninstagram.com"))


def _template(payload: dict[str, Any], data: dict[str, Any], title: str) -> tuple[str, str, list[Media]]:
    """A product somebody asks about, or what a business sent as cards and buttons."""
    product = payload.get("product")
    if isinstance(product, dict):
        elements = items(product.get("elements"))[:20]
        data["products"] = trim(elements)
        return "share", _cards(elements), []
    generic = payload.get("generic")
    elements = items(payload.get("elements")) or (items(generic.get("elements")) if isinstance(generic, dict) else [])
    buttons = [string(button.get("title")) for button in items(payload.get("buttons"))[:20]]
    text = string(payload.get("text"), TEXT_LIMIT) or title
    return "template", words(text, _cards(elements[:20]), *buttons, sep="\n"), []


def _cards(elements: list[dict[str, Any]]) -> str:
    lines = [words(string(each.get("title")), string(each.get("subtitle")), sep=" · ") for each in elements]
    return words(*lines, sep="\n")
