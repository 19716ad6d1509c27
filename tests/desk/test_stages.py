"""The five stages: the examples of docs/protocol.md, and what holds for any run of facts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import wire
from server.desk import stages
from server.desk.stages import BACK, FACTS, STAGES, Fact, Stage

DOCS = Path(__file__).parents[2] / "docs" / "protocol.md"
#: a line of the table of examples: | stage | fact | diagnosed | stage |
_LINE = re.compile(r"^\| (\w+) \| (\w+) \| (yes|no|–) \| (\w+) \|", re.MULTILINE)

stage_of = st.sampled_from(STAGES)
fact_of = st.sampled_from(FACTS)


def examples() -> list[tuple[Stage, Fact, bool, Stage]]:
    """What the documentation says; a dash stands for both."""
    found = []
    for stage, fact, known, then in _LINE.findall(DOCS.read_text(encoding="utf-8")):
        for diagnosed in {"yes": (True,), "no": (False,), "–": (False, True)}[known]:
            found.append((cast(Stage, stage), cast(Fact, fact), diagnosed, cast(Stage, then)))
    return found


def test_the_documentation_tells_every_case_once() -> None:
    told = [(stage, fact, diagnosed) for stage, fact, diagnosed, _then in examples()]
    assert len(told) == len(set(told))
    assert set(told) == {(stage, fact, known) for stage in STAGES for fact in FACTS for known in (False, True)}


@pytest.mark.parametrize(("stage", "fact", "diagnosed", "then"), examples())
def test_stages_follow_the_documentation(stage: Stage, fact: Fact, diagnosed: bool, then: Stage) -> None:
    assert stages.after(stage, fact, diagnosed) == then


def test_they_are_those_of_the_wire() -> None:
    assert STAGES == wire.STAGES


@given(stage_of, fact_of, st.booleans())
def test_it_never_goes_back_without_a_reason(stage: Stage, fact: Fact, diagnosed: bool) -> None:
    then = stages.after(stage, fact, diagnosed)
    if STAGES.index(then) < STAGES.index(stage):
        assert fact in BACK


@given(stage_of, fact_of, st.booleans())
def test_a_fact_told_twice_changes_nothing_the_second_time_but_an_answer(
    stage: Stage, fact: Fact, diagnosed: bool
) -> None:
    once = stages.after(stage, fact, diagnosed)
    twice = stages.after(once, fact, diagnosed)
    assert twice == once or fact == "answered"  # the second answer, after the greeting, is about the matter itself


@given(st.lists(st.tuples(fact_of, st.booleans()), max_size=30))
def test_resolving_closes_and_only_reopening_opens(run: list[tuple[Fact, bool]]) -> None:
    stage: Stage = "welcome"
    closed = False
    for fact, diagnosed in run:
        stage = stages.after(stage, fact, diagnosed)
        closed = fact == "resolved" or (closed and fact != "reopened")
        assert (stage == "closure") == closed
        assert stages.by_hand(stage, closed)


@given(st.lists(fact_of, max_size=30))
def test_nobody_is_welcomed_twice(run: list[Fact]) -> None:
    stage: Stage = "welcome"
    left = False
    for fact in run:
        stage = stages.after(stage, fact, False)
        left = left or stage != "welcome"
        assert (stage != "welcome") == left
