"""How the server is, for admins: `agent-console doctor` shows it. Details are data, the client has the words."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from server import wire
from server.commands.channel_health import Condition, ListConditions
from server.commands.health import Health, LookAfter
from server.routes.endpoint import Call, Endpoint
from server.routes.health import probe

#: bytes that should be free beside the store
ENOUGH_SPACE = 1024**3
#: milliseconds a commit should take at most
QUICK_MS = 1000


def version() -> str:
    """This server's version; empty if it runs from a bare checkout."""
    try:
        return installed("agent-console")
    except PackageNotFoundError:
        return ""


async def status(call: Call) -> wire.Checks:
    services = call.services
    seen: Health = await call.ask(LookAfter())
    found: list[Condition] = await call.ask(ListConditions())
    troubles = [f"{channel.name}: {channel.health.problem}" for channel in found if channel.health.state != "ok"]
    took = round(await probe(services) * 1000)
    free = shutil.disk_usage(services.door.store.folder).free
    checks = [
        ("version", True, version()),
        ("commit", took <= QUICK_MS, f"{took} ms"),
        ("sqlite", True, seen.sqlite + (" (WAL reset)" if seen.fault else "")),
        ("space", free >= ENOUGH_SPACE, f"{free // 1024**2} MiB"),
        ("outbox", seen.unknown == 0, f"{seen.queued} + {seen.sending}, ? {seen.unknown}"),
        ("channels", not troubles, "; ".join(troubles) or str(len(found))),
        ("deliveries", seen.bad_deliveries == 0, str(seen.bad_deliveries)),
        ("feed", True, str(len(services.hub))),
    ]
    return wire.Checks(items=[wire.Check(name=name, ok=ok, detail=detail) for name, ok, detail in checks])


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/status",
        summary="How the server is",
        handler=status,
        needs="admin",
        answer=wire.Checks,
    ),
)
