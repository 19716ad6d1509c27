"""What the SMS stand-in knows: its settings, its customers, every message in and out, and their files."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

#: Twilio's codes the stand-in answers: HTTP status and words
CODES: dict[int, tuple[int, str]] = {
    11200: (400, "HTTP retrieval failure"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21211: (400, "Invalid 'To' Phone Number"),
    21265: (400, "'To' number cannot be a Short Code"),
    21266: (400, "'To' and 'From' number cannot be the same"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"),
    21603: (400, "A 'From' phone number is required"),
    21606: (400, "The 'From' phone number provided is not a valid message-capable Twilio phone number"),
    21609: (400, "The 'StatusCallback' URL is not a valid URL"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21619: (400, "A text message body or media urls must be specified"),
    21620: (400, "Invalid media URL(s)"),
}


class Settings(msgspec.Struct, kw_only=True):
    """How the stand-in is set up. Times in ms. All can be changed while it runs (`POST /_control/settings`).

    `hook_url`: where incoming messages are posted (nowhere while empty); a fragment `#rc=N` posts again N times, as
    Twilio would. `*_after`: when a report leaves, counted from acceptance. `per_second`: messages before 20429, 0 for
    no limit.
    """

    account_sid: str = "AC" + "0123456789abcdef" * 2
    auth_token: str = "sandbox-auth-token"
    number: str = "+50322220000"
    friendly_name: str = "Cooperativa La Esperanza"
    hook_url: str = ""
    sending_after: int = 5
    sent_after: int = 20
    delivered_after: int = 80
    statuses: bool = True
    per_second: int = 0
    hook_timeout: int = 10_000
    hook_retry: int = 200


class TwilioError(Exception):
    """An error as the API answers it. `status`: in place of the code's own."""

    def __init__(self, code: int, words: str = "", status: int = 0) -> None:
        known = CODES.get(code, (400, "Error"))
        super().__init__(words or known[1])
        self.code = code
        self.status = status or known[0]

    def body(self) -> dict[str, Any]:
        info = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": str(self), "more_info": info, "status": self.status}


class File(msgspec.Struct, kw_only=True):
    sid: str
    mime: str
    data: bytes = b""


class Message(msgspec.Struct, kw_only=True):
    """One message, in or out. Times in UTC ms. `ref`: our reference in the StatusCallback's address."""

    sid: str
    to: str
    sender: str
    body: str
    direction: str
    status: str
    created: int
    sent: int | None = None
    error: int = 0
    files: list[File] = []
    callback: str = ""
    service: str | None = None

    @property
    def ref(self) -> str:
        return parse_qs(urlsplit(self.callback).query).get("ref", [""])[0]

    def listed(self, account: str) -> dict[str, Any]:
        """The message as the API shows it."""
        uri = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": account,
            "messaging_service_sid": self.service,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "direction": self.direction,
            "status": self.status,
            "num_segments": "1",
            "num_media": str(len(self.files)),
            "date_created": _date(self.created),
            "date_sent": _date(self.sent),
            "date_updated": _date(self.sent or self.created),
            "error_code": self.error or None,
            "error_message": CODES[self.error][1] if self.error in CODES else None,
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }


def _date(at: int | None) -> str | None:
    return None if at is None else format_datetime(datetime.fromtimestamp(at // 1000, UTC))


class Customer(msgspec.Struct, kw_only=True):
    """A simulated person. `stopped`: they wrote STOP. `reachable`: messages arrive (else they fail with 30003).
    `received`: what their phone shows."""

    phone: str
    stopped: bool = False
    reachable: bool = True
    received: list[Message] = []


def sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


class State:
    """Everything the stand-in remembers. `clock` gives UTC ms."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self.settings = settings
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything but the settings."""
        self.customers: dict[str, Customer] = {}
        self.messages: dict[str, Message] = {}
        self._second = (0, 0)

    def customer(self, phone: str) -> Customer:
        """The person of that number, made if new."""
        return self.customers.setdefault(phone, Customer(phone=phone))

    @property
    def accepted(self) -> list[Message]:
        """What was taken from us, oldest first."""
        return [message for message in self.messages.values() if message.direction == "outbound-api"]

    def doubled(self) -> dict[str, int]:
        """Our references that were accepted more than once, and how often: somebody got these twice."""
        count: dict[str, int] = {}
        for message in self.accepted:
            if message.ref:
                count[message.ref] = count.get(message.ref, 0) + 1
        return {ref: times for ref, times in count.items() if times > 1}

    def take_second(self) -> bool:
        """One message of this second; False if the account's throughput is used up."""
        second = self.clock() // 1000
        count = self._second[1] + 1 if self._second[0] == second else 1
        self._second = (second, count)
        return not self.settings.per_second or count <= self.settings.per_second
