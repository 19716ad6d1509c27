"""How advisors keep their work in order: tags, priority, what is put aside, followed, and saved views."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.labels import CreateTag, Follow, ListTags, RemoveTag, RenameTag, SetPriority, TagConversation
from server.commands.snoozing import Snooze
from server.commands.views import CreateView, ListViews, RemoveView, UpdateView
from server.routes.endpoint import Call, Endpoint


async def tag(call: Call, body: wire.ChangeTags) -> Any:
    return await call.do(TagConversation(conversation=call.id, change=body))


async def priority(call: Call, body: wire.ChangePriority) -> Any:
    return await call.do(SetPriority(conversation=call.id, change=body))


async def snooze(call: Call, body: wire.Snooze) -> Any:
    return await call.do(Snooze(conversation=call.id, snooze=body))


async def follow(call: Call, body: wire.Follow) -> None:
    await call.do(Follow(conversation=call.id, follow=body))


async def tags(call: Call) -> Any:
    return await call.ask(ListTags())


async def create_tag(call: Call, body: wire.NewTag) -> Any:
    return await call.do(CreateTag(name=body.name))


async def rename_tag(call: Call, body: wire.NewTag) -> Any:
    return await call.do(RenameTag(name=call.name, new_name=body.name))


async def remove_tag(call: Call) -> None:
    await call.do(RemoveTag(name=call.name))


async def views(call: Call) -> Any:
    return await call.ask(ListViews())


async def create_view(call: Call, body: wire.NewView) -> Any:
    return await call.do(CreateView(view=body))


async def update_view(call: Call, body: wire.ChangeView) -> Any:
    return await call.do(UpdateView(id=call.id, change=body))


async def remove_view(call: Call) -> None:
    await call.do(RemoveView(id=call.id))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/conversations/{id}/tags",
        summary="Put tags on a conversation and take others off",
        handler=tag,
        body=wire.ChangeTags,
        answer=wire.ConversationRow,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/priority",
        summary="Say how urgent a conversation is",
        handler=priority,
        body=wire.ChangePriority,
        answer=wire.ConversationRow,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/snooze",
        summary="Put a conversation aside until a moment, or take it up again",
        handler=snooze,
        body=wire.Snooze,
        answer=wire.ConversationRow,
        codes=("not_found", "already_resolved", "bad_moment"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/follow",
        summary="Be told of what happens in a conversation, or no longer",
        handler=follow,
        body=wire.Follow,
        codes=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/tags",
        summary="All tags",
        handler=tags,
        answer=wire.Page[wire.Tag],
    ),
    Endpoint(
        method="POST",
        path="/tags",
        summary="Add a tag to the organisation's list",
        handler=create_tag,
        needs="supervisor",
        body=wire.NewTag,
        answer=wire.Tag,
        status=201,
        codes=("name_taken", "bad_tag"),
    ),
    Endpoint(
        method="PATCH",
        path="/tags/{name}",
        summary="Rename a tag, wherever it is",
        handler=rename_tag,
        needs="supervisor",
        body=wire.NewTag,
        answer=wire.Tag,
        codes=("not_found", "name_taken", "name_unwritable", "bad_tag"),
    ),
    Endpoint(
        method="DELETE",
        path="/tags/{name}",
        summary="Take a tag off the list and off every conversation",
        handler=remove_tag,
        needs="supervisor",
        codes=("in_use", "not_found"),
    ),
    Endpoint(
        method="GET",
        path="/views",
        summary="The caller's saved views: everybody's, their teams' and their own",
        handler=views,
        answer=wire.Page[wire.SavedView],
    ),
    Endpoint(
        method="POST",
        path="/views",
        summary="Keep a query under a name",
        handler=create_view,
        body=wire.NewView,
        answer=wire.SavedView,
        status=201,
        codes=("name_taken", "bad_query", "empty", "too_long"),
    ),
    Endpoint(
        method="PATCH",
        path="/views/{id}",
        summary="Change a saved view",
        handler=update_view,
        body=wire.ChangeView,
        answer=wire.SavedView,
        codes=("not_found", "name_taken", "bad_query", "empty", "too_long"),
    ),
    Endpoint(
        method="DELETE",
        path="/views/{id}",
        summary="Remove a saved view",
        handler=remove_view,
        codes=("not_found",),
    ),
)
