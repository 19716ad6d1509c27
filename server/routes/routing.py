"""Routes, campaigns, and why a conversation is where it is."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.campaigns import CreateCampaign, ListCampaigns, RemoveCampaign, TryCampaign, UpdateCampaign
from server.commands.routes import CreateRoute, ListRoutes, RemoveRoute, ReplaceRoutes, TryRoute, UpdateRoute
from server.commands.routing import Reroute
from server.commands.why import WhyHere
from server.routes.endpoint import Call, Endpoint


async def listing(call: Call) -> Any:
    return await call.ask(ListRoutes())


async def create(call: Call, body: wire.NewRoute) -> Any:
    return await call.do(CreateRoute(route=body))


async def update(call: Call, body: wire.ChangeRoute) -> Any:
    return await call.do(UpdateRoute(id=call.id, change=body))


async def remove(call: Call) -> None:
    await call.do(RemoveRoute(id=call.id))


async def replace(call: Call, body: wire.RouteTable) -> Any:
    return await call.do(ReplaceRoutes(table=body))


async def test(call: Call, body: wire.TestRoute) -> Any:
    return await call.ask(TryRoute(test=body))


async def campaigns(call: Call) -> Any:
    return await call.ask(ListCampaigns())


async def create_campaign(call: Call, body: wire.NewCampaign) -> Any:
    return await call.do(CreateCampaign(campaign=body))


async def update_campaign(call: Call, body: wire.ChangeCampaign) -> Any:
    return await call.do(UpdateCampaign(id=call.id, change=body))


async def remove_campaign(call: Call) -> None:
    await call.do(RemoveCampaign(id=call.id))


async def test_campaign(call: Call, body: wire.TestCampaign) -> Any:
    return await call.ask(TryCampaign(test=body))


async def why(call: Call) -> Any:
    return await call.ask(WhyHere(conversation=call.id))


async def reroute(call: Call) -> Any:
    return await call.do(Reroute(conversation=call.id))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/routes",
        summary="The routing table, in the order in which it is tried",
        handler=listing,
        answer=wire.Page[wire.Route],
    ),
    Endpoint(
        method="POST",
        path="/routes",
        summary="Add a route",
        handler=create,
        needs="admin",
        body=wire.NewRoute,
        answer=wire.Route,
        status=201,
        codes=("bad_route", "name_taken", "not_found", "too_many"),
    ),
    Endpoint(
        method="PUT",
        path="/routes",
        summary="Put a whole table in the place of the old one",
        handler=replace,
        needs="admin",
        body=wire.RouteTable,
        answer=wire.Page[wire.Route],
        codes=("bad_route", "name_taken", "not_found", "too_many"),
    ),
    Endpoint(
        method="POST",
        path="/routes/test",
        summary="Where a conversation like this would go, and why",
        handler=test,
        body=wire.TestRoute,
        answer=wire.RouteTested,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/routes/{id}",
        summary="Change a route",
        handler=update,
        needs="admin",
        body=wire.ChangeRoute,
        answer=wire.Route,
        codes=("bad_route", "name_taken", "not_found"),
    ),
    Endpoint(
        method="DELETE",
        path="/routes/{id}",
        summary="Remove a route",
        handler=remove,
        needs="admin",
        codes=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/campaigns",
        summary="All campaigns, the newest first",
        handler=campaigns,
        answer=wire.Page[wire.Campaign],
    ),
    Endpoint(
        method="POST",
        path="/campaigns",
        summary="Add a campaign",
        handler=create_campaign,
        needs="admin",
        body=wire.NewCampaign,
        answer=wire.Campaign,
        status=201,
        codes=("bad_route", "name_taken", "not_found", "too_long", "too_many"),
    ),
    Endpoint(
        method="POST",
        path="/campaigns/test",
        summary="Which campaign would be recognised in a first message",
        handler=test_campaign,
        body=wire.TestCampaign,
        answer=wire.CampaignFound,
    ),
    Endpoint(
        method="PATCH",
        path="/campaigns/{id}",
        summary="Change a campaign",
        handler=update_campaign,
        needs="admin",
        body=wire.ChangeCampaign,
        answer=wire.Campaign,
        codes=("bad_route", "not_found", "too_long"),
    ),
    Endpoint(
        method="DELETE",
        path="/campaigns/{id}",
        summary="End a campaign for good",
        handler=remove_campaign,
        needs="admin",
        codes=("in_use", "not_found"),
    ),
    Endpoint(
        method="GET",
        path="/conversations/{id}/why",
        summary="Why a conversation is with whom it is",
        handler=why,
        answer=wire.Why,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/reroute",
        summary="Ask the routing table again where a conversation goes that nobody has",
        handler=reroute,
        needs="supervisor",
        answer=wire.ConversationRow,
        codes=("not_found", "merged", "already_resolved", "already_assigned"),
    ),
)
