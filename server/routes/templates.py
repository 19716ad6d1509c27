"""Reply templates: kept, rendered for a conversation, run with their acts; and those that providers approve."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from server import wire
from server.commands.approved import ListApproved
from server.commands.templates import (
    CreateTemplate,
    ListTemplates,
    RemoveTemplate,
    Render,
    ReplaceTemplate,
    RunMacro,
    SetTemplateFiles,
    TakeFiles,
)
from server.routes.endpoint import Call, Endpoint


class Approved(msgspec.Struct, kw_only=True):
    """Of which channel; of all, if none is named."""

    channel: Annotated[str, msgspec.Meta(max_length=40)] | None = None


async def listing(call: Call) -> Any:
    return await call.ask(ListTemplates())


async def approved(call: Call, query: Approved) -> Any:
    return await call.ask(ListApproved(channel=query.channel))


async def create(call: Call, body: wire.NewTemplate) -> Any:
    return await call.do(CreateTemplate(template=body))


async def replace(call: Call, body: wire.NewTemplate) -> Any:
    return await call.do(ReplaceTemplate(id=call.id, template=body))


async def remove(call: Call) -> None:
    await call.do(RemoveTemplate(id=call.id))


async def set_files(call: Call, body: wire.TemplateFiles) -> Any:
    return await call.do(SetTemplateFiles(id=call.id, files=body.files))


async def take_files(call: Call) -> Any:
    return await call.do(TakeFiles(id=call.id))


async def render(call: Call, body: wire.RenderTemplate) -> Any:
    return await call.ask(Render(id=call.id, render=body))


async def macro(call: Call, body: wire.RunMacro) -> Any:
    return await call.do(RunMacro(conversation=call.id, macro=body))


FAULTS = ("bad_template", "name_taken", "not_found", "in_use")

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/templates",
        summary="The caller's reply templates: everybody's, their teams' and their own",
        handler=listing,
        answer=wire.Page[wire.ReplyTemplate],
    ),
    Endpoint(
        method="GET",
        path="/templates/approved",
        summary="Templates that providers approved for messages outside the reply window",
        handler=approved,
        query=Approved,
        answer=wire.Page[wire.ApprovedTemplate],
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/templates",
        summary="Keep a reply template",
        handler=create,
        body=wire.NewTemplate,
        answer=wire.ReplyTemplate,
        status=201,
        codes=FAULTS,
    ),
    Endpoint(
        method="PUT",
        path="/templates/{id}",
        summary="Write a reply template anew; its uses and files stay",
        handler=replace,
        body=wire.NewTemplate,
        answer=wire.ReplyTemplate,
        codes=FAULTS,
    ),
    Endpoint(
        method="DELETE",
        path="/templates/{id}",
        summary="Remove a reply template",
        handler=remove,
        codes=("not_found", "in_use"),
    ),
    Endpoint(
        method="PUT",
        path="/templates/{id}/files",
        summary="Say which uploaded files go with a template",
        handler=set_files,
        body=wire.TemplateFiles,
        answer=wire.ReplyTemplate,
        codes=("not_found", "too_many_files"),
    ),
    Endpoint(
        method="POST",
        path="/templates/{id}/files",
        summary="A template's files as files of the caller's own, to go with an answer",
        handler=take_files,
        answer=wire.Page[wire.Attachment],
        status=201,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/templates/{id}/render",
        summary="What a template says in a conversation",
        handler=render,
        body=wire.RenderTemplate,
        answer=wire.RenderedTemplate,
        codes=("not_found", "cannot_render"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/macro",
        summary="Send what a template says and do its acts: all of it, or nothing",
        handler=macro,
        body=wire.RunMacro,
        answer=wire.ConversationRow,
        codes=("not_found", "cannot_render", "not_filled", "conversation_moved", "window_closed"),
    ),
)
