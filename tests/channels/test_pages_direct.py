"""Direct messages of Messenger and Instagram, as facts."""

from __future__ import annotations

from typing import Any

import pytest

from server.channels.base import Call, NotGenuine
from server.facts import (
    Address,
    EditFact,
    MessageFact,
    NoticeFact,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
    WatermarkFact,
)
from tests.channels.pages import (
    ACCOUNTS,
    IG,
    NOW,
    PAGE,
    PERSON,
    SENT,
    attached,
    direct,
    document,
    facts,
    instagram,
    item,
    message,
    messenger,
    only,
)

KINDS = ("messenger", "instagram")
ADDRESS = {"messenger": "psid", "instagram": "igsid"}
FILE = "https://scontent.xx.fbcdn.net/v/file.bin"


# ---------------------------------------------------------------- what people write


@pytest.mark.parametrize("kind", KINDS)
def test_a_text(kind: str) -> None:
    fact = only(message(kind, text="buenas tardes"))
    assert isinstance(fact, MessageFact)
    assert (fact.external_id, fact.kind, fact.text, fact.at) == ("m_1", "text", "buenas tardes", SENT)
    assert fact.party.addresses == (Address(ADDRESS[kind], PERSON),)
    assert (fact.account, fact.surface, fact.thread, fact.echo) == (ACCOUNTS[kind], "direct", "", False)


@pytest.mark.parametrize("at", [SENT, SENT // 1000, str(SENT)])
def test_times_in_ms_and_in_seconds(at: object) -> None:
    body = document(messaging=[{**item(message={"mid": "m_1", "text": "x"}), "timestamp": at}])
    assert only(body).at in (SENT, SENT // 1000 * 1000)


def test_without_a_time_the_entrys_counts() -> None:
    body = document(messaging=[{**item(message={"mid": "m_1", "text": "x"}), "timestamp": None}])
    assert only(body).at == NOW


@pytest.mark.parametrize(
    ("type", "kind"),
    [("image", "image"), ("video", "video"), ("audio", "audio"), ("file", "document"), ("sticker", "sticker")],
)
def test_files(type: str, kind: str) -> None:
    fact = only(attached(type, url=FILE))
    assert fact.kind == kind
    assert [(each.kind, each.url) for each in fact.media] == [(kind, FILE)]


def test_several_pictures_are_one_message() -> None:
    pictures = [{"type": "image", "payload": {"url": f"{FILE}?{n}"}} for n in range(3)]
    fact = only(message(text="vea", attachments=pictures))
    assert (fact.kind, fact.text, len(fact.media)) == ("image", "vea", 3)


_OLD = {"type": "image", "payload": {"url": FILE, "sticker_id": 369239263222822}}
_NEW = {"type": "sticker", "payload": {"url": FILE, "sticker_id": "369239263222822"}}


@pytest.mark.parametrize("attachments", [[_OLD], [_OLD, _NEW], [_NEW, _OLD], [_NEW]])
def test_a_sticker_is_one_before_during_and_after_the_change_of_august_2026(attachments: list[Any]) -> None:
    fact = only(message(attachments=attachments))
    assert (fact.kind, len(fact.media)) == ("sticker", 1)
    assert fact.data["sticker_id"] == "369239263222822"


def test_a_picture_beside_a_sticker_stays() -> None:
    other = {"type": "image", "payload": {"url": FILE, "sticker_id": "1"}}
    assert len(only(message(attachments=[_NEW, other])).media) == 2


@pytest.mark.parametrize("type", ["share", "ig_post", "post", "reel", "ig_reel"])
def test_what_is_passed_on(type: str) -> None:
    fact = only(attached(type, "instagram", url=FILE, title="Ahorro programado"))
    assert (fact.kind, fact.text, len(fact.media)) == ("share", "Ahorro programado", 1)
    page = only(attached(type, "instagram", url="https://www.facebook.com/post/1"))
    assert (page.media, page.data["links"]) == ((), [{"title": "", "url": "https://www.facebook.com/post/1"}])


def test_a_link_is_readable() -> None:
    fact = only(attached("fallback", title="Requisitos", url="https://coop.example/requisitos"))
    assert (fact.kind, fact.text) == ("text", "Requisitos\nhttps://coop.example/requisitos")


def test_a_product() -> None:
    product: dict[str, Any] = {"product": {"elements": [{"id": "1", "title": "Crédito", "subtitle": "$500"}]}}
    fact = only(attached("template", **product))
    assert (fact.kind, fact.text) == ("share", "Crédito · $500")


def test_a_mention_in_a_story_and_a_reply_to_one() -> None:
    mention = only(attached("story_mention", "instagram", url=FILE))
    assert (mention.kind, mention.data["story"]["url"], len(mention.media)) == ("story_mention", FILE, 1)
    reply = only(message("instagram", text="¡felicidades!", reply_to={"story": {"id": "9", "url": FILE}}))
    assert (reply.kind, reply.text, reply.data["story"]) == ("text", "¡felicidades!", {"id": "9", "url": FILE})


def test_a_reply_to_a_message() -> None:
    assert only(message(text="sí", reply_to={"mid": "m_0"})).reply_to == "m_0"


def test_a_quick_reply_and_a_button() -> None:
    quick = only(message(text="Sí", quick_reply={"payload": "YES"}))
    assert (quick.kind, quick.text, quick.data["payload"]) == ("text", "Sí", "YES")
    referral = {"ref": "feria", "source": "SHORTLINK", "type": "OPEN_THREAD"}
    button = only(direct(postback={"mid": "m_2", "title": "Empezar", "payload": "START", "referral": referral}))
    assert (button.kind, button.text, button.external_id) == ("button", "Empezar", "m_2")
    assert (button.data["payload"], button.campaign) == ("START", referral)
    one, other = (only(direct(postback={"payload": word})).external_id for word in ("A", "B"))
    assert one and other and one != other
    assert only(direct(postback={"payload": "A"})).external_id == one


def test_the_ad_they_came_from() -> None:
    ad = {"source": "ADS", "ad_id": "6", "type": "OPEN_THREAD", "ads_context_data": {"ad_title": "Feria"}}
    assert only(message(text="info", referral=ad)).campaign == ad
    link = only(direct(referral={"ref": "radio", "source": "SHORTLINK", "type": "OPEN_THREAD"}))
    assert (link.kind, link.text, link.campaign["ref"]) == ("system", "radio", "radio")


@pytest.mark.parametrize("fields", [{"is_unsupported": True}, {"attachments": [{"type": "ephemeral"}]}, {}])
def test_what_cannot_be_shown(fields: dict[str, Any]) -> None:
    assert only(message("instagram", **fields)).kind == "unsupported"


# ---------------------------------------------------------------- words about messages


@pytest.mark.parametrize("kind", KINDS)
def test_unsend_and_edit(kind: str) -> None:
    gone = only(message(kind, is_deleted=True))
    assert isinstance(gone, RevokeFact)
    assert (gone.target, gone.party.addresses[0].value) == ("m_1", PERSON)
    edit = only(direct(kind, message_edit={"mid": "m_1", "text": "quise decir 5", "num_edit": "2"}))
    assert isinstance(edit, EditFact)
    assert (edit.target, edit.text) == ("m_1", "quise decir 5")
    assert gone.external_id != edit.external_id != "m_1"


@pytest.mark.parametrize(
    ("reaction", "emoji"),
    [
        ({"action": "react", "reaction": "love", "emoji": "❤"}, "❤"),
        ({"action": "react", "reaction": "sad"}, "😢"),
        ({"action": "react", "reaction": "other"}, "👍"),
        ({"action": "unreact"}, ""),
    ],
)
def test_reactions(reaction: dict[str, str], emoji: str) -> None:
    fact = only(direct(reaction={"mid": "m_0", **reaction}))
    assert isinstance(fact, ReactionFact)
    assert (fact.target, fact.emoji, fact.echo) == ("m_0", emoji, False)


def test_reports() -> None:
    watermark = only(direct(read={"watermark": SENT}))
    assert isinstance(watermark, WatermarkFact)
    assert (watermark.status, watermark.until) == ("read", SENT)
    seen = only(direct("instagram", read={"mid": "m_0"}))
    assert isinstance(seen, StatusFact)
    assert (seen.external_id, seen.status) == ("m_0", "read")
    found = facts(direct(delivery={"mids": ["m_0", "m_1", "m_0"], "watermark": SENT}))
    assert [type(fact) for fact in found] == [StatusFact, StatusFact, WatermarkFact]
    assert isinstance(only(direct(read={})), Unreadable)


# ---------------------------------------------------------------- echoes


@pytest.mark.parametrize("kind", KINDS)
def test_an_echo_names_our_reference_and_the_tool(kind: str) -> None:
    own = only(message(kind, True, text="hola", is_echo=True, metadata="1f.abc", app_id=670843887433847))
    assert (own.echo, own.ours, own.refs, own.party.addresses[0].value) == (True, True, ("1f.abc",), PERSON)
    assert own.via == "app 670843887433847"
    assert only(message(kind, True, text="hola", is_echo=True, app_id=263902037430900)).via == "Business Suite"
    plain = only(message(kind, True, text="hola", is_echo=True))
    assert (plain.refs, plain.via) == ((), "Facebook" if kind == "messenger" else "Instagram")
    assert plain.account == ACCOUNTS[kind]


# ---------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    "word",
    [
        "optin",
        "account_linking",
        "policy-enforcement",
        "pass_thread_control",
        "take_thread_control",
        "request_thread_control",
        "game_play",
    ],
)
def test_news_are_notices(word: str) -> None:
    news: dict[str, Any] = {word: {"ref": "x"}}
    fact = only(direct(**news))
    assert isinstance(fact, NoticeFact)
    assert (fact.kind, fact.account) == (word, PAGE)


def test_standby_is_marked() -> None:
    assert only(document(standby=[item(message={"mid": "m_1", "text": "x"})])).data["standby"] is True


def test_both_objects_come_in_at_either_channel() -> None:
    body = message("instagram", text="hola")
    assert messenger().parse(body, NOW) == instagram().parse(body, NOW)
    assert only(body).account == IG


def test_the_dashboards_test_button() -> None:
    value = item("instagram", message={"mid": "random_mid", "text": "random_text"})
    assert only(document("instagram", changes=[{"field": "messages", "value": value}])).text == "random_text"


def test_one_bad_item_takes_nothing_with_it() -> None:
    good = item(message={"mid": "m_1", "text": "x"})
    found = facts(document(messaging=[7, good, {"message": {"mid": "m_2"}}, item(message="x")]))
    assert [type(fact).__name__ for fact in found] == ["Unreadable", "MessageFact", "Unreadable", "Unreadable"]


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b'{"object":"page"}', b'{"object":"page","entry":[7]}'])
def test_no_document(body: bytes) -> None:
    assert isinstance(only(body), Unreadable)


def test_a_call_for_whatsapp_is_kept_as_unreadable() -> None:
    assert isinstance(only(b'{"object":"whatsapp_business_account","entry":[]}'), Unreadable)


@pytest.mark.parametrize("channel", [messenger(), instagram()])
def test_only_signed_calls_are_taken(channel: Any) -> None:
    import hashlib
    import hmac

    body = message(text="x")

    def call(**headers: str) -> Call:
        return Call(url="", headers=headers, body=body, at=NOW)

    good = "sha256=" + hmac.new(b"app-secret", body, hashlib.sha256).hexdigest()
    channel.authenticate(call(**{"x-hub-signature-256": good}))
    for headers, status in (({}, 401), ({"x-hub-signature-256": good[:-1] + "x"}, 403)):
        with pytest.raises(NotGenuine) as refused:
            channel.authenticate(call(**headers))
        assert refused.value.status == status
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify me", "hub.challenge": "17"}
    assert channel.handshake(query) == "17"
    with pytest.raises(NotGenuine):
        channel.handshake({**query, "hub.verify_token": "guess"})
