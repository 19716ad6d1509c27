"""Who is there and what they carry: set by people, by their consoles, by the rules.

Others ask `is_there`, `absent`, `duty` and `load`; `on_reopen` and `taken_up` are called where a customer comes back to
a conversation, `weigh` where what it costs may have changed.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import msgspec

from server import wire
from server.commands import assigning
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.desk import assignment
from server.desk.availability import ABSENT, AT_ONCE, Change, Rules, Seen, Standing, change, due
from server.store import availability, channels, people, service
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx
from server.wire import ServiceSettings

#: the furthest that somebody can be back (ms)
LONGEST = 400 * 24 * 3_600_000
#: characters of a reason
REASON = 200

# ---------------------------------------------------------------- what others ask


def is_there(read: Snapshot, user_id: int) -> bool:
    """Whether somebody is at their place: online, or busy."""
    row = availability.row(read, user_id)
    return row is not None and row["state"] not in ABSENT


def absent(read: Snapshot, user_id: int) -> bool:
    """Whether somebody is known to be away or offline. Who never used a console nor said anything is not."""
    row = availability.row(read, user_id)
    return row is not None and row["state"] in ABSENT


def load(read: Snapshot, user_id: int) -> tuple[int, int]:
    """(what somebody carries, what they can carry), in hundredths of an ordinary conversation."""
    row = availability.person(read, user_id)
    if row is None:
        return 0, 0
    settings = service.settings(read)
    return carried(row, settings), capacity(row, settings)


def duty(read: Snapshot, team_id: int) -> int | None:
    """Who answers for a team now: its duty advisor if they are there, else the least loaded who is online."""
    team = availability.team(read, team_id)
    if team is not None and team["duty_id"] is not None and is_there(read, team["duty_id"]):
        return int(team["duty_id"])
    online = [advisor for advisor in advisors(read, team_id, service.settings(read)) if advisor.state == "online"]
    if not online:
        return None
    return min(online, key=lambda a: (a.load / max(1, a.capacity), a.last_at, a.name)).id


def carried(row: Row, settings: ServiceSettings) -> int:
    """The load of a row with `load_open` and `load_waiting`."""
    weighed = {"open": row["load_open"] or 0, "waiting": row["load_waiting"] or 0}
    return assignment.load(weighed, settings.waiting_percent)


def capacity(row: Row, settings: ServiceSettings) -> int:
    own = row["capacity"]
    return (settings.capacity if own is None else int(own)) * assignment.ORDINARY


def advisors(read: Snapshot, team_id: int, settings: ServiceSettings) -> list[assignment.Advisor]:
    """A team's members as the rules of assignment see them."""
    return [
        assignment.Advisor(
            id=row["id"],
            name=row["name"],
            state=row["state"],
            capacity=capacity(row, settings),
            load=carried(row, settings),
            skills=assignment.skills(row["skills"]),
            last_at=row["assigned_at"],
        )
        for row in availability.members(read, team_id)
    ]


def weigh(tx: Tx, conv: Conversation, kind: str = "") -> None:
    """Set what a conversation costs by its channel's `kind` (looked up unless given) and complexity; the caller
    saves."""
    if not kind:
        channel = channels.get(tx, conv.channel_id)
        kind = channel["kind"] if channel is not None else ""
    conv.weight = assignment.weight(service.settings(tx).weights, kind, conv.complexity)


def on_reopen(tx: Tx, conv: Conversation, by: str) -> None:
    """A conversation that was at its end goes on: it is the queue's if its advisor works here no longer, or, where the
    customer takes it up (`by` contact), is not there."""
    if conv.assignee_id is None:
        return
    user = people.user_by_id(tx, conv.assignee_id)
    if user is None or not user["active"] or (by == "contact" and absent(tx, conv.assignee_id)):
        assigning.assign(tx, conv, None, None, actor="system", how="left", why="reopened")


def taken_up(tx: Tx, conv: Conversation) -> None:
    """A conversation that rested goes on: the queue gets it if its advisor has left and its team does not keep work."""
    if conv.assignee_id is None or conv.team_id is None:
        return
    row = availability.row(tx, conv.assignee_id)
    if row is None or row["absent_at"] is None:
        return
    team = availability.team(tx, conv.team_id)
    if team is not None and team["on_leave"] != "keep" and left_at(row, team) <= tx.now:
        assigning.assign(tx, conv, None, None, actor="system", how="left", why="taken_up")


def left_at(row: Row, team: Row) -> int:
    """When somebody who is not there counts as having left a team (UTC ms)."""
    since = int(row["absent_at"])
    return since if row["why"] in AT_ONCE else since + int(team["leave_after_ms"])


# ---------------------------------------------------------------- how it changes


def set_state(
    tx: Tx, user_id: int, name: str, to: Change, *, by: str = "", back_at: int | None = None, reason: str = ""
) -> None:
    """Write a state, and its line in the journal if it is another one. `by`: the user who said so, or nobody."""
    if to.state is None:
        availability.put(tx, user_id, {"chosen": 0})
        return
    row = availability.row(tx, user_id)
    was = row["state"] if row is not None else "offline"
    known = row is not None and row["why"] != ""  # else it is the first that is ever said of them
    chosen = bool(by) and not (to.state == "online" and by == name)
    values: dict[str, Any] = {"back_at": back_at, "told_by": by, "why": to.why, "chosen": int(chosen)}
    if row is not None and (was, row["back_at"]) == (to.state, back_at):
        availability.put(tx, user_id, values)
        return
    if was != to.state or row is None:
        values |= {"state": to.state, "since": tx.now}
    gone = to.state in ABSENT
    before = row["absent_at"] if row is not None else None
    values["absent_at"] = (before or tx.now) if gone else None
    availability.put(tx, user_id, values)
    plan_leaving(tx, user_id)
    tx.emit(
        "availability.changed",
        None,
        f"user:{by}" if by else "system",
        user=name,
        state=to.state,
        was=was,
        by=by,
        why=to.why,
        back_at=back_at,
        lasted=tx.now - row["since"] if row is not None and known else None,
        **({"reason": reason} if reason else {}),
    )


def plan_leaving(tx: Tx, user_id: int) -> None:
    """When the open work of somebody who is not there is to be looked at next: the first team's time after now."""
    row = availability.row(tx, user_id)
    if row is None:
        return
    moments = []
    if row["absent_at"] is not None:
        moments = [left_at(row, team) for team in availability.teams(tx) if team["on_leave"] != "keep"]
    availability.put(tx, user_id, {"leave_at": min(moments, default=None)})


class Attending(NamedTuple):
    """Somebody's consoles together, as the feed knows them."""

    user_id: int
    present: bool
    touched_at: int


class SetAvailability(Command, kw_only=True):
    """Set one's own state, or, as a supervisor, somebody else's. Refused (422 bad_back_at) for a `back_at` that is over
    or belongs to another state than away."""

    needs: ClassVar[Need] = "advisor"

    name: str
    set: wire.SetAvailability

    def run(self, tx: Tx, actor: Actor) -> wire.Availability:
        row = people.user(tx, self.name)
        if row is None or not row["active"]:
            raise not_found("user", self.name)
        if row["id"] != actor.id and not actor.at_least("supervisor"):
            raise Refusal(403, "forbidden", needs="supervisor")
        back_at = self.set.back_at
        if back_at is not None and (self.set.state != "away" or not tx.now < back_at <= tx.now + LONGEST):
            raise Refusal(422, "bad_back_at", at=back_at)
        reason = " ".join(self.set.reason.split())[:REASON]
        to = Change(self.set.state, "chosen" if row["id"] == actor.id else "forced")
        before = availability.row(tx, row["id"])
        set_state(tx, row["id"], row["name"], to, by=actor.name, back_at=back_at, reason=reason)
        if before is not None and before["state"] == "offline" and not before["console"]:
            # They work without a console: one that went long ago does not take them away again.
            availability.put(tx, row["id"], {"gone_at": None})
        return next(one for one in _everybody(tx) if one.user == row["name"])


class ListAvailability(Query, kw_only=True):
    """Everybody who works here: whether they are there, what they carry, what they know."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Availability]:
        return wire.Page(items=_everybody(read), as_of=read.head())


def _everybody(read: Snapshot) -> list[wire.Availability]:
    settings = service.settings(read)
    return [
        wire.Availability(
            user=row["name"],
            display_name=row["display_name"],
            role=row["role"],
            state=row["state"],
            since=row["since"],
            back_at=row["back_at"],
            by=row["told_by"] or "",
            why=row["why"] or "",
            load=carried(row, settings),
            capacity=capacity(row, settings),
            open=row["open"] or 0,
            waiting=row["waiting"] or 0,
            teams=people.team_names(row),
            skills=row["skills"],
        )
        for row in availability.everybody(read)
    ]


# ---------------------------------------------------------------- consoles


class People(msgspec.Struct, kw_only=True):
    """How everybody stands, who of them works here, and the rules by which that changes."""

    rules: Rules
    active: set[int]
    standing: dict[int, tuple[Standing, bool]]


class HowTheyStand(Query, kw_only=True):
    """Everybody's standing, and whether the store knows of a console of theirs."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> People:
        return People(
            rules=_rules(read),
            active={row["id"] for row in people.users(read) if row["active"]},
            standing={
                row["user_id"]: (availability.standing(row), bool(row["console"])) for row in availability.rows(read)
            },
        )


def _rules(read: Snapshot) -> Rules:
    settings = service.settings(read)
    return Rules(settings.away_ms, settings.gone_ms)


class Attend(Command, kw_only=True):
    """Note who has a console and when they last touched it, and let happen what follows from it."""

    needs: ClassVar[Need] = "system"

    seen: list[Attending]

    def run(self, tx: Tx, actor: Actor) -> None:
        rules = _rules(tx)
        for user_id, present, touched_at in self.seen:
            user = people.user_by_id(tx, user_id)
            if user is None or not user["active"]:
                continue
            row = availability.row(tx, user_id)
            if bool(row["console"]) is not present if row is not None else present:
                availability.put(tx, user_id, {"console": int(present), "gone_at": None if present else tx.now})
                row = availability.row(tx, user_id)
            to = change(availability.standing(row), Seen(present, touched_at), rules, tx.now)
            if to is not None:
                set_state(tx, user_id, user["name"], to)


class ServerStarted(Command, kw_only=True):
    """The server has just started: nobody's console can be connected yet, so nobody has gone because of that."""

    needs: ClassVar[Need] = "system"

    def run(self, tx: Tx, actor: Actor) -> int:
        return availability.server_started(tx)


def next_change(people: People, seen: dict[int, Seen], now: int) -> tuple[list[Attending], int | None]:
    """Of whom something is to be noted now, and when the next change comes by itself. Pure."""
    found: list[Attending] = []
    moments: list[int] = []
    for user_id in people.active & (people.standing.keys() | seen.keys()):
        standing, console = people.standing.get(user_id, (Standing(), False))
        here = seen.get(user_id, Seen(False))
        if here.present is not console or change(standing, here, people.rules, now) is not None:
            found.append(Attending(user_id, here.present, here.touched_at))
        else:
            at = due(standing, here, people.rules, now)
            if at is not None:
                moments.append(at)
    return found, min(moments, default=None)


# ---------------------------------------------------------------- sessions and accounts


def signed_out(tx: Tx, user_id: int) -> None:
    """Somebody's last session ended: they went home, and do not come back by themselves."""
    row = availability.row(tx, user_id)
    if row is not None and row["state"] != "offline":
        set_state(tx, user_id, row["name"], Change("offline", "signed_out"))


def switched_off(tx: Tx, user_id: int) -> None:
    """An account is switched off: whatever it was, it is offline."""
    row = availability.row(tx, user_id)
    if row is not None and row["state"] != "offline":
        set_state(tx, user_id, row["name"], Change("offline", "switched_off"))
