"""A few rules for the demo: two that work, and one that waits to be tried (`rule test cerrar-silencio`)."""

from __future__ import annotations

from agent_console.backend import calls_rules, calls_work
from agent_console.backend.api import Api
from server import wire

TAG = "fraude"


def rules() -> list[wire.NewRule]:
    return [
        wire.NewRule(
            name="fraude",
            title="Lo que suena a robo o estafa se marca",
            on=["received"],
            condition="robar OR bloquéenla OR estafaron",
            then=[wire.RuleAct(do="tag", value=TAG)],
            place=10,
            active=True,
        ),
        wire.NewRule(
            name="espera-larga",
            title="Nadie espera mucho sin que se note",
            on=["waits>20m"],
            condition="-assigned priority<high",
            then=[wire.RuleAct(do="priority", value="high")],
            active=True,
        ),
        wire.NewRule(
            name="cerrar-silencio",
            title="Tres días sin respuesta del cliente",
            on=["silent>3d"],
            condition=f"-tag:{TAG}",
            then=[wire.RuleAct(do="resolve", value="no_answer")],
        ),
    ]


async def furnish(api: Api) -> None:
    """What is not there yet."""
    if TAG not in {tag.name for tag in (await api.send(calls_work.tags())).items}:
        await api.send(calls_work.add_tag(TAG))
    known = {rule.name for rule in (await api.send(calls_rules.rules())).items}
    for rule in rules():
        if rule.name not in known:
            await api.send(calls_rules.add_rule(rule))
