"""What Messenger and Instagram have in common: the Send API, answers in public, moderation, who somebody is.

The two files beside say where they differ. What comes in is read by `meta_parse`.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec

from server.channels import checked, meta_find
from server.channels.base import (
    Fetched,
    Option,
    Outgoing,
    OutgoingFile,
    Refused,
    SendError,
    Sent,
    Uncertain,
)
from server.channels.foreign import scalar
from server.channels.meta_api import TIMEOUT, UPLOAD_SECONDS, MetaAdapter, checked_file, fitting, refuse, said
from server.channels.meta_codes import classify
from server.channels.meta_errors import not_understood, send_error
from server.channels.meta_parse import parse
from server.channels.meta_send import ATTACHMENTS, action_body, message_body, person, private_to, reaction_body
from server.facts import Address, Fact, Party
from server.wire import Check

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
#: how long after the customer's last message anybody may answer, and a person with the permission
WINDOW_MS = DAY_MS
HUMAN_MS = 7 * DAY_MS
#: how long a public message can be answered in private, once
PRIVATE_MS = 7 * DAY_MS

MEGABYTE = 1024 * 1024

SECRETS: tuple[Option, ...] = (
    Option(name="access_token", help="token of the Page", secret=True),
    Option(name="app_secret", help="App dashboard, App settings, Basic: signs the webhooks", secret=True),
    Option(name="verify_token", help="a word of your choice, the same in the webhook's set-up", secret=True),
)


def common_options(graph_url: str) -> tuple[Option, ...]:
    """The options that both have, after the account's id."""
    return (
        *SECRETS,
        Option(
            name="human_agent",
            help="yes: the app has Meta's permission Human Agent (answers by people up to 7 days)",
            required=False,
            default="no",
        ),
        Option(name="graph_url", help="base URL of the Graph API", required=False, default=graph_url),
    )


class MetaMessaging(MetaAdapter):
    """A Page or an Instagram account: its direct messages and what is written below its posts."""

    threads: ClassVar[bool] = True
    media_hosts: ClassVar[tuple[str, ...]] = (".fbsbx.com", ".fbcdn.net", ".cdninstagram.com")
    #: kind of people's addresses
    address: ClassVar[str]
    #: Meta's word for the product
    platform: ClassVar[str]
    #: what stands for an emoji where the API takes words only
    reaction_words: ClassVar[dict[str, str]] = {}

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__(settings)
        checked.one_of("human_agent", self.settings["human_agent"], ("yes", "no"))

    @property
    def window_ms(self) -> int | None:
        return HUMAN_MS if self.settings["human_agent"] == "yes" else WINDOW_MS

    @property
    @abstractmethod
    def sender(self) -> str:
        """The Graph node whose messages these are."""

    def error(self, response: httpx.Response, *, repeatable: bool = False) -> SendError:
        return send_error(response, classify, repeatable=repeatable)

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        return parse(body, received_at)

    # ---------------------------------------------------------------- out

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        if message.kind in ("hide", "unhide", "delete"):
            return await self._moderate(message, http)
        if message.kind == "reaction":
            body = reaction_body(message, self.address, self.reaction_words)
            await self.request(http, f"{self.sender}/messages", repeatable=True, json=body)  # twice shows once
            return Sent(external_id=f"reaction:{message.client_ref}")
        if message.surface == "comment" and not private_to(message):
            return await self.answer_publicly(message, http)
        return await self._send_directly(message, http)

    async def _send_directly(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        if message.late and message.surface == "direct" and self.settings["human_agent"] != "yes":
            raise refuse("window_closed", "more than 24 h since they wrote, and no permission for late answers")
        if message.kind == "text":
            self.check_text(message.text)
            body = message_body(message, self.address)
        else:
            file = checked_file(message.kind, message.file, self.capabilities.media)
            if message.text:
                raise refuse("unsupported", f"{message.kind} takes no caption")
            message_body(message, self.address)  # what can be refused here is refused before the upload
            body = message_body(message, self.address, await self._upload(file, http))
        answer = await self.request(http, f"{self.sender}/messages", json=body)
        external_id, reached = scalar(answer.get("message_id")), scalar(answer.get("recipient_id"))
        if not external_id:
            raise not_understood(200, repeatable=False)
        return Sent(external_id=external_id, addresses=(Address(self.address, reached),) if reached else ())

    def check_text(self, text: str) -> None:
        """Refused if the text cannot go as a direct message."""
        fitting(text, self.capabilities.text_limit)

    async def _upload(self, file: OutgoingFile, http: httpx.AsyncClient) -> str:
        """Upload a file and return its attachment id. A repeated upload does no harm, so doubt means try again."""
        attachment = {"type": ATTACHMENTS[file.kind], "payload": {"is_reusable": True}}
        fields = {"message": msgspec.json.encode({"attachment": attachment}).decode(), "platform": self.platform}
        answer = await self.with_file(f"{self.sender}/message_attachments", "filedata", file, fields, http, True)
        found = scalar(answer.get("attachment_id"))
        if not found:
            raise not_understood(200, repeatable=True)
        return found

    async def with_file(
        self,
        node: str,
        field: str,
        file: OutgoingFile,
        fields: dict[str, str],
        http: httpx.AsyncClient,
        repeatable: bool,
    ) -> dict[str, Any]:
        """Call Graph with a file in the form's `field`."""
        try:
            handle = await asyncio.to_thread(Path(file.path).open, "rb")
        except OSError as error:
            raise refuse("media", f"the stored file cannot be read: {error.strerror}") from error
        with handle:
            return await self.request(
                http,
                node,
                repeatable=repeatable,
                seconds=UPLOAD_SECONDS,
                data=fields,
                files={field: (file.file_name or "file", handle, file.mime)},
            )

    @abstractmethod
    async def answer_publicly(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        """Answer where everybody can read it."""

    def public_target(self, message: Outgoing) -> str:
        """The public message that an answer goes below."""
        target = message.reply_to or message.last_in
        if not target:
            raise refuse("recipient_unknown", "no public message to answer")
        return target

    def written(self, answer: dict[str, Any]) -> Sent:
        """The id of a new public message."""
        found = scalar(answer.get("id"))
        if not found:
            raise not_understood(200, repeatable=False)
        return Sent(external_id=found, status="delivered")  # it stands there; there are no receipts in public

    #: the field that hides a public message
    hide_field: ClassVar[str]

    async def _moderate(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        """Hide, show again or delete a public message. Hiding twice does no harm; of a deletion whose answer was lost
        nobody knows (see `find_sent`), because a second one would only say that there is no such message."""
        if not message.reply_to:
            raise refuse("other", f"nothing named to {message.kind}")
        if message.kind == "delete":
            await self.request(http, message.reply_to, method="DELETE")
        else:
            hide = {self.hide_field: message.kind == "hide"}
            await self.request(http, message.reply_to, repeatable=True, json=hide)
        return Sent(external_id=f"{message.kind}:{message.client_ref}")

    # ---------------------------------------------------------------- what became of it

    async def find_sent(self, message: Outgoing, http: httpx.AsyncClient) -> Sent | None:
        """Look for it among what the account wrote last. Only one that nothing else explains is taken for it."""
        if message.kind == "delete":
            return await self._find_deleted(message, http)
        public = message.surface == "comment" and not private_to(message)
        look = self.public_answers if public else self._direct_answers
        return meta_find.choose(message, await look(message, http), public=public)

    async def _find_deleted(self, message: Outgoing, http: httpx.AsyncClient) -> Sent | None:
        try:
            await self.look_up(message.reply_to, http, fields="id")
        except Refused as error:
            if error.failure.code != "100":
                raise Uncertain(error.failure) from error
            return Sent(external_id=f"delete:{message.client_ref}")  # there is no such message (any more)
        return None

    async def _direct_answers(self, message: Outgoing, http: httpx.AsyncClient) -> list[meta_find.Written]:
        answer = await self.look_up(
            f"{self.sender}/conversations",
            http,
            platform=self.platform,
            user_id=person(message.to, self.address),
            fields=f"messages.limit({meta_find.LOOKED_AT}){{id,message,from,created_time,attachments}}",
        )
        return meta_find.in_conversations(answer, self.account)

    @abstractmethod
    async def public_answers(self, message: Outgoing, http: httpx.AsyncClient) -> list[meta_find.Written]:
        """The account's newest answers below the public message that this one answers."""

    # ---------------------------------------------------------------- people

    async def mark_read(self, to: tuple[Address, ...], external_id: str, typing: bool, http: httpx.AsyncClient) -> None:
        """Show that all was read, or (`typing`) dots for 20 s or until the answer."""
        try:
            body = action_body(to, self.address, "typing_on" if typing else "mark_seen")
            url = f"{self.graph_url}/{self.sender}/messages"
            await http.post(url, headers=self.headers, json=body, timeout=TIMEOUT)
        except (httpx.HTTPError, Refused):
            return  # best effort: the customer only misses a sign

    #: what is asked of a person
    profile_fields: ClassVar[str]

    async def profile(self, addresses: tuple[Address, ...], http: httpx.AsyncClient) -> Party | None:
        """Their name, if Meta tells it: it does so only of people who wrote to the account lately."""
        own = tuple(address for address in addresses if address.kind == self.address)
        for address in own:
            try:
                answer = await self.look_up(address.value, http, fields=self.profile_fields)
            except SendError:
                continue
            parts = (scalar(answer.get(key), 200) for key in ("first_name", "last_name"))
            name = scalar(answer.get("name"), 200) or " ".join(filter(None, parts))
            username = scalar(answer.get("username"), 200)
            if name or username:
                return Party(addresses=own, name=name, username=username)
        return None

    # ---------------------------------------------------------------- media

    async def locate_media(self, provider_id: str, url: str, http: httpx.AsyncClient) -> Fetched:
        """Files lie at the address that came with the message, for some days. Nobody there needs our token."""
        return Fetched(url=self.own(url))

    # ---------------------------------------------------------------- settings tried out

    @abstractmethod
    async def check_account(self, http: httpx.AsyncClient) -> Check:
        """Is the token the account's? Raises SendError if Graph does not say."""

    @abstractmethod
    async def check_subscription(self, http: httpx.AsyncClient) -> Check:
        """Does the app get the account's webhooks?"""

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Is Graph reachable, the token good, the account ours, the secret the app's, the app subscribed?"""
        try:
            account = await self.check_account(http)
        except SendError as error:
            return [self._wrong(error)]
        checks = [
            Check(name="reach", ok=True, detail=self.graph_url),
            Check(name="token", ok=True),
            account,
            await self.check_secret(http),
        ]
        try:
            checks.append(await self.check_subscription(http))
        except SendError as error:
            checks.append(Check(name="subscription", ok=False, detail=said(error)))
        return checks

    async def token_expiry(self, http: httpx.AsyncClient) -> int | None:
        """When the token, or its access to people's data, ends (UTC ms)."""
        try:
            answer = await self.look_up("debug_token", http, input_token=self.settings["access_token"])
        except SendError:
            return None
        data = answer.get("data")
        ends = [data.get(key) for key in ("expires_at", "data_access_expires_at")] if isinstance(data, dict) else []
        times = [end for end in ends if isinstance(end, int) and not isinstance(end, bool) and 0 < end < 2**40]
        return min(times) * 1000 if times else None

    def _wrong(self, error: SendError) -> Check:
        if error.failure.reason == "token":
            return Check(name="token", ok=False, detail=said(error))
        if error.failure.reason in ("permission", "other"):
            return Check(name="account", ok=False, detail=f"{self.ids[0]} {self.account}: {said(error)}")
        return self.out_of_reach(error)
