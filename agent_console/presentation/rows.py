"""A conversation's row in the list: on one line where the list has the screen to itself, on two where it shares it.

    ▌▲-02:14 WA ● María Ramos          no me deja entrar a la app, dice usuario b…   3

The clock comes first and always in the same place, so that the eye finds the most urgent customer at once; the name is
bold while there is something unread; what the customer said last is bright while it is unread, dim afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from rich.segment import Segment
from rich.style import Style

from agent_console import words
from agent_console.backend.changes import Line
from agent_console.i18n import _
from agent_console.keys import first
from agent_console.presentation import media
from agent_console.presentation.look import Look, channel_code
from agent_console.presentation.sla import Sign, Tone
from agent_console.safetext import cells, cut, fit, line
from server.wire import ConversationRow

Segments = list[Segment]

#: cells before the name: cursor, clock, channel, mark
GUTTER = 14
#: where the second line of a row begins in a narrow list and in a wider one
INDENT_NARROW = 9
UNREAD = 4
NO_POINTER = Segment(" ")


class Shown(NamedTuple):
    """A row as it stands in a list now. `age`: how old its last word is; `people`: whose it is matters in this view;
    `draft`: what the reader has begun to answer; `marked`: it is one of several to be worked on; `until`: when it comes
    back, if it was put aside; `due`: something promised there is due."""

    line: Line
    sign: Sign
    age: str
    me: str
    people: bool = False
    pointer: Segment = NO_POINTER
    draft: str = ""
    marked: bool = False
    until: str = ""
    due: bool = False


#: one cell each, before the sign of what is new
PRIORITIES: Final[Mapping[str, str]] = {"low": "↓", "high": "↑", "urgent": "⇑"}


def back_at(row: ConversationRow, now: int) -> str:
    """When a conversation that was put aside comes back."""
    if row.state != "snoozed" or row.snoozed_until is None:
        return ""
    from agent_console.presentation import when  # few rows are asleep

    return when.ahead(row.snoozed_until, now)


def tone_style(look: Look, tone: Tone) -> Style:
    """The style of an SLA sign."""
    if tone == "breach":
        return look.breach
    if tone == "warn":
        return look.warn
    return look.text if tone == "half" else look.faint


def mark(row: Line, look: Look, due: bool = False) -> tuple[str, Style]:
    """The one sign between channel and name; the most pressing of what could be said there."""
    if row.row.failed:
        return "✗", look.breach
    if row.row.flagged_at is not None:
        return "⚑", look.warn
    if due:
        return "◷", look.warn
    if row.mentioned:
        return "@", look.note
    if row.row.transfer is not None:
        return "⇢", look.accent
    if row.row.reviewing:
        return "◔", look.accent
    if row.customer_typing:
        return "✎", look.accent
    if row.viewing:
        return "◉", look.note
    if row.unread:
        return "●", look.unread
    if row.row.state == "bot":
        return "◌", look.muted
    if row.row.state == "waiting":
        return "…", look.faint
    return " ", look.text


def one_line(row: Shown, look: Look, width: int) -> Segments:
    """The row in exactly `width` cells."""
    room = width - GUTTER - UNREAD
    people_width = 11 if row.people and room >= 58 else 0
    name_width = max(8, min(26, room * 36 // 100))
    preview_width = max(0, room - name_width - people_width - 2)
    segments = [*_gutter(row, look), _name(row.line, look, name_width), Segment("  ")]
    segments += _said(row, look, preview_width)
    if people_width:
        segments.append(Segment(" " + fit(_who(row.line.row, row.me), people_width - 1), look.muted))
    segments.append(_unread(row.line, look))
    return segments


def two_lines(row: Shown, look: Look, width: int) -> tuple[Segments, Segments]:
    """The row in two lines of exactly `width` cells: who and when, then what they said and whose it is."""
    first = [*_gutter(row, look), _name(row.line, look, max(4, width - GUTTER - UNREAD))]
    first.append(_unread(row.line, look))
    indent = GUTTER if width >= 54 else INDENT_NARROW
    who = _who(row.line.row, row.me) if row.people else ""
    tail = " · ".join(part for part in (cut(who, 10), row.age) if part)
    preview_width = width - indent - cells(tail) - 3
    second = [row.pointer, Segment(" " * (indent - 1))]
    second += _said(row, look, max(4, preview_width))
    second.append(Segment(f"  {tail} ", look.faint))
    return first, second


def pointer(look: Look, selected: bool, opened: bool) -> Segment:
    """What stands before a row: the cursor, or the mark of the conversation that is open."""
    return Segment("▌", look.accent) if selected else Segment("▏", look.accent) if opened else NO_POINTER


def _gutter(row: Shown, look: Look) -> Segments:
    line, sign = row.line, row.sign
    kind = line.row.channel_kind
    sign_mark, mark_style = mark(line, look, row.due)
    gone = line.gone
    return [
        row.pointer,
        Segment(sign.text, look.faint if gone else tone_style(look, sign.tone)),
        Segment("✓" if row.marked else " ", look.key),
        Segment(channel_code(kind), look.faint if gone else look.channel(kind)),
        Segment(PRIORITIES.get(line.row.priority, " "), look.warn if line.row.priority == "urgent" else look.text),
        Segment(f"{sign_mark} ", look.faint if gone else mark_style),
    ]


def _name(row: Line, look: Look, width: int) -> Segment:
    name = line(row.row.contact_name, 120) or _("No name")
    style = look.faint if row.gone else look.strong if row.unread else look.text
    return Segment(fit(name, width), style)


def _unread(row: Line, look: Look) -> Segment:
    count = "" if not row.unread else "99+" if row.unread > 99 else str(row.unread)
    return Segment(count.rjust(UNREAD - 1) + " ", look.unread)


def _who(row: ConversationRow, me: str) -> str:
    if row.assignee:
        return _("me") if row.assignee == me else line(row.assignee, 40)
    return line(row.team or "", 40)


def _said(shown: Shown, look: Look, width: int) -> Segments:
    """What was said last, and the tags: as many as fit into a third of the room."""
    tags: Segments = []
    used = 0
    for tag in shown.line.row.tags:
        text = " #" + line(tag, 40)
        if used + cells(text) > width // 3:
            if used and used + 2 <= width // 3:
                tags.append(Segment(" …", look.faint))
                used += 2
            break
        tags.append(Segment(text, look.note))
        used += cells(text)
    return [*_preview(shown, look, width - used), *tags]


def _preview(shown: Shown, look: Look, width: int) -> Segments:
    row, data = shown.line, shown.line.row
    lead, lead_style, text, style = "", look.muted, "", look.muted
    if row.gone:
        lead, style = (f"☾ {shown.until}" if shown.until else _left(data, shown.me)) + " · ", look.faint
        text = media.preview(data.preview_kind, data.preview)
    elif data.failed:
        lead, lead_style = _("not sent · {key} try again").format(key=first("retry")) + " · ", look.bad
        text = media.preview(data.preview_kind, data.preview)
    elif row.customer_typing:
        lead, lead_style = _("is typing…"), look.accent
    elif row.typing:
        lead, lead_style = _("{name} is answering…").format(name=line(row.typing[0], 30)), look.note
    elif shown.draft:
        lead, lead_style = _("draft") + ": ", look.accent
        text = line(shown.draft)
    else:
        text = media.preview(data.preview_kind, data.preview)
        if data.preview_direction == "out":
            author = _("You") if data.preview_author in (shown.me, "") else line(data.preview_author, 30)
            lead, lead_style = f"{author}: ", look.faint
        elif data.preview_direction == "note":
            lead, lead_style = _("note") + ": ", look.note
        elif row.unread:
            style = look.text
        if data.surface == "comment" and data.preview_direction == "in":
            lead, lead_style = _("public") + " · ", look.note
        if shown.until:
            lead, lead_style = f"☾ {shown.until} · {lead}", look.accent
    whole, lead = lead, cut(lead, width)
    room = width - cells(lead)
    # what was cut ends in an ellipsis already
    return [Segment(lead, lead_style), Segment(fit(text if lead == whole else "", room), style)]


def _left(row: ConversationRow, me: str) -> str:
    """Why a row that is only kept in its place is not in this list any more."""
    if row.state == "resolved":
        return "✓ " + words.state("resolved")
    if row.assignee and row.assignee != me:
        return "→ " + line(row.assignee, 30)
    if row.assignee == me:
        return "→ " + _("me")
    return words.state(row.state)
