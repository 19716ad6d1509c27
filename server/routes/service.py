"""Service settings, and alerts."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.alerts import Acknowledge, ListAlerts
from server.commands.service import GetServiceSettings, UpdateServiceSettings
from server.routes.endpoint import Call, Endpoint


async def settings(call: Call) -> Any:
    return await call.ask(GetServiceSettings())


async def change_settings(call: Call, body: wire.ChangeServiceSettings) -> Any:
    return await call.do(UpdateServiceSettings(change=body))


async def alerts(call: Call) -> Any:
    return await call.ask(ListAlerts())


async def acknowledge(call: Call) -> Any:
    return await call.do(Acknowledge(id=call.id))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/service",
        summary="What the rules of service go by",
        handler=settings,
        answer=wire.ServiceSettings,
    ),
    Endpoint(
        method="PATCH",
        path="/service",
        summary="Change what the rules of service go by",
        handler=change_settings,
        needs="admin",
        body=wire.ChangeServiceSettings,
        answer=wire.ServiceSettings,
        codes=("bad_setting",),
    ),
    Endpoint(
        method="GET",
        path="/alerts",
        summary="Open alerts that concern the reader, newest first",
        handler=alerts,
        answer=wire.Page[wire.Alert],
    ),
    Endpoint(
        method="POST",
        path="/alerts/{id}/acknowledge",
        summary="Look after an alert: it goes no further",
        handler=acknowledge,
        answer=wire.Alert,
        codes=("alert_over",),
    ),
)
