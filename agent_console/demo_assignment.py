"""How the demo's cooperative gives its work out: loans by rule to who knows them, everything else by hand."""

from __future__ import annotations

import asyncio

from agent_console.backend import calls
from agent_console.backend.api import Api
from server import wire

#: the team whose queue empties by rule, and who answers for it
TEAM, DUTY = "Créditos", "luis"
#: who knows what
SKILLS = {"luis": "creditos:3 ingles", "ana": "ingles:2", "sofia": "creditos:2"}


async def furnish(api: Api) -> None:
    """Once the teams and people are there. Raises ApiError, Unreachable."""
    rules = wire.ChangeTeam(assignment="automatic", on_leave="queue", duty=DUTY)
    await asyncio.gather(
        api.send(calls.change_team(TEAM, rules)),
        *(api.send(calls.change_user(name, wire.ChangeUser(skills=skills))) for name, skills in SKILLS.items()),
    )
