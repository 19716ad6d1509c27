"""Does a console show what the server has? Compared row by row, count by count, message by message."""

from __future__ import annotations

from typing import Any

import msgspec

from agent_console.backend import calls
from agent_console.backend.api import Api
from agent_console.backend.session import Session


async def differences(session: Session, api: Api) -> list[str]:
    """What a console's mirror and the server (asked afresh) do not agree on. `api` is the same person's."""
    found: list[str] = []
    mirror, window = session.mirror, session.mirror.window
    view = window.spec.view
    rows: list[Any] = []
    after: str | None = None
    as_of = 0
    while len(rows) <= len(window):
        page = await api.send(calls.conversations(view, after=after, limit=200))
        rows += page.items
        as_of = max(as_of, page.as_of)
        after = page.next
        if after is None:
            break
    if mirror.seq != as_of:
        found.append(f"seq {mirror.seq}, the server's is {as_of}")
    if not window.has_after and len(window) != len(rows):
        found.append(f"{len(window)} rows in view {view}, the server has {len(rows)}")
    shown = window.ids()
    there = [row.id for row in rows[: len(shown)]]
    if shown != there:
        at = next((n for n, pair in enumerate(zip(shown, there, strict=False)) if pair[0] != pair[1]), -1)
        found.append(f"order of view {view} differs at {at}: {shown[at : at + 3]} instead of {there[at : at + 3]}")
    for row in rows[: len(shown)]:
        held = mirror.row(row.id)
        if held is None or _plain(held) != _plain(row):
            found.append(f"row {row.id}: {_different(held, row)}")
    counts = await api.send(calls.counts())
    if mirror.counts != counts:
        found.append(f"counts {mirror.counts}, the server's are {counts}")
    if window.open is not None:
        found += await _thread(session, api, window.open)
    return found


async def _thread(session: Session, api: Api, conversation: int) -> list[str]:
    page = await api.send(calls.messages(conversation, limit=200))
    held = session.mirror.messages(conversation)
    if [message.id for message in held] != [message.id for message in page.items[-len(held) :]]:
        return [f"thread {conversation}: {len(held)} messages held, the server has {len(page.items)}"]
    newest = {message.id: message for message in page.items}
    pairs = [(message, newest[message.id]) for message in held]
    return [f"message {mine.id}: {_different(mine, theirs)}" for mine, theirs in pairs if mine != theirs]


def _plain(row: Any) -> dict[str, Any]:
    """A row without what only its reader knows."""
    plain: dict[str, Any] = msgspec.to_builtins(row)
    plain.pop("seen", None)
    return plain


def _different(mine: Any, theirs: Any) -> str:
    if mine is None:
        return "not held"
    one, other = _plain(mine), _plain(theirs)
    return str({key: (one.get(key), other.get(key)) for key in one | other if one.get(key) != other.get(key)})
