"""Who may be the same person, what was merged, which conversations could be one: rows of a list."""

from __future__ import annotations

from rich.segment import Segment

from agent_console import words
from agent_console.i18n import _, day
from agent_console.presentation.customer import phone
from agent_console.presentation.look import Look, channel_code
from agent_console.safetext import cells, cut, line
from server.wire import Likely, Merge, PastConversation

Segments = list[Segment]


def heading(text: str, look: Look, first: bool) -> list[Segments]:
    """What a part of the list is called."""
    return [*([] if first else [[]]), [Segment(text, look.accent)]]


def likely_lines(likely: Likely, look: Look, width: int) -> list[Segments]:
    """Another contact, and why it is likely the same person."""
    name = cut(line(likely.name, 80) or _("No name"), max(8, width // 2))
    where = ", ".join(line(each, 30) for each in likely.channels[:4])
    said = " · ".join(part for part in (reason(likely), where) if part)
    return [
        [Segment("≈ ", look.accent), Segment(name, look.strong), Segment(_cut(f"  {said}", name, width), look.muted)]
    ]


def reason(likely: Likely) -> str:
    """Why they are likely the same person."""
    return f"{words.likeness(likely.reason)}: {_address(likely)}"


def _address(likely: Likely) -> str:
    value: str = line(likely.value, 80)
    return phone(value) if likely.reason == "same_phone" and value.isdigit() else value


def merge_lines(merge: Merge, now: int, look: Look, width: int) -> list[Segments]:
    """A contact that became part of this one."""
    name = cut(line(merge.name, 80) or _("No name"), max(8, width // 2))
    if merge.proof == "provider":
        said = _("the channel says so")
    else:
        said = _("by {name}").format(name=line(merge.by, 30)) if merge.by else _("by a colleague")
    said = f"  {said} · {day(merge.at, now)}"
    return [[Segment("+ ", look.good), Segment(name, look.text), Segment(_cut(said, name, width), look.muted)]]


def past_lines(past: PastConversation, now: int, look: Look, width: int, part: bool) -> list[Segments]:
    """Another conversation of theirs; `part`: it is part of this one already."""
    state = words.outcome("merged") if part else words.state(past.state)
    said = f" {day(past.created_at, now)} · {state} · {line(past.preview, 200)}"
    code = channel_code(past.channel_kind)
    sign = Segment("+ " if part else "· ", look.good if part else look.faint)
    return [[sign, Segment(code, look.channel(past.channel_kind)), Segment(cut(said, max(8, width - 5)), look.text)]]


def _cut(said: str, name: str, width: int) -> str:

    return cut(said, max(4, width - cells(name) - 3))
