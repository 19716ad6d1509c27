"""What a channel adapter is. The next channel is one file that subclasses `Adapter` and a line in `channels.registry`.

An adapter knows its provider's wire format and nothing else: no store, no desk, no clock of its own. It

* checks that a provider's call is genuine (`handshake`, `authenticate`, on raw bytes),
* fetches what the provider does not bring (`source`),
* reads the call into facts (`parse`: total, it never raises for content; an unreadable item is an `Unreadable` fact),
* carries out what the outbox asks (`send`), and says in the provider-neutral words below how that went,
* says what the channel can do (`capabilities`: data that the composer, the outbox and the docs read).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from server.facts import Address, Fact, Failure, Party
from server.wire import ApprovedTemplate, BrowserSignIn, Capabilities, Check

if TYPE_CHECKING:
    import httpx


#: characters of a setting that are quoted when it is refused
QUOTED = 100


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of a channel: `channel add KIND NAME --set name=value`. Secrets are encrypted and never shown."""

    name: str
    help: str
    secret: bool = False
    required: bool = True
    default: str = ""


class NotGenuine(Exception):
    """The call is not from the provider. `status`: 401 if it carries no signature, 403 if a wrong one."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class BadSettings(Exception):
    """A setting is missing or senseless. `why` is stable, `params` fill its words in the reader's language (none of
    them is secret); `detail` says the same in English: which setting, and what to do."""

    def __init__(self, why: str, detail: str, **params: str | int | list[str]) -> None:
        super().__init__(detail)
        self.params = {"why": why, "detail": detail, **params}


class Call(msgspec.Struct, kw_only=True):
    """One HTTP call of a provider. `url` as it reached us (behind a trusted proxy: as the caller wrote it); `headers`
    with lower-case names; `at`: our clock, UTC ms."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    at: int


class Pulled(msgspec.Struct, kw_only=True):
    """A document fetched from a provider. Once it is on disk, the channel's place is `cursor`, in the same commit.

    An empty `body` only moves the place.
    """

    body: bytes
    cursor: str


class OutgoingFile(msgspec.Struct, kw_only=True):
    """A stored file to send: `path` on this machine's disk, `size` in bytes. `link`: where our server hands it out for
    a while, below its public address (only for adapters that want it: `links`)."""

    kind: str
    path: str
    mime: str
    file_name: str
    size: int
    link: str = ""


class Outgoing(msgspec.Struct, kw_only=True):
    """One message to send. `client_ref` is our own reference, unguessable, unique for the message and the same at every
    attempt. `at`: when it was written, UTC ms.

    `channel`: the channel's name, as in its hook's address.

    `reply_to`: provider's id of the message this answers, reacts to or moderates. `late`: the reply window is over and
    only the channel's exception for answers by a person (`Capabilities.late_ms`) still holds. `surface`: where the
    conversation takes place. `last_in`, `last_data`: id and data of the customer's message it answers: the one in
    `reply_to`, else their newest. `references`: provider's ids of the conversation's messages, oldest first, the
    middle left out if there are many (only for adapters that want them: `threads`). `options`: what the advisor chose
    that only some channels know: private, cc, bcc, subject.
    """

    kind: str  # text, template, reaction, image, audio, video, document, sticker, hide, unhide, delete
    to: tuple[Address, ...]
    client_ref: str
    at: int = 0
    channel: str = ""
    text: str = ""
    reply_to: str = ""
    late: bool = False
    surface: str = "direct"
    subject: str = ""
    last_in: str = ""
    last_data: dict[str, Any] = {}
    references: tuple[str, ...] = ()
    options: dict[str, Any] = {}
    author: str = ""  # display name of who wrote it
    data: dict[str, Any] = {}
    files: tuple[OutgoingFile, ...] = ()

    @property
    def file(self) -> OutgoingFile | None:
        """The file, for channels that send one at a time."""
        return self.files[0] if self.files else None


class Sent(msgspec.Struct, kw_only=True):
    """The provider took the message and calls it `external_id`. `status`: sent, or further if it knows already."""

    external_id: str
    status: str = "sent"
    addresses: tuple[Address, ...] = ()  # addresses of the recipient that the answer proved


class SendError(Exception):
    """Base of what can go wrong with a send."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail or failure.reason)
        self.failure = failure


class Refused(SendError):
    """Certain: it was not sent, and trying again will not help."""


class TryAgain(SendError):
    """Certain: it was not sent; another attempt may work. `after_ms`: the provider's Retry-After, if it gave one."""

    def __init__(self, failure: Failure, after_ms: int | None = None) -> None:
        super().__init__(failure)
        self.after_ms = after_ms


class Uncertain(SendError):
    """Nobody knows whether it was sent (the line went dead after the request left)."""


class Fetched(msgspec.Struct, kw_only=True):
    """Where a provider's file can be fetched from: `url` with `headers`, and what is claimed of it."""

    url: str
    headers: dict[str, str] = {}
    mime: str = ""
    size: int | None = None
    sha256: str = ""


class Source:
    """Where a channel's documents are fetched from, for channels that are not called, or not reliably.

    Made once per channel and server; `pull` is never called twice at once.
    """

    async def pull(self, cursor: str) -> Sequence[Pulled]:
        """Documents after `cursor` (empty the very first time), oldest first, few enough to hold in memory. Waits for
        news up to half a minute; an empty answer means there were none. Raises Refused (somebody must change
        something) or TryAgain."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of connections. `pull` may be cancelled before."""


class Vault:
    """Where a channel's secrets are, for those that the provider renews while it runs (a refresh token). This one
    keeps nothing; the server's writes them down. `lock` is the channel's, however often its adapter is opened."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()

    async def current(self, name: str, known: str) -> str:
        """The secret as it is now; `known`: as it was when the adapter was opened."""
        return known

    async def renew(self, name: str, before: str, after: str) -> None:
        """Keep the provider's new secret in place of `before`, unless somebody has set another one meanwhile."""


class Adapter:
    """One configured account on one channel. `settings` are checked on construction (BadSettings)."""

    kind: ClassVar[str]
    options: ClassVar[tuple[Option, ...]] = ()
    capabilities: ClassVar[Capabilities] = Capabilities()
    #: sending the same message (by `client_ref`) twice shows it once: what was cut short is simply sent again
    repeatable: ClassVar[bool] = False
    #: `Outgoing.references` is wanted
    threads: ClassVar[bool] = False
    #: `OutgoingFile.link` is wanted: the provider fetches what is sent
    links: ClassVar[bool] = False
    #: what can be done in public, where the channel has such conversations (`surface` comment)
    public: ClassVar[Capabilities | None] = None
    #: files lie inside the raw calls (`extract`), and those are kept as long as their messages
    embeds: ClassVar[bool] = False
    #: what a provider's call is answered with (see `answer_to`): content type and body
    answer: ClassVar[tuple[bytes, bytes]] = (b"", b"")
    #: host names that may see credentials with a fetch of media, besides the API's own; a leading dot matches
    #: sub-domains. What needs no credentials is fetched from any public address
    media_hosts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: Mapping[str, str]) -> None:
        known = {option.name for option in self.options}
        unknown = sorted(set(settings) - known)
        if unknown:
            name, names = unknown[0][:QUOTED], sorted(known)
            detail = f"unknown setting {name!r}; known: {', '.join(names)}"
            raise BadSettings("unknown", detail, setting=name, known=names)
        missing = [o for o in self.options if o.required and not settings.get(o.name)]
        if missing:
            raise self.lacks(missing[0])
        self.settings = {o.name: settings.get(o.name) or o.default for o in self.options}
        self.vault = Vault()

    @staticmethod
    def lacks(option: Option) -> BadSettings:
        """A setting that has to be there is not."""
        detail = f"missing setting {option.name!r}: {option.help}"
        return BadSettings("missing", detail, setting=option.name, help=option.help)

    @classmethod
    def option(cls, name: str) -> Option:
        return next(o for o in cls.options if o.name == name)

    @classmethod
    def can(cls, surface: str) -> Capabilities:
        """What can be done in conversations of this surface."""
        return cls.public if surface == "comment" and cls.public is not None else cls.capabilities

    @classmethod
    def can_find(cls) -> bool:
        """Whether this channel has means to know what became of a message (`find_sent`)."""
        return cls.find_sent is not Adapter.find_sent

    @classmethod
    def knows_names(cls) -> bool:
        """Whether the provider can be asked who somebody is (`profile`)."""
        return cls.profile is not Adapter.profile

    @property
    def window_ms(self) -> int | None:
        """How long after the customer's last message they may be written to (ms), with this account's permissions: with
        `Capabilities.late_ms` if it has that one."""
        return self.capabilities.window_ms

    @property
    def account(self) -> str:
        """The provider's own id of this account; facts that name another one belong to another channel."""
        return ""

    @property
    def api_url(self) -> str:
        """Base URL of the provider's API, as an administrator set it: the one address that files are fetched from even
        if it is not public."""
        return self.settings.get("graph_url") or self.settings.get("api_url") or ""

    def handshake(self, query: Mapping[str, str]) -> str:
        """Answer a provider's subscription check (GET): the text to send back, or NotGenuine."""
        raise NotGenuine(403, "this channel has no handshake")

    def authenticate(self, call: Call) -> None:
        """Return if the call is genuine, else raise NotGenuine."""
        raise NotGenuine(403, "this channel takes no calls")

    def document(self, call: Call) -> bytes:
        """What to keep of a genuine call and to `parse`: its body, unless its headers say something that matters."""
        return call.body

    def answer_to(self, document: bytes) -> tuple[bytes, bytes]:
        """What a genuine call is answered with once it is on disk."""
        return self.answer

    def source(self, http: httpx.AsyncClient) -> Source | None:
        """Where this channel's documents are fetched from; None: it is called."""
        return None

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        """The facts in a genuine call, in its order. Never raises for content."""
        raise NotImplementedError

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        """Send one message, once. Raises Refused, TryAgain or Uncertain."""
        raise NotImplementedError

    async def locate_media(self, provider_id: str, url: str, http: httpx.AsyncClient) -> Fetched:
        """Where the bytes of a provider's file are now. Raises Refused or TryAgain."""
        raise NotImplementedError

    def extract(self, document: bytes, provider_id: str) -> tuple[bytes, str]:
        """A file out of the raw call it came in, and its type (adapters that `embeds`). Raises Refused."""
        raise NotImplementedError

    async def find_sent(self, message: Outgoing, http: httpx.AsyncClient) -> Sent | None:
        """Whether a message of unknown fate reached the provider. None: it certainly did not. Raises Uncertain if this
        channel has no means to know."""
        raise Uncertain(Failure(reason="other"))

    async def profile(self, addresses: tuple[Address, ...], http: httpx.AsyncClient) -> Party | None:
        """What the provider tells of a person whose messages carry no name. Best effort."""
        return None

    async def mark_read(self, to: tuple[Address, ...], external_id: str, typing: bool, http: httpx.AsyncClient) -> None:
        """Tell the customer (`to`) that their message was read, and that an answer is being written. Best effort."""

    async def begin_sign_in(self, http: httpx.AsyncClient) -> BrowserSignIn:
        """Where somebody lets us into the account with a browser. Raises BadSettings if this channel is not signed in
        to like that, Refused or TryAgain."""
        raise BadSettings("no_sign_in", "nobody signs in to this channel with a browser")

    async def end_sign_in(self, ticket: str, answer: str, http: httpx.AsyncClient) -> dict[str, str] | None:
        """The settings that a sign-in, begun under that ticket, brought; None while nobody has signed in yet. `answer`:
        the address that the browser ended at, where there is no code to type in. Raises Refused or TryAgain."""
        raise BadSettings("no_sign_in", "nobody signs in to this channel with a browser")

    async def set_up(self, http: httpx.AsyncClient) -> None:
        """Put the provider's side in order where its API can: `channel test` does that first. Raises SendError."""

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Try the settings against the provider: `channel test`. It is tried every quarter of an hour, too."""
        return ()

    async def approved(self, http: httpx.AsyncClient) -> Sequence[ApprovedTemplate] | None:
        """All message templates that the provider has approved, or not yet; None if there is no such thing here. Raises
        Refused or TryAgain."""
        return None

    async def token_expiry(self, http: httpx.AsyncClient) -> int | None:
        """When the account's token ends (UTC ms); None if never, or if the provider does not say. Best effort."""
        return None
