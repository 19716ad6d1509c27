"""The inbox's lists: one page of a view, narrowed down by filters and by a query."""

from __future__ import annotations

import zoneinfo
from typing import ClassVar

from server import query, wire
from server.commands import shapes
from server.commands.door import Actor, Need, Query, Refusal
from server.commands.queries import MOST
from server.desk import days
from server.store import channels, lists, organisation, people
from server.store.filters import LAST, NEWEST, Context, Part
from server.store.lists import Cursor, Filter
from server.store.store import Snapshot


def _read(cursor: str) -> Cursor:
    """A cursor from what we once gave out."""
    try:
        sort_key, id, *part = (int(number) for number in cursor.split("-"))
        if max(sort_key, id, *part) > LAST:
            raise ValueError(cursor)
        return Cursor(sort_key, id, Part(*part))
    except (TypeError, ValueError):
        raise Refusal(422, "invalid", detail="not a cursor of this list") from None


def _written(cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    return "-".join(map(str, (cursor.sort_key, cursor.id, *(cursor.part if cursor.part != NEWEST else ()))))


class ListConversations(Query, kw_only=True):
    """One page of a view, most urgent first.

    `after` and `before` are cursors of a page; `before="end"` asks for the last page. `q`: in the language of
    `server.query`. A page found by `before` has `previous` set if there is more before it. A page of a query may be
    shorter than asked for, even empty, and yet have a `next`: what fulfils it lies further on.
    """

    needs: ClassVar[Need] = "advisor"

    view: wire.View = "all"
    q: str = ""
    state: str | None = None
    channel: str | None = None
    assignee: str | None = None
    team: str | None = None
    after: str | None = None
    before: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.ConversationRow]:
        want = Filter(view=self.view, me=actor.id, state=self.state, limit=max(1, min(self.limit, MOST)))
        want.last = self.before == "end"
        want.before = _read(self.before) if self.before not in (None, "end") else None
        want.after = _read(self.after) if self.after is not None and self.before is None else None
        if not self._narrow(read, actor, want):
            return wire.Page(items=[], as_of=read.head())
        found, edge, beyond = lists.listing(read, want)
        if want.last or want.before is not None:
            items = [shapes.row(r) for r in reversed(found)]
            after = _at(items[-1], want.before) if items and want.before is not None else beyond
            return wire.Page(items=items, next=_written(after), previous=_written(edge), as_of=read.head())
        items = [shapes.row(r) for r in found]
        before = _at(items[0], want.after) if items and want.after is not None else None
        return wire.Page(items=items, next=_written(edge), previous=_written(before), as_of=read.head())

    def _narrow(self, read: Snapshot, actor: Actor, want: Filter) -> bool:
        """Fill in the filters; False if nothing can match."""
        if self.channel is not None:
            row = channels.by_name(read, self.channel)
            want.channel_id = row["id"] if row is not None else 0
        if self.assignee is not None:
            row = people.user(read, self.assignee)
            want.assignee_id = row["id"] if row is not None else 0
        if self.team is not None:
            row = people.team(read, self.team)
            want.team_id = row["id"] if row is not None else 0
        if self.q.strip():
            want.tree, want.context = read_query(self.q), _context(read, actor)
        return 0 not in (want.channel_id, want.assignee_id, want.team_id)


def _at(row: wire.ConversationRow, beside: Cursor) -> Cursor:
    """The cursor of a row on a page that was asked for by another one."""
    return Cursor(row.sort_key, row.id, beside.part)


def read_query(text: str) -> query.Node:
    """The tree of a query. Refuses one that cannot be read, saying where."""
    try:
        return query.parse(text)
    except query.QueryError as error:
        raise Refusal(422, "bad_query", why=error.code, start=error.start, end=error.end, **error.params) from None


def _context(read: Snapshot, actor: Actor) -> Context:
    """Who asks, and when."""
    zone = zoneinfo.ZoneInfo(organisation.get(read).get("zone", "UTC"))
    return Context(
        me=actor.id,
        now=read.now,
        day_start=lambda day: days.start_of(day, read.now, zone),
        supervises=actor.at_least("supervisor"),
    )
