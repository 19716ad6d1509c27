"""The console before an inbox of a million conversations that come page by page, for measuring."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import Any

from agent_console.app import ConsoleApp
from agent_console.backend.changes import Changes
from agent_console.backend.views import ListSpec
from server import wire
from tests.console import sample
from tests.console.fake import FakeSession
from tests.console.run_sample import TickingClock

TOTAL = 1_000_000
PAGE = 100
_KINDS = ("whatsapp", "messenger", "webchat", "email", "instagram", "sms")
_NAMES = ("María Ramos", "Pupusería Lita", "José Ángel Mejía", "Ferretería El Sol", "Don Neto", "Carlos Umaña")
_TEXTS = (
    "no me deja entrar a la app, dice usuario bloqueado 😩",
    "¿me pueden confirmar si ya salió el crédito?",
    "Re: línea de crédito para capital de trabajo",
    "gracias, ahí quedo pendiente de su respuesta",
)


def row(n: int) -> wire.ConversationRow:
    """The n-th conversation."""
    started = sample.NOW - 20 * sample.MINUTE
    return sample.row(
        n + 1,
        f"{_NAMES[n % 6]} {n}",
        _KINDS[n % 6],
        _TEXTS[n % 4],
        inbound=1 + n % 4,
        seen=1,
        sla=sample.clock_to(sample.NOW + n * 2_000 + 900_000, started, sample.NOW + n * 1_000),
        sort_key=n + 1,
    )


class MillionSession(FakeSession):
    """Answers with pages, as the server does."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more, loaded=False)
        self._on_the_way: set[tuple[int, str]] = set()
        self.mirror.load_counts(wire.Counts(mine=TOTAL, unassigned=3, open=TOTAL, waiting=3))
        self._load(0, "first")

    def _load(self, start: int, edge: Any) -> Changes:
        end = min(TOTAL, start + PAGE)
        page = wire.Page(
            items=[row(n) for n in range(start, end)],
            next=str(end) if end < TOTAL else None,
            previous=str(start) if start else None,
            as_of=100,
        )
        return self.mirror.load_page(self.mirror.window.spec, page, edge)

    def near(self, top: int, bottom: int) -> None:
        window = self.mirror.window
        if window.after and len(window) - bottom < 40:
            self._fetch(int(window.after), "after")
        if window.before and top < 40:
            self._fetch(max(0, int(window.before) - PAGE), "before")

    def _fetch(self, start: int, edge: str) -> None:
        """The page comes a little later, as from a server."""
        if (start, edge) not in self._on_the_way:
            self._on_the_way.add((start, edge))
            asyncio.get_running_loop().call_later(0.01, self._fetched, start, edge)

    def _fetched(self, start: int, edge: str) -> None:
        self._on_the_way.discard((start, edge))
        window = self.mirror.window
        cursor = window.after if edge == "after" else window.before
        if cursor is not None and (int(cursor) if edge == "after" else max(0, int(cursor) - PAGE)) == start:
            self._tell_now(self._load(start, edge))

    def cursor(self, conversation: int | None) -> None:
        self.mirror.set_cursor(conversation)
        at = self.mirror.window.index(conversation) if conversation is not None else None
        if at is not None:
            self.near(at, at)

    def fill(self, spec: ListSpec) -> Changes:
        return Changes()

    async def open(self, conversation: int) -> None:
        changes = self.mirror.set_open(conversation)
        row = self.mirror.row(conversation)
        assert row is not None
        changes.merge(self.mirror.load_conversation(sample.conversation(row)))
        changes.merge(self.mirror.load_messages(conversation, wire.Page(items=sample.messages())))
        changes.merge(self.mirror.load_history(conversation, sample.history()))
        self._tell_now(changes)


def main() -> None:
    """Run it."""
    os.environ["TZ"] = "America/El_Salvador"
    time.tzset()
    clock = TickingClock()
    ConsoleApp("http://test", "t", lang="es", clock=clock, make_session=partial(MillionSession, clock=clock)).run()


if __name__ == "__main__":
    main()
