"""The rules of reminders, whatever the numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.desk import reminders
from server.desk.reminders import Owner

ids = st.one_of(st.none(), st.integers(1, 50))
moments = st.integers(0, 2**41)


@given(user=st.integers(1, 50), there=st.booleans(), duty=ids, team=ids)
def test_it_always_stays_with_somebody(user: int, there: bool, duty: int | None, team: int | None) -> None:
    owner = reminders.at_its_time(Owner(user, None), there, duty, team)
    assert (owner.user is None) != (owner.team is None)
    if there:
        assert owner.user == user
    elif duty is not None:
        assert owner.user == duty
    elif team is not None:
        assert owner == Owner(None, team)
    else:
        assert owner.user == user, "where nobody else is known, it is not taken from them"


@given(team=st.integers(1, 50), there=st.booleans(), duty=ids, other=ids)
def test_what_is_a_teams_stays_the_teams(team: int, there: bool, duty: int | None, other: int | None) -> None:
    assert reminders.at_its_time(Owner(None, team), there, duty, other) == Owner(None, team)


@given(due=moments, now=moments, late_ms=st.integers(0, 2**40))
def test_late_is_counted_once_the_time_has_passed(due: int, now: int, late_ms: int) -> None:
    late = reminders.counts_as_late(due, now, late_ms)
    assert late == (late_ms > 0 and now - due >= late_ms)
    if late:
        assert reminders.late_by(due, now) >= late_ms
        assert reminders.counts_as_late(due, now + 1, late_ms)
    assert reminders.late_by(due, now) >= 0
