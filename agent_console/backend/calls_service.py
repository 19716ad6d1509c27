"""Calls of the HTTP API about the rules of service; see `agent_console.backend.calls`."""

from __future__ import annotations

from typing import Any

from agent_console.backend.calls import Call, get, named, send
from server import wire


def settings() -> Call[wire.ServiceSettings]:
    return get("/service", wire.ServiceSettings)


def change_settings(change: dict[str, Any]) -> Call[wire.ServiceSettings]:
    """None as a value puts a setting back to what a new organisation starts with."""
    return send("PATCH", "/service", wire.ServiceSettings, wire.ChangeServiceSettings(change=change))


def alerts() -> Call[wire.Page[wire.Alert]]:
    return get("/alerts", wire.Page[wire.Alert])


def acknowledge(alert: int, key: str = "") -> Call[wire.Alert]:
    return send("POST", f"/alerts/{alert}/acknowledge", wire.Alert, None, key)


def wallboard() -> Call[wire.Board]:
    return get("/wallboard", wire.Board)


def availability() -> Call[wire.Page[wire.Availability]]:
    return get("/availability", wire.Page[wire.Availability])


def set_availability(
    name: str, state: wire.AvailabilityState, back_at: int | None = None, reason: str = ""
) -> Call[wire.Availability]:
    """`back_at` (UTC ms) goes with away only."""
    said = wire.SetAvailability(state=state, back_at=back_at, reason=reason)
    return send("PUT", f"/availability/{named(name)}", wire.Availability, said)
