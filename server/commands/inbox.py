"""The inbox's lists: one page of a view, narrowed down by filters and by a query."""

from __future__ import annotations

import zoneinfo
from typing import ClassVar, TypeGuard

from server import query, wire
from server.commands import shapes
from server.commands.door import Actor, Need, Query, Refusal
from server.commands.queries import MOST
from server.desk import days
from server.store import channels, conversations, filters, organisation, people, search
from server.store.conversations import Filter
from server.store.store import Snapshot


def _place(cursor: str) -> tuple[int, int]:
    """A cursor's (sort_key, id)."""
    key, _, id = cursor.partition("-")
    try:
        return int(key), int(id)
    except ValueError:
        raise Refusal(422, "invalid", detail="not a cursor of this list") from None


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
        want.before = _place(self.before) if self.before not in (None, "end") else None
        want.after = _place(self.after) if self.after is not None and self.before is None else None
        if not self._narrow(read, actor, want):
            return wire.Page(items=[], as_of=read.head())
        found, edge = conversations.listing(read, want)
        more = None if edge is None else f"{edge[0]}-{edge[1]}"
        if want.last or want.before is not None:
            items = [shapes.row(r) for r in reversed(found)]
            after = f"{items[-1].sort_key}-{items[-1].id}" if items and not want.last else None
            return wire.Page(items=items, next=after, previous=more, as_of=read.head())
        items = [shapes.row(r) for r in found]
        before = f"{items[0].sort_key}-{items[0].id}" if items and want.after is not None else None
        return wire.Page(items=items, next=more, previous=before, as_of=read.head())

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
            _ask(read, actor, self.q, want)
        return 0 not in (want.channel_id, want.assignee_id, want.team_id) and want.ids != []


def read_query(text: str) -> query.Node:
    """The tree of a query. Refuses one that cannot be read, saying where."""
    try:
        return query.parse(text)
    except query.QueryError as error:
        raise Refusal(422, "bad_query", why=error.code, start=error.start, end=error.end, **error.params) from None


def _ask(read: Snapshot, actor: Actor, text: str, want: Filter) -> None:
    """Narrow a list down to what a query asks for: words by their index, everything else by asking each row."""
    tree = read_query(text)
    items = tree.items if isinstance(tree, query.Every) else (tree,)
    texts = [(item.values[0], item.phrase) for item in items if _is_words(item)]
    others = tuple(item for item in items if not _is_words(item))
    zone = zoneinfo.ZoneInfo(organisation.get(read).get("zone", "UTC"))
    context = filters.Context(
        me=actor.id,
        now=read.now,
        day_start=lambda day: days.start_of(day, read.now, zone),
        supervises=actor.at_least("supervisor"),
    )
    only = filters.where(query.Every(others), context) if others else None
    if texts:
        want.ids = search.conversations(read, texts, only, None if context.supervises else actor.id)
    else:
        want.only = only


def _is_words(node: query.Node) -> TypeGuard[query.Term]:
    """Whether these are words that the full-text index finds by itself."""
    return isinstance(node, query.Term) and node.field == "text" and len(node.values) == 1
