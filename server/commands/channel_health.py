"""How channels are: put together for lists, and what looking after them found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from server import wire
from server.commands import circuits
from server.commands.door import Actor, Command, Need, Query
from server.desk import breaker
from server.store import channel_health as health
from server.store import channels, outbox
from server.store.store import Row, Snapshot, Tx

#: over how long attempts are counted (ms)
HOUR_MS = 3_600_000
#: from how many attempts in that time on, and from which share of losses on, a channel is said to fail
ENOUGH, HALF = 5, 0.5
#: how long before a token ends that is told (ms)
TOKEN_WARNING_MS = 7 * 24 * HOUR_MS
#: how long a channel may bring nothing before that is worth a hint (ms): longer than a long weekend
QUIET_MS = 4 * 24 * HOUR_MS


def of_all(read: Snapshot, rows: Sequence[Row]) -> dict[int, wire.Health]:
    """Channel → how it is, in as many queries for all channels as for one."""
    states = {row["channel_id"]: row for row in health.listing(read)}
    problems: dict[int, list[Row]] = {}
    for row in health.problems(read):
        problems.setdefault(row["channel_id"], []).append(row)
    traffic = {row["channel_id"]: row for row in health.traffic(read, read.now - HOUR_MS)}
    waiting: dict[int, dict[str, int]] = {}
    for row in outbox.depth(read):
        waiting.setdefault(row["channel_id"], {})[row["state"]] = row["n"]
    return {
        row["id"]: _one(
            row, read.now, states.get(row["id"]), problems.get(row["id"], []), traffic.get(row["id"]), waiting
        )
        for row in rows
    }


def _one(
    channel: Row,
    now: int,
    state: Row | None,
    problems: list[Row],
    traffic: Row | None,
    waiting: dict[int, dict[str, int]],
) -> wire.Health:
    counts = waiting.get(channel["id"], {})
    found = wire.Health(
        attempts=traffic["attempts"] if traffic is not None else 0,
        failed=traffic["failed"] if traffic is not None else 0,
        waiting=counts.get("queued", 0) + counts.get("sending", 0),
        unknown=counts.get("unknown", 0),
    )
    if state is not None:
        found.token_expires_at, found.pulled_at = state["token_expires_at"], state["pulled_at"]
        if state["openings"] and (state["paused_until"] or 0) > now:
            found.paused_until = state["paused_until"]
    if not channel["active"]:
        return found
    worst = min(problems, key=lambda problem: not _is_grave(problem), default=None)
    if worst is not None:
        found.state = "down" if _is_grave(worst) else "warning"
        found.problem, found.detail, found.since = worst["problem"], worst["detail"], worst["since"]
    elif traffic is not None and found.attempts >= ENOUGH and traffic["lost"] >= HALF * found.attempts:
        found.state, found.problem = "warning", "failing"
    if channel["last_in_at"] is not None and now - channel["last_in_at"] > QUIET_MS:
        found.hint = "quiet"
    return found


def _is_grave(problem: Row) -> bool:
    """Whether the channel does not work because of it, or only may not for long."""
    return problem["part"] in ("send", "pull") or problem["problem"] in breaker.CHANNEL


class Condition(msgspec.Struct, kw_only=True):
    """How a channel in service is."""

    name: str
    kind: str
    health: wire.Health


class ListConditions(Query, kw_only=True):
    """How all channels in service are."""

    needs: ClassVar[Need] = "admin"

    def run(self, read: Snapshot, actor: Actor) -> list[Condition]:
        rows = [row for row in channels.listing(read) if row["active"]]
        found = of_all(read, rows)
        return [Condition(name=row["name"], kind=row["kind"], health=found[row["id"]]) for row in rows]


class Watched(msgspec.Struct, kw_only=True):
    """A channel to look after. `version` grows when its settings change; `checked_at`: when it was done last."""

    id: int
    version: int
    checked_at: int | None


class ListWatched(Query, kw_only=True):
    """All channels in service."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> list[Watched]:
        checked = health.checked(read)
        return [
            Watched(id=row["id"], version=row["version"], checked_at=checked.get(row["id"]))
            for row in channels.listing(read)
            if row["active"]
        ]


class NoteCheck(Command, kw_only=True):
    """What trying a channel's settings found: `problem` is a stable code, empty if all is well. `by_hand`: somebody
    asked for it, so that what leaves through the channel need not wait any longer."""

    needs: ClassVar[Need] = "admin"

    channel_id: int
    problem: str = ""
    detail: str = ""
    token_expires_at: int | None = None
    by_hand: bool = False

    def run(self, tx: Tx, actor: Actor) -> None:
        row = channels.get(tx, self.channel_id)
        if row is None or row["removed_at"] is not None:
            return
        health.note_check(tx, self.channel_id, self.token_expires_at)
        health.set_problem(tx, row, "check", self.problem, self.detail)
        ends = self.token_expires_at
        ending = ends is not None and ends - tx.now < TOKEN_WARNING_MS
        health.set_problem(tx, row, "token", "token_ends" if ending else "")
        if self.by_hand and not self.problem:
            circuits.close(tx, row)


def first_problem(checks: Sequence[wire.Check]) -> tuple[str, str]:
    """(code, detail) of the first check that failed; empty if none did. The code is one that sending names as well,
    else what the check says was wrong, else its name."""
    wrong = next((check for check in checks if not check.ok), None)
    if wrong is None:
        return "", ""
    code = {"reach": "provider_down", "provider": "provider_down"}.get(wrong.name, wrong.name)
    return code if code in breaker.CHANNEL else wrong.why or code, wrong.detail
