"""What rises over the screen: the keys, the commands, a question. Framed lines, all of one width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from agent_console import keys
from agent_console.actions import BY_ID, GROUPS, Action, Place, place_name
from agent_console.i18n import N_, _
from agent_console.keys import key_name
from agent_console.presentation.look import Look
from agent_console.safetext import cells, cut, fit, wrap

Segments = list[Segment]


@dataclass(frozen=True, slots=True)
class Question:
    """A question asked inside the screen. `choices`: (key, what it does); one without words is not shown."""

    title: str
    text: Sequence[str]
    choices: Sequence[tuple[str, str]]


def framed(title: str, body: Sequence[Segments], look: Look, width: int, foot: str = "") -> list[Segments]:
    """Lines in a thin frame with a title; `width` counts the frame."""
    inner = width - 2
    head = cut(title, inner - 4)
    top = [Segment("┌─ ", look.faint), Segment(head, look.strong), Segment(" ", look.faint)]
    top.append(Segment("─" * max(0, inner - cells(head) - 3) + "┐", look.faint))
    out = [top]
    for segments in body:
        used = sum(cells(segment.text) for segment in segments)
        out.append([Segment("│", look.faint), *segments, Segment(" " * max(0, inner - used)), Segment("│", look.faint)])
    foot = cut(foot, inner - 4)
    bottom = "└" + "─" * max(0, inner - cells(foot) - 3)
    end = Segment(f" {foot} ", look.muted) if foot else Segment("──", look.faint)
    out.append([Segment(bottom, look.faint), end, Segment("─┘", look.faint)])
    return out


def help_lines(look: Look, width: int, place: Place) -> list[Segments]:
    """All keys in as many columns as fit: those that work where one is, group by group, then the others, quietly."""
    inner = width - 2
    columns = max(1, min(3, inner // 56))
    column_width = (inner - 1) // columns
    stacks: list[list[Segments]] = [[] for _ in range(columns)]
    groups = [(title, [id for id in ids if place in BY_ID[id].where]) for title, ids in GROUPS]
    others = [id for _title, ids in GROUPS for id in ids if place not in BY_ID[id].where]
    for title, ids in (*groups, (N_("Elsewhere"), others)):
        if ids:
            shortest = min(stacks, key=len)
            shortest += _group(title, ids, look, column_width, place)
    for stack in stacks:
        stack.pop()
    height = max(len(stack) for stack in stacks)
    out: list[Segments] = []
    for y in range(height):
        row: Segments = [Segment(" ")]
        for stack in stacks:
            segments = stack[y] if y < len(stack) else []
            used = sum(cells(segment.text) for segment in segments)
            row += [*segments, Segment(" " * (column_width - used))]
        out.append(row)
    return out


def _group(title: str, ids: Sequence[str], look: Look, width: int, place: Place) -> list[Segments]:
    lines: list[Segments] = [[Segment(_(title), look.accent)]]
    key_width = 16 if width >= 70 else 12 if width >= 50 else 9
    for each in ids:
        action = BY_ID[each]
        works = place in action.where
        names = [key_name(key) for key in keys.of(action.id)]
        while len(names) > 1 and cells(" ".join(names)) > key_width:
            names.pop()
        shown: str = fit(" ".join(names) if names else keys.first("palette"), key_width)
        style = look.text if works else look.muted
        for text in wrap(_(action.help), width - key_width - 2):
            lines.append([Segment(shown + " ", look.key if works else look.muted), Segment(text, style)])
            shown = " " * key_width
    lines.append([])
    return lines


def palette_lines(
    typed: str, found: Sequence[tuple[Action, str | None]], chosen: int, look: Look, width: int, rows: int
) -> list[Segments]:
    """What was typed, then the commands that fit; those that can't be done now say why."""
    inner = width - 2
    line = [Segment(" › ", look.accent), Segment(cut(typed, inner - 5), look.strong), Segment("▏", look.accent)]
    out: list[Segments] = [line]
    first = max(0, min(chosen - rows + 1, len(found) - rows)) if chosen >= rows else 0
    for index, (action, why) in enumerate(found[first : first + rows], first):
        mark = "▌" if index == chosen else " "
        key = key_name(found_keys[0]) if (found_keys := keys.of(action.id)) else ""
        text = _(action.help)
        if why:
            text = f"{text} · {why}"
        room = inner - 3 - cells(key) - 2
        style = look.muted if why else look.strong if index == chosen else look.text
        out.append([Segment(mark + " ", look.accent), Segment(fit(text, room), style), Segment(f" {key}  ", look.key)])
    if not found:
        out.append([Segment("  " + _("No command has that in its name."), look.muted)])
    return out


def question_lines(question: Question, look: Look, width: int) -> list[Segments]:
    """The question's text and its answers."""
    inner = width - 4
    out: list[Segments] = []
    for text in question.text:
        out += [[Segment(" " + part, look.text)] for part in wrap(text, inner)]
    out.append([])
    answers: Segments = [Segment(" ")]
    used = 1
    for key, label in question.choices:
        if not label:
            continue
        length = cells(key_name(key)) + 1 + cells(label) + 3
        if used > 1 and used + length > inner:
            out.append(answers)
            answers, used = [Segment(" ")], 1
        answers += [Segment(key_name(key), look.key), Segment(f" {label}   ", look.muted)]
        used += length
    out.append(answers)
    return out


def wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines."""
    return list(wrap(text, max(8, width)))


def where_title(place: Place) -> str:
    """The title of the help."""
    return _("Keys · {place}").format(place=place_name(place))
