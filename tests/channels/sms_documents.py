"""SMS forms and lists for these tests, built by hand after the published shapes, and the adapter that reads them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec

from server.channels.base import Outgoing
from server.channels.sms import Sms
from server.facts import Address, Fact
from server.sandbox.sms_state import Settings

NOW = 1_795_000_000_000  # November 2026
NUMBER = Settings().number
PHONE = "+50370001234"
TOKEN = Settings().auth_token
SETTINGS = {"account_sid": Settings().account_sid, "auth_token": TOKEN, "number": NUMBER}


def adapter(**settings: str) -> Sms:
    return Sms({**SETTINGS, **settings})


def form(**fields: str) -> dict[str, str]:
    """What Twilio posts for an incoming message."""
    known = {
        "ToCountry": "SV",
        "SmsMessageSid": "SM1",
        "NumMedia": "0",
        "SmsSid": "SM1",
        "SmsStatus": "received",
        "FromCountry": "SV",
        "FromCity": "San Salvador",
        "Body": "buenos días",
        "To": NUMBER,
        "NumSegments": "1",
        "MessageSid": "SM1",
        "AccountSid": SETTINGS["account_sid"],
        "From": PHONE,
        "ApiVersion": "2010-04-01",
    }
    return {name: value for name, value in (known | fields).items() if value != "-"}


def report(status: str, **fields: str) -> dict[str, str]:
    """What Twilio posts to say what became of a message."""
    known = {"MessageSid": "SM9", "SmsSid": "SM9", "SmsStatus": status, "MessageStatus": status}
    return {**known, "To": PHONE, "From": NUMBER, "AccountSid": SETTINGS["account_sid"], **fields}


def listed(**fields: Any) -> dict[str, Any]:
    """A message as the API lists it."""
    known = {
        "sid": "SM1",
        "direction": "inbound",
        "status": "received",
        "from": PHONE,
        "to": NUMBER,
        "body": "buenos días",
        "num_media": "0",
        "num_segments": "1",
        "date_created": "Wed, 18 Nov 2026 11:06:40 +0000",
        "date_sent": "Wed, 18 Nov 2026 11:06:41 +0000",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
    }
    return {**known, **fields}


def encoded(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def facts(body: bytes | dict[str, str]) -> list[Fact]:
    return adapter().parse(encoded(body) if isinstance(body, dict) else body, NOW)


def only(body: bytes | dict[str, str]) -> Any:
    """The one fact in a document."""
    found = facts(body)
    assert len(found) == 1, found
    return found[0]


def in_list(*messages: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"messages": list(messages)})


def outgoing(text: str = "buenos días", **more: Any) -> Outgoing:
    """A message to María."""
    given: dict[str, Any] = {
        "kind": "text",
        "to": (Address("phone", PHONE[1:]),),
        "client_ref": "1a2b.00ff00ff00ff00ff",
        "channel": "sms",
        "text": text,
    }
    return Outgoing(**(given | more))
