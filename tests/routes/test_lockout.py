"""The arithmetic of lock-outs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.routes.lockout import LONGEST_MS, MEMORY_MS, LockOut

NOW = 1_800_000_000_000


def test_each_failure_after_the_free_ones_doubles_the_wait() -> None:
    lock = LockOut(free=3)
    waits = []
    for _ in range(8):
        lock.failed("ana", NOW)
        waits.append(lock.wait_ms("ana", NOW))
    assert waits == [0, 0, 1000, 2000, 4000, 8000, 16000, 32000]


def test_the_wait_ends_and_the_memory_too() -> None:
    lock = LockOut(free=1)
    lock.failed("ana", NOW)
    wait = lock.wait_ms("ana", NOW)
    assert lock.wait_ms("ana", NOW + wait - 1) == 1
    assert lock.wait_ms("ana", NOW + wait) == 0
    later = NOW + MEMORY_MS + wait + 1
    lock.failed("ana", later)
    assert lock.wait_ms("ana", later) == wait, "it begins again"


def test_a_success_taken_back_is_as_if_it_had_not_failed() -> None:
    lock = LockOut(free=2)
    for _ in range(50):
        lock.failed("office", NOW)
        lock.forgive("office")
    assert lock.wait_ms("office", NOW) == 0
    assert len(lock) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10_000)), max_size=200))
def test_memory_is_bounded_and_so_is_the_wait(failures: list[tuple[int, int]]) -> None:
    lock, now = LockOut(free=1, bound=10), NOW
    for name, passed in failures:
        now += passed
        lock.failed(str(name), now)
        assert 0 < lock.wait_ms(str(name), now) <= LONGEST_MS
        assert len(lock) <= 10
