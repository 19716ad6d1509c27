"""The table of routes: deterministic, total, and understandable."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk import routing
from server.desk.routing import CONDITIONS, Case, Decision, Route, decide, destination, rank

VALUES = ("a", "b", "Á", "-", "a/b", "open", "closed:x")


def route(id: int, place: int = 0, team: int | None = 1, **when: tuple[str, ...]) -> Route:
    return Route(id=id, name=f"r{id}", place=place, when=when, team_id=team)


def case(open: Mapping[str, bool] | None = None, **facts: tuple[str, ...]) -> Case:
    return Case(facts=facts, open=open or {})


conditions = st.dictionaries(
    st.sampled_from(CONDITIONS), st.lists(st.sampled_from(VALUES), min_size=1, max_size=3).map(tuple), max_size=4
)
tables = st.lists(st.tuples(st.integers(0, 3), conditions), max_size=12).map(
    lambda lines: [Route(id=n, name=str(n), place=p, when=w, team_id=n) for n, (p, w) in enumerate(lines, 1)]
)
cases = st.builds(
    Case,
    facts=st.dictionaries(
        st.sampled_from([c for c in CONDITIONS if c != "hours"]),
        st.lists(st.sampled_from(VALUES), min_size=1, max_size=2).map(tuple),
    ),
    open=st.dictionaries(st.sampled_from(["", "x"]), st.booleans()),
)


def model(route: Route, case: Case) -> bool:
    """Whether a route fits, said in another way than the rules say it."""

    def same(one: str, other: str) -> bool:
        return one.replace("Á", "a").lower() == other.replace("Á", "a").lower()

    for name, wanted in route.when.items():
        if name == "hours":
            held = []
            for value in wanted:
                word, _, calendar = value.partition(":")
                if word in ("open", "closed") and calendar in case.open:
                    held.append(case.open[calendar] == (word == "open"))
            if True not in held:
                return False
        else:
            known = case.facts.get(name, ())
            if not any((same(w, k)) for w in wanted for k in known) and not ("-" in wanted and not known):
                return False
    return True


@given(tables, cases, st.randoms())
def test_the_order_in_which_routes_are_kept_does_not_matter(
    table: list[Route], case: Case, shuffle: random.Random
) -> None:
    mixed = list(table)
    shuffle.shuffle(mixed)
    assert decide(mixed, case) == decide(table, case) == decide(table, case)


def first_failure(route: Route, case: Case) -> str:
    """The first condition of a route that a conversation does not fulfil; nothing if it fulfils all."""
    return decide([route], case).considered[0].failed


@given(tables, cases)
def test_the_first_that_fits_in_the_order_of_rank_wins(table: list[Route], case: Case) -> None:
    decision = decide(table, case)
    fitting = [each for each in table if model(each, case)]
    assert decision.route == min(fitting, key=rank, default=None)
    for looked in decision.considered:
        assert looked.fits == model(looked.route, case)
        assert looked.fits == (looked.route is decision.route)
        if not looked.fits:
            alone = Route(id=0, name="", when={looked.failed: looked.route.when[looked.failed]})
            assert first_failure(alone, case), "the condition that is named fails by itself"
    assert [rank(each.route) for each in decision.considered] == sorted(
        rank(each.route) for each in decision.considered
    )


@given(tables, cases, conditions, st.integers(0, 3))
def test_a_less_specific_route_never_changes_what_a_more_specific_one_decides(
    table: list[Route], case: Case, when: dict[str, tuple[str, ...]], place: int
) -> None:
    before = decide(table, case)
    more = Route(id=1_000, name="more", place=place, when=when, team_id=7)
    after = decide([*table, more], case)
    if before.route is not None and rank(before.route) < rank(more):
        assert after.route == before.route
    else:
        assert after.route in (before.route, more)


@given(tables, cases, st.sampled_from([None, 5]), st.sampled_from([None, 6]))
def test_everything_gets_a_place_or_is_said_to_have_none(
    table: list[Route], case: Case, channel: int | None, last: int | None
) -> None:
    goes = destination(decide(table, case).route, {"channel": channel, "last_resort": last})
    assert (goes.team_id is None) == (goes.by == "nobody")
    if channel is not None or last is not None:
        assert goes.team_id is not None


@given(st.sampled_from(CONDITIONS), st.sampled_from(CONDITIONS), st.integers(0, 9), st.integers(0, 9))
def test_more_conditions_are_more_specific_and_a_campaign_most(one: str, other: str, high: int, low: int) -> None:
    wide = Route(id=1, name="wide", place=low, when={one: ("a",)})
    narrow = Route(id=2, name="narrow", place=high, when={one: ("a",), other: ("a",)})
    if one != other and ("campaign" in (one, other)) == (one == "campaign"):
        assert rank(narrow) < rank(wide)
    assert rank(route(3, campaign=("a",))) < rank(route(4, region=("a",), topic=("a",), channel=("a",)))


def test_equal_ones_go_by_place_then_by_age() -> None:
    first, second = route(1, place=2, region=("a",)), route(2, place=1, channel=("a",))
    older, newer = route(3, place=2, topic=("a",)), route(4, place=2, profile=("a",))
    assert sorted([newer, older, second, first], key=rank) == [second, first, older, newer]
    deep, flat = route(5, place=9, topic=("créditos/personal",)), route(6, place=1, topic=("créditos",))
    assert rank(deep) < rank(flat)


def test_a_campaigns_own_route_stands_behind_those_that_name_it() -> None:
    own = Route(id=1, name="Escolar", when={"campaign": ("escolar",)}, team_id=9, campaign_id=1)
    named = route(7, place=50, campaign=("escolar",))
    other = route(8, region=("San Miguel",), channel=("whatsapp",), topic=("créditos",))
    assert sorted([other, own, named], key=rank) == [named, own, other]
    assert destination(own, {}).by == "campaign"


@pytest.mark.parametrize(
    ("when", "facts", "fits"),
    [
        ({"region": ("san miguel",)}, {"region": ("San Miguel",)}, True),
        ({"region": ("USULUTAN",)}, {"region": ("Usulután",)}, True),
        ({"region": ("San",)}, {"region": ("San Miguel",)}, False),
        ({"profile": ("-",)}, {}, True),
        ({"profile": ("-",)}, {"profile": ("socio",)}, False),
        ({"profile": ("-", "socio")}, {"profile": ("socio",)}, True),
        ({"topic": ("créditos",)}, {"topic": routing.whole("creditos/personal", "/")}, True),
        ({"topic": ("créditos/personal",)}, {"topic": routing.whole("créditos", "/")}, False),
        ({"language": ("es",)}, {"language": routing.whole("es-SV", "-")}, True),
        ({"channel": ("whatsapp",)}, {"channel": ("wa-oriente", "whatsapp")}, True),
        ({"channel": ("wa-oriente",)}, {"channel": ("wa-centro", "whatsapp")}, False),
    ],
)
def test_values_are_compared_as_people_mean_them(
    when: dict[str, tuple[str, ...]], facts: dict[str, Any], fits: bool
) -> None:
    assert (first_failure(Route(id=1, name="x", when=when), Case(facts=facts)) == "") is fits


def test_hours_ask_a_calendar_and_an_unknown_one_is_neither_open_nor_closed() -> None:
    assert not first_failure(route(1, hours=("open",)), case({"": True}))
    assert first_failure(route(1, hours=("open",)), case({"": False})) == "hours"
    assert not first_failure(route(1, hours=("closed:Óficina",)), case({"oficina": False}))
    assert first_failure(route(1, hours=("closed:oficina",)), case({"": False})) == "hours"
    assert routing.calendars([route(1, hours=("open", "closed:Óficina", "rubbish"))]) == {"", "oficina"}


def test_an_explanation_names_the_first_condition_that_fails() -> None:
    table = [route(1, region=("Oriente",), profile=("socio",)), route(2, channel=("sms",)), route(3)]
    decision = decide(table, case(channel=("whatsapp",), region=("Oriente",)))
    assert [(each.route.id, each.failed) for each in decision.considered] == [(1, "profile"), (2, "channel"), (3, "")]
    assert decide([], case()) == Decision(None, ())
