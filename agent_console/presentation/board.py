"""The supervisor's wallboard as lines: teams beside channels and campaigns where there is room, advisors below.

    Equipo            espera  antig.  en curso  SLA   últimas 6 h
    Servicio San Mig.     6   ▲ 6:12       18   88 %  ▁▂▂▄▆█▇▅

Everything here is a function of the board, the time and the width; what can be chosen carries its `Target`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.segment import Segment
from rich.style import Style

from agent_console import words
from agent_console.i18n import _, clock, number, pgettext
from agent_console.presentation.bars import Bar
from agent_console.presentation.look import Look, channel_code
from agent_console.safetext import cells, cut, fit, line
from server.wire import Board, BoardAdvisor, BoardLine, Figures, Open

Segments = list[Segment]

#: from this width channels stand beside the teams
BESIDE: Final = 112
#: cells of the left part there
LEFT: Final = 72
_BARS: Final = "▁▂▃▄▅▆▇█"


class Target(NamedTuple):
    """What a row is about: `kind` team, channel, campaign or advisor, and its name."""

    kind: str
    name: str


class Row(NamedTuple):
    """One line of the board; `targets`: what can be chosen in it, with the cell where each begins."""

    segments: Segments
    targets: tuple[tuple[Target, int], ...] = ()


def rows(board: Board, now: int, look: Look, width: int) -> list[Row]:
    """The whole board, headings included."""
    teams = [_heading(_team_heads(width), look), *(_team(each, now, look, width) for each in board.teams)]
    places = [_heading(_place_heads(), look), *(_place(each, look) for each in board.channels)]
    if board.campaigns:
        places += [Row([]), _heading((fit(_("Campaign"), 18), *_place_heads()[1:]), look)]
        places += [_place(each, look) for each in board.campaigns]
    found = _beside(teams, places) if width >= BESIDE else [*teams, Row([]), *places]
    return [*found, Row([]), _heading(_advisor_heads(width), look), *_advisors(board, now, look, width)]


def head(board: Board | None, now: int, frozen: bool, look: Look, width: int) -> Segments:
    """The line above: the day in five figures."""
    if board is None:
        return [Segment(" " + _("Wallboard") + "  ", look.strong), Segment(_("loading…"), look.muted)]
    title = _("frozen since {time}").format(time=clock(board.at)) if frozen else clock(now)
    parts: list[Segment] = [
        Segment(" " + _("Wallboard") + " ", look.strong),
        Segment(f"· {title}   ", look.warn if frozen else look.muted),
    ]
    kept = kept_percent(board.now, board.today)
    figures = [
        (pgettext("board", "waiting"), number(board.now.waiting), look.text),
        (_("longest"), *_oldest(board.now, now, look)),
        ("SLA", percent(kept), _kept_style(kept, look)),
        (_("1st reply p50"), figure(board.today.first_p50), look.text),
        ("p90", figure(board.today.first_p90), look.text),
        (_("today"), number(board.today.answered), look.text),
    ]
    used = sum(cells(part.text) for part in parts)
    for label, value, style in figures:
        length = cells(label) + cells(value) + 4
        if used + length > width:
            break
        parts += [Segment(f"{label} ", look.muted), Segment(value + "   ", style)]
        used += length
    return parts


def figure(ms: int | None) -> str:
    """A length of time in minutes and seconds, or hours: 2:10, 1 h 05; a dash where there is none."""
    if ms is None:
        return "–"
    seconds = max(0, ms) // 1000
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}"
    return _("{d} d").format(d=seconds // 86_400)


def spark(values: Sequence[int], most: int | None = None) -> str:
    """A line of bars, the highest value the highest bar; `most`: what that is, if not the greatest of them."""
    top = max(most or 0, *values, 0) if values else 0
    if not top:
        return _BARS[0] * len(values)
    return "".join(_BARS[0 if not value else max(1, -(-value * 7 // top))] for value in values)


def gauge(load: int, capacity: int, room: int = 4) -> str:
    """How full somebody is, in `room` cells."""
    if capacity <= 0:
        return " " * room
    full = min(room, -(-load * room // capacity))
    return "▇" * full + " " * (room - full)


def query(target: Target) -> str:
    """The open conversations behind a row, in the inbox's query language."""
    field = {"advisor": "assignee"}.get(target.kind, target.kind)
    name = target.name.replace('"', "")
    return f'{field}:"{name}" is:open' if name else f"{field}:none is:open"


def keys(known: Sequence[tuple[str, str]], look: Look, width: int) -> Bar:
    """Keys and what they do, as many as there is room for; the last one always."""
    segments: Segments = [Segment(" ")]
    *most, (last_key, last_label) = known
    room = width - cells(last_key) - cells(_(last_label)) - 4
    used = 1
    for key, label in (*most, (last_key, last_label)):
        length = cells(key) + cells(_(label)) + 3
        if key != last_key and used + length > room:
            continue
        segments += [Segment(key, look.key), Segment(f" {_(label)}  ", look.muted)]
        used += length
    return Bar(segments, [])


# ---------------------------------------------------------------- parts


def _heading(columns: tuple[str, ...], look: Look) -> Row:
    return Row([Segment(" " + "".join(columns), look.muted)])


def _team_heads(width: int) -> tuple[str, ...]:
    wide = width >= 78
    return (
        fit(_("Team"), 20),
        _right(pgettext("board", "waiting"), 8),
        _right(_("oldest"), 9),
        _right(pgettext("board", "open"), 10),
        _right("SLA", 7),
        "  " + _("last 6 h") if wide else "",
    )


def _team(each: BoardLine, now: int, look: Look, width: int) -> Row:
    name = line(each.name, 60) or _("no team")
    oldest, style = _oldest(each.now, now, look)
    segments = [
        Segment(" " + fit(name, 20), look.text),
        Segment(_right(_some(each.now.waiting), 8), look.strong if each.now.waiting else look.faint),
        Segment(_right(oldest, 9), style),
        Segment(_right(_some(each.now.open), 10), look.text if each.now.open else look.faint),
        _kept(each.now, each.today, look, 7),
    ]
    if width >= 78:
        segments.append(Segment("  " + spark(each.recent), look.accent))
    return Row(segments, ((Target("team", each.name), 0),))


def _place_heads() -> tuple[str, ...]:
    return (fit(_("Channel"), 18), _right(_("in/h"), 7), _right(pgettext("board", "waiting"), 9))


def _place(each: BoardLine, look: Look) -> Row:
    campaign = not each.kind
    name = line(each.title or each.name, 60)
    lead = "   " if campaign else channel_code(each.kind) + " "
    segments = [
        Segment(" " + lead, look.channel(each.kind)),
        Segment(fit(name, 15), look.text),
        Segment(_right(_some(each.hour), 7), look.text if each.hour else look.faint),
        Segment(_right(_some(each.now.waiting), 9), look.strong if each.now.waiting else look.faint),
    ]
    return Row(segments, ((Target("campaign" if campaign else "channel", each.name), 0),))


def _beside(left: list[Row], right: list[Row]) -> list[Row]:
    """Two lists of rows in one, side by side."""
    found = []
    for n in range(max(len(left), len(right))):
        one = left[n] if n < len(left) else Row([])
        other = right[n] if n < len(right) else Row([])
        used = sum(cells(segment.text) for segment in one.segments)
        gap = Segment(" " * max(0, LEFT - used))
        targets = (*one.targets, *((target, LEFT) for target, _at in other.targets))
        found.append(Row([*one.segments, gap, *other.segments], targets))
    return found


def _advisor_heads(width: int) -> tuple[str, ...]:
    rest = ("  " + _("now"),) if width >= 96 else ()
    return (
        fit(_("Advisor"), 18),
        fit(_("state"), 17),
        fit(_("load"), 11),
        _right("SLA", 6),
        _right(pgettext("board", "1st reply"), 11),
        _right(_("today"), 7),
        *rest,
    )


def _advisors(board: Board, now: int, look: Look, width: int) -> list[Row]:
    """Whoever is there first, the fullest of them first."""
    order = {"online": 0, "busy": 1, "away": 2}
    sorted_ = sorted(
        board.advisors, key=lambda each: (order.get(each.state, 3), -each.load / max(1, each.capacity), each.name)
    )
    return [_advisor(each, now, look, width) for each in sorted_]


def _advisor(each: BoardAdvisor, now: int, look: Look, width: int) -> Row:
    full = each.load >= each.capacity > 0
    load = f"{_units(each.load)}/{_units(each.capacity)}"
    segments = [
        Segment(" " + fit(line(each.display_name or each.name, 60), 17) + " ", look.text),
        *_state(each, now, look),
        Segment(load + " ", look.warn if full else look.text),
        Segment(fit(gauge(each.load, each.capacity), 10 - cells(load)), look.warn if full else look.accent),
        _kept(each.now, each.today, look, 6),
        Segment(_right(figure(each.today.first_p50), 11), look.text),
        Segment(_right(_some(each.today.answered), 7), look.text),
    ]
    doing = _doing(each) if width >= 96 else ""
    if doing:
        segments.append(Segment("  " + cut(doing, max(8, width - 92)), look.muted))
    if each.now.flagged:
        segments.append(Segment("  ⚑ " + (_("asks for help") if width >= 96 else ""), look.warn))
    elif each.now.breached:
        segments.append(Segment(f"  ▲ {each.now.breached}", look.breach))
    return Row(segments, ((Target("advisor", each.name), 0),))


_SIGNS: Final = {"online": "●", "busy": "◐", "away": "○", "offline": "·"}


def _state(each: BoardAdvisor, now: int, look: Look) -> Segments:
    style = {"online": look.good, "busy": look.warn}.get(each.state, look.faint)
    said = words.availability(each.state)
    if each.back_at is not None and each.back_at > now:
        said = _("back {time}").format(time=clock(each.back_at))
    return [Segment(_SIGNS.get(each.state, "·") + " ", style), Segment(fit(said, 15), look.muted)]


def _doing(each: BoardAdvisor) -> str:
    if each.viewing is None:
        return ""
    name = line(each.viewing_name, 60) or f"#{each.viewing}"
    return (_("writes to {name}") if each.typing else _("looks at {name}")).format(name=name)


def _oldest(now_open: Open, now: int, look: Look) -> tuple[str, Style]:
    if now_open.oldest is None:
        return "–", look.faint
    text = figure(now - now_open.oldest)
    if now_open.breached:
        return f"▲ {text}", look.breach
    return (f"! {text}", look.warn) if now_open.warned else (text, look.text)


def kept_percent(now: Open, today: Figures) -> int | None:
    """Of the promises that ended today or are broken now, how many of 100 were kept; None before there was one."""
    ended = today.met + today.missed + now.breached
    return today.met * 100 // ended if ended else None


def percent(kept: int | None) -> str:
    """A share in words of a table."""
    return "–" if kept is None else f"{kept} %"


def _kept(now: Open, today: Figures, look: Look, room: int) -> Segment:
    kept = kept_percent(now, today)
    return Segment(_right(percent(kept), room), _kept_style(kept, look))


def _kept_style(kept: int | None, look: Look) -> Style:
    if kept is None:
        return look.faint
    return look.good if kept >= 90 else look.warn if kept >= 75 else look.breach


def _some(n: int) -> str:
    return number(n) if n else "–"


def _units(hundredths: int) -> str:
    whole, part = divmod(hundredths, 100)
    return number(whole) if not part else f"{whole}.{part // 10}"


def _right(text: str, width: int) -> str:
    shown = cut(text, width)
    return " " * (width - cells(shown)) + shown
