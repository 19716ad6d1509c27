"""Which answers wait for a reviewer, as a rule of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.desk.review import Answer, held, passed
from server.wire import Reviewed, ReviewRule

NOW = 1_795_000_000_000
DAY = 24 * 3_600_000
NAMES = st.sampled_from(["ana", "luis", "eva"])
PEOPLE = st.builds(
    Reviewed,
    user=NAMES,
    until=st.none() | st.integers(NOW - DAY, NOW + DAY),
    left=st.none() | st.integers(1, 3),
)
RULES = st.builds(
    ReviewRule,
    everybody=st.booleans(),
    people=st.lists(PEOPLE, max_size=3),
    new_days=st.integers(0, 40),
    public=st.booleans(),
    channels=st.lists(st.sampled_from(["wa", "whatsapp", "fb"]), max_size=2),
    reviewers=st.lists(NAMES, max_size=2),
)
ANSWERS = st.builds(
    Answer,
    author=NAMES,
    role=st.sampled_from(["advisor", "supervisor", "admin"]),
    since=st.integers(NOW - 60 * DAY, NOW),
    channel=st.sampled_from(["wa", "fb", "mail"]),
    channel_kind=st.sampled_from(["whatsapp", "messenger", "email"]),
    public=st.booleans(),
    now=st.just(NOW),
)
TEAMS = st.none() | st.integers(1, 3)


def asked(rule: ReviewRule, answer: Answer, whole: bool) -> bool:
    """The rule in one sentence, written another way."""
    if answer.role != "advisor" or answer.author in rule.reviewers:
        return False
    listed = any(p.user == answer.author and (p.until is None or p.until > NOW) for p in rule.people)
    fresh = NOW - answer.since < rule.new_days * DAY
    told = (
        rule.everybody
        or (rule.public and answer.public)
        or bool({answer.channel, answer.channel_kind} & {*rule.channels})
    )
    return listed or fresh or (whole and told)


@given(st.dictionaries(st.integers(1, 3), RULES, max_size=3), TEAMS, st.lists(st.integers(1, 3), unique=True), ANSWERS)
def test_against_the_rule_in_one_sentence(
    rules: dict[int, ReviewRule], team: int | None, own: list[int], answer: Answer
) -> None:
    found = held(rules, team, own, answer)
    wanted = any(
        asked(rules[id], answer, id == team or team is None) for id in {team, *own} & rules.keys() if id is not None
    )
    assert (found is not None) == wanted
    if found is not None:
        assert found.team in rules and answer.author not in rules[found.team].reviewers


@given(ANSWERS, TEAMS, st.lists(st.integers(1, 3)))
def test_without_rules_nothing_waits(answer: Answer, team: int | None, own: list[int]) -> None:
    assert held({}, team, own, answer) is None
    assert held({id: ReviewRule() for id in (1, 2, 3)}, team, own, answer) is None


@given(RULES, NAMES)
def test_trust_grows_one_by_one(rule: ReviewRule, author: str) -> None:
    after, trusted = passed(rule, author)
    before = [p for p in rule.people if p.user == author and p.left is not None]
    kept = [p for p in after.people if p.user == author and p.left is not None]
    assert sum(p.left or 0 for p in kept) == sum((p.left or 0) - 1 for p in before)
    assert trusted == any(p.left == 1 for p in before)
    assert [p for p in after.people if p.user != author] == [p for p in rule.people if p.user != author]
