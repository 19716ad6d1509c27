"""The rules of assignment, whoever asks and however often."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from server.desk.assignment import Advisor, Need, choose, has, load, skills, tidy, weight

WORDS = ["cards", "credit", "english", "inglés", "San_Miguel"]
STATES = ["online", "busy", "away", "offline"]

levels = st.dictionaries(st.sampled_from(["cards", "credit", "english"]), st.integers(1, 4), max_size=3)


@st.composite
def an_office(draw: st.DrawFn) -> list[Advisor]:
    people = draw(st.integers(0, 7))
    return [
        Advisor(
            id=n,
            name=f"a{n}",
            state=draw(st.sampled_from(STATES)),
            capacity=draw(st.integers(0, 6)) * 100,
            load=draw(st.integers(0, 700)),
            skills=draw(levels),
            last_at=draw(st.integers(0, 5)),
        )
        for n in range(people)
    ]


needs = st.builds(Need, st.integers(1, 250), levels, st.none() | st.integers(0, 6))


def may(advisor: Advisor, need: Need) -> bool:
    """The definition, said another way than the code says it."""
    skilled = [skill for skill in need.skills if advisor.skills.get(skill, 0) < need.skills[skill]] == []
    fits = advisor.capacity - advisor.load - need.weight >= 0 or advisor.load == 0
    return advisor.state == "online" and skilled and advisor.capacity > 0 and fits


@given(an_office(), needs)
def test_only_who_is_online_skilled_and_has_room_gets_anything(office: list[Advisor], need: Need) -> None:
    choice = choose(office, need)
    able = [a for a in office if may(a, need)]
    assert (choice.advisor is None) == (not able)
    if choice.advisor is not None:
        assert choice.advisor in able
        assert choice.why["able"] == len(able)
    assert sum(choice.why.get("out", {}).values()) == len(office) - len(able)


@given(an_office(), needs, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_asking(office: list[Advisor], need: Need, shuffle: object) -> None:
    first = choose(office, need)
    again = list(office)
    shuffle.shuffle(again)  # type: ignore[attr-defined]
    second = choose(again, need)
    assert (first.advisor and first.advisor.name) == (second.advisor and second.advisor.name)
    assert first.why == second.why


@given(an_office(), needs)
def test_the_last_advisor_goes_first_and_else_the_least_loaded(office: list[Advisor], need: Need) -> None:
    chosen = choose(office, need).advisor
    able = [a for a in office if may(a, need)]
    if any(a.id == need.last for a in able):
        assert chosen is not None and chosen.id == need.last
    elif chosen is not None:
        least = min(a.load / a.capacity for a in able)
        assert chosen.load / chosen.capacity == least
        assert chosen.last_at == min(a.last_at for a in able if a.load / a.capacity == least)


@given(an_office(), st.lists(needs, max_size=40))
def test_capacity_is_never_exceeded_however_much_comes(office: list[Advisor], queue: list[Need]) -> None:
    got: dict[int, list[int]] = {a.id: [] for a in office}
    before = {a.id: a.load for a in office}
    for at, need in enumerate(queue):
        chosen = choose(office, need).advisor
        if chosen is not None:
            chosen.load += need.weight
            chosen.last_at = 10 + at
            got[chosen.id].append(need.weight)
    for advisor in office:
        alone = before[advisor.id] == 0 and len(got[advisor.id]) == 1
        assert not got[advisor.id] or advisor.load <= advisor.capacity or alone


def test_equals_take_turns() -> None:
    office = [Advisor(n, f"a{n}", "online", 100_000, 0, {}) for n in range(4)]
    turns = []
    for at in range(8):
        chosen = choose(office, Need()).advisor
        assert chosen is not None
        turns.append(chosen.name)
        chosen.load += 100
        chosen.last_at = at + 1
    assert turns == ["a0", "a1", "a2", "a3"] * 2


def test_what_weighs_more_than_anybody_carries_goes_to_who_has_nothing() -> None:
    small = Advisor(1, "ana", "online", 100, 0, {})
    assert choose([small], Need(weight=150)).advisor is small
    small.load = 50
    assert choose([small], Need(weight=150)).why == {"rule": "nobody", "out": {"full": 1}}


def test_weights_are_looked_up_from_the_most_exact_down() -> None:
    weights = {"email": 50, "complex": 150, "email:complex": 120}
    assert weight(weights, "email", "complex") == 120
    assert weight(weights, "whatsapp", "complex") == 150
    assert weight(weights, "email", "simple") == 50
    assert weight(weights, "whatsapp", "") == 100


def test_what_waits_costs_a_part_and_what_was_put_aside_nothing() -> None:
    assert load({"open": 250, "queued": 100, "waiting": 150, "snoozed": 900}, 50) == 425
    assert load({"waiting": 150}, 0) == 0
    assert load({}, 50) == 0


@given(st.lists(st.sampled_from(WORDS) | st.sampled_from(["cards:2", "CARDS:3", "inglés:9"]), max_size=6))
def test_skills_are_kept_as_they_are_read(words: list[str]) -> None:
    kept = tidy(", ".join(words))
    assert kept is not None
    assert tidy(kept) == kept
    assert set(skills(kept)) == set(skills(" ".join(words)))


def test_skills_have_levels_and_no_accents_when_compared() -> None:
    assert skills("créditos:3 ingles") == {"creditos": 3, "ingles": 1}
    assert has(skills("Créditos:3 inglés"), skills("creditos:2 INGLES"))
    assert not has(skills("créditos:1"), skills("créditos:2"))
    assert tidy("a:b") is None
    assert tidy("x" * 41) is None
