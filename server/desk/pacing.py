"""How fast a whole account may send: evenly, after a short burst (the generic cell rate algorithm). Pure.

All that is kept is one moment: `ahead`, up to which the messages sent so far have used the account's time (UTC ms).
"""

from __future__ import annotations

#: messages that may leave at once after a rest
BURST = 5


def opens_at(ahead: int, interval_ms: int) -> int:
    """The earliest moment at which another message may leave."""
    return ahead - interval_ms * (BURST - 1)


def room(ahead: int, interval_ms: int, now: int) -> int | None:
    """How many messages may leave now; None: as many as there are."""
    if now < opens_at(ahead, interval_ms):
        return 0
    if not interval_ms:
        return None
    return (now - opens_at(max(ahead, now), interval_ms)) // interval_ms + 1


def take(ahead: int, interval_ms: int, now: int, n: int) -> int:
    """`ahead` after `n` messages left now."""
    return max(ahead, now) + n * interval_ms


def hold(ahead: int, interval_ms: int, until: int) -> int:
    """`ahead` so that nothing leaves before `until` (the provider asked for a pause)."""
    return max(ahead, until + interval_ms * (BURST - 1))
