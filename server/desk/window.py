"""The reply window of a channel: how long after the customer's last message free text may still be sent. Pure."""

from __future__ import annotations


def until(window_ms: int | None, last_inbound_at: int | None) -> int | None:
    """When the window closes (UTC ms); None if the channel has none. Closed since ever (0) if they never wrote."""
    if window_ms is None:
        return None
    return 0 if last_inbound_at is None else last_inbound_at + window_ms


def is_late(window_ms: int | None, last_inbound_at: int | None, now: int) -> bool:
    """Whether the window is over, so that an answer needs the channel's exception for late ones."""
    return not is_open(window_ms, last_inbound_at, now)


def is_open(window_ms: int | None, last_inbound_at: int | None, now: int) -> bool:
    end = until(window_ms, last_inbound_at)
    return end is None or now < end
