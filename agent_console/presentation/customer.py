"""The customer pane: who they are, how to reach them, what brought them, what was before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.segment import Segment

from agent_console import words
from agent_console.backend.changes import Line
from agent_console.i18n import _, day
from agent_console.presentation import checklist
from agent_console.presentation.look import Look, channel_code
from agent_console.safetext import cells, cut, line, wrap
from server.wire import Conversation, Identity, Likely, PastConversation, Reminder

Segments = list[Segment]

_LANGUAGES = {"es": "español", "en": "English"}


def lines(
    row: Line,
    about: Conversation | None,
    history: Sequence[PastConversation] | None,
    now: int,
    look: Look,
    width: int,
    me: str = "",
    kind_of: Callable[[str], str] = lambda channel: "",
) -> list[Segments]:
    """The pane's lines, each at most `width` cells. `kind_of` answers the kind of a channel, if it is known."""
    room = max(8, width - 2)
    contact = about.contact if about else None
    out: list[Segments] = [[Segment(" ")]]
    name = line(contact.name if contact else row.row.contact_name, 120) or _("No name")
    out += [[Segment(" "), Segment(part, look.strong)] for part in wrap(name, room)]
    region = line((contact.region if contact else "") or row.row.region, 60)
    language = language_of(contact.language) if contact else ""
    where = " · ".join(part for part in (region, language) if part)
    if where:
        out.append([Segment(" " + cut(where, room), look.muted)])
    if contact:
        kinds = {row.row.channel: row.row.channel_kind}
        out += _identities(contact.identities, lambda name: kind_of(name) or kinds.get(name, ""), look, room)
        out += _likely(about.suggestions if about else (), look, room)
        out += _attributes(contact.attributes, look, room)
        out += _pending(about.reminders if about else (), now, me, look, room)
    if about and about.checklist:
        out += _checklist(about, row.row.stage, look, room)
    campaign = about.campaign if about else {}
    if campaign or row.row.campaign:
        out += _campaign(campaign, row.row.campaign, look, room)
    out += _history(history, row.row.id, now, look, room)
    return out


def language_of(code: str) -> str:
    """What a language is called in itself; empty if it is none we know."""
    return _LANGUAGES.get(code.strip().lower(), "")


def _pending(reminders: Sequence[Reminder], now: int, me: str, look: Look, room: int) -> list[Segments]:
    """What is promised, the earliest first."""
    if not reminders:
        return []
    from agent_console.presentation.reminders import pane_lines  # few customers are waiting for something

    shown = [lines for each in reminders[:5] for lines in pane_lines(each, now, me, look, room)]
    return [*_title(_("Pending"), look), *shown]


def _title(text: str, look: Look) -> list[Segments]:
    return [[], [Segment(f" {text}", look.accent)]]


def _identities(identities: Sequence[Identity], kind_of: Callable[[str], str], look: Look, room: int) -> list[Segments]:
    """Every handle once and whole, with the letters of the channels it is one of; their names where there is room."""
    channels: dict[str, list[str]] = {}
    for identity in identities:
        value: str = line(identity.value, 80)
        if identity.kind in ("bsuid", "parent_bsuid", "visitor") or not value:
            continue
        if identity.kind == "phone" and value.isdigit():
            value = phone(value)
        elif identity.kind == "username":
            value = f"@{value.lstrip('@')}"
        channels.setdefault(value, []).append(identity.channel)
    out: list[Segments] = []
    for value, names in list(channels.items())[:8]:
        out += _identity(value, dict.fromkeys(names), kind_of, look, room)
    return out


def _identity(
    value: str, channels: Iterable[str], kind_of: Callable[[str], str], look: Look, room: int
) -> list[Segments]:
    kinds = dict.fromkeys(kind for each in channels if (kind := kind_of(each)))
    lead = [Segment(f" {channel_code(kind)}", look.channel(kind)) for kind in kinds] + [Segment(" ")]
    at = sum(cells(segment.text) for segment in lead)
    parts = _parts(value, max(8, room + 1 - at))
    out: list[Segments] = [[*lead, Segment(parts[0], look.text)]]
    out += [[Segment(" " * at), Segment(part, look.text)] for part in parts[1:]]
    names = ", ".join(line(each, 30) for each in channels if kind_of(each) != each)
    left = room + 1 - at - cells(parts[-1]) - 3
    if names and (cells(names) <= left or (not kinds and left > 3)):
        out[-1].append(Segment(f" · {cut(names, left)}", look.faint))
    return out


def _parts(value: str, room: int) -> Sequence[str]:
    """A handle in lines; an address is broken before its @, if that will do."""
    name, at, domain = value.rpartition("@")
    if cells(value) > room >= max(cells(name), cells(domain) + 1) and name:
        return [name, at + domain]
    return wrap(value, room)


def _likely(suggestions: Sequence[Likely], look: Look, room: int) -> list[Segments]:
    """Who is likely the same person, and the key to decide."""
    if not suggestions:
        return []
    out = _title(_("Likely the same person · m"), look)
    for likely in suggestions[:3]:
        name = cut(line(likely.name, 60) or _("No name"), room - 2)
        out.append([Segment(" ≈ ", look.accent), Segment(name, look.text)])
        out += [[Segment("   " + part, look.muted)] for part in wrap(words.likeness(likely.reason), room - 2)]
    return out


def phone(digits: str) -> str:
    """A number as people read it; Salvadoran ones (503 and eight digits) in their usual groups."""
    if len(digits) == 11 and digits.startswith("503"):
        return f"+503 {digits[3:7]} {digits[7:]}"
    return f"+{digits}"


def _attributes(attributes: Mapping[str, Any], look: Look, room: int) -> list[Segments]:
    shown: list[Segments] = []
    for name, value in list(attributes.items())[:12]:
        if isinstance(value, str | int | float | bool) and value != "":
            label = cut(line(str(name), 30), room - 8) + " "
            first, *more = wrap(label + line(str(value), 80), room)
            shown.append([Segment(" " + label, look.faint), Segment(first[len(label) :], look.text)])
            shown += [[Segment("   " + cut(part, room - 2), look.text)] for part in more]
    return [[], *shown] if shown else []


def _checklist(about: Conversation, stage: str, look: Look, room: int) -> list[Segments]:
    """What the protocol asks for, in a line each: what is missing stands out."""
    out = _title(f"{_('Protocol')} {checklist.dots(stage)}", look)
    for item in about.checklist:
        style = look.muted if item.done else look.text if item.required else look.faint
        sign = look.warn if item.late else look.good if item.done else look.faint
        out.append(
            [Segment(f" {checklist.mark(item)} ", sign), Segment(cut(checklist.title(item, room - 3), room - 3), style)]
        )
    if ended := checklist.outcome(about.ending):
        out += [[Segment(" → ", look.good), Segment(cut(line(ended, 200), room - 3), look.text)]]
    return out


def _campaign(campaign: Mapping[str, Any], name: str, look: Look, room: int) -> list[Segments]:
    said = [line(str(campaign[key]), 120) for key in ("headline", "body", "source_url") if campaign.get(key)]
    parts = said or [line(name, 120)]
    out = _title(_("Came from"), look)
    for index, part in enumerate(parts[:3]):
        out += [[Segment(" " + each, look.text if index == 0 else look.muted)] for each in wrap(part, room)[:2]]
    return out


def _history(
    history: Sequence[PastConversation] | None, current: int, now: int, look: Look, room: int
) -> list[Segments]:
    out = _title(_("Before"), look)
    if history is None:
        return [*out, [Segment(" " + _("loading…"), look.faint)]]
    earlier = [past for past in history if past.id != current]
    if not earlier:
        return [*out, [Segment(" " + cut(_("first time they write"), room), look.faint)]]
    for past in earlier[:20]:
        when = day(past.created_at, now)
        done = "✓" if past.state == "resolved" else "…"
        head = f" {when} "
        code = channel_code(past.channel_kind)
        ended = "" if past.outcome in ("", "solved") and done == "✓" else words.outcome(past.outcome)
        if done != "✓":
            ended = words.state(past.state)
        tail = " · ".join(part for part in (line(ended, 30), line(past.assignee or "", 20)) if part)
        first = [Segment(head, look.muted), Segment(code, look.channel(past.channel_kind))]
        first.append(Segment(f" {done} ", look.good if done == "✓" else look.faint))
        first.append(Segment(cut(tail, max(4, room - len(head) - 5)), look.muted))
        out.append(first)
        if past.preview:
            out.append([Segment("   " + cut(line(past.preview), max(4, room - 2)), look.text)])
    return out
