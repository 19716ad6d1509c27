"""A stand-in for Messenger or Instagram behind the Graph API: one Page or account, and the people who write to it.

In the process::

    page = Pages(Settings(hook_url="http://127.0.0.1:8080/hooks/fb"))
    async with serve(page) as url:                       # a real server on a free port; graph_url = f"{url}/v26.0"
        await page.write("7001", "buenas tardes", name="María")
        asked = await page.comment("7002", "¿qué tasa tienen?", name="José")
        answers = await page.next_received("7001")       # what her phone shows
        public = await page.answers(asked)               # what stands below his comment
        page.faults.add(Fault(kind="hang", times=1))
        assert not page.state.doubled()

As a program: `python -m server.sandbox.graph_pages --kind instagram --port 8072 --hook http://127.0.0.1:8080/hooks/ig`;
then everything is done over HTTP under `/_control` (see `graph_pages_http`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from server.sandbox import graph_pages_hooks as hooks
from server.sandbox.graph_faults import Fault
from server.sandbox.graph_pages_rules import (
    check_action,
    check_content,
    check_limits,
    check_public,
    check_recipient,
    check_window,
)
from server.sandbox.graph_pages_state import Comment, Person, Settings, State
from server.sandbox.graph_rules import GraphError
from server.sandbox.graph_running import Running
from server.sandbox.graph_server import serving
from server.sandbox.graph_state import Accepted, Received, now_ms

__all__ = ["Comment", "Fault", "Pages", "Person", "Received", "Settings", "serve"]

#: called with each message as it reaches a person, and each public answer below something of theirs
Listener = Callable[[Person, Received], Awaitable[None] | None]

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a34d26b0000000049454e44ae426082"
)
#: the files a simulated person sends unless told otherwise
_FILES = {
    "image": ("image/png", _PNG),
    "sticker": ("image/png", _PNG),
    "share": ("image/png", _PNG),
    "story_mention": ("image/png", _PNG),
    "audio": ("audio/mp4", b"\x00\x00\x00\x18ftypM4A " + bytes(60)),
    "video": ("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(60)),
    "reel": ("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(60)),
    "ig_reel": ("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(60)),
    "file": ("application/pdf", b"%PDF-1.4\n%%EOF\n"),
}


class Pages(Running):
    """The stand-in's controls. `state` holds what it knows, `faults` what goes wrong, `counters` what it delivered."""

    def __init__(self, settings: Settings | None = None, *, clock: Callable[[], int] = now_ms, seed: int = 0) -> None:
        self.state = State(settings or Settings(), clock)
        super().__init__(lambda: self.settings, seed)
        self.listeners: list[Listener] = []
        self.base = ""  # where it is served: its files lie there

    @property
    def settings(self) -> Settings:
        return self.state.settings

    def person(self, id: str, **about: Any) -> Person:
        """A simulated person, made if new; see `State.person`."""
        return self.state.person(id, **about)

    def on_received(self, listener: Listener) -> None:
        """Call `listener(person, received)` for each message or public answer that reaches somebody."""
        self.listeners.append(listener)

    # ---------------------------------------------------------------- people write

    async def write(
        self,
        who: str,
        text: str = "",
        *,
        type: str = "text",
        reply_to: str = "",
        payload: str = "",
        data: bytes | None = None,
        mime: str = "",
        content: dict[str, Any] | None = None,
        referral: dict[str, Any] | None = None,
        message_id: str = "",
        at: int | None = None,
        times: int = 1,
        wait: bool = True,
        **about: Any,
    ) -> str:
        """A person writes directly: the signed webhook is delivered until it is taken, `times` times. The message's id.

        `type`: text, quick_reply, postback, reaction, unreact, unsend, edit, referral, or an attachment's type; the
        ones that speak of another message name it in `reply_to`. `content` stands for the part of the item made here.
        """
        person, found_id = self.state.person(who, **about), message_id or self.state.mid()
        when = self.state.clock() if at is None else at
        url = self._file(data, mime, type) if type in _FILES else ""
        part = content or hooks.content_of(type, text, reply_to, url, found_id, payload)
        if referral:
            next(iter(part.values()))["referral"] = referral
        if type not in ("reaction", "unreact", "unsend", "edit"):
            person.last_inbound_at = max(person.last_inbound_at or 0, when)
            self.state.messages[found_id] = who
        self.counters.inbound += 1
        await self._give(hooks.direct(self.state, person, when, **part), times, who, wait)
        return found_id

    async def comment(
        self,
        who: str,
        text: str,
        *,
        post: str = "",
        parent: str = "",
        comment_id: str = "",
        visitor_post: bool = False,
        media: dict[str, Any] | None = None,
        at: int | None = None,
        times: int = 1,
        wait: bool = True,
        **about: Any,
    ) -> str:
        """A person writes below a post of the account (or, `visitor_post`, a post of their own). The comment's id."""
        self.state.person(who, **about)
        above = self.state.comments.get(parent)
        post = post or (above.post if above else f"{self.settings.account_id}_1")
        found_id = comment_id or self.state.comment_id(post)
        if visitor_post:
            post = found_id = f"{self.settings.account_id}_{self.state.number()}"
        when = self.state.clock() if at is None else at
        written = Comment(id=found_id, author=who, post=post, parent=parent, text=text, at=when)
        self.state.comments.setdefault(found_id, written)
        self.counters.inbound += 1
        await self._give(hooks.comment(self.state, written, media=media), times, who, wait)
        return found_id

    async def change_comment(self, id: str, verb: str, text: str = "") -> None:
        """`verb`: edited (to `text`), remove, hide, unhide; with another tool or by its author."""
        written = self.state.comments[id]
        if verb == "edited":
            written.text = text
        elif verb == "remove":
            written.deleted = True
        else:
            written.hidden = verb == "hide"
        await self._give(hooks.comment(self.state, written, verb), 1, written.author, True)

    async def write_elsewhere(self, who: str, text: str) -> str:
        """The business answers with Meta's own inbox: only the echo tells. The message's id."""
        person = self.state.person(who)
        accepted = Accepted(
            at=self.state.clock(), id=self.state.mid(), to=who, type="text", body={"message": {"text": text}}
        )
        self.state.elsewhere.append(accepted)
        self.state.messages[accepted.id] = who
        await self._give(hooks.echo(self.state, person, accepted, own_app=False), 1, who, True)
        return accepted.id

    async def comment_elsewhere(self, parent: str, text: str) -> str:
        """The business answers a comment on the site itself. The answer's id."""
        above = self.state.comments[parent]
        written = self._own_comment(above, text, "")
        await self._give(hooks.comment(self.state, written), 1, above.author, True)
        return written.id

    def _file(self, data: bytes | None, mime: str, kind: str) -> str:
        known_mime, known_data = _FILES[kind]
        stored = self.state.store(known_data if data is None else data, mime or known_mime)
        return f"{self.base}/_files/{stored.id}"

    async def _give(self, body: dict[str, Any], times: int, who: str, wait: bool) -> None:
        delivery = self._confirm(body, times, who)
        if wait:
            await delivery
        else:
            self.spawn(delivery)

    async def _confirm(self, body: dict[str, Any], times: int, who: str) -> None:
        await self.deliver(body, times, who)
        self.counters.confirmed += 1

    async def next_received(self, who: str, after: int = 0, wait: float = 10.0) -> list[Received]:
        """What reached this person after their `after`-th message; waits up to `wait` seconds for the first."""
        return await self.until(lambda: self.state.person(who).received[after:], wait)

    def answers(self, comment: str) -> list[Comment]:
        """What stands below a public message."""
        return [each for each in self.state.comments.values() if each.parent == comment and not each.deleted]

    # ---------------------------------------------------------------- the business writes

    def accept(self, body: dict[str, Any]) -> tuple[Person, Accepted]:
        """Take a direct message (GraphError if the real one would not) and let it run its course."""
        person, public = check_recipient(self.state, body)
        kind, text = check_content(self.state, body)
        check_limits(self.state)
        if public is None:
            check_window(self.state, person, body)
        if not person.reachable:
            raise GraphError(551, "(#551) This person isn't available right now.", subcode=1545041)
        ref = str(body["message"].get("metadata", ""))
        if public is not None:
            public.private = True
        accepted = Accepted(at=self.state.clock(), id=self.state.mid(), to=person.id, type=kind, ref=ref, body=body)
        self.state.record(accepted)
        self.spawn(self._life(person, accepted, text))
        return person, accepted

    def act(self, body: dict[str, Any]) -> Person:
        """Take a sender action."""
        person, _ = check_recipient(self.state, body)
        action = check_action(self.state, person, body)
        payload = body.get("payload") or {}
        if action == "react":
            person.reactions[payload["message_id"]] = payload["reaction"]
        elif action == "unreact":
            person.reactions.pop(payload["message_id"], None)
        person.seen += action == "mark_seen"
        person.typing += action == "typing_on"
        return person

    def answer(self, target: str, text: str, file: str = "") -> Comment:
        """Take a public answer."""
        above = check_public(self.state, target, text, bool(file))
        check_limits(self.state)
        written = self._own_comment(above, text, file)
        ref = f"{target} {text}"
        self.state.record(
            Accepted(at=written.at, id=written.id, to=above.author, type="comment", ref=ref, body={"message": text})
        )
        self.spawn(self._stands(above, written))
        return written

    def _own_comment(self, above: Comment, text: str, file: str) -> Comment:
        written = Comment(
            id=self.state.comment_id(above.post),
            author=self.settings.account_id,
            post=above.post,
            parent=above.id,
            text=text,
            at=self.state.clock(),
            file=file,
        )
        self.state.comments[written.id] = written
        return written

    async def _life(self, person: Person, accepted: Accepted, text: str) -> None:
        """What becomes of a direct message: it arrives, and the echo and the reports tell of it."""
        settings, state = self.settings, self.state
        steps: list[tuple[str, int]] = []
        if settings.echoes:
            steps.append(("echo", settings.sent_after))
        if settings.reports and settings.kind == "messenger":
            steps.append(("delivered", settings.delivered_after))
        if settings.reports and person.reads:
            steps.append(("read", settings.read_after))
        backwards = self.faults.take("reorder", to=person.id, type=accepted.type, ref=accepted.ref)
        if backwards:
            steps = [(word, settings.sent_after) for word, _ in reversed(steps)]
        reply = accepted.body.get("reply_to") or {}
        await self._reach(person, accepted.id, accepted.type, text, str(reply.get("mid", "")), accepted)
        passed = 0
        for word, after in steps:
            await asyncio.sleep(max(0, after - passed) / 1000)
            passed = max(passed, after)
            if self.faults.take("drop", to=person.id, type=accepted.type, ref=accepted.ref):
                self.counters.dropped += 1
                continue
            self.counters.statuses += 1
            now = state.clock()
            body = (
                hooks.echo(state, person, accepted, own_app=True)
                if word == "echo"
                else hooks.delivery(state, person, accepted, now)
                if word == "delivered"
                else hooks.read(state, person, accepted, now)
            )
            telling = self.deliver(body, 1, person.id)
            if backwards:
                await telling
            else:
                self.spawn(telling)

    async def _stands(self, above: Comment, written: Comment) -> None:
        """A public answer stands there; its webhook tells of it."""
        if above.author in self.state.people:
            person = self.state.people[above.author]
            await self._reach(person, written.id, "comment", written.text, above.id, None)
        await asyncio.sleep(self.settings.sent_after / 1000)
        ref = f"{above.id} {written.text}"
        if not self.settings.echoes or self.faults.take("drop", to=above.author, type="comment", ref=ref):
            self.counters.dropped += 1
            return
        self.counters.statuses += 1
        await self.deliver(hooks.comment(self.state, written), 1, above.author)

    async def _reach(
        self, person: Person, id: str, type: str, text: str, reply_to: str, accepted: Accepted | None
    ) -> None:
        received = Received(
            n=len(person.received) + 1,
            at=self.state.clock(),
            id=id,
            type=type,
            text=text,
            reply_to=reply_to,
            ref=accepted.ref if accepted else "",
            body=accepted.body if accepted else {},
        )
        person.received.append(received)
        await self.announce()
        for listener in self.listeners:
            self.tell(listener(person, received))


@contextlib.asynccontextmanager
async def serve(pages: Pages, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the stand-in on a real socket while the block runs; gives its base URL. `port` 0: any free one."""
    from server.sandbox.graph_pages_http import make_app

    async with serving(make_app(pages), host, port) as url:
        pages.base = url
        try:
            yield url
        finally:
            await pages.close()


async def _run(pages: Pages, host: str, port: int) -> None:
    async with serve(pages, host, port) as url:
        print(f"graph_url {url}/v26.0", flush=True)  # noqa: T201 - the program's answer
        await asyncio.Event().wait()


def main() -> None:
    """`python -m server.sandbox.graph_pages`: run until interrupted."""
    defaults = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m server.sandbox.graph_pages", description="A stand-in for a Page or an Instagram account"
    )
    parser.add_argument("--kind", choices=("messenger", "instagram"), default=defaults.kind)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8072, help="0: any free one; printed at the start")
    parser.add_argument("--hook", default="", help="URL that webhooks are sent to")
    parser.add_argument("--account-id", default=defaults.account_id)
    parser.add_argument("--access-token", default=defaults.access_token)
    parser.add_argument("--app-secret", default=defaults.app_secret)
    parser.add_argument("--seed", type=int, default=0, help="makes faults with a rate repeatable")
    given = parser.parse_args()
    settings = Settings(
        kind=given.kind,
        hook_url=given.hook,
        account_id=given.account_id,
        access_token=given.access_token,
        app_secret=given.app_secret,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(Pages(settings, seed=given.seed), given.host, given.port))


if __name__ == "__main__":
    main()
