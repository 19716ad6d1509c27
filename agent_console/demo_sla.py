"""What the demo's cooperative promises: its branches' hours, and shorter times for what is urgent.

Promises count day and night, so that a demo in the evening looks like one in the morning.
"""

from __future__ import annotations

from agent_console.backend import calls_sla
from agent_console.backend.api import Api
from server import wire

MINUTE = 60_000

WEEKDAYS: tuple[wire.Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
CALENDAR = wire.NewCalendar(
    name="agencias",
    zone="America/El_Salvador",
    week={**{day: ["08:00-12:00", "13:00-17:00"] for day in WEEKDAYS}, "sat": ["08:00-12:00"]},
    country="SV",
)
POLICY = wire.NewPolicy(
    name="urgentes",
    when=wire.PolicyWhen(priority=["urgent"]),
    first_response_ms=5 * MINUTE,
    next_response_ms=10 * MINUTE,
    resolution_ms=4 * 60 * MINUTE,
    transfer_ms=5 * MINUTE,
)


async def furnish(api: Api) -> None:
    """As far as it is missing. Raises ApiError, Unreachable."""
    if not (await api.send(calls_sla.calendars())).items:
        await api.send(calls_sla.add_calendar(CALENDAR))
    if POLICY.name not in {policy.name for policy in (await api.send(calls_sla.policies())).items}:
        await api.send(calls_sla.add_policy(POLICY))
