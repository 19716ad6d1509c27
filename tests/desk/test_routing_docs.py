"""The examples of docs/routing.md are true."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from agent_console.cli import routing_files
from server.desk.routing import Case, Route, decide, whole

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "routing.md").read_text(encoding="utf-8")
TABLE = routing_files.read(re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)[0], "docs/routing.md").routes
EXAMPLES = re.findall(r"^\| ((?:topic|region)[^|]*) \| ([^|]*) \| ([^|]*) \|$", DOCS, re.MULTILINE)


def rules() -> list[Route]:
    found = []
    for id, each in enumerate(TABLE, 1):
        when = {name: tuple(values) for name, values in msgspec.to_builtins(each.when).items() if values}
        found.append(Route(id=id, name=each.name, place=each.place, when=when))
    return found


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize(("comes", "route", "team"), EXAMPLES)
def test_the_documented_outcome(comes: str, route: str, team: str) -> None:
    told = dict(part.split(": ") for part in comes.split(", "))
    is_open = {"": told.pop("hours") == "open"} if "hours" in told else {}
    facts = {name: whole(value, "/") if name == "topic" else (value,) for name, value in told.items()}
    found = decide(rules(), Case(facts=facts, open=is_open)).route
    assert (found.name if found else "none") == route
    if found:
        assert TABLE[found.id - 1].team == team
