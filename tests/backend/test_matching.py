"""What a row alone tells of a query: yes, no, or that only the server knows. And what undoes a change."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.backend.bulk import Bulk
from agent_console.backend.matching import matches, narrowed, of_time, read
from agent_console.backend.opposites import opposite
from agent_console.backend.overlay import (
    AssignTo,
    Change,
    ChangeTags,
    Claim,
    Reopen,
    Resolve,
    SetPriority,
    Snooze,
    over_row,
)
from server import wire
from server.query import parse
from tests.console import sample

ROW = sample.row(7, "María", "whatsapp", "hola", tags=["mora"], priority="high", team="Créditos", inbound=3, seen=2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("is:unread", True),
        ("-is:unread", False),
        ("is:mine", True),
        ("is:resolved", False),
        ("is:open is:assigned", True),
        ("is:breached", False),  # no clock runs
        ("sla<10m", False),
        ("tag:mora", True),
        ("tag:vip", False),
        ("tag:vip,mora", True),
        ("-tag:vip", True),
        ("priority>=high", True),
        ("priority:urgent", False),
        ("channel:whatsapp", True),
        ("channel:wa", None),  # another name of the kind
        ("assignee:me", True),
        ("assignee:none", False),
        ("team:Créditos", True),
        ("team:creditos", None),  # the server compares without accents
        ("id:7", True),
        ("contact:8", False),
        ("tarjeta", None),
        ("tarjeta tag:vip", False),
        ("tarjeta OR tag:mora", True),
        ("-tarjeta", None),
        ("has:attachment", None),
        ("has:campaign", False),
        ("from:maria", None),
        ("after:today", None),
    ],
)
def test_what_the_row_tells(text: str, found: bool | None) -> None:
    assert matches(parse(text), ROW, "ana") is found


def test_a_row_that_does_not_say_how_much_was_seen() -> None:
    assert matches(parse("is:unread"), msgspec.structs.replace(ROW, seen=msgspec.UNSET), "ana") is None


def test_what_time_alone_changes() -> None:
    assert of_time(parse("tag:a (sla<10m OR tag:b)")) and of_time(parse("-is:breached")) and of_time(parse("after:7d"))
    assert not of_time(parse("tag:a is:unread tarjeta"))


@pytest.mark.parametrize(
    "text", ["tag:mora", 'tag:mora "tarjeta rete', "tag:a OR tag:b", "(tag:a OR tag:b) -c", 'a OR "b']
)
def test_a_query_asked_of_some_conversations_only(text: str) -> None:
    tree = read(narrowed(text, [7, 9]))
    assert tree is not None
    # whatever else it asks, a conversation that is none of these is not found
    assert matches(tree, msgspec.structs.replace(ROW, id=8), "ana") is False
    assert matches(tree, ROW, "ana") is not False or matches(parse(text), ROW, "ana") is False


# ---------------------------------------------------------------- undoing

_TAGS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3)
_ROWS = st.builds(
    lambda state, tags, priority, until: sample.row(
        7, "M", "whatsapp", "", state=state, tags=sorted(tags), priority=priority,
        snoozed_until=until if state == "snoozed" else None,
    ),
    st.sampled_from(["open", "snoozed"]), _TAGS, st.sampled_from(["low", "normal", "high", "urgent"]),
    st.integers(1, 10),
)  # fmt: skip
_CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.just(Claim(7)),
    st.just(AssignTo(7, user="luis")),
    st.just(Resolve(7)),
    st.builds(lambda add, remove: ChangeTags(7, add=tuple(add), remove=tuple(set(remove) - set(add))), _TAGS, _TAGS),
    st.builds(lambda priority: SetPriority(7, priority=priority), st.sampled_from(["low", "normal", "high", "urgent"])),
    st.builds(lambda until: Snooze(7, until=until), st.none() | st.integers(1, 10)),
)


@given(_ROWS, _CHANGES)
def test_undoing_a_change_brings_the_row_back(row: wire.ConversationRow, change: Change) -> None:
    after = over_row(row, change, "ana")
    for back in opposite(change, row):
        after = over_row(after, back, "ana")
    assert after == row


def test_what_was_resolved_is_opened_again_and_the_other_way_round() -> None:
    assert opposite(Resolve(7), ROW)[0] == Reopen(7, was=ROW.state)
    assert opposite(Reopen(7), ROW) == [Resolve(7)]
    assert opposite(ChangeTags(7, add=("mora",)), ROW) == []


# ---------------------------------------------------------------- many at once


def test_how_far_many_have_come() -> None:
    bulk = Bulk({"a": 1, "b": 2, "c": 3})
    assert (bulk.total, bulk.left) == (3, 3)
    assert bulk.ended("a") and not bulk.ended("a") and not bulk.ended("other")
    problem = wire.Problem(code="forbidden", status=403)
    assert bulk.ended("b", problem)
    assert bulk.left == 1 and bulk.refused == {2: problem}
    bulk.only([])
    assert bulk.left == 0
