"""What the stand-in for a Page or an Instagram account knows: its settings, the people, what was written where."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from server.sandbox.graph_state import Accepted, HookSettings, Received, Stored

DAY_MS = 86_400_000
#: the webhook fields that the application gets
FIELDS = ("messages", "message_echoes", "message_reads", "message_deliveries", "messaging_postbacks", "feed")


class Settings(HookSettings, kw_only=True):
    """How it is set up. Times in ms. All can be changed while it runs (`POST /_control/settings`).

    `account_id`: of the Page, or of the Instagram account, whose linked Page is `page_id`. `*_after`: when a report
    leaves, counted from acceptance. `echoes`: what the account sends comes back over the hook; `metadata`: with our
    reference. `per_second`: messages of the whole account before error 613, 0 for no limit. `human_agent`: late answers
    with that tag are taken. `token_expires_at`: Unix seconds, 0 for never.
    """

    kind: Literal["messenger", "instagram"] = "messenger"
    access_token: str = "sandbox-page-token"
    verify_token: str = "sandbox-verify-token"
    account_id: str = "104567890123456"
    page_id: str = "104567890123456"
    app_id: str = "670843887433847"
    name: str = "Cooperativa La Esperanza"
    sent_after: int = 20
    delivered_after: int = 80
    read_after: int = 400
    reports: bool = True
    echoes: bool = True
    metadata: bool = True
    window_ms: int = DAY_MS
    human_ms: int = 7 * DAY_MS
    private_ms: int = 7 * DAY_MS
    human_agent: bool = False
    per_second: int = 0
    token_expires_at: int = 0


class Person(msgspec.Struct, kw_only=True):
    """Somebody by their id on this account. `reads`: messages are reported as read. `reachable`: they get any."""

    id: str
    name: str = ""
    username: str = ""
    reads: bool = True
    reachable: bool = True
    last_inbound_at: int | None = None
    received: list[Received] = []
    reactions: dict[str, str] = {}
    seen: int = 0
    typing: int = 0


class Comment(msgspec.Struct, kw_only=True):
    """Something written in public: below `post`, answering `parent` if that is not empty. `private`: it was answered in
    private already."""

    id: str
    author: str
    post: str
    parent: str
    text: str
    at: int
    hidden: bool = False
    deleted: bool = False
    private: bool = False
    file: str = ""


class State:
    """Everything it remembers. `clock` gives UTC ms."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self.settings = settings
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything but the settings."""
        self.people: dict[str, Person] = {}
        self.comments: dict[str, Comment] = {}
        self.accepted: list[Accepted] = []
        self.by_ref: dict[str, list[Accepted]] = {}
        self.messages: dict[str, str] = {}  # message id -> whose conversation
        self.elsewhere: list[Accepted] = []  # what the business sent with other tools
        self.media: dict[str, Stored] = {}
        self.subscribed: list[str] = [*FIELDS]
        self._number = secrets.randbelow(10**12) + 10**14
        self._second: tuple[int, int] = (0, 0)

    def person(self, id: str, *, open_window: bool = False, **about: Any) -> Person:
        """The person of that id, made if new. `about` sets their fields; `open_window`: as if they had just written."""
        found = self.people.setdefault(id, Person(id=id))
        for name, value in about.items():
            setattr(found, name, value)
        if open_window:
            found.last_inbound_at = self.clock()
        return found

    def record(self, accepted: Accepted) -> None:
        self.accepted.append(accepted)
        self.messages[accepted.id] = accepted.to
        if accepted.ref:
            self.by_ref.setdefault(accepted.ref, []).append(accepted)

    def doubled(self) -> dict[str, int]:
        """References (of public answers: what they say below what) that were taken more than once, and how often."""
        return {ref: len(found) for ref, found in self.by_ref.items() if len(found) > 1}

    def number(self) -> str:
        """A fresh id, as Meta's are."""
        self._number += 1
        return str(self._number)

    def mid(self) -> str:
        return "m_" + secrets.token_urlsafe(48)

    def comment_id(self, post: str) -> str:
        return f"{post.rpartition('_')[2]}_{self.number()}" if self.settings.kind == "messenger" else self.number()

    def store(self, data: bytes, mime: str, name: str = "") -> Stored:
        stored = Stored(id=self.number(), mime=mime, name=name, data=data)
        self.media[stored.id] = stored
        return stored

    def take_second(self) -> bool:
        """One message of this second; False if the account's rate is used up."""
        if not self.settings.per_second:
            return True
        second = self.clock() // 1000
        count = self._second[1] + 1 if self._second[0] == second else 1
        self._second = (second, count)
        return count <= self.settings.per_second
