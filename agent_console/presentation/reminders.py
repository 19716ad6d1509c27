"""Reminders, promises and calls in words: in a list, beside the customer, in the status line. Plain text, made safe."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from rich.segment import Segment

from agent_console import words
from agent_console.i18n import _, moment
from agent_console.presentation import times, when
from agent_console.presentation.customer import phone
from agent_console.presentation.look import Look, channel_code
from agent_console.safetext import cells, cut, fit, line, wrap
from server.wire import Reminder, User

Segments = list[Segment]

#: the sign of a reminder that is due, one cell
DUE = "◷"
#: each kind has a sign of its own, one cell
SIGNS = {"reminder": "•", "promise": "◆", "callback": "✆"}


def what(reminder: Reminder) -> str:
    """What is to be done: the words noted, for a call with the number."""
    text: str = line(reminder.text, 300)
    if reminder.kind != "callback":
        return text
    number = said_number(reminder.phone)
    called = _("call {number}").format(number=number)
    return f"{called}: {text}" if text else called


def said_number(number: str) -> str:
    """A telephone number as people read it."""
    digits = number.removeprefix("+")
    return phone(digits) if number.startswith("+") and digits.isdigit() else line(number, 40)


def at(reminder: Reminder, now: int) -> str:
    """When: "Thu 10:00"; what is over is said by how long."""
    if reminder.due_at > now:
        return when.ahead(reminder.due_at, now)
    return times.ago(now - reminder.due_at)


def whose(reminder: Reminder, me: str) -> str:
    """Who looks after it."""
    if reminder.user:
        return _("me") if reminder.user == me else line(reminder.user_name or reminder.user, 40)
    return line(reminder.team or "", 40)


def sentence(reminder: Reminder, now: int, me: str) -> str:
    """All of it in a line: "call her Thu 10:00 (Luis)"."""
    who = whose(reminder, me)
    return " ".join(part for part in (what(reminder), at(reminder, now), f"({who})" if who else "") if part)


def due_notice(reminder: Reminder) -> str:
    """What the status line says when it is due."""
    name = line(reminder.contact_name, 40) or _("No name")
    return f"{DUE} {name}: {what(reminder)}"


def told(data: Mapping[str, object]) -> Reminder | None:
    """The reminder that an event of the journal carries."""
    try:
        return msgspec.convert(data.get("reminder"), Reminder)
    except msgspec.ValidationError:
        return None


def is_of(reminder: Reminder, me: User | None) -> bool:
    """Whether this person looks after it, alone or with their team."""
    if me is None:
        return False
    return reminder.user == me.name if reminder.user else reminder.team in me.teams


def pane_lines(reminder: Reminder, now: int, me: str, look: Look, width: int) -> list[Segments]:
    """Beside the customer: what, when and whose on one line, or below each other where that does not fit."""
    overdue = reminder.due_at <= now
    sign = Segment(f" {SIGNS[reminder.kind]} ", look.warn if overdue else look.accent)
    moment_ = at(reminder, now)
    style = look.breach if reminder.late_at is not None else look.warn if overdue else look.muted
    text, tail = what(reminder), moment_
    who = whose(reminder, me)
    if who:
        tail = f"{moment_} ({who})"
    room = max(4, width - 2)
    if cells(text) + 1 + cells(tail) <= room:
        return [[sign, Segment(text + " ", look.text), Segment(tail, style)]]
    first, *more = wrap(text, room)[:3]
    said = [[sign, Segment(first, look.text)], *([Segment("   "), Segment(part, look.text)] for part in more)]
    return [*said, [Segment("   "), Segment(cut(tail, room), style)]]


def list_lines(reminder: Reminder, now: int, me: str, look: Look, width: int) -> list[Segments]:
    """In the list of reminders: when, whose customer, what; whose it is where that is not the reader."""
    overdue = reminder.due_at <= now
    style = look.breach if reminder.late_at is not None else look.warn if overdue else look.text
    who = "" if reminder.user == me else whose(reminder, me)
    tail = f"  {cut(who, 16)}" if who else ""
    lead = 15
    name_width = max(8, min(24, (width - lead) // 3))
    room = width - lead - 5 - name_width - 2 - cells(tail)
    name = line(reminder.contact_name, 80) or _("No name")
    return [
        [
            Segment(fit(at(reminder, now), lead - 1) + " ", style),
            Segment(SIGNS[reminder.kind] + " ", look.accent),
            Segment(channel_code(reminder.channel_kind) + " ", look.channel(reminder.channel_kind)),
            Segment(fit(name, name_width) + "  ", look.strong if overdue else look.text),
            Segment(fit(what(reminder), max(4, room)), look.text),
            Segment(tail, look.faint),
        ]
    ]


def ended(reminder: Reminder, now: int) -> str:
    """What became of one that is over, with its outcome; empty while it is open."""
    if reminder.cancelled_at is not None:
        return _("cancelled")
    if reminder.done_at is None:
        return ""
    result = words.call_outcome(reminder.outcome) if reminder.kind == "callback" else line(reminder.outcome, 80)
    said = _("done {moment} by {name}").format(moment=moment(reminder.done_at, now), name=line(reminder.done_by, 40))
    return f"{said}: {result}" if result else said
