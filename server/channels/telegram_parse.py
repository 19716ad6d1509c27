"""Telegram updates to facts. Total: whatever the bytes are, the answer is a list of facts.

A message's id counts within its chat, so what we call it is `CHAT:MESSAGE`, and `CHAT:MESSAGE:CONNECTION` where a
business account of Telegram's lent us its chats. Groups are conversations of their own (`group:CHAT`, a forum's topic
`group:CHAT:TOPIC`), channels too. Source: core.telegram.org/bots/api (Bot API 10.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from server.channels.foreign import Malformed, decode, items, mapping, moment, scalar, string, trim
from server.channels.telegram_content import name_of, read
from server.facts import (
    Address,
    AddressChangeFact,
    EditFact,
    Fact,
    MessageFact,
    NoticeFact,
    Party,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)

#: what we ask Telegram for; everything else it knows about is of no use to a contact centre
ALLOWED = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
)

#: the kind of address a person has here
PERSON = "telegram"
#: what an echo's `via` says: it was written in the Telegram app of the business account's owner
PHONE_APP = "telegram_app"

#: characters that a custom emoji is shown as (bots cannot tell which one it is), and a paid one
_CUSTOM_EMOJI, _PAID_EMOJI = "🧩", "⭐"

_GROUPS = ("group", "supergroup")


class Ref(NamedTuple):
    """A message as Telegram names it: `chat`, `message`, and the business `connection` it came through, if any."""

    chat: str
    message: str
    connection: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, self))

    @classmethod
    def of(cls, text: str) -> Ref:
        """Read back what `str` wrote; empty parts if it is none of ours."""
        chat, _, rest = text.partition(":")
        message, _, connection = rest.partition(":")
        if not (chat.removeprefix("-").isdigit() and message.isdigit()):
            return cls("", "")
        return cls(chat, message, connection)


class _Update(NamedTuple):
    """One update: its id, when it reached us (UTC ms), and the bot's own id."""

    id: str
    received_at: int
    bot: str


def parse(body: bytes, received_at: int, bot: str = "") -> list[Fact]:
    """The facts in one update. `received_at`: UTC ms, stands in for a missing time; `bot`: our bot's user id."""
    try:
        document = decode(body)
    except (ValueError, RecursionError) as error:
        return [Unreadable(where="body", why=f"not JSON: {str(error)[:200]}")]
    if not isinstance(document, dict):
        return [Unreadable(where="body", why="not an object")]
    update_id = scalar(document.get("update_id"), 32)
    if not update_id:
        return [Unreadable(where="update_id", why="missing: this is no update")]
    update = _Update(update_id, received_at, bot)
    facts: list[Fact] = []
    for key, part in document.items():
        if key == "update_id" or part is None:
            continue
        try:
            if not isinstance(part, dict):
                raise Malformed("not an object")
            facts += _READERS.get(key, _notice(key))(update, part)
        except Malformed as error:
            facts.append(Unreadable(where=string(key, 64), why=string(str(error), 300)))
        except Exception as error:  # one bad item never takes its batch with it
            facts.append(Unreadable(where=string(key, 64), why=string(f"{type(error).__name__}: {error}", 300)))
    return facts or [Unreadable(where="update", why="empty")]


def pressed(body: bytes) -> str:
    """The id of the pressed button's callback in an update, to be answered so that the button stops spinning."""
    try:
        document = decode(body)
    except (ValueError, RecursionError):
        return ""
    query = document.get("callback_query") if isinstance(document, dict) else None
    return scalar(query.get("id"), 128) if isinstance(query, dict) else ""


# ---------------------------------------------------------------- who and where


def _number(holder: dict[str, Any], key: str) -> str:
    """An id of Telegram's: a whole number, as its digits."""
    found = scalar(holder.get(key), 32)
    if not found.removeprefix("-").isdigit() or not found.isascii():
        raise Malformed(f"{key!r} is no id")
    return found


def _party(person: dict[str, Any], *more: Address) -> Party:
    address = Address(PERSON, _number(person, "id"))
    username = string(person.get("username")).strip()
    language = string(person.get("language_code"), 16).partition("-")[0]
    return Party(addresses=(address, *more), name=name_of(person), username=username, language=language)


def _ref(message: dict[str, Any], number: str = "") -> Ref:
    chat = _number(mapping(message, "chat"), "id")
    return Ref(chat, number or _number(message, "message_id"), scalar(message.get("business_connection_id"), 128))


def _thread(message: dict[str, Any]) -> str:
    """The conversation of its own that a message belongs to; empty: its person's."""
    chat = mapping(message, "chat")
    number = _number(chat, "id")
    if chat.get("type") == "channel":
        return f"channel:{number}"
    if chat.get("type") in _GROUPS:
        topic = scalar(message.get("message_thread_id"), 32) if message.get("is_topic_message") is True else ""
        return f"group:{number}:{topic}" if topic else f"group:{number}"
    if connection := scalar(message.get("business_connection_id"), 128):
        return f"business:{connection}:{number}"
    return ""


def _shared(message: dict[str, Any]) -> bool:
    return mapping(message, "chat").get("type") in (*_GROUPS, "channel")


def _writer(message: dict[str, Any]) -> Party:
    """Who wrote it: a person, or a chat that speaks for itself (a channel, an anonymous administrator)."""
    chat, person = mapping(message, "chat"), message.get("from")
    if isinstance(message.get("sender_chat"), dict):
        return _party(message["sender_chat"])
    return _party(person if isinstance(person, dict) else chat, *_own_phone(message))


def _own_phone(message: dict[str, Any]) -> tuple[Address, ...]:
    """The writer's telephone number, if they shared their own: Telegram names the account that a number is of."""
    contact, person = message.get("contact"), message.get("from")
    if not isinstance(contact, dict) or not isinstance(person, dict) or contact.get("user_id") is None:
        return ()
    if contact["user_id"] != person.get("id") or "forward_origin" in message:
        return ()
    phone = scalar(contact.get("phone_number"), 32).removeprefix("+")
    return (Address("phone", phone),) if phone.isascii() and phone.isdigit() else ()


# ---------------------------------------------------------------- messages


def _message(update: _Update, message: dict[str, Any]) -> list[Fact]:
    facts = _moved(update, message)
    return [*facts, _written(update, message, _writer(message))]


def _written(update: _Update, message: dict[str, Any], party: Party, *, echo: bool = False) -> MessageFact:
    ref, found = _ref(message), read(message)
    data = dict(found.data)
    shared = _shared(message)
    answered = message.get("reply_to_message")
    reply_to = ""
    if isinstance(answered, dict) and isinstance(answered.get("chat"), dict):
        reply_to = str(Ref(ref.chat, _number(answered, "message_id"), ref.connection))
    topic_starts = shared and isinstance(answered, dict) and answered.get("forum_topic_created") is not None
    return MessageFact(
        external_id=str(ref),
        party=party,
        at=moment(message.get("date"), update.received_at),
        kind=found.kind,
        text=found.text,
        data=data,
        media=found.media,
        reply_to="" if topic_starts or reply_to == str(ref) else reply_to,
        thread=_thread(message),
        shared=shared,
        subject=name_of(message["chat"]) if shared else "",
        campaign=_campaign(found.text) if found.kind == "text" and not shared and not echo else None,
        automatic=message["chat"].get("type") == "channel",
        echo=echo,
        via=PHONE_APP if echo else "",
    )


def _campaign(text: str) -> dict[str, Any] | None:
    """What a link `t.me/BOT?start=PAYLOAD` says of where somebody came from."""
    command, _, payload = text.partition(" ")
    return {"source_type": "start_link", "source_id": payload.strip()[:64]} if command == "/start" and payload else None


def _moved(update: _Update, message: dict[str, Any]) -> list[Fact]:
    """A group that became a supergroup has another id from then on."""
    if not _shared(message):
        return []
    here = _number(message["chat"], "id")
    if message.get("migrate_to_chat_id") is not None:
        old, new = here, _number(message, "migrate_to_chat_id")
    elif message.get("migrate_from_chat_id") is not None:
        old, new = _number(message, "migrate_from_chat_id"), here
    else:
        return []
    return [
        AddressChangeFact(
            external_id=f"moved:{old}:{new}",
            previous=(Address("group", old),),
            current=(Address("group", new),),
            at=moment(message.get("date"), update.received_at),
        )
    ]


def _edited(update: _Update, message: dict[str, Any]) -> list[Fact]:
    """The text (of a file: the caption; of a live location: where it is now) that a message has from now on."""
    ref, thread = _ref(message), _thread(message)
    if _shared(message):
        kind, _, number = thread.partition(":")
        party = Party(addresses=(Address(kind, number),))  # not the writer's: it is kept where the group's messages are
    else:
        party = _party(message["chat"]) if ref.connection else _writer(message)
    return [
        EditFact(
            external_id=f"{ref}:edit:{update.id}",
            party=party,
            at=moment(message.get("edit_date"), update.received_at),
            target=str(ref),
            text=read(message).text,
            thread=thread,
        )
    ]


# ---------------------------------------------------------------- business accounts


def _business_message(update: _Update, message: dict[str, Any]) -> list[Fact]:
    chat, person = mapping(message, "chat"), message.get("from")
    robot = message.get("sender_business_bot")
    if isinstance(robot, dict) and scalar(robot.get("id")) == update.bot:
        # What we sent ourselves comes back: it did arrive.
        at = moment(message.get("date"), update.received_at)
        return [StatusFact(external_id=str(_ref(message)), status="sent", at=at)]
    echo = isinstance(person, dict) and person.get("id") != chat.get("id")
    return [_written(update, message, _party(chat) if echo else _writer(message), echo=echo)]


def _deleted(update: _Update, part: dict[str, Any]) -> list[Fact]:
    chat, thread = mapping(part, "chat"), _thread(part)
    numbers = part.get("message_ids")
    if not isinstance(numbers, list):
        raise Malformed("'message_ids' is not a list")
    facts: list[Fact] = []
    for number in numbers[:1000]:
        ref = _ref(part, _number({"message_id": number}, "message_id"))
        facts.append(
            RevokeFact(
                external_id=f"{ref}:deleted",
                party=_party(chat),
                at=update.received_at,
                target=str(ref),
                thread=thread,
            )
        )
    return facts


# ---------------------------------------------------------------- buttons, reactions, members


def _callback(update: _Update, query: dict[str, Any]) -> list[Fact]:
    """A pressed button: its text as the person saw it, else what it carries."""
    number = scalar(query.get("id"), 128)
    if not number:
        raise Malformed("'id' is missing")
    payload = string(query.get("data"), 1024) or string(query.get("game_short_name"))
    message = query.get("message")
    message = message if isinstance(message, dict) and isinstance(message.get("chat"), dict) else None
    shared = message is not None and _shared(message)
    return [
        MessageFact(
            external_id=f"callback:{number}",
            party=_party(mapping(query, "from")),
            at=update.received_at,
            kind="button",
            text=(_button(message, payload) if message is not None else "") or payload,
            data={"payload": payload},
            reply_to=str(_ref(message)) if message is not None else "",
            thread=_thread(message) if message is not None else "",
            shared=shared,
        )
    ]


def _button(message: dict[str, Any], payload: str) -> str:
    markup = message.get("reply_markup")
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    for row in rows if isinstance(rows, list) else ():
        for button in items(row):
            if payload and button.get("callback_data") == payload:
                return string(button.get("text"), 1024)
    return ""


def _reaction(update: _Update, part: dict[str, Any]) -> list[Fact]:
    ref, who = _ref(part), part.get("user")
    given = next(iter(items(part.get("new_reaction"))), {})
    emoji = {"custom_emoji": _CUSTOM_EMOJI, "paid": _PAID_EMOJI}.get(
        string(given.get("type")), string(given.get("emoji"), 64)
    )
    shared = _shared(part)
    return [
        ReactionFact(
            external_id=f"{ref}:reaction:{update.id}",
            party=_party(who if isinstance(who, dict) else mapping(part, "actor_chat")),
            at=moment(part.get("date"), update.received_at),
            target=str(ref),
            emoji=emoji,
            thread=_thread(part) if shared else "",
        )
    ]


def _member(update: _Update, part: dict[str, Any]) -> list[Fact]:
    """What became of the bot in a chat: a person blocked it or let it in again, a group took it in or put it out."""
    chat = mapping(part, "chat")
    status = string(mapping(part, "new_chat_member").get("status"), 64)
    if not status:
        raise Malformed("no status of the bot")
    shared = _shared(part)
    event = status if shared else {"kicked": "blocked", "member": "unblocked"}.get(status, status)
    person = part.get("from")
    return [
        MessageFact(
            external_id=f"{_number(chat, 'id')}:member:{update.id}",
            party=_party(person if shared and isinstance(person, dict) else chat),
            at=moment(part.get("date"), update.received_at),
            kind="system",
            data={"event": event},
            thread=_thread(part),
            shared=shared,
            subject=name_of(chat) if shared else "",
        )
    ]


def _notice(key: str) -> Callable[[_Update, dict[str, Any]], list[Fact]]:
    """What is of no conversation is kept as a notice in the journal."""

    def read_notice(update: _Update, part: dict[str, Any]) -> list[Fact]:
        at = moment(part.get("date"), update.received_at)
        return [NoticeFact(kind=string(key, 64) or "unknown", at=at, data=trim(part))]

    return read_notice


_READERS: dict[str, Callable[[_Update, dict[str, Any]], list[Fact]]] = {
    "message": _message,
    "edited_message": _edited,
    "channel_post": _message,
    "edited_channel_post": _edited,
    "business_message": _business_message,
    "edited_business_message": _edited,
    "deleted_business_messages": _deleted,
    "callback_query": _callback,
    "message_reaction": _reaction,
    "my_chat_member": _member,
}
