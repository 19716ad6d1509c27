"""Whose a saved view or a reply template is: one person's, a team's or everybody's. Sharing is a supervisor's."""

from __future__ import annotations

from server import wire
from server.commands.door import Actor, Refusal, not_found
from server.store import people
from server.store.store import Row, Snapshot


def scope_of(row: Row) -> wire.Scope:
    """How far what a row holds is shared."""
    return "user" if row["owner_id"] is not None else "team" if row["team_id"] is not None else "all"


def owner_and_team(read: Snapshot, actor: Actor, scope: wire.Scope, team: str | None) -> tuple[int | None, int | None]:
    """The ids that something new is kept with."""
    if scope == "user":
        return actor.id, None
    _may_share(actor)
    if scope == "all":
        return None, None
    row = people.team(read, team or "")
    if row is None:
        raise not_found("team", team)
    return None, int(row["id"])


def changeable(row: Row | None, what: str, id: int, actor: Actor) -> Row:
    """What this actor may change: their own, or a shared one for a supervisor. Others' are not there."""
    if row is None or row["owner_id"] not in (None, actor.id):
        raise not_found(what, id)
    if row["owner_id"] is None:
        _may_share(actor)
    return row


def _may_share(actor: Actor) -> None:
    if not actor.at_least("supervisor"):
        raise Refusal(403, "forbidden", needs="supervisor")
