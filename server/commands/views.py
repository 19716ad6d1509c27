"""Saved views: queries with a name, one's own, a team's or everybody's."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET

from server import query, wire
from server.commands import scopes
from server.commands.door import Actor, Command, Need, Query, Refusal
from server.commands.inbox import read_query
from server.store import views
from server.store.store import Row, Snapshot, Tx

#: characters of a name, and of a query
NAME_LIMIT, QUERY_LIMIT = 40, 500


def _shown(row: Row) -> wire.SavedView:
    return wire.SavedView(
        id=row["id"],
        name=row["name"],
        query=row["query"],
        scope=scopes.scope_of(row),
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
    return scopes.changeable(views.get(tx, id), "view", id, actor)


class CreateView(Command, kw_only=True):
    """Keep a query under a name. Sharing it with a team or with everybody is a supervisor's."""

    needs: ClassVar[Need] = "advisor"

    view: wire.NewView

    def run(self, tx: Tx, actor: Actor) -> wire.SavedView:
        new = self.view
        name, text = _check(new.name, new.query)
        owner, team = scopes.owner_and_team(tx, actor, new.scope, new.team)
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
