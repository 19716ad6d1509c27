"""Calendars: opening hours by which promises are counted."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from server import wire
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.desk import calendars as rules
from server.desk import hours
from server.desk.words import plain
from server.store import calendars, organisation, routes, sla
from server.store.store import Row, Snapshot, Tx

#: a calendar's or policy's name is one word, so that the command line and conditions take it without quotation marks
NAME = re.compile(r"\w[\w.-]{0,59}")
#: periods of one day, and days of its own that a calendar has at most
PERIODS, DAYS = 12, 1_000
#: for how many years from now on holidays are computed
YEARS = 5
#: days that one look at a calendar tells of
AHEAD = 14


def check_name(name: str) -> str:
    name = name.strip()
    if not NAME.fullmatch(name):
        raise Refusal(422, "bad_name", name=name[:60])
    return name


def years(now: int) -> range:
    """The years whose holidays are kept."""
    year = datetime.datetime.fromtimestamp(now / 1000, datetime.UTC).year
    return range(year - 1, year + YEARS + 1)


def find(read: Snapshot, name: str) -> Row:
    row = calendars.by_name(read, name.strip())
    if row is None:
        raise not_found("calendar", name[:60])
    return row


def shown(row: Row) -> wire.Calendar:
    week: list[list[rules.Period]] = msgspec.json.decode(row["week"], type=list[list[rules.Period]])
    days: dict[str, list[rules.Period]] = msgspec.json.decode(row["days"], type=dict[str, list[rules.Period]])
    return wire.Calendar(
        id=row["id"],
        name=row["name"],
        zone=row["zone"],
        week=dict(zip(hours.WEEK, map(_texts, week), strict=True)),
        days={date: _texts(periods) for date, periods in sorted(days.items())},
        country=row["country"],
        subdivision=row["subdivision"],
        holidays=msgspec.json.decode(row["holidays"]),
        usual=bool(row["is_usual"]),
    )


def _texts(periods: Iterable[rules.Period]) -> list[str]:
    return [hours.write_period(period) for period in periods]


def _periods(texts: list[str]) -> list[rules.Period]:
    for text in texts[: PERIODS + 1]:
        try:
            hours.read_period(text)
        except ValueError:
            raise Refusal(422, "bad_period", period=text[:60]) from None
    if len(texts) > PERIODS:
        raise Refusal(422, "bad_period", period=texts[PERIODS][:60])
    return hours.read_periods(texts)


def _week(week: Mapping[wire.Weekday, list[str]]) -> list[list[rules.Period]]:
    return [_periods(week.get(day, [])) for day in hours.WEEK]


def _days(days: Mapping[str, list[str]]) -> dict[str, list[rules.Period]]:
    if len(days) > DAYS:
        raise Refusal(422, "bad_day", day=next(iter(days))[:60])
    found: dict[str, list[rules.Period]] = {}
    for date, texts in days.items():
        try:
            day = datetime.date.fromordinal(hours.read_day(date))
        except ValueError:
            raise Refusal(422, "bad_day", day=date[:60]) from None
        found[day.isoformat()] = _periods(texts)
    return found


def _zone(zone: str) -> str:
    try:
        rules.zone_of(zone)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise Refusal(422, "unknown_zone", zone=zone[:80]) from None
    return zone


class ListCalendars(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Calendar]:
        return wire.Page(items=[shown(row) for row in calendars.listing(read)])


class GetCalendar(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    name: str

    def run(self, read: Snapshot, actor: Actor) -> wire.Calendar:
        return shown(find(read, self.name))


class CreateCalendar(Command, kw_only=True):
    """Add a calendar. `holidays`: those of its country for `years`, computed before (it takes a moment)."""

    needs: ClassVar[Need] = "admin"

    calendar: wire.NewCalendar
    holidays: dict[str, str] = msgspec.field(default_factory=dict)

    def sameness(self) -> Any:
        return self.calendar

    def run(self, tx: Tx, actor: Actor) -> wire.Calendar:
        new = self.calendar
        name = check_name(new.name)
        if calendars.by_name(tx, name) is not None:
            raise Refusal(409, "name_taken", name=name)
        zone = organisation.get(tx).get("zone", "UTC") if new.zone is UNSET else new.zone
        calendars.put(
            tx,
            None,
            name=name,
            zone=_zone(zone),
            week=_week(new.week),
            days=_days(new.days),
            country=country_of(tx, new.country),
            subdivision=new.subdivision.upper(),
            holidays=self.holidays,
            holidays_until=years(tx.now)[-1],
        )
        sla.changed(tx)
        tx.emit("calendar.created", calendar=name)
        return shown(find(tx, name))


def country_of(read: Snapshot, country: Any) -> str:
    """The country that is meant: the organisation's, where none is named."""
    if country is UNSET:
        return organisation.get(read).get("country", organisation.COUNTRY)
    return str(country).strip().upper()


class CountryOf(Query, kw_only=True):
    """(country, subdivision) that a calendar would have with these changes: whose holidays are to be computed."""

    needs: ClassVar[Need] = "admin"

    name: str = ""
    country: str | msgspec.UnsetType = UNSET
    subdivision: str | msgspec.UnsetType = UNSET

    def run(self, read: Snapshot, actor: Actor) -> tuple[str, str]:
        if not self.name:
            return country_of(read, self.country), "" if self.subdivision is UNSET else self.subdivision.upper()
        row = find(read, self.name)
        country = row["country"] if self.country is UNSET else self.country.strip().upper()
        other = self.country is not UNSET and country != row["country"]
        subdivision = ("" if other else row["subdivision"]) if self.subdivision is UNSET else self.subdivision.upper()
        return country, subdivision


class UpdateCalendar(Command, kw_only=True):
    """Change a calendar; open clocks are computed anew. `country`, `subdivision` and `holidays`: those that hold from
    now on, if they change."""

    needs: ClassVar[Need] = "admin"

    name: str
    change: wire.ChangeCalendar
    country: str | None = None
    subdivision: str = ""
    holidays: dict[str, str] = msgspec.field(default_factory=dict)

    def sameness(self) -> Any:
        return self.name, self.change

    def run(self, tx: Tx, actor: Actor) -> wire.Calendar:
        row, change = find(tx, self.name), self.change
        name = row["name"] if change.name is UNSET else check_name(change.name)
        if name != row["name"] and calendars.by_name(tx, name) is not None:
            raise Refusal(409, "name_taken", name=name)
        moved = self.country is not None
        calendars.put(
            tx,
            row["id"],
            name=name,
            zone=row["zone"] if change.zone is UNSET else _zone(change.zone),
            week=msgspec.json.decode(row["week"]) if change.week is UNSET else _week(change.week),
            days=msgspec.json.decode(row["days"]) if change.days is UNSET else _days(change.days),
            country=self.country if self.country is not None else row["country"],
            subdivision=self.subdivision if moved else row["subdivision"],
            holidays=self.holidays if moved else msgspec.json.decode(row["holidays"]),
            holidays_until=years(tx.now)[-1] if moved else row["holidays_until"],
        )
        followed: wire.Followed = UNSET
        if name != row["name"]:
            using = routes.calendar_renamed(tx, row["name"], name)
            for route in using:
                tx.emit("route.updated", route=route, was=route, fields=["when"], follows=name)
            followed = {"route": len(using)} if using else {}
        if change.usual is not UNSET:
            calendars.make_usual(tx, row["id"])
        sla.changed(tx)
        tx.emit("calendar.updated", calendar=name, was=row["name"])
        return msgspec.structs.replace(shown(find(tx, name)), followed=followed)


class RemoveCalendar(Command, kw_only=True):
    """Remove a calendar that nothing counts by. Refused (409 calendar_used) otherwise."""

    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = find(tx, self.name)
        used = calendars.used_by(tx, row["id"])
        asked = [plain(row["name"]), ""] if row["is_usual"] else [plain(row["name"])]
        used += sorted({route["name"] for calendar in asked for route in routes.by_hours(tx, calendar)})
        if used:
            raise Refusal(409, "calendar_used", by=", ".join(filter(None, used)) or "after-hours")
        calendars.remove(tx, row["id"])
        sla.changed(tx)
        tx.emit("calendar.removed", calendar=row["name"])


class LookAtCalendar(Query, kw_only=True):
    """A calendar at a moment (UTC ms; now without it), and the two weeks from then on."""

    needs: ClassVar[Need] = "advisor"

    name: str
    at: int | None = None

    def run(self, read: Snapshot, actor: Actor) -> wire.CalendarAt:
        row = find(read, self.name)
        at = check_moment(read.now if self.at is None else self.at)
        calendar, holidays = calendars.hours(row), msgspec.json.decode(row["holidays"])
        own = msgspec.json.decode(row["days"])
        first = datetime.datetime.fromtimestamp(at / 1000, rules.zone_of(row["zone"])).date()
        days = []
        for n in range(AHEAD):
            day = first + datetime.timedelta(days=n)
            date = day.isoformat()
            days.append(
                wire.CalendarDay(
                    date=date,
                    periods=_texts(calendar.periods(day.toordinal())),
                    holiday=holidays.get(date, ""),
                    own=date in own,
                )
            )
        return wire.CalendarAt(
            at=at,
            zone=row["zone"],
            open=rules.is_open(calendar, at),
            next_opening=rules.next_opening(calendar, at),
            next_closing=rules.next_closing(calendar, at),
            days=days,
        )


#: moments that can be asked about: 1980 to 2090 (UTC ms)
_FIRST, _LAST = 315_532_800_000, 3_786_912_000_000


def check_moment(at: int) -> int:
    """A moment somebody asks about. Refused (422 bad_moment_asked) if it is none that calendars are made for."""
    if not _FIRST <= at <= _LAST:
        raise Refusal(422, "bad_moment_asked", at=at)
    return at


# ---------------------------------------------------------------- holidays, as the years go by


class HolidaysDue(Query, kw_only=True):
    """(id, country, subdivision) of calendars whose holidays are not known far enough ahead."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> list[tuple[int, str, str]]:
        last = years(read.now)[-1]
        return [
            (row["id"], row["country"], row["subdivision"])
            for row in calendars.listing(read)
            if row["country"] and row["holidays_until"] < last
        ]


class KeepHolidays(Command, kw_only=True):
    """Note the holidays of a calendar for the years from now on."""

    needs: ClassVar[Need] = "system"

    id: int
    holidays: dict[str, str]

    def run(self, tx: Tx, actor: Actor) -> None:
        row = calendars.by_id(tx, self.id)
        if row is not None and calendars.set_holidays(tx, self.id, self.holidays, years(tx.now)[-1]):
            sla.changed(tx)
            tx.emit("calendar.updated", calendar=row["name"], was=row["name"])
