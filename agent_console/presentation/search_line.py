"""The line a search is typed into, and the line under it: what may come next, or what is wrong. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from agent_console.i18n import _, number
from agent_console.keys import first, key_name
from agent_console.presentation.header import between, width_of
from agent_console.presentation.look import Look
from agent_console.safetext import cells, cut, line
from server.query import Completion

Segments = list[Segment]
#: from this width the line also says what can be done with a search that is the list
WIDE = 110
_UNDERLINED = Style(underline=True)


class Typed(NamedTuple):
    """What stands in the line: `cursor` None while nobody types; `wrong`, the characters that cannot be read."""

    text: str
    cursor: int | None = None
    wrong: tuple[int, int] | None = None


class Found(NamedTuple):
    """What came of it: how many are here, whether there are more, whether it has been on its way for long."""

    n: int = 0
    more: bool = False
    slow: bool = False
    none_yet: bool = True


def query_line(typed: Typed, found: Found, name: str, look: Look, width: int) -> Segments:
    """The query and how many it has found; `name`: the saved view it is, if it is one."""
    right = [Segment(" " + _said(found) + " ", look.accent if found.slow else look.muted)] if typed.text else []
    if typed.cursor is None and width >= WIDE:
        right = [*right, Segment("  " + _kept_hint() + " ", look.faint)]
    lead = [Segment(" / ", look.accent)]
    if name:
        lead.append(Segment(line(name, 40) + "  ", look.strong))
    room = width - width_of(lead) - width_of(right) - 1
    return between([*lead, *_text(typed, look, room)], right, width)


def _said(found: Found) -> str:
    if found.slow:
        return _("searching…")
    if found.none_yet:
        return ""
    return number(found.n) + ("+" if found.more else "") if found.n or found.more else _("nothing found")


def _text(typed: Typed, look: Look, room: int) -> Segments:
    text = "".join(char if char.isprintable() else " " for char in typed.text)
    if typed.cursor is None:
        return [Segment(cut(line(text, 600), room), look.strong)]
    start = 0
    while start < typed.cursor and cells(text[start : typed.cursor]) > room - 2:
        start += max(1, (cells(text[start : typed.cursor]) - room + 2) // 2)
    wrong = typed.wrong or (0, 0)
    out: Segments = []
    marks = sorted({start, typed.cursor, max(start, wrong[0]), max(start, wrong[1]), len(text)})
    for begin, end in zip(marks, [*marks[1:], len(text)], strict=True):
        if begin == typed.cursor:
            out.append(Segment("▏", look.accent))
        part = text[begin:end]
        piece = _with_blanks(part, cut(line(part, 600), room - width_of(out))) if part.strip() else part
        bad = wrong[0] <= begin < wrong[1]
        out.append(Segment(piece, look.bad + _UNDERLINED if bad else look.strong))
    return out


def _with_blanks(text: str, shown: str) -> str:
    """Blanks at the ends stay, so that the cursor stands where it is."""
    lead, trail = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    return " " * lead + shown.strip(" ") + " " * trail


def hint_line(offered: Sequence[Completion], chosen: int, wrong: str, look: Look, width: int) -> Segments:
    """What may come next, the one Tab takes standing out; else what is wrong; else what the keys do."""
    if wrong:
        return [Segment("   "), Segment(cut(wrong, width - 4), look.warn)]
    if not offered:
        said = _("{enter} keeps it as the list · ↑ earlier searches · {escape} back")
        return [Segment("   "), Segment(cut(said.format(enter=key_name("enter"), escape=key_name("escape")), width - 4),
                                        look.faint)]  # fmt: skip
    out: Segments = [Segment(f" {key_name('tab')} ", look.key)]
    for index, each in enumerate(offered):
        text = line(each.text, 40)
        if width_of(out) + cells(text) + 4 > width:
            out.append(Segment(" …", look.faint))
            break
        out.append(Segment(f" {text} ", look.strong if index == chosen else look.muted))
    return out


def _kept_hint() -> str:
    """What can be done with a search that is kept as the list."""
    return _("{back} back · {search} change · {save} save as a view").format(
        back=first("leave_list"), search=first("search"), save=first("save_view")
    )
