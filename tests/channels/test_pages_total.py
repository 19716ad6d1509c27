"""Whatever arrives from Pages and Instagram accounts, reading it never raises and gives facts that can be stored."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.facts import (
    EditFact,
    HideFact,
    MessageFact,
    NoticeFact,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
    WatermarkFact,
)
from tests.channels.pages import IG, NOW, PAGE, PERSON, SENT, item, messenger
from tests.channels.test_whatsapp_total import JUNK, places

FACTS = (
    MessageFact,
    ReactionFact,
    EditFact,
    RevokeFact,
    HideFact,
    StatusFact,
    WatermarkFact,
    NoticeFact,
    Unreadable,
)
_OF_SOMEBODY = (MessageFact, ReactionFact, EditFact, RevokeFact, HideFact)

_URL = "https://scontent.xx.fbcdn.net/x"
_ADS = {"source": "ADS", "ad_id": "6", "ads_context_data": {"ad_title": "Feria"}}


def _attached(*types: str) -> list[dict[str, Any]]:
    return [{"type": type, "payload": {"url": _URL, "title": "t", "sticker_id": 7}} for type in types]


def _messages(kind: str) -> list[dict[str, Any]]:
    """One of everything that a `messaging` item can be."""
    product = {"type": "template", "payload": {"product": {"elements": [{"title": "t", "subtitle": "s"}]}}}
    cards = {"type": "template", "payload": {"text": "x", "buttons": [{"title": "b"}], "elements": [{"title": "e"}]}}
    place = {"type": "location", "payload": {"coordinates": {"lat": 13.69, "long": "-89.2"}}}
    contents: list[dict[str, Any]] = [
        {"message": {"mid": "m_1", "text": "hola", "quick_reply": {"payload": "P"}, "referral": _ADS}},
        {"message": {"mid": "m_2", "text": "x", "reply_to": {"mid": "m_1", "story": {"id": "1", "url": _URL}}}},
        {"message": {"mid": "m_3", "attachments": _attached("image", "video", "audio", "file"), "sticker_id": 7}},
        {"message": {"mid": "m_4", "attachments": _attached("sticker", "image", "like_heart", "ephemeral")}},
        {"message": {"mid": "m_5", "attachments": _attached("share", "ig_reel", "story_mention", "fallback")}},
        {"message": {"mid": "m_6", "attachments": [product, cards, place]}},
        {"message": {"mid": "m_1", "is_deleted": True}},
        {"message": {"mid": "m_7", "is_unsupported": True}},
        {"message_edit": {"mid": "m_1", "text": "y", "num_edit": "2"}},
        {"postback": {"mid": "m_8", "title": "t", "payload": "p", "referral": {"ref": "r"}}},
        {"reaction": {"mid": "m_1", "action": "react", "emoji": "❤", "reaction": "love"}},
        {"reaction": {"mid": "m_1", "action": "unreact"}},
        {"read": {"watermark": SENT, "mid": "m_9"}},
        {"delivery": {"mids": ["m_9", "m_10"], "watermark": SENT}},
        {"referral": {"ref": "r", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
        {"optin": {"ref": "x"}},
        {"pass_thread_control": {"new_owner_app_id": 1, "metadata": "m"}},
    ]
    echo = {"mid": "m_11", "text": "z", "is_echo": True, "app_id": 263902037430900, "metadata": "1f.0123456789abcdef"}
    return [*(item(kind, **content) for content in contents), item(kind, True, message=echo)]


def _feed(**value: Any) -> dict[str, Any]:
    common = {"from": {"id": PERSON, "name": "Ana"}, "post_id": f"{PAGE}_1", "created_time": SENT // 1000}
    return {"field": "feed", "value": {**common, **value}}


_CHANGES: list[dict[str, Any]] = [
    *(
        _feed(item="comment", verb=verb, comment_id="1_2", parent_id=parent, message="x", photo=_URL, video=_URL)
        for verb in ("add", "edited", "remove", "hide", "unhide")
        for parent in ("1_1", f"{PAGE}_1")
    ),
    {"field": "feed", "value": {"item": "comment", "verb": "add", "comment_id": "1_3", "sender_id": int(PAGE)}},
    _feed(item="post", verb="add", message="x", post={"permalink_url": _URL, "id": "1"}),
    _feed(item="reaction", verb="add", reaction_type="like"),
    {
        "field": "ratings",
        "value": {"item": "rating", "verb": "add", "open_graph_story_id": 9, "reviewer_id": 7, "rating": 4},
    },
    {"field": "mention", "value": {"item": "post", "verb": "add", "post_id": "5_7", "message": "@coop"}},
    {"field": "leadgen", "value": {"leadgen_id": "1", "form_id": 2}},
]

_IG_CHANGES: list[dict[str, Any]] = [
    {
        "field": field,
        "value": {
            "id": "179",
            "text": "¿precio?",
            "parent_id": "178",
            "from": {"id": PERSON, "username": "ana", "self_ig_scoped_id": "1"},
            "media": {"id": "5", "ad_id": "6", "ad_title": "t", "original_media_id": "4"},
        },
    }
    for field in ("comments", "live_comments")
] + [
    {"field": "mentions", "value": {"media_id": "5", "comment_id": "180"}},
    {"field": "story_insights", "value": {"media_id": "5", "reach": 44}},
]

PAGE_DOCUMENT: dict[str, Any] = {
    "object": "page",
    "entry": [
        {"id": PAGE, "time": SENT, "messaging": _messages("messenger"), "changes": _CHANGES},
        {"id": PAGE, "time": SENT, "standby": _messages("messenger")[:2]},
    ],
}
INSTAGRAM_DOCUMENT: dict[str, Any] = {
    "object": "instagram",
    "entry": [
        {"id": IG, "time": SENT, "messaging": _messages("instagram"), "changes": _IG_CHANGES},
        {"id": IG, "time": SENT, **_IG_CHANGES[0]},
    ],
}
RICH = (PAGE_DOCUMENT, INSTAGRAM_DOCUMENT)


def check(body: bytes) -> None:
    """What is read out of a document can be stored, whatever it is."""
    for fact in messenger().parse(body, NOW):
        assert isinstance(fact, FACTS)
        msgspec.json.encode(fact)  # can be stored and is valid UTF-8
        if isinstance(fact, Unreadable):  # for what is wrong with it, not for a fault of ours
            assert "Error: " not in fact.why, fact
        if isinstance(fact, _OF_SOMEBODY):
            assert fact.external_id
            assert len(fact.external_id) <= 256
            assert all(address.value for address in fact.party.addresses)
            assert 0 < fact.at <= NOW + 86_400_000
            if not fact.party.addresses:  # nobody: then only something known can be meant
                assert not isinstance(fact, ReactionFact)
                assert isinstance(fact, (EditFact, RevokeFact, HideFact)) or fact.references
        if isinstance(fact, MessageFact):
            assert fact.kind
            assert "\x00" not in fact.text
            assert fact.surface == "direct" or fact.echo or fact.thread
        if isinstance(fact, WatermarkFact):
            assert 0 < fact.until <= NOW + 86_400_000


def test_what_is_right_is_read() -> None:
    for document in RICH:
        found = messenger().parse(msgspec.json.encode(document), NOW)
        assert not [fact for fact in found if isinstance(fact, Unreadable)]
        check(msgspec.json.encode(document))


_PLACES = [places(document) for document in RICH]


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_anything_anywhere(data: st.DataObject) -> None:
    which = data.draw(st.integers(min_value=0, max_value=1))
    document = copy.deepcopy(RICH[which])
    for path in data.draw(st.lists(st.sampled_from(_PLACES[which]), min_size=1, max_size=4)):
        node: Any = document
        try:
            for step in path[:-1]:
                node = node[step]
            node[path[-1]] = data.draw(JUNK)
        except (KeyError, IndexError, TypeError):
            continue
    check(msgspec.json.encode(document))


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    check(body)
    check(b'{"object":"page","entry":[' + body)
