"""Webhook documents of Pages and Instagram accounts to facts. Total: whatever the bytes are, it is a list of facts.

Every entry × (message, standby message, change) becomes facts on its own; a bad one becomes an `Unreadable` and takes
nothing else with it. An application has one address for all its products, so documents of both objects may come in
at either kind of channel: the facts say whose account they are about.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from server.channels.foreign import Malformed, decode, identifier, moment, name_of_type, string, trim
from server.channels.meta_direct import direct
from server.channels.meta_entry import ADDRESS_KINDS, Entry
from server.channels.meta_public import public
from server.facts import Fact, NoticeFact, Unreadable


def parse(body: bytes, received_at: int) -> list[Fact]:
    """The facts in one webhook call, in its order. `received_at`: UTC ms, stands in for a missing time."""
    try:
        document = decode(body)
    except (ValueError, RecursionError) as error:
        return [Unreadable(where="body", why=f"not JSON: {str(error)[:200]}")]
    if isinstance(document, list) and len(document) == 1:
        document = document[0]  # Instagram's documentation shows documents in a list
    if not isinstance(document, dict):
        return [Unreadable(where="body", why="not an object")]
    entries = document.get("entry")
    if not isinstance(entries, list):
        return [Unreadable(where="entry", why="missing or not a list")]
    object = string(document.get("object"), 64)
    if object == "whatsapp_business_account":
        return [Unreadable(where="object", why="a call for WhatsApp: its address is that of a WhatsApp channel")]
    facts: list[Fact] = []
    for n, entry in enumerate(entries):
        where = f"entry[{n}]"
        if not isinstance(entry, dict):
            facts.append(Unreadable(where=where, why=f"{name_of_type(entry)}, not an object"))
        elif object in ADDRESS_KINDS:
            _entry(facts, where, Entry(object, entry, received_at), entry)
        else:  # user, permissions …: about the application, not about an account of ours
            at = moment(entry.get("time"), received_at)
            facts.append(NoticeFact(kind=object or "unknown", at=at, data=trim(entry)))
    return facts


def _entry(facts: list[Fact], where: str, ctx: Entry, entry: dict[str, Any]) -> None:
    found = False
    for key in _LISTS:
        listed = entry.get(key)
        if listed is None:
            continue
        found = True
        if not isinstance(listed, list):
            _unreadable(facts, f"{where}.{key}", f"{name_of_type(listed)}, not a list", ctx)
            continue
        for n, item in enumerate(listed):
            _guarded(facts, f"{where}.{key}[{n}]", ctx, item, _LISTS[key])
    if not found and entry.get("field") is not None:
        _guarded(facts, where, ctx, entry, _change)  # with Instagram login an entry is its own change
    elif not found:
        _unreadable(facts, where, "neither messages nor changes", ctx)


def _change(ctx: Entry, change: dict[str, Any]) -> list[Fact]:
    field, value = identifier(change.get("field")), change.get("value")
    if value is None:  # a field's name alone: something of the account's settings changed
        return [NoticeFact(kind=field or "unknown", at=ctx.time, data={}, account=ctx.account)]
    if not isinstance(value, dict):
        return [NoticeFact(kind=field or "unknown", at=ctx.time, data={"value": trim(value)}, account=ctx.account)]
    if isinstance(value.get("sender"), dict) and isinstance(value.get("recipient"), dict):
        return direct(ctx, value)  # the dashboard's test button wraps a message like this
    return public(ctx, field, value)


#: what an entry lists, and how it is read
_LISTS: dict[str, Callable[[Entry, dict[str, Any]], list[Fact]]] = {
    "messaging": direct,
    "standby": partial(direct, standby=True),
    "changes": _change,
}


def _guarded(
    facts: list[Fact],
    where: str,
    ctx: Entry,
    item: object,
    reader: Callable[[Entry, dict[str, Any]], list[Fact]],
) -> None:
    """One item; whatever is wrong with it stays with it."""
    try:
        if not isinstance(item, dict):
            raise Malformed(f"{name_of_type(item)}, not an object")
        facts.extend(reader(ctx, item))
    except Malformed as error:
        _unreadable(facts, where, str(error), ctx)
    except Exception as error:  # one bad item never takes its batch with it
        _unreadable(facts, where, f"{type(error).__name__}: {error}", ctx)


def _unreadable(facts: list[Fact], where: str, why: str, ctx: Entry) -> None:
    facts.append(Unreadable(where=where, why=string(why, 300), account=ctx.account))
