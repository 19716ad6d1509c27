"""Lengths of time as short as a row or a header can bear."""

from __future__ import annotations

from typing import Final

from agent_console import words
from agent_console.i18n import N_, _, duration, moment
from agent_console.presentation import sla
from agent_console.presentation.sla import Tone
from server.wire import Sla

MINUTE = 60_000

#: what is promised, where that can be said in less
_SHORT: Final = {"first_response": N_("1st reply"), "next_response": N_("next reply")}


def ago(ms: int) -> str:
    """How long ago: "2 min ago"."""
    return _("now") if ms < MINUTE else _("{time} ago").format(time=duration(ms))


def age(ms: int) -> str:
    """How long ago in as few cells as can be: now, 5 min, 3 h, 12 d."""
    minutes = max(0, ms) // MINUTE
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("{n} min").format(n=minutes)
    if minutes < 1440:
        return _("{h} h").format(h=minutes // 60)
    return _("{d} d").format(d=minutes // 1440)


def promise(clock_now: Sla | None, now: int) -> tuple[list[str], Tone]:
    """The running clock in words, with its moment on the wall: `1st reply ▲ 2 min ago (9:42)`; then shorter ways.

    What is left is business time; where that is less than the time until then, it says so.
    """
    if clock_now is None:
        return [], "none"
    tone = sla.tone_of(clock_now, now)
    what = _(_SHORT[clock_now.target]) if clock_now.target in _SHORT else words.target(clock_now.target)
    left = sla.left(clock_now, now)
    if tone == "paused":
        when = "‖ " + (_("{time} left").format(time=duration(left)) if left > 0 else _("paused"))
        return [f"{what} {when}", when], tone
    wall = moment(clock_now.due_at, now)
    if tone == "breach":
        when = "▲ " + ago(now - clock_now.due_at)
    elif left < clock_now.due_at - now:
        sign = "! " if tone == "warn" else ""
        when = sign + _("{time} of business time").format(time=duration(left))
    else:
        when = ("! " if tone == "warn" else "") + _("in {time}").format(time=duration(left))
    return [f"{what} {when} ({wall})", f"{when} ({wall})", when], tone
