"""A stand-in for Meta's Graph API and the WhatsApp users behind it: for the demo, the tests and load runs.

In the process::

    graph = Graph(Settings(hook_url="http://127.0.0.1:8080/hooks/wa"))
    async with serve(graph) as url:                      # a real server on a free port; graph_url = f"{url}/v26.0"
        await graph.write("50370001234", name="María", text="buenos días")
        answer = await graph.next_received("50370001234")  # what her phone shows
        graph.faults.add(Fault(kind="hang", times=1))
        assert not graph.state.doubled()

As a program: `python -m server.sandbox.graph --port 8070 --hook http://127.0.0.1:8080/hooks/wa`; then everything is
done over HTTP under `/_control` (see `graph_http`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from server.sandbox.graph_faults import Fault
from server.sandbox.graph_hooks import file_part, inbound, status
from server.sandbox.graph_rules import check_limits, check_message, check_read, fate, readable
from server.sandbox.graph_running import Running
from server.sandbox.graph_server import serving
from server.sandbox.graph_state import Accepted, Customer, Received, Settings, State, now_ms, wamid

__all__ = ["Customer", "Fault", "Graph", "Received", "Settings", "serve"]

#: called with each message as it reaches a customer's phone
Listener = Callable[[Customer, Received], Awaitable[None] | None]

#: the files a simulated customer sends unless told otherwise: the smallest of their kind that programs open
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a34d26b0000000049454e44ae426082"
)
_FILES = {
    "image": ("image/png", _PNG),
    "audio": ("audio/ogg; codecs=opus", b"OggS" + bytes(60)),
    "video": ("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(60)),
    "document": ("application/pdf", b"%PDF-1.4\n%%EOF\n"),
    "sticker": (
        "image/webp",
        b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00",
    ),
}


class Graph(Running):
    """The stand-in's controls. `state` holds what it knows, `faults` what goes wrong, `counters` what it delivered."""

    def __init__(self, settings: Settings | None = None, *, clock: Callable[[], int] = now_ms, seed: int = 0) -> None:
        self.state = State(settings or Settings(), clock)
        super().__init__(lambda: self.settings, seed)
        self.listeners: list[Listener] = []

    @property
    def settings(self) -> Settings:
        return self.state.settings

    # ---------------------------------------------------------------- customers

    def customer(self, phone: str = "", user_id: str = "", **about: Any) -> Customer:
        """A simulated person, made if new; see `State.customer`."""
        return self.state.customer(phone, user_id, **about)

    def on_received(self, listener: Listener) -> None:
        """Call `listener(customer, received)` for each message that reaches a customer."""
        self.listeners.append(listener)

    async def write(
        self,
        phone: str = "",
        text: str = "",
        *,
        user_id: str = "",
        type: str = "text",
        reply_to: str = "",
        data: bytes | None = None,
        mime: str = "",
        file_name: str = "",
        content: dict[str, Any] | None = None,
        message: dict[str, Any] | None = None,
        message_id: str = "",
        at: int | None = None,
        times: int = 1,
        wait: bool = True,
        **about: Any,
    ) -> str:
        """A customer writes: the signed webhook is delivered until it is taken, `times` times. Returns the message id.

        `text` is the text, the caption, the emoji (a reaction) or the button's title; `reply_to` the message quoted,
        reacted to, edited or revoked; `data`, `mime`, `file_name` a file; `content` the type's own object instead of
        the one made here; `message` further fields of the message (context, referral, group_id …); `wait=False`
        returns before the hook has answered. `about` sets the customer's fields (name, username, reads …).
        """
        person = self.state.customer(phone, user_id, **about)
        found_id = message_id or wamid(person.key, outbound=False)
        when = self.state.clock() if at is None else at
        body = self._content(type, text, reply_to, content, data, mime, file_name)
        if reply_to and type not in ("reaction", "edit", "revoke"):
            body["context"] = {"from": self.settings.display_phone_number, "id": reply_to}
        body |= message or {}
        person.last_inbound_at = max(person.last_inbound_at or 0, when)
        self.state.inbound[found_id] = person.key
        self.counters.inbound += 1
        delivery = self._confirm(inbound(self.state, person, found_id, when, body), times, person.key)
        if wait:
            await delivery
        else:
            self.spawn(delivery)
        return found_id

    async def _confirm(self, body: dict[str, Any], times: int, who: str) -> None:
        await self.deliver(body, times, who)
        self.counters.confirmed += 1

    def _content(
        self,
        type: str,
        text: str,
        reply_to: str,
        content: dict[str, Any] | None,
        data: bytes | None,
        mime: str,
        file_name: str,
    ) -> dict[str, Any]:
        part: Any = content
        if part is None and type in _FILES:
            known_mime, known_data = _FILES[type]
            stored = self.state.store(known_data if data is None else data, mime or known_mime, file_name)
            part = file_part(stored, text if type in ("image", "video", "document") else "")
        elif part is None:
            part = {
                "text": {"body": text},
                "reaction": {"message_id": reply_to, **({"emoji": text} if text else {})},
                "edit": {
                    "original_message_id": reply_to,
                    "message": {"type": "text", "text": {"body": text}},
                },
                "revoke": {"original_message_id": reply_to},
                "button": {"text": text, "payload": text},
                "interactive": {"type": "button_reply", "button_reply": {"id": text.lower(), "title": text}},
                "location": {"latitude": 13.6929, "longitude": -89.2182, **({"name": text} if text else {})},
                "contacts": [{"name": {"formatted_name": text or "Ana"}, "phones": [{"phone": "+503 7000 0000"}]}],
                "system": {"body": text, "type": "customer_identity_changed"},
            }.get(type)
        return {"type": type} if part is None else {"type": type, type: part}

    async def next_received(self, who: str, after: int = 0, wait: float = 10.0) -> list[Received]:
        """What reached this customer after their `after`-th message; waits up to `wait` seconds for the first."""

        def news() -> list[Received]:
            person = self.state.find(who)
            return person.received[after:] if person else []

        return await self.until(news, wait)

    # ---------------------------------------------------------------- the business writes

    def accept(self, body: dict[str, Any]) -> tuple[Customer, Accepted]:
        """Take a message (GraphError if the real one would not) and let it run its course."""
        customer, kind = check_message(self.state, body)
        check_limits(self.state, customer)
        code = fate(self.state, customer, kind)
        ref = str(body.get("biz_opaque_callback_data", ""))
        fault = self.faults.take("fail", to=customer.key, type=kind, ref=ref)
        accepted = Accepted(
            at=self.state.clock(),
            id=wamid(customer.key, outbound=True),
            to=customer.key,
            type=kind,
            ref=ref,
            body=body,
            failed=fault.code if fault else code,
        )
        self.state.record(accepted)
        self.spawn(self._life(customer, accepted))
        return customer, accepted

    def mark_read(self, body: dict[str, Any]) -> None:
        """Take a read mark (and typing dots)."""
        person = check_read(self.state, body)
        person.marked_read.append(str(body["message_id"]))
        person.typing += 1 if body.get("typing_indicator") else 0

    async def _life(self, customer: Customer, accepted: Accepted) -> None:
        """What becomes of an accepted message: it arrives, and statuses tell of it."""
        settings = self.settings
        if accepted.failed:
            await asyncio.sleep(settings.sent_after / 1000)
            await self._status(customer, accepted, "failed", accepted.failed)
            return
        steps = [("sent", settings.sent_after), ("delivered", settings.delivered_after)]
        if customer.reads:
            steps.append(("read", settings.read_after))
        backwards = self.faults.take("reorder", to=customer.key, type=accepted.type, ref=accepted.ref)
        if backwards:
            steps = [(word, settings.sent_after) for word, _ in reversed(steps)]
        arrived = False
        passed = 0
        for word, after in steps:
            await asyncio.sleep(max(0, after - passed) / 1000)
            passed = max(passed, after)
            if word != "sent" and not arrived:
                arrived = True
                await self._arrive(customer, accepted)
            if not settings.statuses:
                continue
            telling = self._status(customer, accepted, word)
            if backwards:
                await telling
            else:
                self.spawn(telling)  # a slow hook holds up no later status: Meta promises no order either

    async def _status(self, customer: Customer, accepted: Accepted, word: str, code: int = 0) -> None:
        if self.faults.take("drop", to=customer.key, type=accepted.type, ref=accepted.ref):
            self.counters.dropped += 1
            return
        self.counters.statuses += 1
        await self.deliver(status(self.state, customer, accepted, word, self.state.clock(), code), 1, customer.key)

    async def _arrive(self, customer: Customer, accepted: Accepted) -> None:
        context = accepted.body.get("context") or accepted.body.get("reaction") or {}
        received = Received(
            n=len(customer.received) + 1,
            at=self.state.clock(),
            id=accepted.id,
            type=accepted.type,
            text=readable(accepted.type, accepted.body),
            reply_to=str(context.get("message_id", "")),
            ref=accepted.ref,
            body=accepted.body,
        )
        customer.received.append(received)
        await self.announce()
        for listener in self.listeners:
            self.tell(listener(customer, received))


@contextlib.asynccontextmanager
async def serve(graph: Graph, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the stand-in on a real socket while the block runs; gives its base URL. `port` 0: any free one."""
    from server.sandbox.graph_http import make_app

    async with serving(make_app(graph), host, port) as url:
        try:
            yield url
        finally:
            await graph.close()


async def _run(graph: Graph, host: str, port: int) -> None:
    async with serve(graph, host, port) as url:
        print(f"graph_url {url}/v26.0", flush=True)  # noqa: T201 - the program's answer
        await asyncio.Event().wait()


def main() -> None:
    """`python -m server.sandbox.graph`: run until interrupted."""
    defaults = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m server.sandbox.graph", description="A stand-in for Meta's Graph API"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8070, help="0: any free one; printed at the start")
    parser.add_argument("--hook", default="", help="URL that webhooks are sent to")
    parser.add_argument("--phone-number-id", default=defaults.phone_number_id)
    parser.add_argument("--access-token", default=defaults.access_token)
    parser.add_argument("--app-secret", default=defaults.app_secret)
    parser.add_argument("--seed", type=int, default=0, help="makes faults with a rate repeatable")
    given = parser.parse_args()
    settings = Settings(
        hook_url=given.hook,
        phone_number_id=given.phone_number_id,
        access_token=given.access_token,
        app_secret=given.app_secret,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(Graph(settings, seed=given.seed), given.host, given.port))


if __name__ == "__main__":
    main()
