"""The sign in front of each row: how long until a promise to the customer is broken, or since it was.

One width, seven cells: a flag and a figure that stands right.

    calm     "  41:07"   dim          warning  "! 01:38"   amber, bold
    half     "  12:55"   normal       breached "▲-02:14"   red
    paused   "  ‖"       dim          none     blank

Over an hour `2h 10m`, over a day `3 d`. What is left is business time: while it is closed the figure stands still.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from server.wire import Sla, State

Tone = Literal["none", "calm", "half", "warn", "breach", "paused"]

WIDTH = 7
_BLANK = " " * WIDTH
_FIGURE = WIDTH - 1


class Sign(NamedTuple):
    """`text` takes exactly `WIDTH` cells; `tone` says what it means."""

    text: str
    tone: Tone


NONE = Sign(_BLANK, "none")
PAUSED = Sign("    ‖  ", "paused")


def sign(sla: Sla | None, state: State, now: int) -> Sign:
    """The sign of a conversation at `now` (UTC ms, the server's clock)."""
    if sla is None:
        return PAUSED if state in ("waiting", "snoozed") else NONE
    tone = tone_of(sla, now)
    if tone == "paused":
        return PAUSED
    if tone == "breach":
        return Sign("▲" + _figure(now - sla.due_at, late=True).rjust(_FIGURE), tone)
    if tone == "warn":
        return Sign("!" + _figure(left(sla, now)).rjust(_FIGURE), tone)
    return Sign(_figure(left(sla, now), room=WIDTH).rjust(WIDTH), tone)


def left(sla: Sla, now: int) -> int:
    """What is left of the promise in business time (ms); below zero, since it was broken, on the clock on the wall."""
    at = now if sla.paused_at is None else sla.paused_at
    closed = sum(max(0, min(end, sla.due_at) - max(begin, at)) for begin, end in sla.closed)
    return sla.due_at - at - closed


def tone_of(sla: Sla, now: int) -> Tone:
    """How urgent a running clock is at `now`."""
    if sla.paused_at is not None:
        return "paused"
    if now >= sla.due_at:
        return "breach"
    if now >= sla.warn_at:
        return "warn"
    whole = sla.span_ms or sla.due_at - sla.started_at
    if left(sla, now) <= whole / 2:
        return "half"
    return "calm"


def _figure(ms: int, late: bool = False, room: int = _FIGURE) -> str:
    """A length of time in at most `room` cells. What remains is rounded up, what is past is rounded down."""
    minus = "-" if late else ""
    seconds = ms // 1000 if late else -(-ms // 1000)
    if seconds < 3600:
        return f"{minus}{seconds // 60:02}:{seconds % 60:02}"
    if seconds < 86_400:
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        for text in (f"{minus}{hours}h {minutes}m", f"{minus}{hours}h{minutes}m", f"{minus}{hours}h"):
            if len(text) <= room:
                return text
    return f"{minus}{seconds // 86_400} d"
