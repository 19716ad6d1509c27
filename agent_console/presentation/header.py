"""What stands above a conversation and above the text one writes."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment

from agent_console import words
from agent_console.backend.changes import Line
from agent_console.i18n import _, duration, number
from agent_console.presentation.look import Look, channel_code
from agent_console.presentation.rows import tone_style
from agent_console.presentation.times import promise
from agent_console.safetext import cells, cut, line
from server.wire import Capabilities, Conversation

Segments = list[Segment]


def thread_header(row: Line, about: Conversation | None, now: int, look: Look, width: int, me: str) -> list[Segments]:
    """Two lines: who writes, from where, and until when they were promised an answer; whose it is and who is here."""
    data = row.row
    name: str = line(data.contact_name, 120) or _("No name")
    ways, tone = promise(data.sla, now)
    # The clock shortens before the name does, but a name never takes more than half of the line.
    wanted = min(cells(name), width // 2) + 11
    promised = next((way for way in ways if cells(way) + wanted <= width), ways[-1] if ways else "")
    right = [Segment(promised + " ", tone_style(look, tone) if tone != "calm" else look.muted)] if promised else []
    room = width - _width(right) - 4
    region = line((about.contact.region if about else "") or data.region, 40)
    channel = words.channel(data.channel_kind) if width >= 90 else channel_code(data.channel_kind)
    if cells(name) + cells(channel) + cells(region) + 9 > room:
        channel, region = channel_code(data.channel_kind), line("")
    name = cut(name, max(8, room - cells(channel) - cells(region) - 6))
    left = [Segment(" ‹ ", look.faint), Segment(name, look.strong), Segment(" · ", look.faint)]
    left.append(Segment(channel, look.channel(data.channel_kind)))
    if region:
        left.append(Segment(f" · {region}", look.muted))
    return [_between(left, right, width), _between(_standing(row, look, me), _here(row, look, width), width)]


def _standing(row: Line, look: Look, me: str) -> Segments:
    data = row.row
    parts = [words.state(data.state)]
    if data.assignee:
        parts.append(_("yours") if data.assignee == me else _("with {name}").format(name=line(data.assignee, 30)))
    elif data.state != "resolved":
        parts.append(_("nobody has taken it"))
    if data.team:
        parts.append(line(data.team, 30))
    if data.priority in ("high", "urgent"):
        parts.append(words.priority(data.priority))
    segments = [Segment("   " + " · ".join(parts), look.muted)]
    if data.campaign:
        segments.append(Segment(" · " + cut(line(data.campaign, 80), 30), look.faint))
    if row.pending:
        segments.append(Segment(" · " + _("not confirmed yet"), look.faint))
    return segments


def _here(row: Line, look: Look, width: int) -> Segments:
    """Who else is here and what they do; in signs and names alone where words would take half of the line."""
    watching = [line(name, 30) for name in row.viewing if name not in row.typing]
    more = f" +{len(watching) - 3}" if len(watching) > 3 else ""
    present = "◉ " + ", ".join(watching[:3]) + more if watching else ""
    writing = [line(name, 30) for name in row.typing[:2]]
    for wordy in (True, False):
        segments: Segments = []
        if row.customer_typing:
            text = " " + _("the customer is typing") if wordy else ""
            segments.append(Segment("✎" + text + "  ", look.accent))
        for name in writing:
            text = _("{name} is answering").format(name=name) if wordy else name
            segments.append(Segment(f"✎ {text}  ", look.note))
        if present:
            segments.append(Segment(present + "  ", look.note))
        if _width(segments) <= width // 2:
            break
    return _crop(segments, width // 2)


class Limits(NamedTuple):
    """What a reply has to keep to. `blocked`: why nothing can be sent now, empty if it can."""

    window_left: int | None
    text_limit: int
    blocked: str


def limits(row: Line, capabilities: Capabilities | None, now: int, note: bool, length: int) -> Limits:
    """What limits a reply (or note) of `length` characters at `now`, and whether it can go."""
    caps = capabilities or Capabilities()
    until = row.row.window_until
    left = None if until is None or note else until - now
    if note:
        return Limits(None, 0, "")
    if left is not None and left <= 0:
        why = _("the window is closed: more than 24 h since they wrote; only a template can be sent")
        return Limits(left, caps.text_limit, why)
    if length > caps.text_limit:
        over = length - caps.text_limit
        return Limits(left, caps.text_limit, _("{n} characters too long").format(n=number(over)))
    return Limits(left, caps.text_limit, "")


def composer_head(row: Line, limit: Limits, note: bool, length: int, look: Look, width: int) -> Segments:
    """What is being written, to whom it goes, how long there is for it, and how long it is."""
    if note:
        left = [Segment(" ┃ ", look.note), Segment(_("Note"), look.note)]
        left.append(Segment(" · " + _("only colleagues see it"), look.muted))
        right = [Segment(number(length) + " ", look.faint)] if length else []
        return _between(left, right, width)
    title = _("Reply by {channel}").format(channel=words.channel(row.row.channel_kind))
    left = [Segment(" "), Segment(title, look.strong)]
    right = []
    if limit.blocked:
        left.append(Segment(" · " + limit.blocked, look.breach))
    elif limit.window_left is not None:
        style = look.warn if limit.window_left < 3_600_000 else look.muted
        left.append(Segment(" · " + _("window {time}").format(time=duration(limit.window_left)), style))
    if length:
        style = look.breach if length > limit.text_limit else look.faint
        right = [Segment(f" {number(length)} / {number(limit.text_limit)} ", style)]
    room = width - _width(right)
    return _between(_crop(left, room), right, width)


def composer_closed(row: Line, draft: str, limit: Limits, look: Look, width: int) -> Segments:
    """The composer while nobody writes: the draft that waits, or what a reply would be."""
    if draft:
        left = [Segment(" ┃ ", look.accent), Segment(_("draft") + ": ", look.accent), Segment(line(draft), look.muted)]
        return _crop(left, width)
    head = composer_head(row, limit, False, 0, look, width)
    return [Segment(text, look.muted if style is look.strong else style) for text, style, _control in head]


def _crop(segments: Segments, room: int) -> Segments:
    out: Segments = []
    for text, style, _control in segments:
        out.append(Segment(cut(text, room), style))
        room -= cells(out[-1].text)
    return out


def _width(segments: Segments) -> int:
    return sum(cells(segment.text) for segment in segments)


def _between(left: Segments, right: Segments, width: int) -> Segments:
    left = _crop(left, max(0, width - _width(right)))
    return [*left, Segment(" " * max(0, width - _width(left) - _width(right))), *right]
