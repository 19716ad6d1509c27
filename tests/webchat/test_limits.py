"""Token buckets, and what counts as one address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.webchat.limits import Buckets, Rate, address_key


def test_burst_then_rate() -> None:
    buckets = Buckets(Rate(2.0, 3))
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a", 0.0) == 0.5
    assert buckets.take("b", 0.0) == 0.0
    assert buckets.take("a", 0.4) > 0
    assert buckets.take("a", 0.6) == 0.0


@given(st.lists(st.floats(0, 5, allow_nan=False), max_size=60), st.integers(1, 5))
def test_never_more_than_burst_and_rate(pauses: list[float], burst: int) -> None:
    buckets, now, taken = Buckets(Rate(1.0, burst)), 0.0, 0
    for pause in pauses:
        now += pause
        taken += buckets.take("a", now) == 0.0
    assert taken <= burst + now + 1e-6


@given(st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=60))
def test_waiting_as_told_is_enough(pauses: list[float]) -> None:
    buckets, now = Buckets(Rate(1.0, 2)), 0.0
    for pause in pauses:
        now += pause
        wait = buckets.take("a", now)
        if wait:
            now += wait + 1e-6
            assert buckets.take("a", now) == 0.0


def test_idle_keys_are_forgotten_and_crowds_do_not_fill_the_memory() -> None:
    buckets = Buckets(Rate(1.0, 2), keep=100)
    for n in range(1_000):
        buckets.take(str(n), 0.0)
    assert len(buckets) <= 100
    buckets.take("later", 10.0)
    assert len(buckets) == 1


def test_one_address() -> None:
    assert address_key("192.0.2.1") == "192.0.2.1"
    assert address_key("::ffff:192.0.2.1") == "192.0.2.1"
    assert address_key("2001:db8:1:2:3::4") == address_key("2001:db8:1:2:ffff::1")
    assert address_key("2001:db8:1:2::") != address_key("2001:db8:1:3::")
    assert address_key("") == ""
