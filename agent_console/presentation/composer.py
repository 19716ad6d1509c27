"""What stands above the text one writes: by what it goes, who will read it, what it answers, what goes along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.segment import Segment

from agent_console import words
from agent_console.backend.answering import Answer
from agent_console.backend.changes import Line
from agent_console.i18n import _, duration, ngettext, number, size
from agent_console.keys import first, key_name
from agent_console.presentation import media
from agent_console.presentation.header import between, crop, width_of
from agent_console.presentation.look import Look
from agent_console.safetext import cells, line
from server.wire import Attachment, Capabilities, MacroAct

Segments = list[Segment]

#: a value nobody knows, as templates leave it
MARK: Final = re.compile(r"⟨[^⟨⟩\n]{1,80}⟩")


class Limits(NamedTuple):
    """What a reply has to keep to. `blocked`: why nothing can be sent now, empty if it can. `parts`: what it is charged
    by, where the channel counts (`2 segments · 183/306`)."""

    window_left: int | None
    text_limit: int
    blocked: str
    parts: str = ""


def limits(
    row: Line, capabilities: Capabilities | None, now: int, note: bool, text: str, files: int = 0, refused: str = ""
) -> Limits:
    """What limits a reply (or note) at `now`, and whether it can go. `files`: how many go along; `refused`: why it
    can't go in private, if that was chosen."""
    can = capabilities or Capabilities()
    if note:
        return Limits(None, 0, "")
    until, length = row.row.window_until, len(text)
    left = None if until is None else until - now
    limit = can.caption_limit if files else can.text_limit
    parts = _parts(text) if can.segments and text else ""
    if left is not None and left <= 0:
        return Limits(left, limit, _window_closed(can), parts)
    if refused:
        return Limits(left, limit, refused, parts)
    if gap := MARK.search(text):
        return Limits(left, limit, _("{mark} is not filled in").format(mark=line(gap[0], 60)), parts)
    if length > limit:
        return Limits(left, limit, _("{n} characters too long").format(n=number(length - limit)), parts)
    return Limits(left, limit, "", parts)


def _window_closed(can: Capabilities) -> str:
    hours = (can.late_ms or can.window_ms or 0) // 3_600_000
    if can.templates:
        said = _("the window is closed: more than {n} h since they wrote; an approved template can be sent ({key})")
        return said.format(n=hours, key=first("templates"))
    return _("the window is closed: more than {n} h since they wrote").format(n=hours)


def _parts(text: str) -> str:
    """How many segments a text is charged as, how full they are, and which character makes them small."""
    from agent_console.presentation import segments

    counted = segments.count(text)
    single, several = (segments.GSM, segments.GSM_PART) if counted.gsm else (segments.UCS2, segments.UCS2_PART)
    room = single if counted.parts <= 1 else several * counted.parts
    said = ngettext("{n} segment", "{n} segments", counted.parts).format(n=counted.parts)
    because = f" · «{line(counted.culprit, 4)}»" if counted.culprit else ""
    return f"{said} · {room - counted.left}/{room}{because}"


def head(
    row: Line, limit: Limits, note: bool, length: int, look: Look, width: int, called: Sequence[str] = ()
) -> Segments:
    """What is being written, to whom it goes, how long there is for it, and how long it is; in a note, who may be
    `called` by what is being typed."""
    if note:
        left = [Segment(" ┃ ", look.note), Segment(_("Note"), look.note)]
        if called:
            left.append(Segment(f"  {key_name('tab')} ", look.key))
            left += [Segment(f"@{line(name, 40)} ", look.muted if n else look.strong) for n, name in enumerate(called)]
        else:
            left.append(Segment(" · " + _("only colleagues see it"), look.muted))
        right = [Segment(number(length) + " ", look.faint)] if length else []
        return between(left, right, width)
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
        count = limit.parts if limit.parts and length <= limit.text_limit else ""
        right = [Segment(f" {count or f'{number(length)} / {number(limit.text_limit)}'} ", style)]
    return between(crop(left, width - width_of(right)), right, width)


def closed(row: Line, draft: str, files: int, limit: Limits, look: Look, width: int) -> Segments:
    """The composer while nobody writes: the draft that waits, or what a reply would be."""
    if draft or files:
        left = [Segment(" ┃ ", look.accent), Segment(_("draft") + ": ", look.accent)]
        if files:
            left.append(Segment(_attached(files) + (" · " if draft else ""), look.text))
        return crop([*left, Segment(line(draft), look.muted)], width)
    shown = head(row, limit, False, 0, look, width)
    return [Segment(text, look.muted if style is look.strong else style) for text, style, _control in shown]


def _attached(files: int) -> str:
    return ngettext("{n} file", "{n} files", files).format(n=files)


def more(answer: Answer, can: Capabilities, everybody: bool, look: Look, width: int) -> list[Segments]:
    """The lines under the head: who reads it, which message it answers, what goes along. Only what is not plain."""
    lines: list[Segments] = []
    if can.public:
        lines.append(_audience(answer, can, look))
    elif can.copies:
        lines += _recipients(answer, everybody, look, width)
    if answer.subject:
        lines.append([Segment(" " + _("Subject") + " ", look.muted), Segment(line(answer.subject, 300), look.text)])
    if answer.reply_to is not None and answer.answered is not None:
        said = media.preview(answer.answered.kind, answer.answered.text)
        lines.append([Segment(" ↳ ", look.accent), Segment(_("in answer to «{text}»").format(text=said), look.muted)])
    if answer.files:
        lines.append([Segment(" + ", look.accent), Segment(file_names(answer.files), look.text)])
    return [crop(segments, width) for segments in lines]


def _audience(answer: Answer, can: Capabilities, look: Look) -> Segments:
    if answer.private:
        return [Segment(" " + _("IN PRIVATE"), look.note), Segment(" · " + _("once, only they read it"), look.muted)]
    said = [Segment(" " + _("PUBLIC"), look.warn), Segment(" · " + _("everybody can read it"), look.muted)]
    if can.private_once_ms is not None:
        said.append(Segment(" · " + _("{key} in private").format(key=first("audience")), look.faint))
    return said


def _recipients(answer: Answer, everybody: bool, look: Look, width: int) -> list[Segments]:
    """To whom it goes, in as many lines as that needs."""
    parts: list[Segments] = []
    for label, addresses in ((_("To"), (answer.to or "—",)), (_("Cc"), answer.cc), (_("Bcc"), answer.bcc)):
        if addresses:
            shown = ", ".join(line(each, 80) for each in addresses[:8])
            rest = f" +{len(addresses) - 8}" if len(addresses) > 8 else ""
            parts.append([Segment(f" {label} ", look.muted), Segment(shown + rest, look.text)])
    lines: list[Segments] = [[]]
    for part in parts:
        if lines[-1] and width_of(lines[-1]) + 2 + width_of(part) > width:
            lines.append([])
        lines[-1] += [Segment(" ·", look.faint), *part] if lines[-1] else part
    hint = " · " + (
        _("{key} only them").format(key=first("audience")) if everybody and answer.cc else f"{first('recipients')} cc"
    )
    if width_of(lines[-1]) + cells(hint) <= width:
        lines[-1].append(Segment(hint, look.faint))
    return lines


def besides(acts: Sequence[MacroAct], look: Look, width: int) -> Segments:
    """What a template does once the text is sent."""
    from agent_console.presentation import templates

    said = _("then: {acts}").format(acts=templates.acts(acts))
    return crop([Segment(" ▸ ", look.accent), Segment(said, look.muted)], width)


def file_names(files: Sequence[Attachment]) -> str:
    """Files in one line: names and sizes."""
    said = []
    for file in files:
        name = line(file.file_name, 60) or media.kind_of(file.kind).word
        said.append(f"{name} · {size(file.size)}" if file.size else name)
    return "  ".join(said)
