"""Customers: what is known of them, and which of them are one person."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from server.commands.contacts import (
    GetContact,
    ListContacts,
    MergeContacts,
    RejectSuggestion,
    Suggestions,
    UnmergeContacts,
    UpdateContact,
)
from server.routes.conversations import Cursor, Limit, Words
from server.routes.endpoint import Call, Endpoint


class Wanted(msgspec.Struct, kw_only=True):
    """Which contacts. `q`: words of a name they have or had, or of the region, or a whole address."""

    q: Words = ""
    after: Cursor | None = None
    limit: Limit = 50


async def listing(call: Call, wanted: Wanted) -> Any:
    return await call.ask(ListContacts(q=wanted.q, after=wanted.after, limit=wanted.limit))


async def show(call: Call) -> Any:
    return await call.ask(GetContact(id=call.id))


async def change(call: Call, body: wire.ChangeContact) -> Any:
    return await call.do(UpdateContact(contact=call.id, change=body))


async def suggestions(call: Call) -> Any:
    return await call.ask(Suggestions(contact=call.id))


async def merge(call: Call, body: wire.Other) -> Any:
    return await call.do(MergeContacts(contact=call.id, other=body.other))


async def unmerge(call: Call, body: wire.Unmerge) -> Any:
    return await call.do(UnmergeContacts(contact=call.id, merge=body.merge))


async def different(call: Call, body: wire.Other) -> None:
    await call.do(RejectSuggestion(contact=call.id, other=body.other))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/contacts",
        summary="Contacts, found by words",
        handler=listing,
        query=Wanted,
        answer=wire.Page[wire.Contact],
    ),
    Endpoint(
        method="GET",
        path="/contacts/{id}",
        summary="A contact with all its addresses; for one that was merged, the contact it is part of",
        handler=show,
        answer=wire.Contact,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/contacts/{id}",
        summary="Change what is noted of a contact",
        handler=change,
        body=wire.ChangeContact,
        answer=wire.Contact,
        codes=("not_found", "too_long", "too_many"),
    ),
    Endpoint(
        method="GET",
        path="/contacts/{id}/suggestions",
        summary="Other contacts that are likely the same person",
        handler=suggestions,
        answer=wire.Page[wire.Likely],
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/contacts/{id}/merge",
        summary="Make another contact part of this one",
        handler=merge,
        body=wire.Other,
        answer=wire.Contact,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/contacts/{id}/unmerge",
        summary="Undo a merge; answers with the contact that stands by itself again",
        handler=unmerge,
        body=wire.Unmerge,
        answer=wire.Contact,
        codes=("not_found", "already_undone", "proven_same", "conversations_merged"),
    ),
    Endpoint(
        method="POST",
        path="/contacts/{id}/different",
        summary="Say that another contact is a different person, so that it is not suggested again",
        handler=different,
        body=wire.Other,
        codes=("not_found", "same_contact"),
    ),
)
