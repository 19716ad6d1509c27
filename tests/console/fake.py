"""A session without a server: the real mirror, acts and queue on sample data; the test speaks for the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.channels import Channels
from agent_console.backend.live import Link
from agent_console.backend.overlay import Letter
from agent_console.backend.session import Session
from agent_console.backend.views import ListSpec, belongs
from server import wire
from tests.console import sample, sample_letters
from tests.console.fake_api import FakeApi


class Clock:
    """The test's time, UTC ms."""

    def __init__(self, now: int = sample.NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class FakeSession(Session):
    """`rows` are all the conversations of the server; what is done is queued and shown, and waits for the test."""

    def __init__(
        self,
        server: str = "http://test",
        token: str = "t",
        *,
        listener: Callable[[Changes], None] = lambda changes: None,
        lang: str = "es",
        user: wire.User | None = sample.ME,
        rows: list[wire.ConversationRow] | None = None,
        clock: Callable[[], int] | None = None,
        loaded: bool = True,
    ) -> None:
        self.clock = clock or Clock()
        super().__init__(server, token, listener=listener, lang=lang, user=user or sample.ME, now=self.clock)
        self.api = self.fake_api = FakeApi()
        self.channels = Channels(self.api, lambda: self._tell_now(Changes(channels=True)))
        self.channels.take(self.fake_api.channels)
        self.rows = rows if rows is not None else sample.rows() + sample.team_rows()
        self.link = Link("live", self.clock())
        self._loader.settle_counts = lambda: None  # type: ignore[method-assign]  # there is nobody to ask
        self.seq = 100
        self.said: list[tuple[str, object]] = []
        if loaded:
            self.mirror.load_counts(wire.Counts(mine=12, unassigned=3, open=17, waiting=3))
            self.fill(self.mirror.window.spec)

    # ------------------------------------------------------------ instead of the network

    async def start(self, spec: ListSpec | None = None) -> None:
        self.said.append(("start", spec))

    async def stop(self) -> None:
        self.said.append(("stop", None))

    async def sign_in(self, user: str, password: str, label: str = "console") -> wire.Session:
        self.said.append(("sign_in", (user, password)))
        return wire.Session(token="t", user=sample.ME, expires_at=self.clock() + sample.HOUR)

    def fill(self, spec: ListSpec) -> Changes:
        """Answer with a whole list."""
        found = [row for row in self.rows if belongs(spec, row, "ana")]
        found.sort(key=lambda row: (row.sort_key, row.id))
        return self.mirror.load_page(spec, wire.Page(items=found, as_of=self.seq))

    def show(self, spec: ListSpec) -> None:
        if not self.mirror.show(spec):
            self.fill(spec)
        self._tell_now(Changes(order=True))

    async def refresh(self) -> None:
        self.said.append(("refresh", None))

    def cursor(self, conversation: int | None) -> None:
        self.mirror.set_cursor(conversation)

    def near(self, top: int, bottom: int) -> None:
        self.said.append(("near", (top, bottom)))

    async def open(self, conversation: int) -> None:
        self._tell_now(self.mirror.set_open(conversation))
        await self.get_ready(conversation)

    async def get_ready(self, conversation: int) -> None:
        row = next(row for row in self.rows if row.id == conversation)
        changes = self.mirror.load_conversation(sample.conversation(row))
        told = {1: sample.messages, sample_letters.FERRETERIA: sample_letters.mails,
                sample_letters.COMMENTER: sample_letters.comments}  # fmt: skip
        items = told[conversation]() if conversation in told else [sample.only_message(row)]
        changes.merge(self.mirror.load_messages(conversation, wire.Page(items=items)))
        changes.merge(self.mirror.load_history(conversation, sample.history() if conversation == 1 else []))
        self._tell_now(changes)

    async def renew(self, conversation: int) -> None:
        self.said.append(("renew", conversation))

    async def load_older(self, conversation: int) -> None:
        self.said.append(("older", conversation))

    def viewing(self, conversation: int | None, typing: bool = False) -> None:
        self.said.append(("viewing", (conversation, typing)))

    def seen(self, conversation: int) -> None:
        inbound = self._unread(conversation)
        if inbound:
            self._mark_seen(conversation, inbound)

    def draft(self, conversation: int, text: str, letter: Letter | None = None) -> None:
        self.outgoing.set_draft(conversation, text, self.clock(), letter)

    # ------------------------------------------------------------ for tests

    @property
    def changes_made(self) -> list[Any]:
        """What was done and waits to be sent, in order."""
        return [command.change for command in self.outgoing.commands]

    def answer(self, answer: object = None) -> None:
        """The server says yes to the oldest command."""
        command = self.outgoing.commands[0]
        self.outgoing.done(command)
        self._done(command, answer)

    def refuse(self, code: str, **params: object) -> None:
        """The server says no to the newest command."""
        command = self.outgoing.commands[-1]
        problem = wire.Problem(status=409, code=code, params=params)
        self.outgoing.refuse(command, problem)
        self._refused(command, problem)

    def event(self, kind: str, row: wire.ConversationRow, **more: Any) -> None:
        """The feed brings an event."""
        self.seq += 1
        fields: dict[str, Any] = {"actor": "contact:1", "data": {}, **more}
        event = wire.FeedEvent(seq=self.seq, at=self.clock(), kind=kind, conversation=row.id, row=row, **fields)
        self._tell_now(self.mirror.apply(event))

    def presence(self, conversation: int, **who: Any) -> None:
        """The feed says who is where."""
        frame = wire.ServerFrame(presence=wire.Presence(conversation=conversation, **who))
        self._tell_now(self.mirror.apply(frame))

    def changed_row(self, conversation: int, **fields: object) -> wire.ConversationRow:
        """A row's next version."""
        row = next(row for row in self.rows if row.id == conversation)
        return msgspec.structs.replace(row, version=row.version + 1, **fields)

    def go_offline(self, since: int) -> None:
        """The connection is lost."""
        self.link = Link("offline", since)
        self._tell_now(Changes(link=True))

    def trouble(self, trouble: Trouble) -> None:
        """Something the session itself complains of."""
        self._tell_now(Changes(troubles=[trouble]))
