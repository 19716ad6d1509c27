"""Why a conversation is with whom it is, in lines."""

from __future__ import annotations

from rich.segment import Segment

from agent_console import words_routing
from agent_console.i18n import _, moment
from agent_console.presentation.look import Look
from agent_console.safetext import block, cells, cut, line, wrap
from server.wire import Why, WhyStep

Segments = list[Segment]
#: characters of one sentence: names and texts in it are foreign
LONGEST = 400


def whose(why: Why) -> str:
    """With whom it is now, and what it takes."""
    if why.assignee:
        said = _("With {name}").format(name=line(why.assignee, 40))
    elif why.team:
        said = _("In the queue of {team}").format(team=line(why.team, 40))
    else:
        said = _("Among what nobody has")
    skills = line(", ".join(why.skills), 80)
    return f"{said} · {skills}" if skills else said


def lines(step: WhyStep, now: int, look: Look, width: int) -> list[Segments]:
    """What happened, with when, and under it the reasons."""
    what, *reasons = (block(text, LONGEST) for text in words_routing.step(step))
    when = moment(step.at, now)
    indent = cells(when) + 2
    out: list[Segments] = []
    for n, part in enumerate(_wrapped(what, width - indent)):
        head = when + "  " if n == 0 else " " * indent
        out.append([Segment(head, look.muted), Segment(part, look.text)])
    for reason in reasons:
        for n, part in enumerate(_wrapped(reason, width - indent - 2)):
            out.append([Segment(" " * indent + ("· " if n == 0 else "  "), look.faint), Segment(part, look.muted)])
    return out


def _wrapped(text: str, width: int) -> list[str]:
    found = list(wrap(line(text, LONGEST), max(12, width)))
    return [cut(part, max(12, width)) for part in found] or [""]
