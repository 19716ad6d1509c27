"""Calls of the HTTP API about routes and campaigns; see `agent_console.backend.calls`."""

from __future__ import annotations

from agent_console.backend.calls import Call, get, send
from server import wire


def routes() -> Call[wire.Page[wire.Route]]:
    """The table in the order in which it is tried."""
    return get("/routes", wire.Page[wire.Route])


def add_route(route: wire.NewRoute) -> Call[wire.Route]:
    return send("POST", "/routes", wire.Route, route)


def change_route(id: int, change: wire.ChangeRoute) -> Call[wire.Route]:
    return send("PATCH", f"/routes/{id}", wire.Route, change)


def remove_route(id: int) -> Call[None]:
    return send("DELETE", f"/routes/{id}", type(None))


def replace_routes(table: wire.RouteTable) -> Call[wire.Page[wire.Route]]:
    """Put a whole table in the place of the old one."""
    return send("PUT", "/routes", wire.Page[wire.Route], table)


def test_route(test: wire.TestRoute) -> Call[wire.RouteTested]:
    return send("POST", "/routes/test", wire.RouteTested, test)


def campaigns() -> Call[wire.Page[wire.Campaign]]:
    return get("/campaigns", wire.Page[wire.Campaign])


def add_campaign(campaign: wire.NewCampaign) -> Call[wire.Campaign]:
    return send("POST", "/campaigns", wire.Campaign, campaign)


def change_campaign(id: int, change: wire.ChangeCampaign) -> Call[wire.Campaign]:
    return send("PATCH", f"/campaigns/{id}", wire.Campaign, change)


def remove_campaign(id: int) -> Call[None]:
    return send("DELETE", f"/campaigns/{id}", type(None))


def test_campaign(test: wire.TestCampaign) -> Call[wire.CampaignFound]:
    return send("POST", "/campaigns/test", wire.CampaignFound, test)


def why(conversation: int) -> Call[wire.Why]:
    return get(f"/conversations/{conversation}/why", wire.Why)


def reroute(conversation: int, key: str = "") -> Call[wire.ConversationRow]:
    return send("POST", f"/conversations/{conversation}/reroute", wire.ConversationRow, None, key)
