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


@given(due=moments, now=moments)
def test_it_is_late_by_what_has_passed_since(due: int, now: int) -> None:
    assert reminders.late_by(due, now) == (now - due if now > due else 0)
