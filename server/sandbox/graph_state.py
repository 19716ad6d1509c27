"""What the Graph stand-in knows: its settings, its customers, what it accepted and what it holds as media."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any, Literal

import msgspec


def now_ms() -> int:
    """The machine's clock, UTC ms."""
    return time.time_ns() // 1_000_000


class HookSettings(msgspec.Struct, kw_only=True):
    """Where webhooks go (nowhere while `hook_url` is empty), signed with what, and how patiently. Times in ms."""

    app_secret: str = "sandbox-app-secret"
    hook_url: str = ""
    hook_timeout: int = 10_000
    hook_retry: int = 200
    hook_retry_limit: int = 5_000
    hook_parallel: int = 32


class Settings(HookSettings, kw_only=True):
    """How the stand-in is set up. Times in ms. All can be changed while it runs (`POST /_control/settings`).

    `token_expires_at`: when the token ends, 0 for never. `hook_url`: where webhooks go (none while empty). `*_after`:
    when a status leaves, counted from acceptance.
    `window_error`: what becomes of free text outside the 24 h window: "status" accepts it and reports a failed status,
    as the real one does; "answer" refuses it at once. `pair_burst`: messages to one person before 131056, earned back
    at one per 6 s. `per_second`: messages of the whole number before 130429, 0 for no limit.
    """

    access_token: str = "sandbox-access-token"
    verify_token: str = "sandbox-verify-token"
    phone_number_id: str = "106540352242922"
    display_phone_number: str = "50322220000"
    verified_name: str = "Cooperativa La Esperanza"
    business_account_id: str = "102290129340398"
    token_expires_at: int = 0
    hook_url: str = ""
    sent_after: int = 20
    delivered_after: int = 80
    read_after: int = 400
    statuses: bool = True
    window_ms: int = 24 * 3600 * 1000
    window_error: Literal["status", "answer"] = "status"
    pair_burst: int = 45
    per_second: int = 0
    url_ms: int = 300_000


class Received(msgspec.Struct, kw_only=True):
    """One message as the customer's phone shows it. `n` counts from 1 per customer; `text` is what can be read."""

    n: int
    at: int
    id: str
    type: str
    text: str = ""
    reply_to: str = ""
    ref: str = ""
    body: dict[str, Any] = {}


class Customer(msgspec.Struct, kw_only=True):
    """A simulated person. At least one of `phone` and `user_id` is given; `key` is what they are asked for by.

    `reads`: sends read receipts. `reachable`: messages arrive at all (else they fail with 131026).
    """

    phone: str = ""
    user_id: str = ""
    parent_user_id: str = ""
    name: str = ""
    username: str = ""
    reads: bool = True
    reachable: bool = True
    last_inbound_at: int | None = None
    received: list[Received] = []
    marked_read: list[str] = []
    typing: int = 0
    tokens: float = -1.0
    tokens_at: int = 0

    @property
    def key(self) -> str:
        return self.phone or self.user_id


class Accepted(msgspec.Struct, kw_only=True):
    """One message the stand-in took: what a person would have got. `ref`: biz_opaque_callback_data."""

    at: int
    id: str
    to: str
    type: str
    ref: str = ""
    body: dict[str, Any] = {}
    failed: int = 0


class Stored(msgspec.Struct, kw_only=True):
    """A file: uploaded by the business, or sent by a customer."""

    id: str
    mime: str
    name: str
    data: bytes

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.data).digest()


def wamid(who: str, *, outbound: bool) -> str:
    """A message id built as the real ones are: base64 of the number, the direction and a random part."""
    number = who.encode()[:40]
    part = secrets.token_hex(9 if outbound else 10).upper().encode()
    raw = b"\x1c\x18" + bytes([len(number)]) + number + b"\x15\x02\x00" + (b"\x11" if outbound else b"\x12")
    return "wamid." + base64.b64encode(raw + b"\x18" + bytes([len(part)]) + part + b"\x00").decode()


class State:
    """Everything the stand-in remembers. `clock` gives UTC ms."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self.settings = settings
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything but the settings."""
        self.customers: dict[str, Customer] = {}
        self.accepted: list[Accepted] = []
        self.by_ref: dict[str, list[Accepted]] = {}
        self.media: dict[str, Stored] = {}
        self.templates: dict[tuple[str, str], int] = {("hello_world", "en_US"): 0}
        self.components: dict[tuple[str, str], dict[str, Any]] = {}  # what is known besides of a template
        self.message_ids: set[str] = set()
        self.inbound: dict[str, str] = {}  # message id -> whose
        self._aliases: dict[str, str] = {}
        self._second: tuple[int, int] = (0, 0)
        self._media_id = secrets.randbelow(10**14) + 10**15

    def customer(self, phone: str = "", user_id: str = "", *, open_window: bool = False, **about: Any) -> Customer:
        """The person of that phone number or user id, made if new. `about` sets their fields; `open_window` lets
        the business write to them now, as if they had just written."""
        key = self._aliases.get(phone) or self._aliases.get(user_id) or phone or user_id
        if not key:
            raise ValueError("a customer needs a phone number or a user id")
        found = self.customers.get(key)
        if found is None:
            found = self.customers[key] = Customer(phone=phone, user_id=user_id)
        found.phone = found.phone or phone
        found.user_id = found.user_id or user_id
        for alias in (found.phone, found.user_id, about.get("parent_user_id", "")):
            if alias:
                self._aliases[alias] = key
        for name, value in about.items():
            setattr(found, name, value)
        if open_window:
            found.last_inbound_at = self.clock()
        return found

    def find(self, who: str) -> Customer | None:
        """By phone number, user id or parent user id."""
        return self.customers.get(self._aliases.get(who, who))

    def record(self, accepted: Accepted) -> None:
        self.accepted.append(accepted)
        self.message_ids.add(accepted.id)
        if accepted.ref:
            self.by_ref.setdefault(accepted.ref, []).append(accepted)

    def doubled(self) -> dict[str, int]:
        """Our references that were accepted more than once, and how often: a customer got these twice."""
        return {ref: len(found) for ref, found in self.by_ref.items() if len(found) > 1}

    def store(self, data: bytes, mime: str, name: str = "") -> Stored:
        self._media_id += 1
        stored = Stored(id=str(self._media_id), mime=mime, name=name, data=data)
        self.media[stored.id] = stored
        return stored

    def take_pair_token(self, customer: Customer) -> bool:
        """One message to this person; False if there were too many lately."""
        burst, now = float(self.settings.pair_burst), self.clock()
        if customer.tokens < 0:
            customer.tokens, customer.tokens_at = burst, now
        customer.tokens = min(burst, customer.tokens + (now - customer.tokens_at) / 6000)
        customer.tokens_at = now
        if customer.tokens < 1:
            return False
        customer.tokens -= 1
        return True

    def take_second(self) -> bool:
        """One message of this second; False if the number's throughput is used up."""
        if not self.settings.per_second:
            return True
        second = self.clock() // 1000
        count = self._second[1] + 1 if self._second[0] == second else 1
        self._second = (second, count)
        return count <= self.settings.per_second
