"""Calls of the HTTP API about promises, calendars and the message after hours; see `agent_console.backend.calls`."""

from __future__ import annotations

from msgspec.structs import replace

from agent_console.backend.calls import Call, get, named, send
from server import wire


def _at(base: str, name: str) -> str:
    return f"/{base}/{named(name)}"


def policies() -> Call[wire.Page[wire.Policy]]:
    """In the order in which they are tried."""
    return get("/sla/policies", wire.Page[wire.Policy])


def policy(name: str) -> Call[wire.Policy]:
    return get(_at("sla/policies", name), wire.Policy)


def add_policy(policy: wire.NewPolicy) -> Call[wire.Policy]:
    return send("POST", "/sla/policies", wire.Policy, policy)


def change_policy(name: str, change: wire.ChangePolicy) -> Call[wire.Policy]:
    return send("PATCH", _at("sla/policies", name), wire.Policy, change)


def remove_policy(name: str) -> Call[None]:
    return send("DELETE", _at("sla/policies", name), type(None))


def test_policies(test: wire.TestPolicy) -> Call[wire.PolicyTested]:
    return send("POST", "/sla/test", wire.PolicyTested, test)


def calendars() -> Call[wire.Page[wire.Calendar]]:
    return get("/calendars", wire.Page[wire.Calendar])


def calendar(name: str) -> Call[wire.Calendar]:
    return get(_at("calendars", name), wire.Calendar)


def calendar_at(name: str, at: int | None) -> Call[wire.CalendarAt]:
    """A calendar at a moment (UTC ms; now without it)."""
    return get(_at("calendars", name) + "/hours", wire.CalendarAt, at=at)


def add_calendar(calendar: wire.NewCalendar) -> Call[wire.Calendar]:
    return send("POST", "/calendars", wire.Calendar, calendar)


def change_calendar(name: str, change: wire.ChangeCalendar) -> Call[wire.Calendar]:
    return send("PATCH", _at("calendars", name), wire.Calendar, change)


def remove_calendar(name: str) -> Call[None]:
    return send("DELETE", _at("calendars", name), type(None))


def after_hours() -> Call[wire.Page[wire.AfterHours]]:
    return get("/after-hours", wire.Page[wire.AfterHours])


def set_after_hours(message: wire.AfterHours) -> Call[wire.AfterHours]:
    return send("PUT", "/after-hours", wire.AfterHours, message)


def remove_after_hours(channel: str) -> Call[None]:
    """On one channel, or (empty) on all that have none of their own."""
    return replace(send("DELETE", "/after-hours", type(None)), params={"channel": channel})
