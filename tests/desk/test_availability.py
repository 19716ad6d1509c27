"""How availability changes by itself."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from server.desk.availability import Change, Rules, Seen, Standing, change, due

RULES = Rules(away_ms=600, gone_ms=120)
NOW = 10_000

standings = st.builds(
    Standing,
    st.sampled_from(["online", "busy", "away", "offline"]),
    st.none() | st.integers(NOW - 500, NOW + 500),
    st.sampled_from(["chosen", "idle", "gone", "console", ""]),
    st.booleans(),
    st.none() | st.integers(NOW - 500, NOW),
    st.sampled_from([0, NOW - 700, NOW - 10]),
)
seen = st.builds(Seen, st.booleans(), st.integers(NOW - 1_000, NOW))
rules = st.builds(Rules, st.sampled_from([0, 50, 600]), st.sampled_from([0, 120]))


@given(standings, seen, rules)
def test_nothing_changes_before_it_is_due(standing: Standing, here: Seen, by: Rules) -> None:
    if change(standing, here, by, NOW) is not None:
        return
    at = due(standing, here, by, NOW)
    for later in (NOW + 1, NOW + 60, NOW + 500, NOW + 5_000):
        if at is None or later < at:
            assert change(standing, here, by, later) is None


@given(standings, seen, rules)
def test_what_changed_rests(standing: Standing, here: Seen, by: Rules) -> None:
    """No two rules push somebody to and fro."""
    first = change(standing, here, by, NOW)
    if first is None:
        return
    after = Standing(first.state or standing.state, None, first.why, False, standing.gone_at, 0)
    second = change(after, here, by, NOW)
    assert second is None or (first.state, second) == ("online", Change("away", "idle"))


def test_a_console_brings_its_user_online_unless_they_chose_otherwise() -> None:
    touched = Seen(True, NOW)
    assert change(Standing(), touched, RULES, NOW) == Change("online", "console")
    for state in ("busy", "away", "offline"):
        assert change(Standing(state, chosen=True, why="chosen"), touched, RULES, NOW) is None


def test_who_touches_nothing_is_away_and_the_next_key_brings_them_back() -> None:
    assert change(Standing("online"), Seen(True, NOW - 599), RULES, NOW) is None
    assert change(Standing("online"), Seen(True, NOW - 600), RULES, NOW) == Change("away", "idle")
    assert change(Standing("busy", chosen=True), Seen(True, 0), RULES, NOW) is None
    assert change(Standing("away", why="idle"), Seen(True, NOW), RULES, NOW) == Change("online", "key")
    assert change(Standing("online", said_at=NOW - 10), Seen(True, 0), RULES, NOW) is None


def test_who_said_when_they_are_back_is_back_then_if_they_are_there() -> None:
    lunch = Standing("away", back_at=NOW, why="chosen", chosen=True)
    assert change(lunch, Seen(True, NOW - 1), RULES, NOW - 1) is None
    assert change(lunch, Seen(True, NOW - 1), RULES, NOW) == Change("online", "back")
    assert change(lunch, Seen(True, NOW - 700), RULES, NOW) is None


def test_without_a_console_one_is_offline_after_a_while_and_the_choice_is_forgotten() -> None:
    gone = Standing("busy", chosen=True, gone_at=NOW - 120)
    assert change(gone, Seen(False), RULES, NOW - 1) is None
    assert change(gone, Seen(False), RULES, NOW) == Change("offline", "gone")
    hidden = Standing("offline", chosen=True, gone_at=NOW - 120)
    assert change(hidden, Seen(False), RULES, NOW) == Change(None, "gone")
    at_lunch = Standing("away", back_at=NOW, chosen=True, gone_at=NOW - 5_000)
    assert change(at_lunch, Seen(False), RULES, NOW) is None
    assert change(at_lunch, Seen(False), RULES, NOW + 120) == Change("offline", "gone")
    assert change(Standing("online", gone_at=None), Seen(False), RULES, NOW) is None  # never had one: said it elsewhere
