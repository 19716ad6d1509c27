"""When to try again: full-jitter exponential back-off. Pure (`chance` is the only randomness, and it is given)."""

from __future__ import annotations

BASE_MS = 1_000
CAP_MS = 15 * 60_000
GIVE_UP_MS = 24 * 3_600_000


def next_attempt(attempts: int, now: int, created_at: int, chance: float, after_ms: int | None = None) -> int | None:
    """When to try again after `attempts` attempts (UTC ms), or None to give up.

    A provider's Retry-After (`after_ms`) is the least it waits. `chance` in [0, 1) spreads the retries of many.
    """
    if now - created_at >= GIVE_UP_MS:
        return None
    spread = min(CAP_MS, BASE_MS << min(attempts, 20))
    wait = int(chance * spread) + 1
    if after_ms is not None:
        wait += max(0, after_ms)
    return now + min(wait, GIVE_UP_MS)
