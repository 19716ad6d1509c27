"""Why did this come to me? The drawer, and the words of every step."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.style import Style

import server
from agent_console import i18n, words_routing
from agent_console.presentation.look import Look
from agent_console.presentation.why import lines, whose
from agent_console.word_tables_routing import CONDITIONS, SIGNS, WHY
from server import wire
from server.desk import campaigns, routing
from tests.console.desk import console

_STYLES: Any = {name: Style() for name in Look.__dataclass_fields__ if name != "channels"}
PLAIN = Look(**_STYLES)
MISS: dict[str, Any] = {"route": "Socios", "failed": "profile", "wants": ["socio", "-"], "has": "", "own": False}
ROUTED: dict[str, Any] = {
    "route": 3,
    "name": "Oriente",
    "by": "route",
    "team": "Oriente",
    "skills": ["creditos"],
    "campaign": "Escolar",
    "sign": "source",
    "seen": "1202",
    "when": {"region": ["San Miguel", "La Unión"], "hours": ["closed:oficina"]},
    "facts": {"region": "San Miguel"},
    "why": [MISS, {**MISS, "has": "otro"}, {**MISS, "failed": "hours", "wants": ["open"]}],
}


def step(code: str, actor: str = "system", **params: Any) -> wire.WhyStep:
    return wire.WhyStep(seq=1, at=1_795_000_000_000, actor=actor, code=code, params=params)


WHY_HERE = wire.Why(
    conversation=1,
    assignee="ana",
    team="Oriente",
    skills=["creditos"],
    steps=[
        step("created", channel="wa"),
        step("routed.route", **ROUTED),
        step("assigned.auto", user="ana", rule="least_loaded", out={"away": 2, "skills": 1, "full": 3}),
    ],
)


@pytest.fixture(params=i18n.LANGUAGES)
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    before = i18n.language()
    yield i18n.set_language(request.param)
    i18n.set_language(before)


def test_every_reason_of_the_server_has_words() -> None:
    assert set(routing.CONDITIONS) <= set(CONDITIONS)
    assert {f"routed.{by}" for by in get_args(routing.By)} <= set(WHY)
    assert set(SIGNS) == set(get_args(campaigns.Sign))


def test_every_way_to_get_a_conversation_has_words() -> None:
    """Each `how` that the commands give to `assigning.assign` and `assigning.claim`."""
    found = set()
    for path in (Path(server.__file__).parent / "commands").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "claim" and len(node.args) == 5 and isinstance(node.args[4], ast.Constant):
                found.add(f"claimed.{node.args[4].value!s}")
            if node.func.attr == "assign":
                hows = [k.value.value for k in node.keywords if k.arg == "how" and isinstance(k.value, ast.Constant)]
                found |= {f"assigned.{how!s}" for how in hows}
    assert {"claimed.claim", "assigned.left"} <= found, "the calls are not found"
    told = {code if code.startswith("claimed") else code.rpartition(".")[0] for code in WHY}
    assert found <= told


def test_every_step_is_a_sentence_whatever_the_server_says(lang: str) -> None:
    for code in (*WHY, "assigned.new", "claimed.new", "routed.new", "quite.new", ""):
        bare = code.removesuffix(".user").removesuffix(".team").removesuffix(".queue")
        for params in (
            {},
            ROUTED,
            {"user": "ana", "rule": "least_loaded", "out": {"busy": 1}},
            {"why": None, "when": 3},
        ):
            said = words_routing.step(step(bare, "user:rosa", **params))
            assert all(isinstance(text, str) for text in said) and "{" not in "".join(said), code


def test_a_route_is_told_with_its_reasons() -> None:
    said = words_routing.step(WHY_HERE.steps[1])
    assert said == [
        "The route “Oriente” fits: it went to the team Oriente.",
        "campaign: Escolar",
        "recognised by its ad: 1202",
        "what counted: region: San Miguel or La Unión · hours: closed (oficina)",
        "it takes somebody with: creditos",
        "“Socios” does not fit: profile is not known; it wants socio or not known",
        "“Socios” does not fit: profile is otro, not socio or not known",
        "“Socios” does not fit: it is for the hours open",
    ]


@pytest.mark.parametrize("width", [20, 40, 98])
def test_lines_fit_and_hide_nothing_dangerous(width: int) -> None:
    bad = "\x1b]0;x\x07\u202e" + "w" * 300
    for each in (*WHY_HERE.steps, step("routed.route", name=bad, team=bad, skills=[bad], why=[{**MISS, "has": bad}])):
        for segments in lines(each, 1_795_000_000_000, PLAIN, width):
            text = "".join(segment.text for segment in segments)
            assert "\x1b" not in text and "\u202e" not in text
            assert len(text) <= max(width, 30)
    assert whose(wire.Why(conversation=1, team="Oriente")).endswith("Oriente")


@pytest.mark.parametrize(("lang", "said"), [("en", "It was ana's turn"), ("es", "Le tocaba a ana")])
async def test_the_drawer_says_it_and_goes_with_its_own_key(lang: str, said: str) -> None:
    async with console((100, 40), lang=lang) as desk:
        desk.session.fake_api.answers["GET", "/conversations/"] = WHY_HERE
        await desk.press("comma")
        await desk.pilot.pause()
        assert said in desk.screen
        assert "San Miguel" in desk.screen and "Socios" in desk.screen
        await desk.press("comma")
        assert said not in desk.screen
