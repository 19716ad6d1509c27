"""A system that uses a webhook channel: its people write by signed calls, answers come to its `url`.

In the process::

    partner = Partner(Settings(hook_url="http://127.0.0.1:8080/hooks/app"))
    async with serve(partner) as url:                    # the channel's url
        await partner.write("u-17", "buenos días", name="María")
        answer = await partner.next_received("u-17")
        partner.faults.add(Fault(kind="hang", times=1))
        assert not partner.doubled()

As a program: `python -m server.sandbox.webhook --port 8072 --hook http://127.0.0.1:8080/hooks/app`; then `POST
/_control/inbound {"from": "u-17", "text": "…"}` writes and `GET /_control/people/u-17/messages?wait=30` reads.

Faults (`graph_faults.Fault`) strike answers that come in: status, slow, hang, cut, cut_before, garbled; and what goes
out: duplicate, delay, drop (reports only), reorder (read before delivered). It signs by itself, so that the two sides
check each other.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hmac
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox.graph_faults import Fault, Faults
from server.sandbox.graph_server import serving
from server.sandbox.graph_state import now_ms
from server.sandbox.steering import Switches, as_json, lost, retry_after, upset, waited
from server.sandbox.under_way import UnderWay

__all__ = ["Fault", "Partner", "Received", "Settings", "serve"]


class Settings(msgspec.Struct, kw_only=True):
    """How the system is set up. Times in ms. `delivered_after`, `read_after`: when it reports, counted from taking."""

    secret: str = "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC0wMTIzNDU2Nzg5"
    hook_url: str = ""
    delivered_after: int = 20
    read_after: int = 60
    reports: bool = True
    hook_retry: int = 100
    hook_retry_limit: int = 2_000
    hook_timeout: int = 10_000


class Received(msgspec.Struct, kw_only=True):
    """One message as it shows to a person; `times`: how often it was offered."""

    n: int
    at: int
    id: str
    type: str
    text: str = ""
    body: dict[str, Any] = {}
    times: int = 1


#: called with each message as it reaches a person
Listener = Callable[[str, Received], Awaitable[None] | None]


def sign(secret: str, id: str, seconds: int, body: bytes) -> str:
    """The value of webhook-signature by one secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return (
        "v1," + base64.b64encode(hmac.new(key, b"%s.%d.%s" % (id.encode(), seconds, body), "sha256").digest()).decode()
    )


class Partner(UnderWay):
    """The system's controls. `people` maps an id to what that person received, `faults` is what goes wrong."""

    def __init__(self, settings: Settings | None = None, *, clock: Callable[[], int] = now_ms, seed: int = 0) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.clock = clock
        self.faults = Faults(seed)
        self.people: dict[str, list[Received]] = {}
        self.by_id: dict[str, Received] = {}
        self.shown: list[tuple[str, str]] = []
        self.pings = 0
        self.offered = 0
        self.retries = 0
        self.listeners: list[Listener] = []
        self._numbers = itertools.count(1)

    # ---------------------------------------------------------------- people write

    async def write(self, who: str, text: str = "", *, wait: bool = True, times: int = 1, **more: Any) -> str:
        """A person writes: the signed call is made until it is taken, `times` times. Returns the message's id.

        `more`: further fields of the message (attachments, thread, reply_to …); `name`, `phone`, `email`, `language`
        and `region` are the person's.
        """
        about: dict[str, Any] = {
            key: more.pop(key) for key in ("name", "phone", "email", "language", "region") if key in more
        }
        id = str(more.pop("id", "") or f"m-{next(self._numbers)}-{self.clock()}")
        body = {"id": id, "from": {"id": who, **about}, "text": text, "at": self.clock(), **more}
        self.people.setdefault(who, [])
        delivery = self.deliver(body, id, times + (1 if self.faults.take("duplicate") else 0))
        if wait:
            await delivery
        else:
            self.spawn(delivery)
        return id

    async def deliver(self, body: Any, id: str, times: int = 1) -> None:
        """Make a signed call until it is taken, `times` times at once."""
        if late := self.faults.take("delay"):
            await asyncio.sleep(late.ms / 1000)
        raw = msgspec.json.encode(body)
        await asyncio.gather(*(self._until_taken(id, raw) for _ in range(times)))

    async def _until_taken(self, id: str, raw: bytes) -> None:
        pause = self.settings.hook_retry
        while not await self._attempt(id, raw):
            self.retries += 1
            await asyncio.sleep(pause / 1000)
            pause = min(pause * 2, self.settings.hook_retry_limit)
        self.offered += 1

    async def _attempt(self, id: str, raw: bytes) -> bool:
        seconds = self.clock() // 1000
        signed = {
            "content-type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(self.settings.secret, id, seconds, raw),
        }
        try:
            timeout = self.settings.hook_timeout / 1000
            answer = await self.client().post(self.settings.hook_url, content=raw, headers=signed, timeout=timeout)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    # ---------------------------------------------------------------- answers come

    async def take(self, id: str, body: dict[str, Any]) -> None:
        """Show an answer, unless it was shown before."""
        if body.get("type") == "ping":
            self.pings += 1
            return
        known = self.by_id.get(id)
        if known is not None:
            known.times += 1
            return
        who = str(body["to"]["id"])
        received = Received(
            n=len(self.people.setdefault(who, [])) + 1,
            at=self.clock(),
            id=id,
            type=str(body["type"]),
            text=str(body.get("text") or body.get("emoji") or ""),
            body=body,
        )
        self.by_id[id] = received
        self.people[who].append(received)
        self.shown.append((who, received.text))
        await self.announce()
        for listener in self.listeners:
            self.tell(listener(who, received))
        if self.settings.reports and self.settings.hook_url:
            self.spawn(self._report(received))

    async def _report(self, received: Received) -> None:
        steps = [("delivered", self.settings.delivered_after), ("read", self.settings.read_after)]
        if self.faults.take("reorder"):
            steps.reverse()
        for status, after in steps:
            await asyncio.sleep(after / 1000)
            if self.faults.take("drop"):
                continue
            body = {"type": "status", "message": received.id, "status": status, "at": self.clock()}
            await self.deliver(body, f"{received.id}.{status}", 2 if self.faults.take("duplicate") else 1)

    def doubled(self) -> dict[str, int]:
        """Texts that a person was shown more than once."""
        return {f"{who} {text}": n for who, text in set(self.shown) if (n := self.shown.count((who, text))) > 1}

    async def next_received(self, who: str, after: int = 0, wait: float = 10.0) -> list[Received]:
        """What reached this person after their `after`-th message; waits up to `wait` seconds for the first."""
        return await self.until(lambda: self.people.get(who, [])[after:], wait)


# ---------------------------------------------------------------- over HTTP


class _Doors:
    def __init__(self, partner: Partner) -> None:
        self.partner = partner

    async def answers(self, request: Request) -> Response:
        partner, raw, given = self.partner, await request.body(), request.headers
        id, seconds = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
        wanted = sign(partner.settings.secret, id, int(seconds) if seconds.isdigit() else 0, raw)
        if wanted not in given.get("webhook-signature", "").split(" "):
            return Response("not signed by our secret", 401)
        body = msgspec.json.decode(raw, type=dict[str, Any])
        narrow = {"to": str((body.get("to") or {}).get("id", "")), "ref": str(body.get("text") or "")}
        if (answer := await upset(partner.faults, _refused, "messages", narrow, _refused)) is not None:
            return answer
        await partner.take(id, body)
        if late := partner.faults.take("hang", "cut", "garbled", **narrow):
            return await lost(request, late)
        return Response(status_code=204)

    async def inbound(self, request: Request) -> Response:
        given = msgspec.json.decode(await request.body(), type=dict[str, Any])
        return as_json({"id": await self.partner.write(str(given.pop("from")), **given)})

    async def received(self, request: Request) -> Response:
        return as_json({"items": await self.partner.next_received(request.path_params["who"], *waited(request))})


def _refused(fault: Fault) -> Response:
    return as_json({"reason": fault.type, "detail": fault.detail}, fault.status or 500, retry_after(fault))


def make_app(partner: Partner) -> Starlette:
    """The ASGI app of the system."""
    doors, switches = _Doors(partner), Switches(partner.faults)
    return Starlette(
        routes=[
            Route("/_control/inbound", doors.inbound, methods=["POST"]),
            Route("/_control/faults", switches.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/people/{who}/messages", doors.received, methods=["GET"]),
            Route("/{path:path}", doors.answers, methods=["POST"]),
        ]
    )


@contextlib.asynccontextmanager
async def serve(partner: Partner, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the system on a real socket while the block runs; gives the address for answers. `port` 0: any free one."""
    async with serving(make_app(partner), host, port) as url:
        try:
            yield f"{url}/answers"
        finally:
            await partner.close()


async def _run(partner: Partner, host: str, port: int) -> None:
    async with serve(partner, host, port) as url:
        print(f"url {url}", flush=True)  # noqa: T201 - the program's answer
        await asyncio.Event().wait()


def main() -> None:
    """`python -m server.sandbox.webhook`: run until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m server.sandbox.webhook", description="A system that uses a webhook channel"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8072, help="0: any free one; printed at the start")
    parser.add_argument("--hook", default="", help="URL of the channel's hook")
    parser.add_argument("--secret", default=Settings().secret)
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(Partner(Settings(hook_url=given.hook, secret=given.secret)), given.host, given.port))


if __name__ == "__main__":
    main()
