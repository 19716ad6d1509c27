"""What stands above a conversation."""

from __future__ import annotations

from rich.segment import Segment

from agent_console import words
from agent_console.backend.changes import Line
from agent_console.i18n import _
from agent_console.presentation.checklist import dots, topic
from agent_console.presentation.look import Look, channel_code
from agent_console.presentation.rows import PRIORITIES, back_at, tone_style
from agent_console.presentation.times import promise
from agent_console.safetext import cells, cut, line
from server.wire import Conversation, ConversationRow

Segments = list[Segment]


def thread_header(
    row: Line,
    about: Conversation | None,
    now: int,
    look: Look,
    width: int,
    me: str,
    followed: bool = False,
    observed: int | None = None,
) -> list[Segments]:
    """Two lines: who writes, from where, and until when they were promised an answer; whose it is and who is here."""
    data = row.row
    name: str = line(data.contact_name, 120) or _("No name")
    ways, tone = promise(data.sla, now)
    # The clock shortens before the name does, but a name never takes more than half of the line.
    wanted = min(cells(name), width // 2) + 11
    promised = next((way for way in ways if cells(way) + wanted <= width), ways[-1] if ways else "")
    right = [Segment(promised + " ", tone_style(look, tone) if tone != "calm" else look.muted)] if promised else []
    room = width - width_of(right) - 4
    region = line((about.contact.region if about else "") or data.region, 40)
    channel = words.channel(data.channel_kind) if width >= 90 else channel_code(data.channel_kind)
    if data.surface == "comment":
        room -= cells(_("public")) + 3
    if cells(name) + cells(channel) + cells(region) + 9 > room:
        channel, region = channel_code(data.channel_kind), line("")
    name = cut(name, max(8, room - cells(channel) - cells(region) - 6))
    left = [Segment(" ‹ ", look.faint), Segment(name, look.strong), Segment(" · ", look.faint)]
    left.append(Segment(channel, look.channel(data.channel_kind)))
    if data.surface == "comment":
        left.append(Segment(" · " + _("public"), look.note))
    if region:
        left.append(Segment(f" · {region}", look.muted))
    standing = _standing(row, look, me, now, followed)
    here = _here(row, look, width)
    if observed == data.id:
        here = [Segment("◎ " + _("looking on silently") + "  ", look.warn)]
    here += _stage(data, look, width - 2 * width_of(here))
    return [between(left, right, width), between(standing, here, width)]


def _stage(data: ConversationRow, look: Look, room: int) -> Segments:
    """The stage of the service, in words where there is room, always as dots."""
    said = ""
    for wording in (_("stage: {stage}"), "{stage}"):
        wordy = wording.format(stage=words.stage(data.stage))
        if cells(wordy) + 7 <= room // 3:
            said = wordy
            break
    segments = [Segment(f"  {said} ", look.muted)] if said else [Segment("  ")]
    return [*segments, Segment(dots(data.stage) + " ", look.faint if data.stage == "closure" else look.accent)]


def _standing(row: Line, look: Look, me: str, now: int, followed: bool) -> Segments:
    data = row.row
    parts = [words.state(data.state)]
    if data.assignee:
        parts.append(_("yours") if data.assignee == me else _("with {name}").format(name=line(data.assignee, 30)))
    elif data.state != "resolved":
        parts.append(_("nobody has taken it"))
    if data.team:
        parts.append(line(data.team, 30))
    if until := back_at(data, now):
        parts[0] = f"☾ {until}"
    if data.priority != "normal":
        parts.append(PRIORITIES[data.priority] + " " + words.priority(data.priority))
    if followed:
        parts.append(_("you follow it"))
    about: list[str] = [cut(line(topic(data.topic), 80), 40)] if data.topic else []
    about += [words.complexity(data.complexity)] if data.complexity else []
    segments = [Segment("   ")]
    if about:
        segments.append(Segment(" · ".join(about) + " · ", look.text))
    segments.append(Segment(" · ".join(parts), look.muted))
    if data.remind_at is not None and data.state != "resolved":
        from agent_console.presentation import when  # few conversations have something promised

        due = data.remind_at <= now
        segments.append(Segment(f" · ◷ {when.ahead(data.remind_at, now)}", look.warn if due else look.muted))
    if data.flagged_at is not None:
        reason = f": {line(data.flag, 60)}" if data.flag else ""
        segments.append(Segment(" · ⚑ " + _("asks for help") + reason, look.warn))
    segments += [Segment(" #" + line(tag, 40), look.note) for tag in data.tags]
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
        if width_of(segments) <= width // 2:
            break
    return crop(segments, width // 2)


def crop(segments: Segments, room: int) -> Segments:
    """The segments, cut to `room` cells."""
    out: Segments = []
    for text, style, _control in segments:
        out.append(Segment(cut(text, room), style))
        room -= cells(out[-1].text)
    return out


def width_of(segments: Segments) -> int:
    """Their cells."""
    return sum(cells(segment.text) for segment in segments)


def between(left: Segments, right: Segments, width: int) -> Segments:
    """Left and right in a line of `width` cells; the left gives way."""
    left = crop(left, max(0, width - width_of(right)))
    return [*left, Segment(" " * max(0, width - width_of(left) - width_of(right))), *right]
