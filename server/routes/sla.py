"""Service-level policies, calendars, and the message after hours."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from msgspec import UNSET

from server import wire
from server.commands import calendars, slas
from server.commands.door import Refusal
from server.desk import public_days
from server.routes.endpoint import Call, Endpoint


async def _holidays(call: Call, country: str, subdivision: str) -> dict[str, str]:
    """Names of the holidays of the years to come, by date, worked out beside the event loop."""
    if not country:
        return {}
    years = calendars.years(call.services.door.store.clock())
    try:
        return await asyncio.to_thread(public_days.holidays_of, country, subdivision, years)
    except public_days.UnknownPlace:
        raise Refusal(422, "no_holidays_known", place="-".join(filter(None, (country, subdivision)))[:40]) from None


async def list_calendars(call: Call) -> Any:
    return await call.ask(calendars.ListCalendars())


async def create_calendar(call: Call, body: wire.NewCalendar) -> Any:
    country, subdivision = await call.ask(calendars.CountryOf(country=body.country, subdivision=body.subdivision))
    holidays = await _holidays(call, country, subdivision)
    return await call.do(calendars.CreateCalendar(calendar=body, holidays=holidays))


async def show_calendar(call: Call) -> Any:
    return await call.ask(calendars.GetCalendar(name=call.name))


async def look_at_calendar(call: Call, query: wire.LookAt) -> Any:
    return await call.ask(calendars.LookAtCalendar(name=call.name, at=query.at))


async def update_calendar(call: Call, body: wire.ChangeCalendar) -> Any:
    command = calendars.UpdateCalendar(name=call.name, change=body)
    if body.country is not UNSET or body.subdivision is not UNSET:
        asked = calendars.CountryOf(name=call.name, country=body.country, subdivision=body.subdivision)
        country, subdivision = await call.ask(asked)
        holidays = await _holidays(call, country, subdivision)
        command = msgspec.structs.replace(command, country=country, subdivision=subdivision, holidays=holidays)
    return await call.do(command)


async def remove_calendar(call: Call) -> None:
    await call.do(calendars.RemoveCalendar(name=call.name))


async def list_policies(call: Call) -> Any:
    return await call.ask(slas.ListPolicies())


async def create_policy(call: Call, body: wire.NewPolicy) -> Any:
    return await call.do(slas.CreatePolicy(policy=body))


async def show_policy(call: Call) -> Any:
    return await call.ask(slas.GetPolicy(name=call.name))


async def update_policy(call: Call, body: wire.ChangePolicy) -> Any:
    return await call.do(slas.UpdatePolicy(name=call.name, change=body))


async def remove_policy(call: Call) -> None:
    await call.do(slas.RemovePolicy(name=call.name))


async def test_policies(call: Call, body: wire.TestPolicy) -> Any:
    return await call.ask(slas.TryPolicies(test=body))


async def list_after_hours(call: Call) -> Any:
    return await call.ask(slas.ListAfterHours())


async def set_after_hours(call: Call, body: wire.AfterHours) -> Any:
    return await call.do(slas.SetAfterHours(message=body))


class Where(wire.Model, kw_only=True):
    """On which channel (empty: on all that have none of their own)."""

    channel: str = ""


async def remove_after_hours(call: Call, query: Where) -> None:
    await call.do(slas.RemoveAfterHours(channel=query.channel))


_HOURS = ("bad_name", "bad_period", "bad_day", "unknown_zone", "no_holidays_known", "name_taken")
_PROMISES = ("bad_name", "bad_condition", "no_condition", "no_promise", "default_policy", "not_found", "name_taken")

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/calendars",
        summary="All calendars",
        handler=list_calendars,
        answer=wire.Page[wire.Calendar],
    ),
    Endpoint(
        method="POST",
        path="/calendars",
        summary="Add a calendar",
        handler=create_calendar,
        needs="admin",
        body=wire.NewCalendar,
        answer=wire.Calendar,
        status=201,
        codes=_HOURS,
    ),
    Endpoint(
        method="GET",
        path="/calendars/{name}",
        summary="One calendar",
        handler=show_calendar,
        answer=wire.Calendar,
        codes=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/calendars/{name}/hours",
        summary="Whether a calendar is open at a moment, when it opens and closes next, and the days after that",
        handler=look_at_calendar,
        query=wire.LookAt,
        answer=wire.CalendarAt,
        codes=("not_found", "bad_moment_asked"),
    ),
    Endpoint(
        method="PATCH",
        path="/calendars/{name}",
        summary="Change a calendar; open clocks are computed anew in the background",
        handler=update_calendar,
        needs="admin",
        body=wire.ChangeCalendar,
        answer=wire.Calendar,
        codes=("not_found", *_HOURS),
    ),
    Endpoint(
        method="DELETE",
        path="/calendars/{name}",
        summary="Remove a calendar that nothing counts by",
        handler=remove_calendar,
        needs="admin",
        codes=("not_found", "calendar_used"),
    ),
    Endpoint(
        method="GET",
        path="/sla/policies",
        summary="All service-level policies, in the order in which they are tried",
        handler=list_policies,
        answer=wire.Page[wire.Policy],
    ),
    Endpoint(
        method="POST",
        path="/sla/policies",
        summary="Add a policy",
        handler=create_policy,
        needs="admin",
        body=wire.NewPolicy,
        answer=wire.Policy,
        status=201,
        codes=_PROMISES,
    ),
    Endpoint(
        method="GET",
        path="/sla/policies/{name}",
        summary="One policy",
        handler=show_policy,
        answer=wire.Policy,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/sla/policies/{name}",
        summary="Change a policy; open clocks are computed anew in the background",
        handler=update_policy,
        needs="admin",
        body=wire.ChangePolicy,
        answer=wire.Policy,
        codes=_PROMISES,
    ),
    Endpoint(
        method="DELETE",
        path="/sla/policies/{name}",
        summary="Remove a policy",
        handler=remove_policy,
        needs="admin",
        codes=("not_found", "default_policy", "in_use"),
    ),
    Endpoint(
        method="POST",
        path="/sla/test",
        summary="Which policy holds, why, and when its promises would be due",
        handler=test_policies,
        body=wire.TestPolicy,
        answer=wire.PolicyTested,
        codes=("not_found", "bad_moment_asked"),
    ),
    Endpoint(
        method="GET",
        path="/after-hours",
        summary="What customers are told while a calendar is closed",
        handler=list_after_hours,
        answer=wire.Page[wire.AfterHours],
    ),
    Endpoint(
        method="PUT",
        path="/after-hours",
        summary="Say what customers are told after hours, on one channel or on all",
        handler=set_after_hours,
        needs="admin",
        body=wire.AfterHours,
        answer=wire.AfterHours,
        codes=("not_found", "too_long", "bad_placeholder"),
    ),
    Endpoint(
        method="DELETE",
        path="/after-hours",
        summary="Say nothing after hours any more, on one channel or on all",
        handler=remove_after_hours,
        needs="admin",
        query=Where,
        codes=("not_found",),
    ),
)
