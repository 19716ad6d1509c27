"""A stand-in for Twilio's messages API and the phones behind it: for the demo, the tests and load runs.

In the process::

    twilio = Twilio(Settings(hook_url="http://127.0.0.1:8080/hooks/sms"))
    async with serve(twilio) as url:                        # a real server on a free port; api_url = url
        await twilio.write("+50370001234", "buenos días")
        answer = await twilio.next_received("+50370001234")  # what her phone shows
        twilio.faults.add(Fault(kind="hang", times=1))
        assert not twilio.state.doubled()

What can go wrong: `graph_faults`, with Twilio's codes (`on`: messages is sending, node is listing, media is files). A
`drop` loses a webhook for good: Twilio does not repeat it either.

As a program: `python -m server.sandbox.sms --port 8071 --hook http://127.0.0.1:8080/hooks/sms`; then everything is done
over HTTP under `/_control` (see `sms_http`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec

from server.channels.sms_signature import signature
from server.sandbox.graph_faults import Fault, Faults
from server.sandbox.graph_server import serving
from server.sandbox.graph_state import now_ms
from server.sandbox.sms_state import Customer, File, Message, Settings, State, TwilioError, sid
from server.sandbox.under_way import UnderWay

__all__ = ["Customer", "Fault", "Message", "Settings", "Twilio", "serve"]

#: called with each message as it reaches a customer's phone
Listener = Callable[[Customer, Message], Awaitable[None] | None]

_STOP = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"))
_START = frozenset(("START", "YES", "UNSTOP"))


class Counters(msgspec.Struct, kw_only=True):
    """What went over the hook. `offered`: calls answered 2xx; `lost`: given up; `dropped`: never tried."""

    attempts: int = 0
    offered: int = 0
    lost: int = 0
    dropped: int = 0
    inbound: int = 0
    statuses: int = 0


class Twilio(UnderWay):
    """The stand-in's controls. `state` holds what it knows, `faults` what goes wrong, `counters` what it delivered."""

    def __init__(self, settings: Settings | None = None, *, clock: Callable[[], int] = now_ms, seed: int = 0) -> None:
        super().__init__()
        self.state = State(settings or Settings(), clock)
        self.faults = Faults(seed)
        self.counters = Counters()
        self.listeners: list[Listener] = []
        #: where it listens, while served
        self.url = ""

    @property
    def settings(self) -> Settings:
        return self.state.settings

    # ---------------------------------------------------------------- customers

    def on_received(self, listener: Listener) -> None:
        """Call `listener(customer, message)` for each message that reaches a customer."""
        self.listeners.append(listener)

    async def write(
        self,
        phone: str,
        text: str = "",
        *,
        files: Sequence[tuple[str, bytes]] = (),
        to: str = "",
        at: int | None = None,
        times: int = 1,
        wait: bool = True,
        **fields: str,
    ) -> str:
        """A customer writes: kept for the list of messages, and posted to the hook once (`times` times at once).
        Returns the sid.

        `files`: (type, bytes) of each; `fields`: further fields of the form. `wait=False` returns before the hook has
        answered.
        """
        when = self.state.clock() if at is None else at
        message = Message(
            sid=sid("MM" if files else "SM"),
            to=to or self.settings.number,
            sender=phone,
            body=text,
            direction="inbound",
            status="received",
            created=when,
            sent=when,
            files=[File(sid=sid("ME"), mime=mime, data=data) for mime, data in files],
        )
        self.state.messages[message.sid] = message
        self._keyword(self.state.customer(phone), text)
        self.counters.inbound += 1
        delivery = self._tell(self.settings.hook_url, self._form(message) | fields, phone, times)
        if wait:
            await delivery
        else:
            self.spawn(delivery)
        return message.sid

    def _keyword(self, customer: Customer, text: str) -> None:
        word = text.strip().upper()
        customer.stopped = word in _STOP or (customer.stopped and word not in _START)

    def _form(self, message: Message) -> dict[str, str]:
        """An incoming message as Twilio posts it."""
        media: dict[str, str] = {}
        for n, file in enumerate(message.files):
            media[f"MediaContentType{n}"] = file.mime
            media[f"MediaUrl{n}"] = f"{self.url}{self.media_path(message, file)}"
        return {
            "ToCountry": "SV",
            "SmsMessageSid": message.sid,
            "NumMedia": str(len(message.files)),
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "FromCountry": "SV",
            "Body": message.body,
            "To": message.to,
            "NumSegments": "1",
            "MessageSid": message.sid,
            "AccountSid": self.settings.account_sid,
            "From": message.sender,
            "ApiVersion": "2010-04-01",
            **media,
        }

    def media_path(self, message: Message, file: File) -> str:
        """Where a file of a message is, below the API's address."""
        account = self.settings.account_sid
        return f"/2010-04-01/Accounts/{account}/Messages/{message.sid}/Media/{file.sid}"

    async def next_received(self, phone: str, after: int = 0, wait: float = 10.0) -> list[Message]:
        """What reached this customer after their `after`-th message; waits up to `wait` seconds for the first."""
        person = self.state.customer(phone)
        return await self.until(lambda: person.received[after:], wait)

    # ---------------------------------------------------------------- the business writes

    def accept(self, form: dict[str, list[str]]) -> Message:
        """Take a message (TwilioError if the real one would not) and let it run its course."""
        one = {name: values[-1] for name, values in form.items()}
        to, sender, service = one.get("To", ""), one.get("From", ""), one.get("MessagingServiceSid")
        customer = self._check(one, to, sender or service or "", form.get("MediaUrl", []))
        message = Message(
            sid=sid("MM" if form.get("MediaUrl") else "SM"),
            to=to,
            sender=sender or self.settings.number,
            body=one.get("Body", ""),
            direction="outbound-api",
            status="queued",
            created=self.state.clock(),
            callback=one.get("StatusCallback", ""),
            service=service,
        )
        self.state.messages[message.sid] = message
        fault = self.faults.take("fail", to=to, ref=message.ref)
        failed = fault.code if fault else 0 if customer.reachable else 30003
        self.spawn(self._life(customer, message, form.get("MediaUrl", []), failed))
        return message

    def _check(self, one: dict[str, str], to: str, sender: str, links: list[str]) -> Customer:
        if not re.fullmatch(r"(whatsapp:)?\+[1-9][0-9]{6,14}", to):
            raise TwilioError(21265 if re.fullmatch(r"[0-9]{3,8}", to) else 21211)
        if not sender:
            raise TwilioError(21603)
        if sender.startswith("+") and sender != self.settings.number:
            raise TwilioError(21606)
        if to == sender:
            raise TwilioError(21266)
        if not one.get("Body") and not links:
            raise TwilioError(21619)
        if len(one.get("Body", "")) > 1600:
            raise TwilioError(21617)
        if any(urlsplit(link).scheme not in ("http", "https") for link in links) or len(links) > 10:
            raise TwilioError(21620)
        callback = one.get("StatusCallback", "")
        if callback and urlsplit(callback).scheme not in ("http", "https"):
            raise TwilioError(21609)
        customer = self.state.customer(to)
        if customer.stopped:
            raise TwilioError(21610)
        if not self.state.take_second():
            raise TwilioError(20429)
        return customer

    async def _life(self, customer: Customer, message: Message, links: list[str], failed: int) -> None:
        """What becomes of an accepted message: it arrives, and reports tell of it."""
        for link in links:
            file = await self._fetch(link)
            if file is None:
                failed = 11200
                break
            message.files.append(file)
        message.error = failed
        settings = self.settings
        steps = [("queued", 0), ("sending", settings.sending_after)]
        if failed:
            steps.append(("undelivered" if 30000 <= failed < 40000 else "failed", settings.sent_after))
        else:
            steps += [("sent", settings.sent_after), ("delivered", settings.delivered_after)]
        reports: list[str] = []
        backwards = self.faults.take("reorder", to=customer.phone, ref=message.ref)
        passed = 0
        for word, after in steps:
            await asyncio.sleep(max(0, after - passed) / 1000)
            passed = max(passed, after)
            message.status = word
            if word in ("sent", "failed", "undelivered"):
                message.sent = self.state.clock()
            if word == "delivered":
                await self._arrive(customer, message)
            reports.append(word)
            if not backwards:
                self.spawn(self._report(message, word))
        for word in reversed(reports if backwards else []):
            await self._report(message, word)

    async def _arrive(self, customer: Customer, message: Message) -> None:
        customer.received.append(message)
        await self.announce()
        for listener in self.listeners:
            self.tell(listener(customer, message))

    async def _report(self, message: Message, word: str) -> None:
        if not message.callback or not self.settings.statuses:
            return
        self.counters.statuses += 1
        form = {
            "SmsSid": message.sid,
            "SmsStatus": word,
            "MessageStatus": word,
            "To": message.to,
            "MessageSid": message.sid,
            "AccountSid": self.settings.account_sid,
            "From": message.sender,
            "ApiVersion": "2010-04-01",
        }
        if message.error and word in ("failed", "undelivered"):
            form["ErrorCode"] = str(message.error)
        await self._tell(message.callback, form, message.to, 1, message.ref)

    # ---------------------------------------------------------------- HTTP of its own

    async def _tell(self, url: str, form: dict[str, str], who: str, times: int, ref: str = "") -> None:
        """Post a signed form; what is not answered is lost, but for the repeats the address asks for."""
        if not url:
            return
        if self.faults.take("drop", to=who, ref=ref):
            self.counters.dropped += 1
            return
        if delay := self.faults.take("delay", to=who, ref=ref):
            await asyncio.sleep(delay.ms / 1000)
        if self.faults.take("duplicate", to=who, ref=ref):
            times += 1
        await asyncio.gather(*(self._post(url, form) for _ in range(times)))

    async def _post(self, url: str, form: dict[str, str]) -> None:
        bare, _, overrides = url.partition("#")
        repeats = parse_qs(overrides).get("rc", ["0"])[0]
        signed = signature(self.settings.auth_token, bare, list(form.items()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signed,
            "User-Agent": "TwilioProxy/1.1",
        }
        for attempt in range(1 + (int(repeats) if repeats.isdigit() else 0)):
            if attempt:
                await asyncio.sleep(self.settings.hook_retry / 1000)
            self.counters.attempts += 1
            with contextlib.suppress(httpx.HTTPError):
                answer = await self.client().post(
                    bare, content=urlencode(form), headers=headers, timeout=self.settings.hook_timeout / 1000
                )
                if answer.is_success:
                    self.counters.offered += 1
                    return
        self.counters.lost += 1

    async def _fetch(self, link: str) -> File | None:
        """The file behind a MediaUrl, as Twilio fetches it; None if it cannot."""
        try:
            answer = await self.client().get(link, timeout=self.settings.hook_timeout / 1000, follow_redirects=True)
        except httpx.HTTPError:
            return None
        mime = answer.headers.get("content-type", "").partition(";")[0]
        return File(sid=sid("ME"), mime=mime, data=answer.content) if answer.is_success else None


@contextlib.asynccontextmanager
async def serve(twilio: Twilio, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the stand-in on a real socket while the block runs; gives its base URL. `port` 0: any free one."""
    from server.sandbox.sms_http import make_app

    async with serving(make_app(twilio), host, port) as url:
        twilio.url = url
        try:
            yield url
        finally:
            await twilio.close()


async def _run(twilio: Twilio, host: str, port: int) -> None:
    async with serve(twilio, host, port) as url:
        print(f"api_url {url}", flush=True)  # noqa: T201 - the program's answer
        await asyncio.Event().wait()


def main() -> None:
    """`python -m server.sandbox.sms`: run until interrupted."""
    defaults = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m server.sandbox.sms", description="A stand-in for Twilio's messages API"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8071, help="0: any free one; printed at the start")
    parser.add_argument("--hook", default="", help="URL that incoming messages are posted to")
    parser.add_argument("--account-sid", default=defaults.account_sid)
    parser.add_argument("--auth-token", default=defaults.auth_token)
    parser.add_argument("--number", default=defaults.number)
    given = parser.parse_args()
    settings = Settings(
        hook_url=given.hook, account_sid=given.account_sid, auth_token=given.auth_token, number=given.number
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(Twilio(settings), given.host, given.port))


if __name__ == "__main__":
    main()
