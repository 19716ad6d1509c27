"""Saved views: queries with a name, one's own, a team's or everybody's."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET

from server import query, wire
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.inbox import read_query
from server.store import people, views
from server.store.store import Row, Snapshot, Tx

#: characters of a name, and of a query
NAME_LIMIT, QUERY_LIMIT = 40, 500


def _shown(row: Row) -> wire.SavedView:
    return wire.SavedView(
        id=row["id"],
        name=row["name"],
        query=row["query"],
        scope="user" if row["owner_id"] is not None else "team" if row["team_id"] is not None else "all",
        team=row["team"],
        place=row["place"],
    )


def _check(name: str, text: str) -> tuple[str, str]:
    name, text = " ".join(name.split()), text.strip()
    if not name:
        raise Refusal(422, "invalid", detail="a view has a name")
    if len(name) > NAME_LIMIT:
        raise Refusal(422, "too_long", limit=NAME_LIMIT, length=len(name))
    if len(text) > QUERY_LIMIT:
        raise Refusal(422, "too_long", limit=QUERY_LIMIT, length=len(text))
    if read_query(text) == query.Every(()):
        raise Refusal(422, "empty")
    return name, text


def _mine(tx: Tx, id: int, actor: Actor) -> Row:
    """A view that this actor may change: their own, or a shared one for a supervisor."""
    row = views.get(tx, id)
    if row is None or row["owner_id"] not in (None, actor.id):
        raise not_found("view", id)
    if row["owner_id"] is None and not actor.at_least("supervisor"):
        raise Refusal(403, "forbidden", needs="supervisor")
    return row


class CreateView(Command, kw_only=True):
    """Keep a query under a name. Sharing it with a team or with everybody is a supervisor's."""

    needs: ClassVar[Need] = "advisor"

    view: wire.NewView

    def run(self, tx: Tx, actor: Actor) -> wire.SavedView:
        new = self.view
        name, text = _check(new.name, new.query)
        if new.scope != "user" and not actor.at_least("supervisor"):
            raise Refusal(403, "forbidden", needs="supervisor")
        owner, team = (actor.id if new.scope == "user" else None), None
        if new.scope == "team":
            row = people.team(tx, new.team or "")
            if row is None:
                raise not_found("team", new.team)
            team = int(row["id"])
        if views.twin(tx, name, owner, team) is not None:
            raise Refusal(409, "name_taken", name=name)
        id = views.create(tx, name, text, owner, team, new.place)
        tx.emit("view.created", view=id, name=name, scope=new.scope)
        found = views.get(tx, id)
        assert found is not None
        return _shown(found)


class UpdateView(Command, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    id: int
    change: wire.ChangeView

    def run(self, tx: Tx, actor: Actor) -> wire.SavedView:
        row = _mine(tx, self.id, actor)
        name = row["name"] if self.change.name is UNSET else self.change.name
        text = row["query"] if self.change.query is UNSET else self.change.query
        name, text = _check(name, text)
        if views.twin(tx, name, row["owner_id"], row["team_id"], but=self.id) is not None:
            raise Refusal(409, "name_taken", name=name)
        views.update(tx, self.id, name, text, row["place"] if self.change.place is UNSET else self.change.place)
        tx.emit("view.updated", view=self.id, name=name)
        found = views.get(tx, self.id)
        assert found is not None
        return _shown(found)


class RemoveView(Command, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _mine(tx, self.id, actor)
        views.remove(tx, self.id)
        tx.emit("view.removed", view=self.id, name=row["name"])


class ListViews(Query, kw_only=True):
    """The views the asker has: everybody's, their teams' and their own, in the order they are shown."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.SavedView]:
        return wire.Page(items=[_shown(row) for row in views.for_user(read, actor.id)])
