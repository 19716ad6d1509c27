"""What Telegram updates say: every kind of message, groups, edits, buttons, reactions, business accounts."""

from __future__ import annotations

from typing import Any

import pytest

from server.channels.base import Outgoing, Refused
from server.channels.foreign import TEXT_LIMIT
from server.channels.telegram_send import place
from server.facts import Address, AddressChangeFact, MessageFact, NoticeFact, RevokeFact, StatusFact, Unreadable
from tests.channels.telegram_updates import ANA, FILE, GROUP, NOW, PRIVATE, SENT, adapter, facts, message, only, update


def test_a_text() -> None:
    fact = only("message", message(text="hola"))
    assert (fact.external_id, fact.kind, fact.text, fact.at) == ("5037001:7", "text", "hola", SENT * 1000)
    assert fact.party.addresses == (Address("telegram", "5037001"),)
    assert (fact.party.name, fact.party.username, fact.party.language) == ("Ana Ruiz", "ana", "es")
    assert not fact.thread and not fact.shared and fact.campaign is None


def test_links_behind_words_are_kept() -> None:
    entities = [{"type": "bold", "offset": 0, "length": 2}, {"type": "text_link", "url": "https://example.com/a"}]
    assert only("message", message(text="aquí", entities=entities)).data == {"links": ["https://example.com/a"]}


@pytest.mark.parametrize(
    ("part", "kind", "media", "data"),
    [
        ({"voice": {**FILE, "mime_type": "audio/ogg"}}, "audio", "audio", {"voice": True}),
        ({"audio": {**FILE, "title": "t"}}, "audio", "audio", {"voice": False, "title": "t"}),
        ({"video": FILE}, "video", "video", {}),
        ({"video_note": FILE}, "video", "video", {"round": True}),
        ({"animation": FILE, "document": FILE}, "video", "video", {"animated": True}),
        ({"document": {**FILE, "file_name": "a.pdf"}}, "document", "document", {}),
        ({"sticker": {**FILE, "emoji": "🤣"}}, "sticker", "sticker", {"animated": False, "emoji": "🤣"}),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_files(part: dict[str, Any], kind: str, media: str, data: dict[str, Any]) -> None:
    fact = only("message", message(**part))
    (file,) = fact.media
    assert (fact.kind, file.kind, file.provider_id, file.size, fact.data) == (kind, media, "F1", 1234, data)


def test_the_largest_photo_with_its_caption() -> None:
    sizes = [{**FILE, "file_id": id, "width": w, "height": w} for id, w in (("S", 90), ("L", 1280), ("M", 320))]
    fact = only("message", message(photo=sizes, caption="recibo", media_group_id="77"))
    assert (fact.kind, fact.text, fact.media[0].provider_id, fact.data) == ("image", "recibo", "L", {"album": "77"})


def test_places_cards_and_what_is_only_described() -> None:
    venue = {"location": {"latitude": 13.7, "longitude": -89.2}, "title": "Agencia", "address": "Calle 1"}
    fact = only("message", message(venue=venue, location=venue["location"]))
    assert (fact.kind, fact.text, fact.data["latitude"]) == ("location", "Agencia, Calle 1", 13.7)
    dice = only("message", message(dice={"emoji": "🎲", "value": 5}))
    assert (dice.kind, dice.text, dice.data["type"]) == ("unsupported", "🎲 5", "dice")
    poll = only("message", message(poll={"question": "¿Cuál?", "options": [{"text": "A"}, {"text": "B"}]}))
    assert (poll.kind, poll.text) == ("unsupported", "¿Cuál?\n- A\n- B")
    new = only("message", message(hologram={"title": "of tomorrow"}))
    assert (new.kind, new.text, new.data["type"]) == ("unsupported", "of tomorrow", "hologram")


def test_a_phone_number_is_proven_by_its_owner_only() -> None:
    own = {"phone_number": "+503 7000", "first_name": "Ana", "user_id": ANA["id"]}
    assert only("message", message(contact=own)).party.addresses == (Address("telegram", "5037001"),)  # no number
    own["phone_number"] = "+50370001234"
    fact = only("message", message(contact=own))
    assert fact.party.addresses == (Address("telegram", "5037001"), Address("phone", "50370001234"))
    assert fact.data["contacts"][0]["name"]["formatted_name"] == "Ana"
    for other in ({**own, "user_id": 5}, {k: v for k, v in own.items() if k != "user_id"}):
        assert only("message", message(contact=other)).party.addresses == (Address("telegram", "5037001"),)
    forwarded = message(contact=own, forward_origin={"type": "user", "sender_user": ANA})
    assert only("message", forwarded).party.addresses == (Address("telegram", "5037001"),)


def test_replies_quotes_forwards() -> None:
    fact = only("message", message(text="sí", reply_to_message=message(message_id=3), quote={"text": "¿sí?"}))
    assert (fact.reply_to, fact.data) == ("5037001:3", {"quote": "¿sí?"})
    hidden = only("message", message(text="a", forward_origin={"type": "hidden_user", "sender_user_name": "Luis"}))
    assert hidden.data == {"forwarded": True, "forwarded_from": "Luis"}


def test_where_somebody_came_from() -> None:
    assert only("message", message(text="/start feria-2026")).campaign == {
        "source_type": "start_link",
        "source_id": "feria-2026",
    }
    for text in ("/start", "/starting now", "hola /start x"):
        assert only("message", message(text=text)).campaign is None


def test_a_long_text_is_cut_and_says_so() -> None:
    fact = only("message", message(text="x" * (TEXT_LIMIT + 1)))
    assert (len(fact.text), fact.data) == (TEXT_LIMIT, {"truncated": True})


# ---------------------------------------------------------------- groups and channels


def test_a_group_is_a_conversation_of_its_own() -> None:
    fact = only("message", message(chat=GROUP, text="buenas"))
    assert (fact.thread, fact.shared, fact.subject) == ("group:-1001234567890", True, "Asociados")
    topic = only("message", message(chat=GROUP, text="a", is_topic_message=True, message_thread_id=5))
    assert topic.thread == "group:-1001234567890:5"
    reply = only("message", message(chat=GROUP, text="a", message_thread_id=5))
    assert reply.thread == "group:-1001234567890"


def test_an_answer_to_a_group_goes_to_the_group() -> None:
    to = (Address("group", "-1001234567890:5"), Address("telegram", "5037001"))
    where = place(Outgoing(kind="text", to=to, client_ref="r", text="a", last_in="5037001:7"))
    assert (where.chat, where.message) == ("-1001234567890", "5")
    with pytest.raises(Refused, match="no Telegram account"):
        place(Outgoing(kind="text", to=(Address("phone", "5037"),), client_ref="r"))


def test_a_group_that_moved() -> None:
    old = {**GROUP, "id": -77, "type": "group"}
    moved, told = facts("message", message(chat=old, migrate_to_chat_id=-10077))
    assert isinstance(moved, AddressChangeFact) and isinstance(told, MessageFact)
    assert (moved.previous, moved.current) == ((Address("group", "-77"),), (Address("group", "-10077"),))
    assert (told.kind, told.data["event"]) == ("system", "migrate_to_chat_id")
    back, _ = facts("message", message(chat={**GROUP, "id": -10077}, migrate_from_chat_id=-77))
    assert isinstance(back, AddressChangeFact)
    assert (back.external_id, back.previous) == (moved.external_id, moved.previous)
    to = (Address("group", "-77"), Address("group", "-10077"))
    assert place(Outgoing(kind="text", to=to, client_ref="r")).chat == "-10077"


def test_a_channels_post_waits_for_nobody() -> None:
    chat = {"id": -1002, "type": "channel", "title": "Avisos"}
    post = {"message_id": 7, "sender_chat": chat, "chat": chat, "date": SENT, "text": "feriado"}
    fact = only("channel_post", post)
    assert (fact.thread, fact.shared, fact.automatic, fact.party.name) == ("channel:-1002", True, True, "Avisos")
    edited = only("edited_channel_post", {**post, "edit_date": SENT, "text": "no hay"})
    assert (edited.target, edited.thread, edited.text) == ("-1002:7", "channel:-1002", "no hay")


# ---------------------------------------------------------------- edits, buttons, reactions, members


def test_edits() -> None:
    fact = only("edited_message", message(text="mejor", edit_date=SENT + 9))
    assert (fact.target, fact.text, fact.at) == ("5037001:7", "mejor", (SENT + 9) * 1000)
    assert only("edited_message", message(photo=[FILE], caption="otra")).text == "otra"
    grouped = only("edited_message", message(chat=GROUP, text="a"))
    assert (grouped.thread, grouped.party.addresses) == (
        "group:-1001234567890",
        (Address("group", "-1001234567890"),),
    )


def test_a_pressed_button_says_what_stood_on_it() -> None:
    keyboard = {
        "inline_keyboard": [[{"text": "No", "callback_data": "n"}], [{"text": "Sí, gracias", "callback_data": "s"}]]
    }
    shown = message(message_id=4, text="¿Seguimos?", reply_markup=keyboard)
    fact = only("callback_query", {"id": "88", "from": ANA, "message": shown, "data": "s"})
    assert (fact.kind, fact.text, fact.data, fact.reply_to) == ("button", "Sí, gracias", {"payload": "s"}, "5037001:4")
    assert (fact.external_id, fact.at) == ("callback:88", NOW)
    assert only("callback_query", {"id": "88", "from": ANA, "data": "s"}).text == "s"


@pytest.mark.parametrize(
    ("given", "emoji"),
    [
        ([{"type": "emoji", "emoji": "👍"}], "👍"),
        ([], ""),
        ([{"type": "paid"}], "⭐"),
        ([{"type": "custom_emoji", "custom_emoji_id": "5"}], "🧩"),
    ],
)
def test_reactions(given: list[dict[str, str]], emoji: str) -> None:
    part = {"chat": PRIVATE, "message_id": 9, "user": ANA, "date": SENT, "old_reaction": [], "new_reaction": given}
    fact = only("message_reaction", part)
    assert (fact.target, fact.emoji, fact.thread) == ("5037001:9", emoji, "")


@pytest.mark.parametrize(("status", "event"), [("kicked", "blocked"), ("member", "unblocked")])
def test_somebody_blocks_the_bot(status: str, event: str) -> None:
    fact = only("my_chat_member", {"chat": PRIVATE, "from": ANA, "date": SENT, "new_chat_member": {"status": status}})
    assert (fact.kind, fact.data, fact.thread) == ("system", {"event": event}, "")
    assert fact.party.addresses == (Address("telegram", "5037001"),)


def test_a_group_takes_the_bot_in() -> None:
    fact = only("my_chat_member", {"chat": GROUP, "from": ANA, "date": SENT, "new_chat_member": {"status": "member"}})
    assert (fact.data, fact.thread, fact.shared) == ({"event": "member"}, "group:-1001234567890", True)


# ---------------------------------------------------------------- business accounts


def test_a_business_account_lends_its_chat() -> None:
    fact = only("business_message", message(business_connection_id="BC1", text="hola"))
    assert (fact.external_id, fact.thread, fact.echo) == ("5037001:7:BC1", "business:BC1:5037001", False)
    where = place(Outgoing(kind="text", to=fact.party.addresses, client_ref="r", last_in=fact.external_id))
    assert (where.chat, where.connection) == ("5037001", "BC1")
    owner = {"id": 99, "is_bot": False, "first_name": "Dueño"}
    echo = only("business_message", {**message(business_connection_id="BC1", text="ya"), "from": owner})
    assert (echo.echo, echo.via, echo.party.addresses) == (True, "telegram_app", (Address("telegram", "5037001"),))


def test_what_we_sent_for_a_business_account_comes_back() -> None:
    robot = {"id": int(adapter().bot), "is_bot": True, "first_name": "b"}
    fact = only("business_message", message(business_connection_id="BC1", text="a", sender_business_bot=robot))
    assert isinstance(fact, StatusFact)
    assert (fact.external_id, fact.status) == ("5037001:7:BC1", "sent")


def test_deleted_business_messages() -> None:
    found = facts(
        "deleted_business_messages", {"business_connection_id": "BC1", "chat": PRIVATE, "message_ids": [7, 8]}
    )
    assert [fact.target for fact in found if isinstance(fact, RevokeFact)] == ["5037001:7:BC1", "5037001:8:BC1"]


# ---------------------------------------------------------------- what is no message


def test_the_rest_is_a_notice_or_unreadable() -> None:
    notice = only("chat_boost", {"boost": {"id": "1"}})
    assert isinstance(notice, NoticeFact) and notice.kind == "chat_boost"
    for body in (b"", b"[]", b"{}", b'{"update_id": 1}', b"\xff", b'{"update_id": 1, "message": 5}'):
        (fact,) = adapter().parse(body, NOW)
        assert isinstance(fact, Unreadable)
    two = b'{"update_id": 1, "message": 5, "chat_boost": {}}'
    assert [type(fact) for fact in adapter().parse(two, NOW)] == [Unreadable, NoticeFact]


def test_half_an_emoji_is_mended() -> None:
    body = update("message", message(text="MARK")).replace(b"MARK", rb"ay \ud83d!")
    (fact,) = adapter().parse(body, NOW)
    assert isinstance(fact, MessageFact) and fact.text == "ay ?!"
