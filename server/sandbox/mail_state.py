"""What the mail world's stand-in knows: mailboxes, what was sent out, and what goes wrong on purpose."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable
from typing import Literal

import msgspec

_BEARER = re.compile(
    r"(?:user=([^\x01]*)|n,a=([^\x01]*),\x01host=[^\x01]+\x01port=\d+)\x01auth=Bearer ([^\x01]*)\x01\x01"
)

#: how one comes in with an access token, and with a password
TOKENS, PASSWORDS = ("XOAUTH2", "OAUTHBEARER"), ("PLAIN", "LOGIN")

FaultKind = Literal["login", "temporary", "permanent", "recipient", "silent", "duplicate", "cut", "slow", "broken"]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Settings(msgspec.Struct, kw_only=True):
    """The mailbox that the stand-in serves. `idle`: whether it tells of new mail at once; `keeps_sent`: whether what it
    takes lies in a folder for sent mail as well; `size_limit` in bytes; `smtputf8`: whether addresses may have letters
    outside ASCII."""

    address: str = "servicio@coop.example"
    user: str = "servicio"
    password: str = "sandbox-mail-password"
    idle: bool = True
    keeps_sent: bool = False
    size_limit: int = 36_000_000
    smtputf8: bool = False


class Fault(msgspec.Struct, kw_only=True):
    """Something that goes wrong `times` times (None: always), each time with probability `rate`.

    `on` imap: login (refused), cut (the line breaks in the middle of a mail), broken (a mail is not handed out, only
    its headers are). `on` smtp: login, temporary (4xx), permanent (5xx), recipient (5xx for those that contain `to`),
    silent (the mail is taken, no answer comes), slow (the answer comes after `ms`). `on` box: duplicate (a mail comes
    into the mailbox twice).
    """

    kind: FaultKind
    on: Literal["imap", "smtp", "box"] = "smtp"
    times: int | None = None
    rate: float = 1.0
    code: int = 0
    text: str = ""
    to: str = ""
    ms: int = 60_000
    hits: int = 0


class Faults:
    """The faults that are switched on. `seed` makes rates repeatable."""

    def __init__(self, seed: int = 0) -> None:
        self.active: list[Fault] = []
        self._random = random.Random(seed)

    def add(self, *faults: Fault) -> None:
        self.active.extend(faults)

    def clear(self) -> None:
        self.active.clear()

    def take(self, kind: FaultKind, on: str, to: str = "") -> Fault | None:
        """The first fault of this kind that strikes now; it is used up by that."""
        for fault in self.active:
            if fault.kind != kind or fault.on != on or fault.times == 0 or fault.to not in to:
                continue
            if fault.rate < 1.0 and self._random.random() >= fault.rate:
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None


class Stored(msgspec.Struct, kw_only=True):
    """A mail in a mailbox. `at`: when it came in, UTC ms."""

    uid: int
    raw: bytes
    at: int
    flags: set[str] = set()


class Box:
    """A mailbox. UIDs grow; `renumber` gives it another UIDVALIDITY, as a restored mailbox has."""

    def __init__(self, validity: int) -> None:
        self.validity = validity
        self.following = 1
        self.mails: list[Stored] = []
        self._watchers: set[asyncio.Event] = set()

    def put(self, raw: bytes, at: int) -> Stored:
        stored = Stored(uid=self.following, raw=raw, at=at)
        self.following += 1
        self.mails.append(stored)
        self.tell()
        return stored

    def renumber(self, gap: int = 0) -> None:
        """A new UIDVALIDITY; UIDs begin again after `gap`."""
        self.validity += 1
        for n, mail in enumerate(self.mails, 1 + gap):
            mail.uid = n
        self.following = len(self.mails) + 1 + gap

    def tell(self) -> None:
        """Wake who waits for news."""
        for watcher in self._watchers:
            watcher.set()

    def watch(self, watcher: asyncio.Event) -> None:
        self._watchers.add(watcher)

    def unwatch(self, watcher: asyncio.Event) -> None:
        self._watchers.discard(watcher)


class Delivered(msgspec.Struct, kw_only=True):
    """A mail that reached its recipients: the envelope, and its bytes."""

    n: int
    at: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class State:
    """The mailbox, its folder of sent mail, and all that went out to the world."""

    def __init__(self, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        self.settings = settings
        self.clock = clock
        self.box = Box(1_700_000_000)
        self.sent = Box(1_700_000_001)
        self.delivered: list[Delivered] = []
        self.attempts = 0
        #: whether a user comes in with an access token; without it passwords are what counts
        self.takes: Callable[[str, str], bool] | None = None

    @property
    def ways(self) -> tuple[str, ...]:
        """How one may sign in."""
        return TOKENS if self.takes is not None else PASSWORDS

    def bears(self, said: bytes) -> str:
        """The user whom XOAUTH2 or OAUTHBEARER let in; empty if they do not."""
        found = _BEARER.fullmatch(said.decode("utf-8", "replace"))
        if self.takes is None or found is None:
            return ""
        user = found[1] or found[2].replace("=2C", ",").replace("=3D", "=")
        return user if self.takes(user, found[3]) else ""

    def is_ours(self, address: str) -> bool:
        """Whether mail to this address, with or without a token after a plus sign, comes into the mailbox."""
        local, _, domain = address.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" == self.settings.address.lower()
