"""The day's figures: a fold over the journal that can be taken up anywhere, against a plain recount."""

from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from server.desk.tally import EVERYBODY, KINDS, STEP, STEPS, Fact, Tally, percentile
from server.wire import Figures

DAY = 1_700_000_000_000 // STEP * STEP

facts = st.lists(
    st.builds(
        Fact,
        seq=st.just(0),
        at=st.integers(DAY - 7 * 3_600_000, DAY + 20 * 3_600_000),
        kind=st.sampled_from([*(kind for kind in KINDS if kind != "sla.restarted"), "conversation.seen"]),
        conversation=st.integers(1, 5),
        team=st.integers(0, 2),
        channel=st.integers(1, 2),
        campaign=st.integers(0, 1),
        user=st.integers(0, 2),
        target=st.sampled_from(["first_response", "next_response", "resolution"]),
        took=st.integers(0, 10_000_000),
    ),
    max_size=60,
).map(lambda found: [fact._replace(seq=n + 1) for n, fact in enumerate(sorted(found, key=lambda f: f.at))])


def told(*found: Fact) -> Tally:
    tally = Tally(DAY)
    for fact in found:
        tally.take(fact)
    return tally


@given(facts)
def test_the_day_is_a_recount_of_its_facts(found: list[Fact]) -> None:
    tally = told(*found)
    today = [fact for fact in found if fact.at >= DAY]
    for team in (0, 1, 2):
        here = [fact for fact in today if fact.team == team]
        first = sorted(f.took for f in here if f.kind in ("sla.met", "sla.missed") and f.target == "first_response")
        responses = [f for f in here if f.target in ("first_response", "next_response")]
        assert tally.figures(("team", team)) == Figures(
            begun=sum(f.kind == "conversation.created" for f in here),
            received=sum(f.kind == "message.received" for f in here),
            answered=len({f.conversation for f in here if f.kind == "message.queued"}),
            replies=sum(f.kind == "message.queued" for f in here),
            resolved=sum(f.kind == "conversation.resolved" for f in here),
            met=sum(f.kind == "sla.met" for f in responses),
            missed=sum(f.kind == "sla.missed" for f in responses),
            first_p50=percentile(first, 50),
            first_p90=percentile(first, 90),
        )


@given(facts, st.integers(0, 60))
def test_it_can_be_told_twice_from_anywhere(found: list[Fact], again: int) -> None:
    once, twice = told(*found), told(*found, *found[again:])
    for key in (EVERYBODY, ("team", 1), ("channel", 1), ("campaign", 1), ("user", 1)):
        assert once.figures(key) == twice.figures(key)
        assert once.recent(key, DAY) == twice.recent(key, DAY)


@given(facts)
def test_recent_messages_by_half_hours(found: list[Fact]) -> None:
    now = max((fact.at for fact in found), default=DAY)
    first = now // STEP - STEPS + 1
    inside = [fact for fact in found if fact.kind == "message.received" and fact.at // STEP >= first]
    tally = told(*found)
    recent = tally.recent(EVERYBODY, now)
    assert len(recent) == 12
    assert sum(recent) == len(inside)
    assert tally.hour(EVERYBODY, now) == sum(fact.at // STEP > now // STEP - 12 for fact in inside)


def test_a_promise_kept_counts_for_who_answered() -> None:
    tally = told(
        Fact(1, DAY, "message.queued", 7, user=3),
        Fact(2, DAY, "sla.met", 7, target="first_response", took=90_000),
        Fact(3, DAY, "sla.missed", 8, target="first_response", took=90_000),
    )
    assert tally.figures(("user", 3)) == Figures(answered=1, replies=1, met=1, first_p50=90_000, first_p90=90_000)


def test_an_answer_that_was_none_counts_for_nothing() -> None:
    answered = (
        Fact(1, DAY, "message.queued", 7, team=1, user=3),
        Fact(2, DAY, "sla.met", 7, team=1, target="first_response", took=90_000),
    )
    tally = told(*answered, Fact(3, DAY, "sla.restarted", 7, team=1, target="first_response"))
    for key in (EVERYBODY, ("team", 1), ("user", 3)):
        figures = tally.figures(key)
        assert (figures.met, figures.first_p50) == (0, None)
    again = Fact(4, DAY, "sla.missed", 7, team=1, target="first_response", took=900_000)
    tally.take(again)
    tally.take(Fact(5, DAY, "sla.restarted", 8, team=1, target="first_response"))
    assert (tally.figures(EVERYBODY).missed, tally.figures(EVERYBODY).first_p50) == (1, 900_000)


def test_another_day_begins_from_nothing_and_keeps_the_last_hours() -> None:
    tally = told(Fact(1, DAY + 1, "message.received", 7, team=1))
    tally.begin_day(DAY + 24 * 3_600_000)
    assert tally.figures(EVERYBODY) == Figures()
    assert tally.hour(EVERYBODY, DAY + 2) == 1


@given(st.lists(st.integers(0, 1_000), min_size=1), st.integers(1, 100))
def test_percentiles_are_values_that_occurred(values: list[int], percent: int) -> None:
    found = percentile(sorted(values), percent)
    assert found is not None
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    if percent == 50 and len(values) % 2:
        assert found == statistics.median(values)
