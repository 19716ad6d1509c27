"""Conversations: the inbox's lists, a thread, and what advisors do to it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from server import wire
from server.commands.acts import AssignTo, Claim, MarkSeen, Reopen, ResolveConversation, SaveDraft
from server.commands.inbox import ListConversations
from server.commands.queries import (
    GetConversation,
    GetCounts,
    History,
    ListMessages,
)
from server.commands.replies import AddNote, Moderate, React, SendReply
from server.routes.endpoint import Call, Endpoint

Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="items in a page at most")]
Cursor = Annotated[str, msgspec.Meta(max_length=500, description="an opaque cursor of an earlier page")]
Words = Annotated[str, msgspec.Meta(max_length=500)]


class Filters(msgspec.Struct, kw_only=True):
    """Which conversations. `q`: words of messages or of the customer's name. Filters narrow the view down."""

    view: wire.View = "all"
    q: Words = ""
    state: wire.State | None = None
    channel: str | None = None
    assignee: str | None = None
    team: str | None = None
    after: Cursor | None = None
    before: Cursor | None = None
    limit: Limit = 50


class Window(msgspec.Struct, kw_only=True):
    """Which messages: the newest ones, or those before or after a cursor."""

    before: Cursor | None = None
    after: Cursor | None = None
    limit: Limit = 50


class Reopening(msgspec.Struct, kw_only=True):
    """How. `undo`: whoever resolved it within the last minute takes that back, so that it stands where it stood, its
    clocks too; else it is simply opened again."""

    undo: bool = False


async def listing(call: Call, filters: Filters) -> Any:
    return await call.ask(ListConversations(**msgspec.structs.asdict(filters)))


async def counts(call: Call) -> Any:
    return await call.ask(GetCounts())


async def show(call: Call) -> Any:
    return await call.ask(GetConversation(id=call.id))


async def messages(call: Call, window: Window) -> Any:
    query = ListMessages(conversation=call.id, before=window.before, after=window.after, limit=window.limit)
    return await call.ask(query)


async def history(call: Call) -> Any:
    return await call.ask(History(conversation=call.id))


async def reply(call: Call, body: wire.Reply) -> Any:
    return await call.do(SendReply(conversation=call.id, reply=body))


async def note(call: Call, body: wire.Note) -> Any:
    return await call.do(AddNote(conversation=call.id, note=body))


async def react(call: Call, body: wire.Reaction) -> Any:
    return await call.do(React(conversation=call.id, reaction=body))


async def moderate(call: Call, body: wire.Moderate) -> Any:
    return await call.do(Moderate(conversation=call.id, moderate=body))


async def claim(call: Call) -> Any:
    return await call.do(Claim(conversation=call.id))


async def assign(call: Call, body: wire.Assign) -> Any:
    return await call.do(AssignTo(conversation=call.id, assign=body))


async def resolve(call: Call, body: wire.Resolve) -> Any:
    return await call.do(ResolveConversation(conversation=call.id, resolve=body))


async def reopen(call: Call, how: Reopening) -> Any:
    return await call.do(Reopen(conversation=call.id, undo=how.undo))


async def seen(call: Call, body: wire.Seen) -> None:
    await call.do(MarkSeen(conversation=call.id, seen=body))


async def draft(call: Call, body: wire.Draft) -> None:
    await call.do(SaveDraft(conversation=call.id, text=body.text))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/conversations",
        summary="One page of a view, most urgent first",
        handler=listing,
        query=Filters,
        answer=wire.Page[wire.ConversationRow],
    ),
    Endpoint(
        method="GET",
        path="/conversations/counts",
        summary="How many conversations each view holds for the caller",
        handler=counts,
        answer=wire.Counts,
    ),
    Endpoint(
        method="GET",
        path="/conversations/{id}",
        summary="A conversation with its customer and what its channel can do",
        handler=show,
        answer=wire.Conversation,
        codes=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/conversations/{id}/messages",
        summary="A page of the thread, oldest first; `next` leads to older ones",
        handler=messages,
        query=Window,
        answer=wire.Page[wire.Message],
        codes=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/conversations/{id}/history",
        summary="Earlier conversations of the same customer, newest first",
        handler=history,
        answer=wire.Page[wire.PastConversation],
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/replies",
        summary="Answer the customer",
        handler=reply,
        body=wire.Reply,
        answer=wire.Message,
        status=201,
        codes=("not_found", "conversation_moved", "window_closed", "too_long", "empty", "bad_send_at"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/notes",
        summary="Write an internal note",
        handler=note,
        body=wire.Note,
        answer=wire.Message,
        status=201,
        codes=("not_found", "empty", "too_long"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/reactions",
        summary="React to a customer's message, or take the reaction back",
        handler=react,
        body=wire.Reaction,
        answer=wire.Message,
        status=201,
        codes=("not_found", "window_closed"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/moderate",
        summary="Hide a public message from others, show it again, or delete it",
        handler=moderate,
        body=wire.Moderate,
        answer=wire.Message,
        status=201,
        codes=("not_found", "channel_off"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/claim",
        summary="Take a conversation that nobody has",
        handler=claim,
        answer=wire.ConversationRow,
        codes=("not_found", "already_assigned", "already_resolved"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/assign",
        summary="Give a conversation to a user, a team, or back to the queue",
        handler=assign,
        body=wire.Assign,
        answer=wire.ConversationRow,
        codes=("not_found", "already_resolved"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/resolve",
        summary="Close a conversation with its outcome",
        handler=resolve,
        body=wire.Resolve,
        answer=wire.ConversationRow,
        codes=("not_found", "already_resolved"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/reopen",
        summary="Open a resolved conversation again",
        handler=reopen,
        query=Reopening,
        answer=wire.ConversationRow,
        codes=("not_found", "not_resolved"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/seen",
        summary="Say how far the caller has read",
        handler=seen,
        body=wire.Seen,
        codes=("not_found",),
    ),
    Endpoint(
        method="PUT",
        path="/conversations/{id}/draft",
        summary="Keep the caller's unfinished answer; an empty text drops it",
        handler=draft,
        body=wire.Draft,
        codes=("not_found",),
    ),
)
