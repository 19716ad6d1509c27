"""Customers."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from server.commands.queries import GetContact, ListContacts
from server.routes.conversations import Cursor, Limit, Words
from server.routes.endpoint import Call, Endpoint


class Wanted(msgspec.Struct, kw_only=True):
    """Which contacts. `q`: words of the name or region, or the beginning of an address."""

    q: Words = ""
    after: Cursor | None = None
    limit: Limit = 50


async def listing(call: Call, wanted: Wanted) -> Any:
    return await call.ask(ListContacts(q=wanted.q, after=wanted.after, limit=wanted.limit))


async def show(call: Call) -> Any:
    return await call.ask(GetContact(id=call.id))


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
        summary="A contact with all its addresses",
        handler=show,
        answer=wire.Contact,
        codes=("not_found",),
    ),
)
