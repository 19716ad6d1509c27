"""Answers that wait for a reviewer: a line of the list, and one of them whole with what was said before it."""

from __future__ import annotations

from rich.segment import Segment

from agent_console import words
from agent_console.i18n import _, clock
from agent_console.presentation import media, sla
from agent_console.presentation.look import Look, channel_code
from agent_console.presentation.rows import tone_style
from agent_console.safetext import block, cells, cut, line, wrap
from server.wire import Message, Review, Sla

Segments = list[Segment]

#: cells of the author's name in the list
_NAME = 14
#: how much of its clock may pass before a review is urgent, in percent
_WARN = 75


def row(review: Review, now: int, look: Look, width: int) -> Segments:
    """One line: how long it may still wait, where, who wrote it, to whom, what."""
    message, conversation = review.message, review.conversation
    length = review.due_at - review.requested_at
    own = Sla(
        target="next_response",
        started_at=review.requested_at,
        warn_at=review.requested_at + length * _WARN // 100,
        due_at=review.due_at,
    )
    sign = sla.sign(own, "open", now)
    author = cut(line(message.author_name or message.author, 60), _NAME)
    customer = cut(line(conversation.contact_name, 80) or _("No name"), max(8, width // 4))
    segments = [
        Segment(sign.text + " ", tone_style(look, sign.tone)),
        Segment(channel_code(conversation.channel_kind), look.channel(conversation.channel_kind)),
        Segment(f" {author}", look.note),
        Segment(" → ", look.faint),
        Segment(customer, look.strong),
    ]
    used = sum(cells(segment.text) for segment in segments)
    text = media.preview(message.kind, message.text)
    return [*segments, Segment("  " + cut(f"«{text}»", max(4, width - used - 2)), look.text)]


def whole(review: Review, look: Look, width: int) -> list[Segments]:
    """One answer with what was said before it, and why it waits."""
    conversation = review.conversation
    where = [words.review_why(review.why), line(review.team, 40)]
    if conversation.surface == "comment":
        where.append(_("public comment"))
    if review.late_at is not None:
        where.append(_("waits too long"))
    lines: list[Segments] = [[Segment(cut(" · ".join(filter(None, where)), width), look.muted)]]
    for message in review.context:
        lines += _said(message, look, width)
    lines.append([Segment("┃ ", look.accent), Segment(cut(_("The answer"), width - 2), look.key)])
    for part in _lines(review.message, width - 2):
        lines.append([Segment("┃ ", look.accent), Segment(part, look.strong)])
    return lines


def _said(message: Message, look: Look, width: int) -> list[Segments]:
    ours = message.direction != "in"
    style = look.note if message.direction == "note" else look.muted if ours else look.text
    who = line(message.author_name or message.author, 40) if ours else ""
    lead = f"{clock(message.at):>5}  " + ("   " if ours else "")
    parts = _lines(message, max(8, width - cells(lead)), who)[:3]
    return [
        [Segment(lead if n == 0 else " " * cells(lead), look.faint), Segment(part, style)]
        for n, part in enumerate(parts)
    ]


def _lines(message: Message, width: int, who: str = "") -> list[str]:
    text = str(block(message.text)).strip() or media.preview(message.kind, message.text)
    found = [f"▣ {described}" for described in media.describe(message.kind, message.data, message.attachments)]
    return [*(cut(each, width) for each in found), *wrap(f"{who}: {text}" if who else text, width)]
