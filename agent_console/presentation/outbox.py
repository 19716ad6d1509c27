"""Messages that have not left, and how the channels are: rows of lists, and the thin line of a channel in trouble."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from agent_console import words
from agent_console.i18n import _, duration, moment, ngettext, number
from agent_console.presentation import media
from agent_console.presentation.look import Look, channel_code
from agent_console.safetext import cells, cut, line, wrap
from agent_console.word_tables_upkeep import HEALTH
from server.wire import Channel, OutboxItem

if TYPE_CHECKING:
    from agent_console.backend.resending import SentAgain

Segments = list[Segment]


def item_lines(item: OutboxItem, now: int, look: Look, width: int) -> list[Segments]:
    """A message that did not leave: to whom and what; then why, and since when."""
    row, message = item.conversation, item.message
    sign, style = ("✗", look.breach) if item.state == "failed" else ("?", look.warn)
    name = cut(line(row.contact_name, 80) or _("No name"), max(10, width // 3))
    when = moment(item.at, now)
    said = media.preview(message.kind, message.text)
    used = cells(name) + cells(when) + 9
    first = [
        Segment(f"{sign} ", style),
        Segment(channel_code(row.channel_kind), look.channel(row.channel_kind)),
        Segment(f" {name}", look.strong),
        Segment("  " + cut(f"«{said}»", max(4, width - used)), look.text),
        Segment(f"  {when}", look.faint),
    ]
    return [first, [Segment("  " + cut(why(item), max(4, width - 4)), look.bad if sign == "✗" else look.warn)]]


def why(item: OutboxItem) -> str:
    """Why it did not leave."""
    if item.state == "unknown":
        return _("nobody knows whether it arrived")
    code = item.reason or item.message.failure
    said = words.reason(code, item.conversation.channel_kind)
    detail = line(item.detail or item.message.failure_detail, 120)
    return f"{said} ({detail})" if detail and code in ("other", "policy") else said


def sent_again(done: SentAgain) -> list[str]:
    """How many messages of a channel go again, and how many cannot."""
    said = [ngettext("{n} message goes again", "{n} messages go again", done.going).format(n=done.going)]
    if done.left:
        said.append(ngettext("{n} cannot", "{n} cannot", done.left).format(n=done.left))
    return said


def channel_lines(channel: Channel, now: int, look: Look, width: int) -> list[Segments]:
    """A channel: how it is, what it did last, and what to do about it if it is not well."""
    health = channel.health
    sign, style = _sign(channel, look)
    state = words.health_state(health.state) if channel.active else _("switched off")
    facts = [state]
    if health.since is not None and health.state != "ok":
        facts[0] = _("{what} since {time}").format(what=state, time=moment(health.since, now))
    if channel.last_in_at:
        facts.append(_("last in {time}").format(time=moment(channel.last_in_at, now)))
    if channel.last_out_at:
        facts.append(_("last out {time}").format(time=moment(channel.last_out_at, now)))
    if health.attempts and health.failed:
        facts.append(_("{n} of {all} failed").format(n=number(health.failed), all=number(health.attempts)))
    if health.waiting:
        facts.append(ngettext("{n} waits", "{n} wait", health.waiting).format(n=number(health.waiting)))
    name = cut(line(channel.name, 60), 24)
    text = " · ".join(facts)
    out: list[Segments] = [
        [
            Segment(f"{sign} ", style),
            Segment(channel_code(channel.kind), look.channel(channel.kind)),
            Segment(f" {name}", look.strong),
            Segment("  " + cut(text, max(4, width - cells(name) - 7)), look.muted),
        ]
    ]
    for text, tone in _advice(channel, now, look):
        out += [[Segment("     " + part, tone)] for part in wrap(text, max(10, width - 6))]
    return out


def _sign(channel: Channel, look: Look) -> tuple[str, Style]:
    if not channel.active:
        return "○", look.faint
    return {"ok": ("●", look.good), "warning": ("!", look.warn)}.get(channel.health.state, ("▲", look.breach))


def _advice(channel: Channel, now: int, look: Look) -> list[tuple[str, Style]]:
    health, name = channel.health, line(channel.name, 60)
    said: list[tuple[str, Style]] = []
    if health.problem:
        what, todo = words.health(health.problem, name)
        said.append((what, look.warn))
        if detail := line(health.detail, 200):
            said.append((f"«{detail}»", look.faint))
        if todo:
            said.append((todo, look.text))
    if health.hint in HEALTH:
        what, todo = words.health(health.hint, name)
        said.append((f"{what} {todo}", look.muted))
    if health.paused_until is not None and health.paused_until > now:
        left = duration(health.paused_until - now)
        said.append((_("It is tried again in {time}.").format(time=left), look.muted))
    return said


def trouble_line(channels: Sequence[Channel], now: int, look: Look, width: int) -> Segments:
    """One calm line: which channel is in trouble, since when, what that means. Empty while all is well."""
    if not channels:
        return []
    worst = channels[0]
    sign, style = _sign(worst, look)
    what, _todo = words.health(worst.health.problem or "other", line(worst.name, 40))
    since = worst.health.since
    parts = [what]
    if since is not None:
        parts.insert(0, _("since {time}").format(time=moment(since, now)))
    more = f" · +{len(channels) - 1}" if len(channels) > 1 else ""
    tail = f"{more} · " + _("C says what to do")
    head = f" {sign} {cut(line(worst.name, 40), 24)} "
    text = cut(" · ".join(parts), max(4, width - cells(head) - cells(tail) - 1))
    return [Segment(head, style), Segment(text, look.text), Segment(tail, look.muted)]
