"""The rules of service hold for every input."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from server.desk import inbox, retry, sla, status, window

WORDS = [*status.RANK, "failed", "in_orbit", "deleted"]
MOMENTS = st.integers(min_value=0, max_value=3_900_000_000_000)


@given(st.lists(st.sampled_from(["sent", "delivered", "read", "played", "failed"]), max_size=5, unique=True))
def test_reports_in_any_order_end_in_the_same_state(words: list[str]) -> None:
    ends = set()
    for order in itertools.permutations(words):
        state = "sending"
        for word in order:
            state = status.after(state, word)
        ends.add(state)
    assert len(ends) == 1


@given(st.lists(st.sampled_from(WORDS), max_size=20))
def test_a_message_never_goes_back(words: list[str]) -> None:
    state, furthest = "queued", 0
    for word in words:
        state = status.after(state, word)
        rank = status.RANK.get(state)
        if rank is not None:
            assert rank >= furthest or state == "failed"
            furthest = max(furthest, rank)
        if "read" in words[: words.index(word) + 1]:
            assert state in ("read", "played", "delivered", "failed") or rank is not None
    assert state in {*status.RANK, "failed"}


@given(st.sampled_from(WORDS))
def test_what_was_taken_back_stays_taken_back(word: str) -> None:
    assert status.after("cancelled", word) == "cancelled"


@given(
    st.integers(min_value=1, max_value=10**9),
    st.integers(min_value=1, max_value=10**9),
    st.integers(min_value=1, max_value=99),
    st.booleans(),
    MOMENTS,
)
def test_a_clock_warns_before_it_is_due(first: int, then: int, percent: int, answered: bool, now: int) -> None:
    policy = sla.Policy(1, "p", {"first_response": first, "next_response": then}, warn_percent=percent)
    clock = sla.start(policy, sla.target_of(answered), now)
    assert clock is not None
    assert now == clock.started_at <= clock.warn_at <= clock.due_at
    assert clock.due_at - now == (then if answered else first)
    assert sla.met(clock, clock.due_at) and not sla.met(clock, clock.due_at + 1)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_running_clocks_come_first_then_the_calm_then_the_resolved(due: int, last: int, resolved: int) -> None:
    running = inbox.sort_key("queued", due, last, None)
    calm = inbox.sort_key("waiting", None, last, None)
    done = inbox.sort_key("resolved", None, last, resolved)
    assert running < calm < inbox.RESOLVED_FROM <= done < 2**53


@given(MOMENTS, MOMENTS)
def test_within_a_group_the_order_is_by_urgency_or_newness(a: int, b: int) -> None:
    assert (inbox.sort_key("open", a, 0, None) < inbox.sort_key("open", b, 0, None)) == (a < b)
    assert (inbox.sort_key("waiting", None, a, None) < inbox.sort_key("waiting", None, b, None)) == (a > b)
    assert (inbox.sort_key("resolved", None, 0, a) < inbox.sort_key("resolved", None, 0, b)) == (a > b) or 0 in (a, b)


@given(st.integers(min_value=0, max_value=200), MOMENTS, st.floats(min_value=0, max_value=0.999), st.none() | MOMENTS)
def test_a_retry_is_later_and_honours_retry_after(attempts: int, now: int, chance: float, after: int | None) -> None:
    due = retry.next_attempt(attempts, now, now, chance, after)
    assert due is not None and now < due <= now + retry.GIVE_UP_MS
    if after is not None:
        assert due >= now + min(after, retry.GIVE_UP_MS)
    assert retry.next_attempt(attempts, now + retry.GIVE_UP_MS, now, chance) is None


@given(MOMENTS, st.integers(min_value=1, max_value=10**9))
def test_the_window_is_open_until_it_closes(last: int, length: int) -> None:
    assert window.is_open(length, last, last + length - 1)
    assert not window.is_open(length, last, last + length)
    assert not window.is_open(length, None, last)
    assert window.is_open(None, None, last)
