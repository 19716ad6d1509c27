"""The lines at the screen's edges: views and urgency above, notices and keys below.

Each answers its segments and, for the mouse, which cells stand for what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rich.segment import Segment
from rich.style import Style

from agent_console import keys, words
from agent_console.actions import Action
from agent_console.i18n import _, number
from agent_console.presentation.look import Look
from agent_console.safetext import cells, cut, line
from server.wire import Counts, SavedView, View

Segments = list[Segment]

#: the views of the keys 1 to 5
VIEWS: Final[tuple[View, ...]] = ("mine", "unassigned", "open", "waiting", "resolved")
#: from this width the footer says what an action is about
ROOMY = 120
#: saved views that have a key of their own
WITH_KEY = 4


#: cells of a view's name where not all of them fit whole
_SHORT = 7


class Spot(NamedTuple):
    """Cells `start` to `end` (exclusive) of a line stand for `name` (an action's id)."""

    start: int
    end: int
    name: str


class Bar(NamedTuple):
    """A painted line and what can be clicked in it."""

    segments: Segments
    spots: list[Spot]


def spot_at(spots: Sequence[Spot], x: int) -> str | None:
    """What stands at cell `x`."""
    return next((spot.name for spot in spots if spot.start <= x < spot.end), None)


class Urgent(NamedTuple):
    """Promises broken, promises about to break, conversations in which a message failed, alerts, and what colleagues
    hand on to the reader."""

    late: int = 0
    warned: int = 0
    failed: int = 0
    alerts: int = 0
    offers: int = 0


class Shown(NamedTuple):
    """The list that is shown: its view or (`query`) what it searches for; `saved`: the saved views there are."""

    view: View
    query: str = ""
    saved: Sequence[SavedView] = ()


def top_bar(
    counts: Counts, list_shown: Shown, urgent: Urgent, me: str, look: Look, width: int, standing: str = ""
) -> Bar:
    """Views with how many they hold, the one shown standing out; then what is urgent, then who I am and, where I am not
    there for new work, that (`standing`)."""
    right: Segments = []
    failed = f"✗ {urgent.failed}" if urgent.failed else ""
    alerts = f"◆ {urgent.alerts}" if urgent.alerts else ""
    offers = f"⇢ {urgent.offers}" if urgent.offers else ""
    for text, style in (
        (offers, look.accent),
        (alerts, look.warn),
        (f"▲ {urgent.late}" if urgent.late else "", look.breach),
        (f"! {urgent.warned}" if urgent.warned else "", look.warn),
        (failed, look.bad),
    ):
        if text:
            right.append(Segment(f" {text} ", style))
    if standing:
        right.append(Segment(f" {standing} ", look.note))
    elif width >= 60:
        right.append(Segment(" ◉ " + cut(line(me, 40), 16) + " ", look.muted))
    right_width = _width(right)
    for gap, names in ((3, "all"), (2, "all"), (1, "all"), (2, "short"), (1, "short"), (2, "few"), (1, "one")):
        left, spots = _views(counts, list_shown.view, look, gap, names)
        if _width(left) + right_width <= width:
            break
    _add_saved(left, spots, list_shown, look, width - right_width)
    signs = ((failed, "dead_letters"), (alerts, "alerts"), (offers, "answer_transfer"), (standing, "status"))
    for sign, action in signs:
        if sign:
            before = [segment.text for segment in right[: [s.text.strip() for s in right].index(sign)]]
            start = width - right_width + sum(map(cells, before))
            spots.append(Spot(start, start + cells(sign) + 2, action))
    return Bar(_between(left, right, width), spots)


def _views(counts: Counts, current: View, look: Look, gap: int, style: str) -> Bar:
    segments: Segments = [Segment(" ")]
    spots: list[Spot] = []
    at = 1
    for view in VIEWS:
        held = getattr(counts, view, None)
        count = number(held) if held else ""
        shown = view == current
        if not shown and style == "one":
            continue
        name = words.view(view) if shown or style in ("all", "short") else ""
        if not shown and style == "short":
            name = cut(name, _SHORT)
        if not count and (not name or (style == "short" and not shown)):
            continue
        parts = [
            Segment(name, look.key if shown else look.muted),
            Segment((" " if name and count else "") + count, look.strong if shown else look.text),
        ]
        length = _width(parts)
        spots.append(Spot(at, at + length, f"view_{view}"))
        segments += [*parts, Segment(" " * gap)]
        at += length + gap
    return Bar(segments[:-1], spots)


def _add_saved(left: Segments, spots: list[Spot], shown: Shown, look: Look, room: int) -> None:
    """Saved views stand after the built-in ones, without a count, as many as there is room for."""
    at = _width(left)
    for n, view in enumerate(shown.saved, 1):
        name = cut(line(view.name, 40), 18)
        last = n == len(shown.saved)
        if at + 3 + cells(name) + (0 if last else 4) > room:
            if at + 4 <= room:
                left += [Segment("   "), Segment("…", look.muted)]
                spots.append(Spot(at + 3, at + 4, "views"))
            return
        left += [Segment("   "), Segment(name, look.key if view.query == shown.query else look.muted)]
        spots.append(Spot(at + 3, at + 3 + cells(name), f"saved_{n}" if n <= WITH_KEY else "views"))
        at += 3 + cells(name)


def footer(actions: Sequence[Action], look: Look, width: int, more: Mapping[str, str] | None = None) -> Bar:
    """Keys and what they do; as many as there is room for, the last one always. `more`: what an action is about now."""
    segments: Segments = [Segment(" ")]
    spots: list[Spot] = []
    at = 1
    *most, last = actions
    reserve = cells(_key_of(last)) + 1 + cells(_(last.label)) + 1
    for action in (*most, last):
        key, label = _key_of(action), _(action.label)
        if width >= ROOMY and (about := (more or {}).get(action.id)):
            label = cut(f"{label}: {about}", 36)
        length = cells(key) + 1 + cells(label)
        if action is not last and at + length + 2 + reserve > width:
            continue
        segments += [Segment(key, look.key), Segment(f" {label}", look.muted), Segment("  ")]
        spots.append(Spot(at, at + length, action.id))
        at += length + 2
    return Bar(segments, spots)


def _key_of(action: Action) -> str:
    found = keys.of(action.id)
    return keys.key_name(found[0]) if found else ""


def status(text: str, tone: str, link: str, look: Look, width: int) -> Segments:
    """One notice on the left; on the right, when there is none, that the line is dead and what waits for it."""
    right = [Segment(f" {cut(link, width * 2 // 3)} ", look.warn)] if link else []
    room = width - _width(right) - 2
    left = [Segment(" "), Segment(cut(text, room), getattr(look, tone))] if text else []
    return _between(left, right, width)


def link_text(offline_since: str, waiting: int, refused: str = "") -> str:
    """Why nothing arrives: `no connection since 9:46, 2 replies wait`. Empty while all is well."""
    if refused:
        return refused
    if not offline_since:
        return ""
    text = _("no connection since {time}").format(time=offline_since)
    if waiting:
        text += ", " + _waiting(waiting)
    return text


def _waiting(n: int) -> str:
    from agent_console.i18n import ngettext

    return ngettext("{n} reply waits", "{n} replies wait", n).format(n=n)


def empty_list(view: View, counts: Counts, loading: bool, query: str = "") -> list[str]:
    """What an empty list says: that all is done, and where there is work."""
    if loading:
        return [_("loading…")]
    if query:
        said = _("{back} back to the view · {search} change the search")
        keys_of = said.format(back=keys.first("leave_list"), search=keys.first("search"))
        return [_("Nothing was found."), _("Fewer words find more."), keys_of]
    first = {
        "mine": _("All answered."),
        "unassigned": _("Nobody waits to be taken."),
        "open": _("There is no open conversation."),
        "waiting": _("Nobody owes us an answer."),
        "resolved": _("Nothing was resolved yet."),
    }.get(view, _("There is nothing here."))
    lines = [first]
    if view != "unassigned" and counts.unassigned:
        lines.append(
            _("Unassigned: {n} ({key})").format(n=number(counts.unassigned), key=keys.first("view_unassigned"))
        )
    elif view != "mine" and counts.mine:
        lines.append(_("Mine: {n} ({key})").format(n=number(counts.mine), key=keys.first("view_mine")))
    else:
        lines.append(_("New conversations appear here by themselves."))
    return lines


def _width(segments: Sequence[Segment]) -> int:
    return sum(cells(segment.text) for segment in segments)


def _between(left: Segments, right: Segments, width: int) -> Segments:
    gap = width - _width(left) - _width(right)
    return [*left, Segment(" " * max(0, gap)), *right]


def plain(style: Style, text: str) -> Segments:
    """One segment as a line."""
    return [Segment(text, style)]
