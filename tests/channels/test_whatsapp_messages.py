"""Every kind of message a customer can send: what is read, kept and shown of it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from server.channels.foreign import TEXT_LIMIT
from server.facts import Address, EditFact, MessageFact, ReactionFact, RevokeFact, Unreadable
from tests.channels.documents import NOW, NUMBER_ID, PHONE, SENT, facts, incoming, message, only

SHA = hashlib.sha256(b"photo").digest()


def media(**more: Any) -> dict[str, Any]:
    return {"id": "1003383421387256", "mime_type": "image/jpeg", "sha256": base64.b64encode(SHA).decode(), **more}


def test_text() -> None:
    fact = only(incoming(message("text", {"body": "buenos días"})))
    assert isinstance(fact, MessageFact)
    assert (fact.external_id, fact.kind, fact.text) == ("wamid.1", "text", "buenos días")
    assert fact.at == SENT * 1000
    assert fact.account == NUMBER_ID
    assert fact.party.addresses == (Address("phone", PHONE),)
    assert fact.party.name == "María Ramos"
    assert not fact.echo and not fact.thread and fact.campaign is None and fact.reply_to == ""


def test_all_messages_of_all_changes_in_order() -> None:
    body = incoming(
        message("text", {"body": "uno"}, id="wamid.1"),
        message("text", {"body": "dos"}, id="wamid.2"),
    )
    more = body.replace(b"wamid.1", b"wamid.3").replace(b"wamid.2", b"wamid.4")
    both = body[:-2] + b"," + more[more.index(b'{"id":"1022') :]
    assert [fact.external_id for fact in facts(both) if isinstance(fact, MessageFact)] == [
        "wamid.1",
        "wamid.2",
        "wamid.3",
        "wamid.4",
    ]


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_file_with_caption(kind: str) -> None:
    fact = only(incoming(message(kind, media(caption="esta es la boleta", filename="boleta.pdf"))))
    assert (fact.kind, fact.text) == (kind, "esta es la boleta")
    (file,) = fact.media
    assert (file.kind, file.provider_id, file.mime) == (kind, "1003383421387256", "image/jpeg")
    assert file.sha256 == SHA.hex()
    assert file.file_name == "boleta.pdf"


def test_voice_note_and_sticker() -> None:
    voice = only(incoming(message("audio", media(voice=True, mime_type="audio/ogg; codecs=opus"))))
    assert (voice.kind, voice.text, voice.data) == ("audio", "", {"voice": True})
    assert voice.media[0].mime == "audio/ogg; codecs=opus"
    sticker = only(incoming(message("sticker", media(animated=False))))
    assert (sticker.kind, sticker.data) == ("sticker", {"animated": False})


def test_file_with_a_url_of_its_own() -> None:
    url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=133"
    fact = only(incoming(message("image", media(url=url))))
    assert fact.media[0].url == url


@pytest.mark.parametrize("claim", ["IMAGE_HASH", "", 7, None, "A" * 64 + "=", base64.b64encode(b"short").decode()])
def test_a_senseless_hash_claims_nothing(claim: object) -> None:
    assert only(incoming(message("image", media(sha256=claim)))).media[0].sha256 == ""


def test_location() -> None:
    part = {"latitude": 13.69, "longitude": -89.2, "name": "Agencia Centro", "address": "2a Calle, San Salvador"}
    fact = only(incoming(message("location", part)))
    assert fact.text == "Agencia Centro, 2a Calle, San Salvador"
    assert (fact.data["latitude"], fact.data["longitude"]) == (13.69, -89.2)
    bare = only(incoming(message("location", {"latitude": 13.69, "longitude": -89.2})))
    assert bare.text == "13.69, -89.2"


def test_shared_contacts() -> None:
    cards = [
        {"name": {"formatted_name": "Lucía Gómez"}, "phones": [{"phone": "+503 7111 2222"}]},
        {"vcard": "BEGIN:VCARD\nFN:Don Neto\nEND:VCARD", "phones": [{"wa_id": "50370009999"}]},
    ]
    fact = only(incoming(message("contacts", cards)))
    assert fact.text == "Lucía Gómez +503 7111 2222\nDon Neto 50370009999"
    assert fact.data["contacts"] == cards


def test_button_of_a_template() -> None:
    fact = only(incoming(message("button", {"text": "Sí, quiero", "payload": "accept-1"})))
    assert (fact.kind, fact.text, fact.data) == ("button", "Sí, quiero", {"payload": "accept-1"})


def test_interactive_replies() -> None:
    button = {"type": "button_reply", "button_reply": {"id": "si", "title": "Sí"}}
    fact = only(incoming(message("interactive", button)))
    assert (fact.text, fact.data) == ("Sí", {"type": "button_reply", "id": "si", "title": "Sí"})
    row = {"id": "express", "title": "Entrega rápida", "description": "1 o 2 días"}
    fact = only(incoming(message("interactive", {"type": "list_reply", "list_reply": row})))
    assert fact.text == "Entrega rápida\n1 o 2 días"
    assert fact.data["id"] == "express"


def test_answers_of_a_form() -> None:
    answer = '{"monto":"2400","plazo":36,"flow_token":"secret"}'
    part = {"type": "nfm_reply", "nfm_reply": {"response_json": answer, "body": "Sent", "name": "flow"}}
    fact = only(incoming(message("interactive", part)))
    assert fact.text == "monto: 2400\nplazo: 36"
    assert fact.data["response"]["plazo"] == 36
    part["nfm_reply"]["response_json"] = "{broken"  # type: ignore[index]
    assert only(incoming(message("interactive", part))).text == "Sent"


def test_call_permission() -> None:
    reply = {"response": "accept", "expiration_timestamp": "1795086400", "response_source": "user_action"}
    part = {"type": "call_permission_reply", "call_permission_reply": reply}
    fact = only(incoming(message("interactive", part)))
    assert fact.text == "accept"
    assert fact.data == {"type": "call_permission_reply", "response": "accept", "expires_at": "1795086400"}


def test_interactive_of_the_future() -> None:
    part = {"type": "product", "product": {"body": {"text": "Ahorro programado"}, "product_retailer_id": "a1"}}
    fact = only(incoming(message("interactive", part)))
    assert fact.text == "Ahorro programado"
    assert fact.data["content"]["product_retailer_id"] == "a1"


def test_order() -> None:
    item = {"product_retailer_id": "AHORRO-1", "quantity": 2, "item_price": 30, "currency": "USD"}
    fact = only(incoming(message("order", {"catalog_id": "19", "text": "para hoy", "product_items": [item]})))
    assert fact.text == "para hoy\n2 × AHORRO-1 · 30 USD"
    assert fact.data == {"catalog_id": "19", "items": [item]}


def test_reaction_and_its_removal() -> None:
    fact = only(incoming(message("reaction", {"message_id": "wamid.9", "emoji": "👍🏽"})))
    assert isinstance(fact, ReactionFact)
    assert (fact.external_id, fact.target, fact.emoji) == ("wamid.1", "wamid.9", "👍🏽")
    for gone in ({"message_id": "wamid.9"}, {"message_id": "wamid.9", "emoji": ""}):
        assert only(incoming(message("reaction", gone))).emoji == ""


def test_edit_of_text_and_of_caption() -> None:
    inner: dict[str, Any] = {"type": "text", "text": {"body": "quise decir mañana"}}
    fact = only(incoming(message("edit", {"original_message_id": "wamid.9", "message": inner})))
    assert isinstance(fact, EditFact)
    assert (fact.target, fact.text) == ("wamid.9", "quise decir mañana")
    inner = {"type": "image", "image": media(caption="otra")}
    assert only(incoming(message("edit", {"original_message_id": "wamid.9", "message": inner}))).text == "otra"


def test_revoke() -> None:
    fact = only(incoming(message("revoke", {"original_message_id": "wamid.9"})))
    assert isinstance(fact, RevokeFact)
    assert fact.target == "wamid.9"


@pytest.mark.parametrize("word", ["unsupported", "unknown", "poll_creation", "request_welcome", "in_orbit"])
def test_unknown_kinds_are_shown_as_such(word: str) -> None:
    errors = [{"code": 131051, "title": "Message type unknown"}]
    fact = only(incoming(message(word, {"name": "¿Qué día prefiere?", "votes": [1, 2]}, errors=errors)))
    assert isinstance(fact, MessageFact)
    assert fact.kind == "unsupported"
    assert fact.data["type"] == word
    assert fact.data["errors"][0]["code"] == 131051
    assert fact.text == "¿Qué día prefiere?"


def test_a_file_that_whatsapp_could_not_get() -> None:
    fact = only(incoming(message("image", None, errors=[{"code": 131052, "title": "Media download error"}])))
    assert (fact.kind, fact.data["type"], fact.data["errors"][0]["code"]) == ("unsupported", "image", 131052)


def test_kind_told_from_the_content() -> None:
    sent = message("location", {"latitude": 1, "longitude": 2, "name": "Parque"})
    del sent["type"]
    assert (only(incoming(sent)).kind, only(incoming(sent)).text) == ("location", "Parque")


def test_quote_forward_and_product() -> None:
    context = {
        "from": "50322220000",
        "id": "wamid.9",
        "forwarded": True,
        "frequently_forwarded": True,
        "referred_product": {"catalog_id": "1", "product_retailer_id": "x"},
    }
    fact = only(incoming(message("text", {"body": "sí"}, context=context)))
    assert fact.reply_to == "wamid.9"
    assert fact.data == {
        "forwarded": True,
        "frequently_forwarded": True,
        "product": {"catalog_id": "1", "product_retailer_id": "x"},
    }


def test_campaign() -> None:
    referral = {"source_url": "https://fb.me/x", "source_id": "120", "source_type": "ad", "ctwa_clid": "Aff"}
    assert only(incoming(message("text", {"body": "info"}, referral=referral))).campaign == referral


def test_a_group_is_a_conversation_of_its_own() -> None:
    group = "120363418770915618@g.us"
    fact = only(incoming(message("text", {"body": "hola"}, group_id=group)))
    assert fact.thread == f"group:{group}"
    assert only(incoming(message("reaction", {"message_id": "a", "emoji": "x"}, group_id=group))).thread


# ---------------------------------------------------------------- times, sizes, wrong types


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        (str(SENT), SENT * 1000),
        (SENT, SENT * 1000),
        (float(SENT), SENT * 1000),
        (SENT * 1000, SENT * 1000),
        (None, NOW),
        ("TIMESTAMP", NOW),
        ("1", NOW),
        (-5, NOW),
        (True, NOW),
        ("9" * 400, NOW),
        (str(SENT + 10 * 86400), NOW),
        ({}, NOW),
    ],
)
def test_times(stamp: object, at: int) -> None:
    assert only(incoming(message("text", {"body": "x"}, timestamp=stamp))).at == at


def test_monstrous_ids_stay_apart() -> None:
    long = "wamid." + "A" * 10_000
    first = only(incoming(message("text", {"body": "x"}, id=long + "1"))).external_id
    second = only(incoming(message("text", {"body": "x"}, id=long + "2"))).external_id
    assert first != second
    assert len(first) <= 256


def test_long_text_is_cut_and_says_so() -> None:
    fact = only(incoming(message("text", {"body": "x" * 100_000})))
    assert len(fact.text) == TEXT_LIMIT
    assert fact.data["truncated"] is True


def test_odd_characters() -> None:
    body = incoming(message("text", {"body": "antes-HALF-después"}))
    fact = only(body.replace(b"HALF", rb"\ud83d"))  # half an emoji: a lone surrogate
    fact.text.encode()
    assert fact.text.startswith("antes-") and fact.text.endswith("-después")
    assert only(body.replace(b"HALF", rb"\u0000")).text == "antes--después"
    assert only(body.replace(b"HALF", rb"\ud83d\ude00")).text == "antes-😀-después"
    assert only(body.replace(b"HALF", b"\xff\xfe")).text.startswith("antes-")
    assert only(b"\xef\xbb\xbf" + body).text == "antes-HALF-después"


@pytest.mark.parametrize(
    "bad",
    [
        message("text", {"body": 7}),
        message("text", "hola"),
        message("text"),
        message("image", ["x"]),
        message("reaction", {"emoji": "x"}),
        message("contacts", {"name": "x"}),
        message("edit", {"original_message_id": "wamid.9"}),
        message("text", {"body": "x"}, id=None),
        message("text", {"body": "x"}, id=["a"]),
        message("text", {"body": "x"}, id=""),
    ],
)
def test_a_bad_item_takes_nothing_with_it(bad: dict[str, Any]) -> None:
    first, unreadable, last = facts(
        incoming(message("text", {"body": "uno"}, id="a"), bad, message("text", {"body": "dos"}, id="b"))
    )
    assert (first.text, last.text) == ("uno", "dos")  # type: ignore[union-attr]
    assert isinstance(unreadable, Unreadable)
    assert unreadable.where == "entry[0].changes[0].value.messages[1]"
    assert unreadable.why


@pytest.mark.parametrize(
    "body", [b"", b"hola", b"[]", b"{}", b'{"entry":{}}', b'"x"', b"\xff\xff", b"[" * 100_000, b'{"entry":[[]]}']
)
def test_what_is_no_document(body: bytes) -> None:
    assert all(isinstance(fact, Unreadable) for fact in facts(body))
    assert facts(body)


def test_no_entries_no_facts() -> None:
    assert facts(b'{"object":"whatsapp_business_account","entry":[]}') == []
