"""Choices and bounds speak the reader's language; what programs write always works."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import pytest
import typer

from agent_console import i18n
from agent_console.cli import choices, grammar


class Level(StrEnum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


@pytest.fixture(params=["es", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    before = i18n.language()
    yield i18n.set_language(request.param)
    i18n.set_language(before)


def command() -> Any:
    noun = grammar.app("")

    def act(
        level: Annotated[Level, typer.Argument(metavar="LEVEL", help="How urgent.")],
        n: Annotated[int, typer.Option("--n", min=1, max=9, help="How often.")] = 1,
    ) -> None:
        said.append(level)

    said: list[Level] = []
    grammar.verb(noun, "act", "")(act)
    found: Any = typer.main.get_command(noun)
    choices.translate(found)
    found.said = said
    return found


def run(found: Any, *words: str) -> str:
    found.main(list(words), standalone_mode=False)
    return str(found.said[-1].value)


def test_what_programs_write_works_in_every_language(language: str) -> None:
    assert [run(command(), each) for each in ("low", "normal", "urgent")] == ["low", "normal", "urgent"]


@pytest.mark.parametrize(("word", "code"), [("alta", "high"), ("ALTA", "high"), ("Urgente", "urgent"), ("baja", "low")])
def test_what_people_call_it_works_in_theirs(language: str, word: str, code: str) -> None:
    if language == "es":
        assert run(command(), word) == code
    else:
        with pytest.raises(Exception, match=word):
            run(command(), word)


def test_help_says_what_choices_and_bounds_mean(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    command().main(["act", "--help"] if hasattr(command(), "commands") else ["--help"], standalone_mode=False)
    said = " ".join(capsys.readouterr().out.split())
    if language == "es":
        assert "How urgent. low: baja; high: alta; urgent: urgente" in said
        assert "de 1 a 9" in said
    else:
        assert "How urgent. [required]" in said
        assert "1 to 9" in said
    assert "x<=" not in said


@pytest.mark.parametrize(
    ("low", "high", "said"), [(None, None, ""), (None, 9, "9 como máximo"), (0, None, "0 o más"), (1, 99, "de 1 a 99")]
)
def test_bounds(low: int | None, high: int | None, said: str) -> None:
    before = i18n.language()
    i18n.set_language("es")
    try:
        assert choices.bounds(low, high) == said
    finally:
        i18n.set_language(before)
