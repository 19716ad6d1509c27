"""SMS and MMS by Twilio's API (or one that speaks like it): one `Sms` is one number, sender name or messaging service.

What comes in is read by `sms_parse`, what did not come in is fetched by `sms_source`, what goes wrong is named by
`sms_errors`; here are the settings, the signature and sending. Set-up: docs/channels/sms.md.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from server.channels import checked
from server.channels.base import (
    Adapter,
    BadSettings,
    Call,
    Fetched,
    NotGenuine,
    Option,
    Outgoing,
    Refused,
    SendError,
    Sent,
    Source,
    TryAgain,
    Uncertain,
)
from server.channels.foreign import identifier, items, scalar, string
from server.channels.sms_api import API_URL, TIMEOUT, VERSION, Api, unreachable
from server.channels.sms_errors import answer_of, send_error
from server.channels.sms_parse import REF, STATUSES, digits, parse, time_of, written
from server.channels.sms_signature import is_signed
from server.channels.sms_source import SmsSource
from server.facts import Fact, Failure
from server.wire import Capabilities, Check

_MB = 1024 * 1024

#: Lengths and sizes: twilio.com/docs/messaging/api/message-resource (Body 1,600 characters; ten files of 5 MB in all).
#: One message a second is what a long code may send (twilio.com/docs/messaging/guides/scaling-queueing-latency).
CAPABILITIES = Capabilities(
    text_limit=1600,
    caption_limit=1600,
    receipts=["sent", "delivered", "failed"],
    media={"image": 5 * _MB, "audio": 5 * _MB, "video": 5 * _MB, "document": 5 * _MB},
    files=10,
    segments=True,
    account_interval_ms=1000,
)

#: seconds a whole send may take
_SEND_SECONDS = 30.0
#: so that reports are posted again if we do not answer (webhooks-connection-overrides: up to five times)
_AGAIN = "#rc=5&rp=all"
#: a message is looked for from this long before it was written (ms): clocks differ
_BEFORE_MS = 120_000
#: what Twilio puts before the texts of trial accounts
_TRIAL = "Sent from your Twilio trial account - "

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def _refuse(reason: str, detail: str) -> Refused:
    return Refused(Failure(reason=reason, detail=detail))


class Sms(Adapter):
    """One sender of a Twilio account."""

    kind: ClassVar[str] = "sms"
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="account_sid", help="the account's id, AC and 32 digits (Console, Account info)"),
        Option(name="auth_token", help="Console, Account info: signs the webhooks and opens the API", secret=True),
        Option(name="number", help="your number as +50322220000, a sender name, or a messaging service's id (MG…)"),
        Option(name="public_url", help="how Twilio reaches this server: https://chat.example.com", required=False),
        Option(name="api_url", help="base URL of the API", required=False, default=API_URL),
        Option(name="poll", help="seconds between two look-ups of what was missed", required=False, default="300"),
    )
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    answer: ClassVar[tuple[bytes, bytes]] = (b"text/xml; charset=utf-8", b"<Response/>")
    threads: ClassVar[bool] = True  # `find_sent` must not find what is known
    links: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__({name: value.strip() for name, value in settings.items()})
        sid, secret = self.settings["account_sid"], self.settings["auth_token"]
        if not re.fullmatch(r"[\w-]{2,64}", sid, re.ASCII):
            detail = "account_sid must be the id that the Console shows, AC and 32 digits"
            raise BadSettings("account_sid", detail, setting="account_sid")
        checked.token("auth_token", secret)
        self.number = _number(self.settings["number"])
        self._public = _base("public_url", self.settings["public_url"], "https://chat.example.com")
        self._api = Api(_base("api_url", self.settings["api_url"], API_URL), sid, secret)
        self._poll_seconds = checked.number("poll", self.settings["poll"], 1, 86_400)

    @property
    def account(self) -> str:
        return digits(self.number)

    # ---------------------------------------------------------------- in

    def authenticate(self, call: Call) -> None:
        given = call.headers.get("x-twilio-signature", "")
        if not given:
            raise NotGenuine(401, "no X-Twilio-Signature")
        url = call.url
        if self._public:
            parts = urlsplit(call.url)
            url = self._public + parts.path + (f"?{parts.query}" if parts.query else "")
        if not is_signed(self.settings["auth_token"], url, call.body, given):
            raise NotGenuine(403, "X-Twilio-Signature does not fit the auth_token and the address called")

    def document(self, call: Call) -> bytes:
        """The form, with our own reference if the address that Twilio called carries it."""
        ref = parse_qs(urlsplit(call.url).query).get("ref", [""])[0]
        return (
            call.body + f"&{REF}={quote(ref, safe='')}".encode() if re.fullmatch(r"[\w.-]{1,128}", ref) else call.body
        )

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        return parse(body, received_at, self.account)

    def source(self, http: httpx.AsyncClient) -> Source:
        return SmsSource(self._api, self.number, http, float(self._poll_seconds))

    # ---------------------------------------------------------------- out

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        form = self._form(message)
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                response = await http.post(
                    f"{self._api.account}/Messages.json",
                    headers=self._api.headers,
                    data=form,
                    timeout=TIMEOUT,
                    follow_redirects=False,
                )
        except _NOT_SENT as error:
            raise TryAgain(unreachable(error)) from error
        except (httpx.HTTPError, TimeoutError) as error:
            # The form may have left. The report will tell, by our reference in its address, or the list of messages.
            raise Uncertain(unreachable(error)) from error
        answer = answer_of(response) if response.is_success else None
        sid = identifier(answer.get("sid")) if answer is not None else ""
        if not sid:
            raise send_error(response)
        return Sent(external_id=sid)

    def _form(self, message: Outgoing) -> dict[str, str | list[str]]:
        """The message as the API takes it; what does not fit is Refused."""
        if message.kind != "text" and message.kind not in CAPABILITIES.media:
            raise _refuse("unsupported", f"SMS knows no {message.kind}")
        if len(message.text) > CAPABILITIES.text_limit:
            raise _refuse("too_long", f"{len(message.text)} of {CAPABILITIES.text_limit} characters")
        if not message.text.strip() and not message.files:
            raise _refuse("other", "the text is empty")
        to = self._recipient(message)
        form: dict[str, str | list[str]] = {"To": to, **self._sender(message, to)}
        if message.text:
            form["Body"] = message.text
        if message.files:
            form["MediaUrl"] = self._links(message)
        if self._public:
            called = f"{self._public}/hooks/{quote(message.channel, safe='')}?ref={quote(message.client_ref, safe='')}"
            form["StatusCallback"] = called + _AGAIN
        return form

    @staticmethod
    def _recipient(message: Outgoing) -> str:
        order = {"phone": 0, "whatsapp": 1}
        for address in sorted(message.to, key=lambda one: order.get(one.kind, 2)):
            if to := written(address):
                return to
        raise _refuse("recipient_unknown", "a short code or a sender's name cannot be written to")

    def _sender(self, message: Outgoing, to: str) -> dict[str, str]:
        """Who it comes from. On another network (`whatsapp:…`) that is the address the customer wrote to there."""
        network = to.rpartition(":")[0]
        if network:
            ours = string(message.last_data.get("to"))
            if ours.rpartition(":")[0].lower() != network:
                raise _refuse("unsupported", f"they have not written to us by {network}, nothing to answer from")
            return {"From": ours}
        if self.number.startswith("MG"):
            return {"MessagingServiceSid": self.number}
        return {"From": self.number}

    def _links(self, message: Outgoing) -> list[str]:
        """Where Twilio fetches the files: from this server."""
        if len(message.files) > CAPABILITIES.files:
            raise _refuse("media", f"{len(message.files)} files; {CAPABILITIES.files} fit")
        size = sum(file.size for file in message.files)
        if size > 5 * _MB:
            raise _refuse("media", f"{size} bytes; all files together may have {5 * _MB}")
        if not self._public:
            raise _refuse("media", "Twilio fetches files from this server: set the channel's public_url")
        return [self._public + file.link for file in message.files]

    async def find_sent(self, message: Outgoing, http: httpx.AsyncClient) -> Sent | None:
        """Look for it among the messages to this person. Not by date: one that waits to be sent has none yet.

        Uncertain if something else went there that nobody here knows of: it may be this one in other characters.
        """
        to = self._recipient(message)
        sender = self._sender(message, to)
        query = {"To": to} | ({"From": sender["From"]} if "From" in sender else {})
        known, unknown = set(message.references), []
        try:
            async for page in self._api.pages(http, 100, query):
                dated = [(time_of(one.get("date_created")) or message.at, one) for one in page.messages]
                unknown += [one for at, one in dated if at >= message.at - _BEFORE_MS and self._may_be(one, known)]
                if dated and max(at for at, _ in dated) < message.at - _BEFORE_MS:
                    break
        except SendError as error:
            raise Uncertain(error.failure) from error
        same = [one for one in unknown if _is_same(one, message)]
        if same:
            oldest = min(same, key=lambda one: time_of(one.get("date_created")) or 0)
            return Sent(external_id=identifier(oldest.get("sid")))
        if unknown:
            raise Uncertain(Failure(reason="other", detail="not among the messages sent, as far as they tell"))
        return None

    def _may_be(self, message: dict[str, object], known: set[str]) -> bool:
        """Whether a listed message may be one of ours that we do not know."""
        if message.get("direction") != "outbound-api" or identifier(message.get("sid")) in known:
            return False
        if (
            STATUSES.get(scalar(message.get("status"))) == "failed"
        ):  # an earlier sending of the same, or as good as none
            return False
        service = scalar(message.get("messaging_service_sid"))
        return not self.number.startswith("MG") or service in ("", self.number)

    # ---------------------------------------------------------------- media

    async def locate_media(self, provider_id: str, url: str, http: httpx.AsyncClient) -> Fetched:
        return self._api.place(url)

    # ---------------------------------------------------------------- settings tried out

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Is the API reachable, the token good, the sender ours, does its webhook lead here?"""
        try:
            account, _ = await self._api.get(f"{self._api.account}.json", http)
            checks = [
                Check(name="reach", ok=True, detail=self._api.base),
                Check(name="credentials", ok=scalar(account.get("status")) in ("", "active"), detail=_shown(account)),
            ]
            if self.number.startswith("+"):
                checks += await self._check_number(http)
        except SendError as error:
            return [self._wrong(error)]
        address = Check(name="public_url", ok=True, detail=self._public, why="" if self._public else "no_public_url")
        return [*checks, address]

    async def _check_number(self, http: httpx.AsyncClient) -> list[Check]:
        query = {"PhoneNumber": self.number}
        answer, _ = await self._api.get(f"{self._api.account}/IncomingPhoneNumbers.json", http, query)
        found = next(iter(items(answer.get("incoming_phone_numbers"))), None)
        if found is None:
            return [Check(name="sender", ok=False, detail=self.number, why="not_ours")]
        hook = string(found.get("sms_url"), 1024)
        expected = f"{self._public}/hooks/" if self._public else "/hooks/"
        number = Check(name="sender", ok=True, detail=string(found.get("friendly_name")) or self.number)
        if expected in hook or found.get("sms_application_sid"):
            return [number, Check(name="webhook", ok=True, detail=hook)]
        return [number, Check(name="webhook", ok=False, detail=f"{hook or '-'} ≠ {expected}…", why="hook_elsewhere")]

    def _wrong(self, error: SendError) -> Check:
        failure = error.failure
        said = f"{failure.code} {failure.detail}".strip()
        if failure.reason in ("token", "permission"):
            return Check(name="credentials", ok=False, detail=said)
        return Check(name="reach", ok=False, detail=f"{self._api.base}: {said}")


def _number(text: str) -> str:
    """The sender as the API wants it. Raises BadSettings."""
    if re.fullmatch(r"MG[0-9a-zA-Z]{2,62}", text):
        return text
    bare = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"\+?[0-9]{7,15}", bare, re.ASCII):
        return f"+{bare.removeprefix('+')}"
    if re.fullmatch(r"[0-9]{3,6}", bare, re.ASCII):  # a short code
        return bare
    if re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9 &_+-]{1,11}", text, re.ASCII):  # a sender's name
        return text
    detail = "number must be a number as +50322220000, a short code, a sender name of 11 letters, or MG…"
    raise BadSettings("sender", detail, setting="number")


def _base(name: str, url: str, example: str) -> str:
    """A base URL without what may stand behind it (the hook's own address will do). Raises BadSettings."""
    if not url:
        return ""
    parts = checked.web_address(name, url, example)
    if parts.username:
        raise checked.no_web_address(name, example)
    path = parts.path.partition("/hooks/")[0].rstrip("/").removesuffix(f"/{VERSION}")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _is_same(listed: Mapping[str, object], message: Outgoing) -> bool:
    """Whether a listed message says what this one says."""
    files = scalar(listed.get("num_media"), 4) or "0"
    said = string(listed.get("body"), 8192).removeprefix(_TRIAL)
    return " ".join(said.split()) == " ".join(message.text.split()) and files == str(len(message.files))


def _shown(account: Mapping[str, object]) -> str:
    return " · ".join(filter(None, (string(account.get("friendly_name")), scalar(account.get("status")))))
