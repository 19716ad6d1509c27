"""The supervisor's wallboard: open work now, beside what the day's tally knows."""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import msgspec

from server import wire
from server.commands import alerts
from server.commands.availability import ListAvailability
from server.commands.door import SYSTEM, Actor, Command, Need, Query
from server.desk import days, limits
from server.desk.tally import EVERYBODY, KINDS, Fact, Key, Tally
from server.store import campaigns, channels, conversations, journal, organisation, people, wallboard
from server.store.store import Row, Snapshot, Tx

#: events read at once
BATCH = 2_000
#: what the journal's line of a message says that a machine wrote
_AUTOMATIC = '"automatic":true'
#: customers who are named as being looked at
SEEN = 500


class TallyBegins(Query, kw_only=True):
    """(when today began, UTC ms; the newest seq before everything that the tally is told of)."""

    needs: ClassVar[Need] = "system"

    back: int

    def run(self, read: Snapshot, actor: Actor) -> tuple[int, int]:
        day = day_start(read)
        return day, journal.seq_before(read, min(day, read.now - self.back))


class DayBegan(Query, kw_only=True):
    """When today began for the organisation (UTC ms)."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int:
        return day_start(read)


def day_start(read: Snapshot) -> int:
    zone = zoneinfo.ZoneInfo(organisation.get(read).get("zone", "UTC"))
    return days.start_of("today", read.now, zone)


class Facts(msgspec.Struct, frozen=True):
    """What counts among the events up to `until`; `more`: there are later ones."""

    facts: list[Fact]
    until: int
    more: bool


class TallyFacts(Query, kw_only=True):
    """What counts among the next events after `since`."""

    needs: ClassVar[Need] = "system"

    since: int

    def run(self, read: Snapshot, actor: Actor) -> Facts:
        head = read.head()
        until = min(head, self.since + BATCH)
        rows = wallboard.facts(read, self.since, until, KINDS)
        return Facts([fact for row in rows if (fact := _fact(row)) is not None], until, until < head)


def _fact(row: Row) -> Fact | None:
    """An event as it counts; None for a message that no person wrote, which is no answer."""
    *known, text = row
    fact = Fact(*known)
    if fact.kind == "message.queued" and _AUTOMATIC in text:
        return None
    if not fact.kind.startswith("sla."):
        return fact
    data: dict[str, Any] = msgspec.json.decode(text)
    return fact._replace(target=str(data.get("target", "")), took=int(data.get("business", data.get("took", 0))))


class ShowBoard(Query, kw_only=True):
    """The wallboard as it is now. `tally`: today's figures; `where`: per sign-in name the conversation somebody looks
    at, and whether they write there."""

    needs: ClassVar[Need] = "supervisor"

    tally: Tally
    where: dict[str, tuple[int, bool]]

    def run(self, read: Snapshot, actor: Actor) -> wire.Board:
        rows, tally, now = wallboard.open_work(read), self.tally, read.now
        work = _by_line(rows)

        def line(kind: str, id: int, name: str, title: str = "", channel: str = "") -> wire.BoardLine:
            key: Key = (kind, id)
            return wire.BoardLine(
                name=name,
                title=title,
                kind=channel,
                now=summed(work.get(key, ())),
                today=tally.figures(key),
                hour=tally.hour(key, now),
                recent=tally.recent(key, now),
            )

        teams = [line("team", row["id"], row["name"]) for row in people.teams(read)]
        nobody = line("team", 0, "")
        return wire.Board(
            at=now,
            seq=read.head(),
            day_start=tally.day_start,
            now=summed(rows),
            today=tally.figures(EVERYBODY),
            hour=tally.hour(EVERYBODY, now),
            recent=tally.recent(EVERYBODY, now),
            teams=[*teams, nobody] if _busy(nobody) else teams,
            channels=[
                line("channel", row["id"], row["name"], channel=row["kind"])
                for row in channels.listing(read)
                if row["removed_at"] is None
            ],
            campaigns=[line("campaign", row["id"], row["name"], row["title"]) for row in campaigns.running(read)],
            advisors=_advisors(read, work, tally, self.where),
        )


def _by_line(rows: list[Row]) -> dict[Key, list[Row]]:
    """The sums of open work of each line of the wallboard."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        for kind in ("team", "channel", "campaign", "user"):
            found[kind, row[kind]].append(row)
    return found


def _busy(line: wire.BoardLine) -> bool:
    return line.now.open > 0 or line.today.received > 0


def summed(rows: Iterable[Row]) -> wire.Open:
    """Several sums of open work as one."""
    total = wire.Open()
    for row in rows:
        for name in ("open", "waiting", "unassigned", "snoozed", "warned", "breached", "flagged"):
            setattr(total, name, getattr(total, name) + row[name])
        total.oldest = _earlier(total.oldest, row["oldest"])
        total.due_at = _earlier(total.due_at, row["due_at"])
    return total


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _advisors(
    read: Snapshot, work: Mapping[Key, list[Row]], tally: Tally, where: dict[str, tuple[int, bool]]
) -> list[wire.BoardAdvisor]:
    """Everybody who can have conversations, with what they carry and where they are."""
    seen = sorted({conversation for conversation, _ in where.values()})[:SEEN]
    standing = {each.user: each for each in ListAvailability().run(read, SYSTEM).items}
    customers = {row["id"]: row["contact_name"] for row in conversations.rows(read, seen)}
    found = []
    for row in people.users(read):
        mine = work.get(("user", row["id"]), [])
        if not row["active"] or (row["role"] == "admin" and not mine):
            continue
        there = standing[row["name"]]
        viewing, typing = where.get(row["name"], (None, False))
        found.append(
            wire.BoardAdvisor(
                name=row["name"],
                display_name=row["display_name"],
                state=there.state,
                since=there.since,
                back_at=there.back_at,
                load=there.load,
                capacity=there.capacity,
                teams=there.teams,
                now=summed(mine),
                today=tally.figures(("user", row["id"])),
                viewing=viewing,
                viewing_name=customers.get(viewing, ""),
                typing=typing,
            )
        )
    return found


class CheckLimits(Command, kw_only=True):
    """Alert the supervisors of limits that were kept until now, and end the alerts of those that are kept again.

    What is passed is remembered: an alert that somebody acknowledged does not come back while its limit stays passed,
    whatever happens to others, and to the server, meanwhile.
    """

    needs: ClassVar[Need] = "system"

    passed: list[limits.Passed]

    def run(self, tx: Tx, actor: Actor) -> None:
        about, before = {each.about for each in self.passed}, wallboard.passed(tx)
        for each in self.passed:
            if each.about in before:
                continue
            alerts.raise_(
                tx,
                "threshold",
                about=each.about,
                team_id=_team_id(tx, each.team),
                figure=each.figure,
                value=each.value,
                limit=each.limit,
            )
        for known in alerts.open_abouts(tx, "threshold"):
            if known not in about:
                alerts.over(tx, "threshold", known)
        wallboard.note_passed(tx, about)


def _team_id(tx: Tx, name: str) -> int | None:
    row = people.team(tx, name) if name else None
    return None if row is None else int(row["id"])
