"""An alert in words."""

from __future__ import annotations

from rich.segment import Segment

from agent_console import words
from agent_console.i18n import _, moment, number
from agent_console.presentation.board import figure
from agent_console.presentation.look import Look
from agent_console.safetext import cut, line
from server.wire import Alert

Segments = list[Segment]


def said(alert: Alert) -> str:
    """What it is about, in one line."""
    if alert.kind == "threshold":
        return _threshold(alert)
    if alert.kind == "rule_lacks":
        return _("The rule “{rule}” names {user}, who is here no longer").format(
            rule=line(str(alert.data.get("rule") or ""), 40), user=line(str(alert.data.get("user") or ""), 40)
        )
    if alert.kind == "stranded" and alert.data.get("moved_to"):
        return _moved(alert)
    who = line(alert.contact_name, 40) or (f"#{alert.conversation}" if alert.conversation else "")
    text = words.alert(alert.kind)
    reason = line(str(alert.data.get("reason") or ""), 80)
    return " ".join(filter(None, (who + ":" if who else "", text))) + (f" · {reason}" if reason else "")


def _moved(alert: Alert) -> str:
    """Nobody waits unseen, but the team has to be mended."""
    where = line(alert.team or "", 40) or _("no team")
    if skills := line(str(alert.data.get("skills") or ""), 40):
        where += f" ({skills})"
    to = line(str(alert.data["moved_to"]), 40)
    return _("Nobody can take from the queue of {team}; what comes there goes to {to}").format(team=where, to=to)


def _threshold(alert: Alert) -> str:
    form = figure if alert.data.get("figure") == "oldest" else number
    value, limit = alert.data.get("value"), alert.data.get("limit")
    return _("{where}: {what} {value} (limit {limit})").format(
        where=line(alert.team or "", 40) or _("everything"),
        what=words.threshold(str(alert.data.get("figure"))),
        value=form(value) if isinstance(value, int) else "?",
        limit=form(limit) if isinstance(limit, int) else "?",
    )


def lines(alert: Alert, now: int, look: Look, width: int) -> list[Segments]:
    """Two lines of the list: what, then since when, whose and who has to look."""
    urgent = look.breach if alert.level == "admin" else look.warn if alert.level == "supervisor" else look.text
    about = [
        moment(alert.raised_at, now),
        line(alert.user or "", 40),
        line(alert.team or "", 40),
        words.role(alert.level),
    ]
    return [
        [Segment("◆ ", urgent), Segment(cut(said(alert), width - 2), look.text)],
        [Segment("  " + cut(" · ".join(filter(None, about)), width - 2), look.muted)],
    ]
