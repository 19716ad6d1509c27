"""The table of routes: everything the API can do, in one list. The server and its OpenAPI document are made from it."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import Route

from server.routes import (
    attachments,
    automation,
    availability,
    browser_sign_in,
    channels,
    contacts,
    conversations,
    deliveries,
    event_hooks,
    events,
    merging,
    messages,
    organisation,
    outbox,
    protocol,
    reminders,
    reviews,
    routing,
    service,
    sessions,
    sla,
    status,
    supervision,
    teams,
    templates,
    transfers,
    users,
    wallboard,
    work,
)
from server.routes.endpoint import Endpoint, Resource, Served
from server.routes.services import Services
from server.wire import API

TABLE: tuple[Endpoint, ...] = (
    *sessions.ENDPOINTS,
    *conversations.ENDPOINTS,
    *work.ENDPOINTS,
    *reminders.ENDPOINTS,
    *supervision.ENDPOINTS,
    *routing.ENDPOINTS,
    *service.ENDPOINTS,
    *protocol.ENDPOINTS,
    *availability.ENDPOINTS,
    *sla.ENDPOINTS,
    *wallboard.ENDPOINTS,
    *transfers.ENDPOINTS,
    *templates.ENDPOINTS,
    *automation.ENDPOINTS,
    *reviews.ENDPOINTS,
    *messages.ENDPOINTS,
    *outbox.ENDPOINTS,
    *attachments.ENDPOINTS,
    *contacts.ENDPOINTS,
    *merging.ENDPOINTS,
    *users.ENDPOINTS,
    *teams.ENDPOINTS,
    *channels.ENDPOINTS,
    *browser_sign_in.ENDPOINTS,
    *organisation.ENDPOINTS,
    *events.ENDPOINTS,
    *event_hooks.ENDPOINTS,
    *deliveries.ENDPOINTS,
    *status.ENDPOINTS,
)


def routes(services: Services, table: Iterable[Endpoint] = TABLE) -> list[Route]:
    """Starlette routes that serve the table, one per path."""
    paths: dict[str, dict[str, Served]] = {}
    for endpoint in table:
        paths.setdefault(endpoint.path, {})[endpoint.method] = Served(endpoint, services)
    return [
        Route(API + path.replace("{id}", "{id:int}"), Resource(path, served, services))
        for path, served in paths.items()
    ]
