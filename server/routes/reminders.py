"""Reminders, promises and callbacks."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from server.commands.reminders import (
    ChangeReminder,
    ConversationReminders,
    GetReminder,
    ListReminders,
    MakeReminder,
    Whose,
)
from server.routes.conversations import Cursor, Limit
from server.routes.endpoint import Call, Endpoint


class Wanted(msgspec.Struct, kw_only=True):
    """Which reminders: whose (mine: also those of my teams; team: also my colleagues'), and open, due or late ones."""

    whose: Whose = "mine"
    state: wire.ReminderState = "open"
    after: Cursor | None = None
    limit: Limit = 50


class Page(msgspec.Struct, kw_only=True):
    after: Cursor | None = None
    limit: Limit = 50


async def listing(call: Call, wanted: Wanted) -> Any:
    return await call.ask(ListReminders(**msgspec.structs.asdict(wanted)))


async def of_conversation(call: Call, page: Page) -> Any:
    return await call.ask(ConversationReminders(conversation=call.id, after=page.after, limit=page.limit))


async def make(call: Call, body: wire.NewReminder) -> Any:
    return await call.do(MakeReminder(conversation=call.id, reminder=body))


async def show(call: Call) -> Any:
    return await call.ask(GetReminder(id=call.id))


async def change(call: Call, body: wire.ChangeReminder) -> Any:
    return await call.do(ChangeReminder(id=call.id, change=body))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/conversations/{id}/reminders",
        summary="All reminders that were made in a conversation, newest first",
        handler=of_conversation,
        query=Page,
        answer=wire.Page[wire.Reminder],
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/reminders",
        summary="Note what somebody will do at a moment: a reminder, a promise, a call",
        handler=make,
        body=wire.NewReminder,
        answer=wire.Reminder,
        status=201,
        codes=("not_found", "bad_moment", "empty", "too_long", "no_phone", "bad_phone", "merged"),
    ),
    Endpoint(
        method="GET",
        path="/reminders",
        summary="Open reminders, the earliest first",
        handler=listing,
        query=Wanted,
        answer=wire.Page[wire.Reminder],
    ),
    Endpoint(
        method="GET",
        path="/reminders/{id}",
        summary="A reminder",
        handler=show,
        answer=wire.Reminder,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/reminders/{id}",
        summary="Move a reminder, say that it is done, cancel it, give it to somebody; or take that back",
        handler=change,
        body=wire.ChangeReminder,
        answer=wire.Reminder,
        codes=("not_found", "reminder_over", "outcome_needed", "bad_moment", "empty", "too_long", "bad_phone"),
    ),
)
