"""A mistake of ours in one command is told and written down, and the rest goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agent_console import faults
from agent_console.backend.changes import Changes
from agent_console.backend.session import Session
from agent_console.i18n import set_language
from agent_console.plain.desk import FAILED, Desk


class Typed:
    """Lines typed beforehand."""

    live = True
    idle = False

    def __init__(self, *lines: str) -> None:
        self.rested: Callable[[], None] = lambda: None
        self.interrupted: Callable[[], None] = lambda: None
        self._left = list(lines)
        self.said: list[str] = []

    async def read(self, prompt: str, hidden: bool = False) -> str | None:
        return self._left.pop(0) if self._left else None

    def say(self, lines: Sequence[str]) -> None:
        self.said += lines

    def complain(self, text: str) -> None:
        self.said.append(text)

    def ring(self) -> None: ...

    def interrupt(self) -> None: ...

    def suspend(self) -> None: ...

    def resume(self) -> None: ...

    def close(self) -> None: ...


async def test_a_fault_in_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_language("en")
    monkeypatch.setattr(faults, "folder", lambda: tmp_path)

    def make(listener: Callable[[Changes], None]) -> Session:
        return Session("http://127.0.0.1:9", "t", listener=listener, folder=tmp_path / "unsent")

    lines = Typed("bell yes", "status", "bell")
    desk = Desk(lines, make)

    async def broken(rest: str) -> None:
        raise ZeroDivisionError("a mistake")

    desk.parts[-1].do_status = broken  # type: ignore[method-assign]
    assert await desk.run() == 0
    assert desk.code == FAILED
    await desk.session.stop()
    assert lines.said == [
        "The bell rings with news.",
        "Something went wrong (ZeroDivisionError: a mistake); the rest goes on.",
        "The bell rings with news.",
    ]
    (written,) = await asyncio.to_thread(lambda: list(tmp_path.glob("*.log")))
    assert "ZeroDivisionError: a mistake" in written.read_text()
