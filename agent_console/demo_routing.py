"""The campaigns and routes of the demo's cooperative: two ads that its customers come from, and who sees to what."""

from __future__ import annotations

import asyncio

from agent_console.backend import calls_routing
from agent_console.backend.api import Api
from server import wire

#: where the branches of the east are
EAST = ["San Miguel", "Usulután", "La Unión", "Morazán"]


def campaigns() -> list[wire.NewCampaign]:
    """The ads are those that the simulated customers click on."""
    return [
        wire.NewCampaign(
            name="escolar",
            title="Vuelta a clases",
            sources=["120210445870001"],
            refs=["escolar"],
            words=["crédito escolar", "vuelta a clases"],
            team="Créditos",
            skills=["creditos"],
        ),
        wire.NewCampaign(
            name="negocio",
            title="Su negocio merece crecer",
            sources=["120210445870002"],
            words=["capital de trabajo"],
            team="Créditos",
            skills=["creditos"],
        ),
    ]


def routes() -> list[wire.NewRoute]:
    """A small table that reads well."""
    desk = "Servicio al cliente"
    return [
        wire.NewRoute(name="Campañas en oriente", place=1, team="Créditos", skills=["creditos", "oriente"],
                      when=wire.RouteWhen(campaign=["escolar", "negocio"], region=EAST)),
        wire.NewRoute(name="Créditos", place=2, team="Créditos", skills=["creditos"],
                      when=wire.RouteWhen(topic=["créditos"])),
        wire.NewRoute(name="Tarjetas", place=3, team=desk, skills=["tarjetas"], priority="high",
                      when=wire.RouteWhen(topic=["tarjetas"])),
        wire.NewRoute(name="Oriente", place=4, team=desk, skills=["oriente"], when=wire.RouteWhen(region=EAST)),
    ]  # fmt: skip


async def furnish(api: Api) -> None:
    """Add what is missing; the teams are there."""
    known = {each.name for each in (await api.send(calls_routing.campaigns())).items}
    await asyncio.gather(
        *(api.send(calls_routing.add_campaign(each)) for each in campaigns() if each.name not in known)
    )
    if not (await api.send(calls_routing.routes())).items:
        await api.send(calls_routing.replace_routes(wire.RouteTable(routes=routes())))
