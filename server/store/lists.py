"""The inbox's lists: one page of a view in its order, narrowed down by filters and by a query."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from server.desk import inbox
from server.query import Node
from server.store import search
from server.store.conversations import ROWS
from server.store.filters import LAST, NEWEST, Context, Part, Where
from server.store.named import as_json, column
from server.store.store import Named, Snapshot

_VIEWS = {
    "mine": "assignee_id = :me AND state NOT IN ('resolved', 'snoozed')",
    "unassigned": "assignee_id IS NULL AND state NOT IN ('resolved', 'snoozed')",
    "open": f"sort_key < {inbox.RESOLVED_FROM} AND state <> 'resolved'",
    "waiting": "state = 'waiting'",
    "resolved": f"sort_key >= {inbox.RESOLVED_FROM} AND state = 'resolved'",
    "all": "1 = 1",
}


#: seconds after which a page of a query ends where it is, to be continued from there
PATIENCE = 0.02
#: conversations asked at once, at most
MOST = 4_000


class Cursor(NamedTuple):
    """What a page goes on from: the place of a row, in a part of the history (see `search`)."""

    sort_key: int
    id: int
    part: Part = NEWEST


@dataclass(slots=True)
class Filter:
    """What a list shows. `tree`: what a query asks for, of the person in `context`. `last`: the last page."""

    view: str = "all"
    me: int = 0
    state: str | None = None
    channel_id: int | None = None
    assignee_id: int | None = None
    team_id: int | None = None
    tree: Node | None = None
    context: Context | None = None
    after: Cursor | None = None
    before: Cursor | None = None
    last: bool = False
    limit: int = 50


class Listing(NamedTuple):
    """Rows, and from where there may be more; None at the end. `beyond`: where the next older part is."""

    rows: list[Named]
    edge: Cursor | None
    beyond: Cursor | None = None


class _Walk(NamedTuple):
    """Conversations in the list's order that fulfil `where`, on from `edge`."""

    where: list[str]
    params: dict[str, Any]
    edge: Cursor | None
    backwards: bool

    @property
    def order(self) -> str:
        way = "DESC" if self.backwards else "ASC"
        return f"ORDER BY c.sort_key {way}, c.id {way}"

    def beyond(self, edge: tuple[int, int] | None) -> tuple[str, dict[str, Any]]:
        """The condition on places beyond `edge`, with what else is asked."""
        if edge is None:
            return " AND ".join(self.where), self.params
        compare = "<" if self.backwards else ">"
        return (
            " AND ".join([*self.where, f"(c.sort_key, c.id) {compare} (:edge_key, :edge_id)"]),
            {**self.params, "edge_key": edge[0], "edge_id": edge[1]},
        )


def listing(read: Snapshot, want: Filter) -> Listing:
    """Up to `limit` rows in the view's order, backwards for `before` and `last`. A page of a query may be shorter, even
    empty, without being the last: what fulfils it lies further on."""
    where = [_VIEWS[want.view]]
    params: dict[str, Any] = {"me": want.me}
    for name in ("state", "channel_id", "assignee_id", "team_id"):
        value = getattr(want, name)
        if value is not None:
            where.append(f"c.{name} = :{name}")
            params[name] = value
    backwards = want.last or want.before is not None
    edge = want.before if backwards else want.after
    walk = _Walk(where, params, edge, backwards)
    if want.tree is not None and want.context is not None:
        return _answer(read, walk, want.tree, want.context, want.limit)
    condition, params = walk.beyond(edge and edge[:2])
    page = f"SELECT * FROM conversations c WHERE {condition} {walk.order} LIMIT :limit"
    found = read.named(f"{ROWS.format(page=page)} {walk.order}", {**params, "limit": want.limit + 1})
    return Listing(found[: want.limit], _place(found[want.limit - 1]) if len(found) > want.limit else None)


def _answer(read: Snapshot, walk: _Walk, tree: Node, context: Context, limit: int) -> Listing:
    """A page of what fulfils a query."""
    end = time.monotonic() + PATIENCE
    part = walk.edge.part if walk.edge is not None else NEWEST
    while True:
        plan = search.plan(read, tree, context, part)
        places = _of_few(read, walk, plan.ids) if plan.ids is not None else _along(read, walk, plan.only)
        rows, edge = _ask(read, walk, places, plan.only, limit, end)
        older = Cursor(0, 0, plan.older) if plan.older is not None else None
        newer = Cursor(LAST, LAST, plan.newer) if plan.newer is not None else None
        if edge is not None:
            return Listing(rows, edge._replace(part=part), older)
        on = newer if walk.backwards else older
        if rows or on is None or time.monotonic() >= end:
            return Listing(rows, on, older)
        walk, part = walk._replace(edge=on), on.part


#: gives the next conversations, as many as it is asked for, and none at the end
_Next = Callable[[int], list[int]]


def _of_few(read: Snapshot, walk: _Walk, ids: set[int]) -> _Next:
    """These conversations in the list's order."""
    condition, params = walk.beyond(walk.edge and walk.edge[:2])
    sql = (
        "SELECT c.id FROM json_each(:few) j CROSS JOIN conversations c ON c.id = j.value"
        f" WHERE {condition} {walk.order}"
    )
    places = iter(column(read, sql, {**params, "few": as_json(ids)}))
    return lambda size: list(islice(places, size))


def _along(read: Snapshot, walk: _Walk, only: Where) -> _Next:
    """The list's conversations, as far as they may fulfil a condition at all."""
    edge = walk.edge and walk.edge[:2]

    def following(size: int) -> list[int]:
        nonlocal edge
        condition, params = walk.beyond(edge)
        sql = f"SELECT c.id FROM conversations c WHERE {condition} AND {only.along} {walk.order}"
        found = column(read, sql, {**only.params, **params}, size)
        edge = _of(read, found[-1])[:2] if found else edge
        return found

    return following


def _ask(
    read: Snapshot, walk: _Walk, following: _Next, only: Where, limit: int, end: float
) -> tuple[list[Named], Cursor | None]:
    """Ask these conversations, more and more at once, until the page is full or the time is over."""
    page = (
        "SELECT c.* FROM json_each(:some) j CROSS JOIN conversations c ON c.id = j.value"
        f" WHERE {only.sql} {walk.order} LIMIT :limit"
    )
    sql = f"{ROWS.format(page=page)} {walk.order}"
    found: list[Named] = []
    size = limit + 1
    while some := following(size):
        began = time.monotonic()
        params = {"some": as_json(some), "limit": limit + 1 - len(found)}
        found += read.named(sql, {**walk.params, **only.params, **params})
        if len(found) > limit:
            return found[:limit], _place(found[limit - 1])
        now = time.monotonic()
        if now >= end:
            return found, _of(read, some[-1])
        if 4 * (now - began) < end - now:
            size = min(2 * size, MOST)
    return found, None


def _of(read: Snapshot, id: int) -> Cursor:
    """The place of a conversation."""
    return Cursor(read.value("SELECT sort_key FROM conversations WHERE id = ?", (id,)), id)


def _place(row: Named) -> Cursor:
    return Cursor(row["sort_key"], row["id"])
