"""SQL of calendars and of after-hours messages."""

from __future__ import annotations

import datetime
import sqlite3
from typing import Any

import msgspec

from server.desk.calendars import Calendar, Period
from server.store.store import Snapshot, Tx

_decode = msgspec.json.Decoder().decode


def _encode(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def hours(row: sqlite3.Row) -> Calendar:
    """The rules of a calendar's row: its own days go before holidays, those before the week."""
    week: list[list[list[int]]] = _decode(row["week"])
    days: dict[int, tuple[Period, ...]] = {_ordinal(date): () for date in _decode(row["holidays"])}
    for date, periods in _decode(row["days"]).items():
        days[_ordinal(date)] = tuple((begin, end) for begin, end in periods)
    return Calendar(row["zone"], tuple(tuple((begin, end) for begin, end in day) for day in week), days)


def _ordinal(date: str) -> int:
    return datetime.date.fromisoformat(date).toordinal()


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one("SELECT * FROM calendars WHERE name = ?", (name,))


def by_id(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM calendars WHERE id = ?", (id,))


def usual(read: Snapshot) -> sqlite3.Row | None:
    """The calendar that counts where none is named, if there is any."""
    return read.one("SELECT * FROM calendars WHERE is_usual = 1")


def listing(read: Snapshot) -> list[sqlite3.Row]:
    return read.all("SELECT * FROM calendars ORDER BY name")


def put(
    tx: Tx,
    id: int | None,
    *,
    name: str,
    zone: str,
    week: list[list[Period]],
    days: dict[str, list[Period]],
    country: str,
    subdivision: str,
    holidays: dict[str, str],
    holidays_until: int,
) -> int:
    """Write a calendar down, a new one without `id`; its id. The first one is the usual one."""
    values = (name, zone, _encode(week), _encode(days), country, subdivision, _encode(holidays), holidays_until)
    if id is None:
        id = tx.short_id("calendar")
        tx.run(
            "INSERT INTO calendars (name, zone, week, days, country, subdivision, holidays, holidays_until, id,"
            " created_at, is_usual) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NOT EXISTS (SELECT 1 FROM calendars))",
            (*values, id, tx.now),
        )
    else:
        tx.run(
            "UPDATE calendars SET name = ?, zone = ?, week = ?, days = ?, country = ?, subdivision = ?, holidays = ?,"
            " holidays_until = ? WHERE id = ?",
            (*values, id),
        )
    return id


def set_holidays(tx: Tx, id: int, holidays: dict[str, str], until: int) -> bool:
    """Keep the holidays of a calendar up to a year; whether they were others before."""
    encoded = _encode(holidays)
    was = tx.value("SELECT holidays FROM calendars WHERE id = ?", (id,))
    tx.run("UPDATE calendars SET holidays = ?, holidays_until = ? WHERE id = ?", (encoded, until, id))
    return bool(was != encoded)


def make_usual(tx: Tx, id: int) -> None:
    tx.run("UPDATE calendars SET is_usual = (id = ?)", (id,))


def remove(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM calendars WHERE id = ?", (id,))


def used_by(read: Snapshot, id: int) -> list[str]:
    """Names of the policies that count by a calendar, and of channels ("" for all) with an after-hours message."""
    return [
        row[0]
        for row in read.all(
            "SELECT name FROM sla_policies WHERE calendar_id = :id UNION ALL"
            " SELECT coalesce(c.name, '') FROM after_hours a LEFT JOIN channels c ON c.id = a.channel_id"
            " WHERE a.calendar_id = :id",
            {"id": id},
        )
    ]


# ---------------------------------------------------------------- after-hours messages


def messages(read: Snapshot) -> list[sqlite3.Row]:
    """(channel_id, channel, calendar_id, calendar, texts) of each; channel 0, "" is the organisation's."""
    return read.all(
        "SELECT a.channel_id, coalesce(c.name, '') AS channel, a.calendar_id, k.name AS calendar, a.texts"
        " FROM after_hours a JOIN calendars k ON k.id = a.calendar_id LEFT JOIN channels c ON c.id = a.channel_id"
        " ORDER BY a.channel_id"
    )


def put_message(tx: Tx, channel_id: int, calendar_id: int, texts: dict[str, str]) -> None:
    """`channel_id` 0: for every channel without its own. No texts: this channel has none."""
    tx.run(
        "INSERT INTO after_hours (channel_id, calendar_id, texts) VALUES (?, ?, ?) ON CONFLICT (channel_id)"
        " DO UPDATE SET calendar_id = excluded.calendar_id, texts = excluded.texts",
        (channel_id, calendar_id, _encode(texts)),
    )


def remove_message(tx: Tx, channel_id: int) -> bool:
    return tx.run("DELETE FROM after_hours WHERE channel_id = ?", (channel_id,)) > 0


def told(tx: Tx, conversation_id: int, opening: int) -> bool:
    """Note that a customer is told of the next opening; False if they were told in this closed period already."""
    return (
        tx.run(
            "INSERT INTO after_hours_told (conversation_id, opening, at) VALUES (:id, :opening, :now)"
            " ON CONFLICT (conversation_id) DO UPDATE SET opening = excluded.opening, at = excluded.at"
            " WHERE after_hours_told.opening <= :now",
            {"id": conversation_id, "opening": opening, "now": tx.now},
        )
        > 0
    )


def wrote_since(read: Snapshot, after: int, limit: int) -> list[sqlite3.Row]:
    """(id, conversation_id) of customers' messages that came after a message's id."""
    return read.all(
        "SELECT id, conversation_id FROM messages WHERE id > ? AND direction = 'in' ORDER BY id LIMIT ?",
        (after, limit),
    )
