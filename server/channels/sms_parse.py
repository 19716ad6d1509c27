"""What Twilio tells: a form it posts, or the API's own list of messages (what is fetched later). Total.

Both are brought into one shape (`Item`) and read in the same way. Keys of a message's `data`:

    to         the address of ours it was written to, as it came
    segments   how many SMS it was
    opt        stop, start or help: the keyword Twilio acts on by itself (it refuses what is sent after stop: 21610)
    place      city, state, zip and country of the sender's number, as Twilio guesses them
    latitude, longitude, name, address    of kind location (WhatsApp by way of Twilio)

Who wrote: a number is `phone`, digits without the plus, as in the other channels; `short_code` and `sender` (letters)
cannot be answered. What comes through Twilio from another network carries its name (`whatsapp:+503…`, `messenger:…`)
and stays apart from SMS under that name; `ExternalUserId` is WhatsApp's business-scoped user id.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from server.channels.foreign import (
    NAME_LIMIT,
    TEXT_LIMIT,
    Malformed,
    coordinate,
    decode,
    identifier,
    items,
    moment,
    name_of_type,
    scalar,
    string,
)
from server.channels.sms_errors import failure_of
from server.channels.sms_signature import FIELDS
from server.facts import Address, Fact, Failure, Media, MessageFact, Party, StatusFact, Unreadable

#: the field in which our own reference is kept that a call's address carried
REF = "_ref"
#: files of one message at most; Twilio has ten
FILES = 50
#: messages of one document at most
MESSAGES = 10_000

#: Twilio's words for what became of a message (twilio.com/docs/messaging/api/message-resource#message-status-values)
STATUSES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), "sent"),
    **dict.fromkeys(("delivered", "partially_delivered"), "delivered"),
    "read": "read",
    **dict.fromkeys(("undelivered", "failed", "canceled"), "failed"),
}
#: on its way in, not whole yet
ARRIVING = ("receiving",)

#: Twilio's own keywords for long codes (twilio.com/docs/messaging/tutorials/advanced-opt-out), unless the call tells
_KEYWORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), "stop"),
    **dict.fromkeys(("START", "UNSTOP"), "start"),
    **dict.fromkeys(("HELP", "INFO"), "help"),
}

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|[1-9][0-9]{8,14}", re.ASCII)
_SHORT = re.compile(r"[0-9]{3,8}", re.ASCII)
#: networks by way of Twilio under their own names
_WHATSAPP = "whatsapp"


class Item(msgspec.Struct, kw_only=True):
    """One message or report, wherever it came from. `status`: Twilio's word; `at`: UTC ms."""

    sid: str
    inbound: bool
    status: str = ""
    sender: str = ""
    to: str = ""
    service: str = ""
    text: str = ""
    at: int
    media: list[tuple[str, str]] = []
    failure: Failure | None = None
    ref: str = ""
    fields: dict[str, str] = {}


def parse(body: bytes, received_at: int, own: str) -> list[Fact]:
    """The facts in a form or a list of messages. `own`: the channel's account (see `account_of`)."""
    if body.lstrip()[:1] == b"{":
        return _list(body, received_at, own)
    try:
        return _facts(_form(body, received_at), own)
    except Malformed as error:
        return [Unreadable(where="form", why=str(error))]


def _list(body: bytes, received_at: int, own: str) -> list[Fact]:
    try:
        document = decode(body)
    except (ValueError, RecursionError) as error:
        return [Unreadable(where="document", why=str(error)[:200])]
    if not isinstance(document, dict):
        return [Unreadable(where="document", why=f"it is {name_of_type(document)}")]
    listed = document.get("messages", [document])
    if not isinstance(listed, list):
        return [Unreadable(where="messages", why=f"it is {name_of_type(listed)}")]
    found: list[Fact] = []
    for n, message in enumerate(listed[:MESSAGES]):
        try:
            if not isinstance(message, dict):
                raise Malformed(f"it is {name_of_type(message)}")
            found += _facts(_listed(message, received_at), own)
        except Malformed as error:
            found.append(Unreadable(where=f"messages[{n}]", why=str(error)))
    return found


def _form(body: bytes, received_at: int) -> Item:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError as error:
        raise Malformed(str(error)) from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    sid = identifier(fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid"))
    if not sid:
        raise Malformed("no MessageSid")
    status = scalar(fields.get("MessageStatus")) or scalar(fields.get("SmsStatus"))
    inbound = status.lower() == "received" or ("MessageStatus" not in fields and "Body" in fields)
    return Item(
        sid=sid,
        inbound=inbound,
        status=status.lower(),
        sender=scalar(fields.get("From")),
        to=scalar(fields.get("To")),
        service=scalar(fields.get("MessagingServiceSid")),
        text=string(fields.get("Body"), TEXT_LIMIT),
        at=received_at,
        media=[
            (url, scalar(fields.get(f"MediaContentType{n}")))
            for n in range(FILES)
            if (url := string(fields.get(f"MediaUrl{n}"), 4096))
        ],
        failure=failure_of(fields.get("ErrorCode"), fields.get("ErrorMessage")) if fields.get("ErrorCode") else None,
        ref=string(fields.get(REF), 128),
        fields=fields,
    )


def _listed(message: dict[str, Any], received_at: int) -> Item:
    """A message as the API lists it (times in RFC 2822), with its files under `media` where they were looked up."""
    sid = identifier(message.get("sid"))
    if not sid:
        raise Malformed("no sid")
    direction = scalar(message.get("direction")).lower()
    if not direction:
        raise Malformed("no direction")
    code = message.get("error_code")
    return Item(
        sid=sid,
        inbound=direction == "inbound",
        status=scalar(message.get("status")).lower(),
        sender=scalar(message.get("from")),
        to=scalar(message.get("to")),
        service=scalar(message.get("messaging_service_sid")),
        text=string(message.get("body"), TEXT_LIMIT),
        at=moment(sent_at(message) or 0, received_at),
        media=[
            (url, scalar(file.get("content_type")))
            for file in items(message.get("media"))[:FILES]
            if (url := string(file.get("url"), 4096))
        ],
        failure=failure_of(code, message.get("error_message")) if code else None,
        fields={"NumSegments": scalar(message.get("num_segments"))},
    )


def sent_at(message: dict[str, Any]) -> int | None:
    """When a listed message was sent, else when it was made (UTC ms)."""
    return time_of(message.get("date_sent")) or time_of(message.get("date_created"))


def time_of(value: object) -> int | None:
    """A date of the API (RFC 2822) as UTC ms."""
    try:
        seconds = parsedate_to_datetime(string(value, 64)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return int(seconds * 1000) if 0 < seconds < 1e11 else None


# ---------------------------------------------------------------- addresses


def digits(number: str) -> str:
    """A number as it is compared: digits of E.164, or what it is if it is none."""
    bare = re.sub(r"[\s().-]", "", number)
    return bare.removeprefix("+") if _NUMBER.fullmatch(bare) else number.strip()


def address_of(value: str) -> Address | None:
    """Who an address of Twilio's means; None for nobody."""
    network, _, rest = value.rpartition(":")
    network, rest = network.lower()[:32], rest.strip()
    if not rest:
        return None
    number = re.sub(r"[\s().-]", "", rest)
    if network in ("", "rcs", "sms") and _NUMBER.fullmatch(number):
        return Address("phone", number.removeprefix("+"))
    if network == _WHATSAPP:
        return Address(_WHATSAPP, number.removeprefix("+")) if _NUMBER.fullmatch(number) else Address("bsuid", rest)
    if network:
        return Address(network, rest)
    return Address("short_code" if _SHORT.fullmatch(rest) else "sender", rest)


def written(address: Address) -> str:
    """The address as Twilio wants it in `To`; empty if nobody can be written to there."""
    if address.kind == "phone":
        return f"+{address.value}"
    if address.kind == _WHATSAPP:
        return f"whatsapp:+{address.value}"
    if address.kind == "bsuid":
        return f"whatsapp:{address.value}"
    return "" if address.kind in ("short_code", "sender") else f"{address.kind}:{address.value}"


def _account(item: Item, own: str) -> str | None:
    """The channel an item belongs to: that of its messaging service if it is ours, else of the number."""
    if item.service and item.service == own:
        return own
    return digits(item.to if item.inbound else item.sender) or None


# ---------------------------------------------------------------- facts


def _facts(item: Item, own: str) -> list[Fact]:
    if item.inbound:
        return [] if item.status in ARRIVING else [_message(item, own)]
    status = STATUSES.get(item.status, item.status)
    if not status:
        raise Malformed("neither a text nor a status")
    failure = item.failure or Failure(reason="other", detail=item.status) if status == "failed" else None
    return [
        StatusFact(
            external_id=item.sid,
            status=status,
            at=item.at,
            failure=failure,
            client_ref=item.ref,
            account=_account(item, own),
        )
    ]


def _message(item: Item, own: str) -> MessageFact:
    writer = address_of(item.sender)
    addresses = [writer] if writer is not None else []
    user_id = identifier(item.fields.get("ExternalUserId"))
    if user_id and item.sender.lower().startswith(_WHATSAPP):
        addresses.append(Address("bsuid", user_id))
    if not addresses:
        raise Malformed("nobody wrote it (no From)")
    media = tuple(Media(kind=_kind(mime), url=url, mime=mime, provider_id=_media_id(url)) for url, mime in item.media)
    data = _data(item)
    kind = media[0].kind if media else "location" if "latitude" in data else "text"
    return MessageFact(
        external_id=item.sid,
        party=Party(
            addresses=tuple(dict.fromkeys(addresses)), name=string(item.fields.get("ProfileName"), NAME_LIMIT).strip()
        ),
        at=item.at,
        kind=kind,
        text=item.text,
        data=data,
        media=media,
        reply_to=identifier(item.fields.get("OriginalRepliedMessageSid")),
        account=_account(item, own),
    )


def _data(item: Item) -> dict[str, Any]:
    fields = item.fields
    data: dict[str, Any] = {"to": item.to}
    segments = scalar(fields.get("NumSegments"), 4)
    if segments.isascii() and segments.isdigit() and int(segments) > 1:
        data["segments"] = int(segments)
    said = string(fields.get("OptOutType"), 16).strip().lower()
    opt = said if said in ("stop", "start", "help") else _KEYWORDS.get(item.text.strip().upper()[:16], "")
    if opt:
        data["opt"] = opt
    names = ("City", "State", "Zip", "Country")
    place = {name.lower(): text for name in names if (text := string(fields.get(f"From{name}"), 64).strip())}
    if place:
        data["place"] = place
    where = coordinate(fields.get("Latitude")), coordinate(fields.get("Longitude"))
    if all(isinstance(part, float) for part in where):
        data["latitude"], data["longitude"] = where
        data |= {key: text for key, name in (("name", "Label"), ("address", "Address"))
                 if (text := string(fields.get(name)))}  # fmt: skip
    return data


def _kind(mime: str) -> str:
    family = mime.partition("/")[0].lower()
    return family if family in ("image", "audio", "video") else "document"


def _media_id(url: str) -> str:
    last = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return last if re.fullmatch(r"ME[0-9a-zA-Z]{1,64}", last) else ""
