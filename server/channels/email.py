"""E-mail: one `Email` is one mailbox, fetched by IMAP and answered from by SMTP.

What comes in is read by `email_message` and told by `email_facts`, what goes out is made by `email_out`; `email_imap`
and `email_smtp` carry it; here are the settings. Set-up: docs/channels/email.md.
"""

from __future__ import annotations

import asyncio
import functools
import re
import ssl
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from server.channels import checked, oauth_sign_in
from server.channels.base import (
    QUOTED,
    Adapter,
    BadSettings,
    Option,
    Outgoing,
    Refused,
    SendError,
    Sent,
    Source,
    TryAgain,
    Uncertain,
)
from server.channels.email_access import Access
from server.channels.email_facts import facts_of, raw_mail
from server.channels.email_ids import message_id
from server.channels.email_imap import Mailbox
from server.channels.email_imap_line import connect, examine, hang_up, holds, in_thread
from server.channels.email_message import part_content
from server.channels.email_oauth import OPTIONS as OAUTH_OPTIONS
from server.channels.email_oauth import oauth_client
from server.channels.email_out import FILES_LIMIT, Sender, letter
from server.channels.email_reasons import failure
from server.channels.email_server import MailServer, mail_server
from server.channels.email_smtp import deliver, enter
from server.channels.oauth import Tokens
from server.facts import Fact, Failure
from server.wire import BrowserSignIn, Capabilities, Check

if TYPE_CHECKING:
    import httpx

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)


class Email(Adapter):
    """One mailbox."""

    kind: ClassVar[str] = "email"
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="address", help="the mailbox's address, which customers write to"),
        Option(name="user", help="name to sign in with; often the address"),
        Option(
            name="password",
            help="password, or an app password where the provider has these",
            secret=True,
            required=False,
        ),
        Option(name="imap_host", help="IMAP server"),
        Option(name="imap_port", help="its port", required=False, default="993"),
        Option(name="imap_tls", help="yes, starttls or no", required=False, default="yes"),
        Option(name="smtp_host", help="SMTP server"),
        Option(name="smtp_port", help="its port", required=False, default="587"),
        Option(name="smtp_tls", help="yes, starttls or no", required=False, default="starttls"),
        Option(name="folder", help="folder that mails are fetched from", required=False, default="INBOX"),
        Option(name="start", help="all, or new: only mails that come in from now on", required=False, default="all"),
        Option(name="name", help="name that customers see beside the address", required=False),
        Option(name="aliases", help="more addresses of the mailbox, with commas between them", required=False),
        Option(name="plus", help="yes if mail to user+anything@ reaches the mailbox", required=False, default="no"),
        Option(name="smtp_user", help="name for the SMTP server, if it is another one", required=False),
        Option(name="smtp_password", help="password for the SMTP server", secret=True, required=False),
        Option(name="authority", help="PEM certificate of the servers' own authority", required=False),
        *OAUTH_OPTIONS,
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=100_000,
        caption_limit=100_000,
        receipts=["failed"],
        media=dict.fromkeys(("image", "audio", "video", "document", "sticker"), FILES_LIMIT),
        files=10,
        quotes=True,
        subject=True,
        copies=True,
    )
    threads: ClassVar[bool] = True
    embeds: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, str]) -> None:
        kept = ("password", "smtp_password", "authority")
        super().__init__({name: value if name in kept else value.strip() for name, value in settings.items()})
        given = self.settings
        aliases = [alias.strip() for alias in given["aliases"].split(",") if alias.strip()]
        for address in (given["address"], *aliases):
            if not _ADDRESS.fullmatch(address):
                shown = address[:QUOTED]
                raise BadSettings("mail_address", f"{shown!r} is no address like service@example.com", value=shown)
        checked.one_of("plus", given["plus"], ("yes", "no"))
        checked.one_of("start", given["start"], ("all", "new"))
        for name in ("folder", "name", "user", "password", "smtp_user", "smtp_password"):
            checked.one_line(name, given[name])
        client = oauth_client(given)
        if client is None and not given["password"]:
            raise self.lacks(self.option("password"))
        self.tokens = Tokens(client, given["refresh_token"]) if client is not None else None
        # a relay has a password of its own, whatever the mailbox is opened with
        relay = given["smtp_password"]
        self.imap = mail_server(given, "imap", given["user"], given["password"], client is not None)
        self.smtp = mail_server(
            given,
            "smtp",
            given["smtp_user"] or given["user"],
            relay or given["password"],
            client is not None and not relay,
        )
        self.us = Sender(
            address=given["address"],
            name=given["name"],
            own=(given["address"], *aliases),
            plus=given["plus"] == "yes",
        )
        self._context: ssl.SSLContext | None = None

    @property
    def account(self) -> str:
        return self.us.address.lower()

    # ---------------------------------------------------------------- in

    def source(self, http: httpx.AsyncClient) -> Source:
        return Mailbox(self._access(self.imap, http), self.settings["folder"], self.settings["start"])

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        return facts_of(body, received_at, self.us.own)

    def extract(self, document: bytes, provider_id: str) -> tuple[bytes, str]:
        raw, cut = raw_mail(document)
        if cut:
            raise Refused(failure("media", words=f"{cut} bytes are too many to keep: the mail lies in the mailbox"))
        try:
            content, mime, _ = part_content(raw, int(provider_id))
        except (IndexError, ValueError):
            raise Refused(failure("media", words=f"the mail has no part {provider_id}")) from None
        return content, mime

    # ---------------------------------------------------------------- out

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        ready = await asyncio.to_thread(letter, message, self.us)
        context = await self._tls()
        await self._access(self.smtp, http).use(lambda server: deliver(server, context, ready))
        return Sent(external_id=ready.message_id)

    async def find_sent(self, message: Outgoing, http: httpx.AsyncClient) -> Sent | None:
        """By the provider's own copy of what was sent, if it keeps any; without one nobody knows."""
        id = message_id(message.client_ref, self.us.address)
        if await self._access(self.imap, http).use(lambda server: in_thread(lambda: holds(server, id))):
            return Sent(external_id=id)
        raise Uncertain(failure("other", words="there is no copy of it among the sent mails"))

    async def _tls(self) -> ssl.SSLContext | None:
        if self._context is None and self.smtp.tls != "no":
            self._context = await asyncio.to_thread(self.smtp.context)
        return self._context

    def _access(self, server: MailServer, http: httpx.AsyncClient) -> Access:
        if self.tokens is None or not server.bearer:
            return Access(server)
        return Access(server, functools.partial(self.tokens.token, self.vault, http))

    # ---------------------------------------------------------------- signing in with a browser

    async def begin_sign_in(self, http: httpx.AsyncClient) -> BrowserSignIn:
        if self.tokens is None:
            return await super().begin_sign_in(http)
        return await oauth_sign_in.begin(self.tokens.client, self.settings["user"], http)

    async def end_sign_in(self, ticket: str, answer: str, http: httpx.AsyncClient) -> dict[str, str] | None:
        if self.tokens is None:
            return await super().end_sign_in(ticket, answer, http)
        token = await oauth_sign_in.end(self.tokens.client, ticket, answer, http)
        return None if token is None else {"refresh_token": token}

    # ---------------------------------------------------------------- settings tried out

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Do we get a token, does IMAP let us in, is the folder there, does it tell of news, does SMTP let us in?"""
        found: list[Check] = []
        if self.tokens is not None:
            found.append(await self._check_sign_in(self.tokens, http))
            if not found[0].ok:
                return found
        return [*found, *await self._check_imap(http), await self._check_smtp(http), self._check_plus()]

    async def _check_sign_in(self, tokens: Tokens, http: httpx.AsyncClient) -> Check:
        where = tokens.client.token_url
        try:
            await tokens.token(self.vault, http)
        except SendError as error:
            wrong = "sign_in" if error.failure.reason == "sign_in" else "application"
            name = "provider" if isinstance(error, TryAgain) else wrong
            return Check(name=name, ok=False, detail=": ".join(filter(None, (where, _said(error.failure)))))
        return Check(name="sign_in", ok=True, detail=where)

    async def _check_imap(self, http: httpx.AsyncClient) -> list[Check]:
        where = f"{self.imap.host}:{self.imap.port}"
        try:
            return await self._access(self.imap, http).use(lambda server: in_thread(lambda: self._look(server)))
        except SendError as error:
            return [Check(name="imap", ok=False, detail=f"{where}: {_said(error.failure)}")]

    def _look(self, server: MailServer) -> list[Check]:
        """Raises Refused or TryAgain if it does not let us in. Blocks."""
        box = connect(server)
        folder = self.settings["folder"]
        try:
            _, _, exists = examine(box, folder)
            looked = Check(name="folder", ok=True, detail=f"{folder} · {exists}")
        except SendError as error:
            looked = Check(name="folder", ok=False, detail=f"{folder}: {error.failure.detail}")
        finally:
            hang_up(box)
        # without it mails are noticed a little later, which is no fault
        idle = Check(name="idle", ok=True, detail="IDLE" if "IDLE" in box.client.capabilities else "NOOP")
        return [Check(name="imap", ok=True, detail=f"{server.host}:{server.port}"), looked, idle]

    async def _check_smtp(self, http: httpx.AsyncClient) -> Check:
        where = f"{self.smtp.host}:{self.smtp.port}"
        context = await self._tls()
        try:
            await self._access(self.smtp, http).use(lambda server: enter(server, context))
        except SendError as error:
            return Check(name="smtp", ok=False, detail=f"{where}: {_said(error.failure)}")
        return Check(name="smtp", ok=True, detail=where)

    def _check_plus(self) -> Check:
        user, _, domain = self.us.address.partition("@")
        return Check(name="plus", ok=True, detail=f"{user}+…@{domain}" if self.us.plus else "no")


def _said(failure: Failure) -> str:
    """A server's code and its words."""
    return " ".join(filter(None, (failure.code, failure.detail)))[:300]
