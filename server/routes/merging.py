"""Conversations of one customer made one, and taken apart again."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.merging import MergeConversations, SplitConversation
from server.routes.endpoint import Call, Endpoint


async def merge(call: Call, body: wire.Other) -> Any:
    return await call.do(MergeConversations(conversation=call.id, other=body.other))


async def split(call: Call, body: wire.Other) -> Any:
    return await call.do(SplitConversation(conversation=call.id, other=body.other))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/conversations/{id}/merge",
        summary="Make another conversation of the same contact part of this one",
        handler=merge,
        body=wire.Other,
        answer=wire.ConversationRow,
        codes=(
            "not_found",
            "different_contacts",
            "public_conversation",
            "already_resolved",
            "already_assigned",
            "merged",
        ),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/split",
        summary="Take a conversation out of this one again; answers with that one",
        handler=split,
        body=wire.Other,
        answer=wire.ConversationRow,
        codes=("not_found", "not_merged", "merged"),
    ),
)
