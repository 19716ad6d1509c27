"""Channels, what they can do, and the raw calls they took."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from server.wire.base import Model

__all__ = [
    "BrowserAnswer",
    "BrowserSignIn",
    "BrowserState",
    "Capabilities",
    "ChangeChannel",
    "Channel",
    "Check",
    "Checks",
    "Delivery",
    "Health",
    "NewChannel",
]


class Capabilities(Model, kw_only=True):
    """What a channel can do, as data. Lengths in characters, sizes in bytes, times in ms.

    `window_ms`: how long after the customer's last message free text may be sent; None: always. `late_ms`: how long
    after it a person may still answer, where the provider knows such an exception and the account has it. `media`:
    kind of file → largest size; `files`: how many one message carries. `receipts`: which reports come back. `public`:
    everybody can read what is written here; `private_once_ms`: how long a public message can be answered, once, in
    private. `moderation`: others' messages can be hidden and deleted. `subject`, `copies`: messages have a subject,
    and recipients in copy. `segments`: texts are charged by the segment, as SMS are. `pair_interval_ms`,
    `account_interval_ms`: least time between two messages to one person, and of the whole account.
    """

    text_limit: int = 4096
    caption_limit: int = 1024
    window_ms: int | None = None
    late_ms: int | None = None
    receipts: list[str] = []
    media: dict[str, int] = {}
    files: int = 1
    reactions: bool = False
    quotes: bool = False
    templates: bool = False
    typing: bool = False
    public: bool = False
    private_once_ms: int | None = None
    moderation: bool = False
    subject: bool = False
    copies: bool = False
    segments: bool = False
    pair_interval_ms: int = 0
    account_interval_ms: int = 0


class Health(Model, kw_only=True):
    """How a channel is. `state`: ok, warning or down; `problem`: a stable code when it is not ok, with `detail` in
    the provider's words and the time it began: one of `server.facts.REASONS`, a check's `why` or name, token_ends or
    failing. `hint`: something odd that need not be wrong (quiet: nothing came in for days). `failed` of `attempts`
    sends in the last hour. `waiting`: messages in the outbox; `paused_until`: none is tried before, after too many
    failures in a row. Times in UTC ms.
    """

    state: str = "ok"
    problem: str = ""
    detail: str = ""
    since: int | None = None
    hint: str = ""
    attempts: int = 0
    failed: int = 0
    waiting: int = 0
    unknown: int = 0
    paused_until: int | None = None
    token_expires_at: int | None = None
    pulled_at: int | None = None


class Channel(Model, kw_only=True):
    """One configured account. Secret settings are shown as `"set"` or `"missing"`, never in clear."""

    id: int
    kind: str
    name: str
    active: bool = True
    team: str | None = None
    settings: dict[str, str] = {}
    capabilities: Capabilities
    health: Health = msgspec.field(default_factory=Health)
    hook: str = ""
    last_in_at: int | None = None
    last_out_at: int | None = None
    created_at: int = 0


class NewChannel(Model, kw_only=True):
    kind: str
    name: str
    settings: dict[str, str] = {}
    team: str | None = None


class ChangeChannel(Model, kw_only=True):
    settings: dict[str, str] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    team: str | UnsetType | None = UNSET


class Check(Model, kw_only=True):
    """One finding of `channel test` or `doctor`. `name`: what was looked at; `detail`: what was seen, or the provider's
    words; `why`: a stable code for what needs words of its own."""

    name: str
    ok: bool
    detail: str = ""
    why: str = ""


class Checks(Model, kw_only=True):
    items: list[Check]


class BrowserSignIn(Model, kw_only=True):
    """Where to let us into an account with a browser. With a `code`, type it in there, and ask every `every_ms` whether
    it was done, for at most `lasts_ms`; without one, bring back the address that the browser ends at."""

    url: str
    ticket: str
    user: str = ""
    code: str = ""
    every_ms: int = 5_000
    lasts_ms: int = 0


class BrowserAnswer(Model, kw_only=True):
    """`ticket`: of the sign-in that was begun. `answer`: the address that the browser ended at, if there is no code."""

    ticket: str
    answer: str = ""


class BrowserState(Model, kw_only=True):
    """Whether somebody has signed in; if not, `later_ms` is how much longer than before to wait between questions."""

    done: bool
    later_ms: int = 0


class Delivery(Model, kw_only=True):
    """One raw provider call as it arrived. `state`: done, partial (some items unreadable), failed."""

    id: int
    channel: str
    received_at: int
    state: str
    error: str = ""
    size: int = 0
    offered: int = 1
