"""Alerts: raised once, shown to whoever has to look, passed on until somebody acknowledges them or they are over.

Other commands raise and end them (`raise_`, `over`); the chain is advisor, supervisor, admin.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from server import wire
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.store import alerts, conversations, people, service
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

_NEXT: dict[str, wire.AlertLevel] = {"advisor": "supervisor", "supervisor": "admin"}
#: which levels somebody of a role sees, beside what concerns themselves
_SEES: dict[str, list[str]] = {"advisor": [], "supervisor": ["supervisor", "admin"], "admin": ["supervisor", "admin"]}
#: open alerts that one list shows
MOST = 500


def raise_(
    tx: Tx,
    kind: str,
    conv: Conversation | None = None,
    *,
    level: wire.AlertLevel = "supervisor",
    about: str = "",
    team_id: int | None = None,
    user_id: int | None = None,
    **data: Any,
) -> bool:
    """Alert somebody, unless that is known already; whether it was new.

    `about` says what of (by default the conversation). Without `user_id` and `team_id` those of the conversation count;
    level advisor without an advisor goes to the supervisors at once.
    """
    if conv is not None:
        about = about or str(conv.id)
        user_id = user_id if user_id is not None else conv.assignee_id
        team_id = team_id if team_id is not None else conv.team_id
    if level == "advisor" and user_id is None:
        level = "supervisor"
    wait = service.settings(tx).escalate_ms
    id = alerts.raise_(
        tx,
        kind,
        about,
        level,
        conversation_id=conv.id if conv is not None else None,
        team_id=team_id,
        user_id=user_id,
        data=msgspec.json.encode(data).decode(),
        escalate_at=tx.now + wait if wait and level in _NEXT else None,
    )
    if id is None:
        return False
    _tell(tx, "alert.raised", id)
    return True


def over(tx: Tx, kind: str, about: str | int) -> None:
    """What an alert was about is no longer so."""
    row = alerts.open_about(tx, kind, str(about))
    if row is not None and alerts.end(tx, row["id"], "", "over"):
        _tell(tx, "alert.ended", row["id"])


def open_abouts(read: Snapshot, kind: str) -> list[str]:
    """What the open alerts of a kind are about."""
    return alerts.abouts(read, kind)


def ask_help(tx: Tx, conv: Conversation, reason: str) -> None:
    """Its advisor asks for help: the conversation has a sign, supervisors an alert. The caller saves."""
    alerted = conv.flagged_at is not None
    conv.flag, conv.flagged_at = reason, tx.now
    tx.emit("conversation.flagged", conv.id, reason=reason)
    if alerted:
        over(tx, "help", conv.id)
    raise_(tx, "help", conv, reason=reason)


def helped(tx: Tx, conv: Conversation, how: str) -> None:
    """It is over: `how` is withdrawn, answered, whispered, acknowledged, assigned or resolved. The caller saves."""
    if conv.flagged_at is None:
        return
    conv.flag, conv.flagged_at = "", None
    tx.emit("conversation.unflagged", conv.id, how=how)
    over(tx, "help", conv.id)


def shown(r: Row) -> wire.Alert:
    return wire.Alert(
        id=r["id"],
        kind=r["kind"],
        level=r["level"],
        conversation=r["conversation_id"],
        contact_name=r["contact_name"],
        team=r["team"],
        user=r["user"],
        data=msgspec.json.decode(r["data"]),
        raised_at=r["raised_at"],
        escalate_at=r["escalate_at"],
        ended_at=r["ended_at"],
        ended_by=r["ended_by"],
        how=r["how"],
    )


def _tell(tx: Tx, kind: str, id: int) -> None:
    """The journal has the whole alert, so that a console can show it without asking."""
    row = alerts.get(tx, id)
    assert row is not None
    tx.emit(kind, row["conversation_id"], alert=msgspec.to_builtins(shown(row)))


def _concerns(read: Snapshot, row: Row, user_id: int) -> bool:
    """Whether an alert is somebody's own: about them, or about nobody in particular of a team of theirs."""
    if row["user_id"] is not None:
        return bool(row["user_id"] == user_id)
    return row["team_id"] is not None and row["team_id"] in people.teams_of(read, user_id)


class ListAlerts(Query, kw_only=True):
    """What is open and concerns the actor, newest first."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Alert]:
        rows = alerts.listing(read, actor.id, _SEES[actor.role or "admin"], MOST)
        return wire.Page(items=[shown(row) for row in rows], as_of=read.head())


class Acknowledge(Command, kw_only=True):
    """Somebody looks after it: it goes no further. Refused (409 alert_over) if it is over already."""

    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, tx: Tx, actor: Actor) -> wire.Alert:
        row = alerts.get(tx, self.id)
        if row is None:
            raise not_found("alert", self.id)
        if row["ended_at"] is not None:
            raise Refusal(409, "alert_over", by=row["ended_by"])
        if not actor.at_least("supervisor") and not _concerns(tx, row, actor.id):
            raise Refusal(403, "forbidden", needs="supervisor")
        alerts.end(tx, self.id, actor.name, "acknowledged")
        _tell(tx, "alert.ended", self.id)
        if row["kind"] == "help":
            self._helped(tx, row["conversation_id"])
        ended = alerts.get(tx, self.id)
        assert ended is not None
        return shown(ended)

    @staticmethod
    def _helped(tx: Tx, conversation_id: int) -> None:
        conv = conversations.load(tx, conversation_id)
        assert conv is not None
        helped(tx, conv, "acknowledged")
        conversations.save(tx, conv)


class Escalate(Command, kw_only=True):
    """Pass on what nobody acknowledged in time; how many there were."""

    needs: ClassVar[Need] = "system"

    limit: int = 200

    def run(self, tx: Tx, actor: Actor) -> int:
        rows = alerts.due(tx, self.limit)
        wait = service.settings(tx).escalate_ms if rows else 0
        for row in rows:
            level = _NEXT[row["level"]]
            alerts.escalate(tx, row["id"], level, tx.now + wait if wait and level in _NEXT else None)
            _tell(tx, "alert.escalated", row["id"])
        return len(rows)


class EscalationsDue(Query, kw_only=True):
    """When the next alert goes on (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return alerts.next_due(read)
