"""When the outbox leaves a channel alone, how fast an account may send, and when providers are asked what became of a
message: rules that hold whatever happens in whatever order."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from server.desk import breaker, finding, pacing, retry
from server.desk.breaker import CLOSED, Circuit

NOW = 1_795_000_000_000
CHANCES = st.floats(0, 1, exclude_max=True)
REASONS = st.sampled_from(sorted(breaker.CHANNEL))

#: what happens next: (outcome, ms later, chance, whether the attempt began before the circuit opened last)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["worked", "undecided", *sorted(breaker.CHANNEL)]),
        st.integers(1, 400_000),
        CHANCES,
        st.booleans(),
    ),
    max_size=60,
)


@given(STEPS)
def test_a_circuit_opens_for_good_reason_and_never_for_long(steps: list[tuple[str, int, float, bool]]) -> None:
    circuit, now, failures = CLOSED, NOW, 0
    for outcome, later, chance, old in steps:
        now += later
        stale = old and circuit.opened_at is not None
        started = circuit.opened_at if stale and circuit.opened_at is not None else now - 1
        if not stale and circuit.opened_at is not None and started <= circuit.opened_at:
            continue  # nothing new can have come back already
        before = circuit
        if outcome == "worked":
            circuit = breaker.worked(circuit, started)
        elif outcome == "undecided":
            circuit = breaker.undecided(circuit, started, now)
        else:
            circuit = breaker.failed(circuit, outcome, started, now, chance)
        if stale:
            assert circuit == before
            continue
        failures = 0 if outcome == "worked" else failures + (outcome in breaker.CHANNEL)
        assert (circuit.openings == 0) == (circuit.paused_until is None) == (circuit.opened_at is None)
        if outcome == "worked":
            assert circuit == CLOSED
        if circuit.openings > before.openings:
            assert circuit.openings == before.openings + 1 and circuit.opened_at == now
            assert before.openings or outcome in breaker.CERTAIN or failures >= breaker.THRESHOLD
            assert circuit.paused_until is not None
            assert breaker.LEAST_MS <= circuit.paused_until - now <= breaker.LEAST_MS + breaker.CAP_MS
        elif outcome in breaker.CHANNEL:
            assert failures < breaker.THRESHOLD and outcome not in breaker.CERTAIN


@given(st.integers(0, 40), CHANCES, REASONS)
def test_pauses_grow_up_to_some_minutes(openings: int, chance: float, reason: str) -> None:
    def pause(openings: int) -> int:
        paused = breaker.failed(Circuit(9, openings, NOW - 9, NOW - 1), reason, NOW - 1, NOW, chance).paused_until
        assert paused is not None
        return paused - NOW

    if openings:
        assert pause(openings) <= pause(openings + 1)
        if openings > 10:
            assert pause(openings) == breaker.LEAST_MS + int(chance * breaker.CAP_MS)


def test_one_probe_at_a_time_and_the_next_if_it_decides_nothing() -> None:
    circuit = breaker.failed(CLOSED, "token", NOW, NOW, 0.5)
    assert circuit.paused_until is not None
    probed = breaker.probing(circuit, circuit.paused_until)
    assert probed.paused_until == circuit.paused_until + breaker.PROBE_MS
    later = circuit.paused_until + 100
    assert breaker.undecided(probed, circuit.paused_until, later).paused_until == later
    assert breaker.undecided(CLOSED, NOW, NOW) == CLOSED


@given(
    st.integers(1, 5_000),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 20)), min_size=1, max_size=60),
)
def test_an_account_never_sends_faster_than_its_pace_after_a_burst(interval: int, asks: list[tuple[int, int]]) -> None:
    ahead, now, sent = 0, NOW, []
    for later, wanted in asks:
        now += later
        room = pacing.room(ahead, interval, now)
        assert room is not None and 0 <= room <= pacing.BURST
        assert (room > 0) == (pacing.opens_at(ahead, interval) <= now)
        n = min(room, wanted)
        if n:
            ahead = pacing.take(ahead, interval, now, n)
            sent += [now] * n
        if n == room:
            opens = pacing.opens_at(ahead, interval)
            assert opens > now
            assert pacing.room(ahead, interval, opens - 1) == 0
            assert pacing.room(ahead, interval, opens) == 1
    for (i, first), (j, last) in itertools.combinations(enumerate(sent), 2):
        assert j - i + 1 <= pacing.BURST + (last - first) // interval


@given(st.integers(0, 5_000), st.integers(0, 2 * NOW), st.integers(1, 3_600_000))
def test_a_pause_that_the_provider_asks_for_is_kept(interval: int, ahead: int, pause: int) -> None:
    held = pacing.hold(ahead, interval, NOW + pause)
    assert pacing.opens_at(held, interval) >= NOW + pause
    assert pacing.room(held, interval, NOW + pause - 1) == 0
    if ahead <= NOW:
        assert pacing.room(held, interval, NOW + pause) in (1, None)


def test_an_account_without_a_pace_has_room_for_all() -> None:
    assert pacing.room(0, 0, NOW) is None


def test_questions_get_rarer_and_end() -> None:
    assert all(a < b for a, b in itertools.pairwise(finding.PAUSES_MS))
    assert [finding.next_question(n, NOW) is None for n in range(len(finding.PAUSES_MS) + 1)][-2:] == [False, True]
    assert not finding.is_lost(0) and finding.is_lost(1)
    assert finding.unanswered(NOW - retry.GIVE_UP_MS + 1, NOW) is not None
    assert finding.unanswered(NOW - retry.GIVE_UP_MS, NOW) is None
