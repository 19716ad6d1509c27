"""Reply templates as they are chosen and filled in: their rows, what they do, their fields, what they will say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Final

from rich.segment import Segment

from agent_console import words
from agent_console.i18n import N_, _, ngettext, number, zone
from agent_console.presentation import moments
from agent_console.presentation.composer import MARK
from agent_console.presentation.look import Look
from agent_console.safetext import block, cells, cut, fit, line, wrap
from server import wire

Segments = list[Segment]

_HOLE = re.compile(r"\{\{\s*(\w{1,60})\s*\}\}")
#: a value and a condition in a template's text (docs/templates.md)
_VALUE, _CONDITION = re.compile(r"\{\{\s*([\w.]{1,80})[^{}]*\}\}"), re.compile(r"\{%[^%]*%\}")
#: as far into a text as a greeting reaches: there, a first hole is who it goes to
_GREETING: Final = 25

_ACTS: Final[Mapping[str, str]] = {
    "tag": N_("tag {value}"),
    "untag": N_("take the tag {value} off"),
    "assign": N_("give it to {value}"),
    "team": N_("give it to the team {value}"),
    "priority": N_("priority {value}"),
    "snooze": N_("put it aside: {value}"),
    "resolve": N_("resolve it"),
    "note": N_("note: {value}"),
}
_LACKS: Final[Mapping[str, str]] = {
    "file": N_("its header is a file or a place: it cannot be sent from here"),
    "kind": N_("it is of a kind that cannot be sent from here"),
}


def unresolved(text: str) -> re.Match[str] | None:
    """The first value in a text that nobody filled in."""
    return MARK.search(text)


def acts(done: Sequence[wire.MacroAct]) -> str:
    """What a macro does, in words."""
    return " · ".join(map(said_act, done))


def said_act(act: wire.MacroAct) -> str:
    """One thing that a macro does, in words."""
    value = words.priority(act.value) if act.do == "priority" else act.value
    return _(_ACTS[act.do]).format(value=line(value, 40))


def lacks(template: wire.ApprovedTemplate) -> str:
    """Why an approved template cannot be sent from here; empty if it can."""
    return _(_LACKS.get(template.lacks, _LACKS["kind"])) if template.lacks else ""


def raw(template: wire.ReplyTemplate, kind: str, language: str) -> str:
    """The text as it is written, for a kind of channel and a language: what can be shown without the server."""
    fitting = [
        (2 * (each.channel == kind) + (each.language == language), -n)
        for n, each in enumerate(template.variants)
        if each.channel in ("", kind) and each.language in ("", language)
    ]
    text = template.variants[-max(fitting)[1]].text if fitting else ""
    return _VALUE.sub(lambda value: f"⟨{value[1]}⟩", _CONDITION.sub("", text))


# ---------------------------------------------------------------- rows


def row(template: wire.ReplyTemplate, chosen: bool, look: Look, width: int) -> Segments:
    """A template in one line: its name, its title, what it does, whose it is."""
    right = _uses(template)
    notes = [
        *(["▸ " + acts(template.acts)] if template.acts else []),
        *([_("asks {n}").format(n=len(template.fields))] if template.fields else []),
        *(["+" + str(len(template.files))] if template.files else []),
        *_channels(template),
    ]
    title = line(template.title, 120) or line(template.variants[0].text if template.variants else "", 120)
    return _line(line(template.name, 60), template.shortcut, title, notes, right, chosen, look, width)


def approved_row(template: wire.ApprovedTemplate, chosen: bool, look: Look, width: int) -> Segments:
    """An approved template in one line; one that cannot be sent from here is faint and says why."""
    why = lacks(template)
    right = f"{line(template.language, 8)} ✓"
    said = why or line(template.body, 160)
    segments = _line(line(template.name, 60), "", said, [], right, chosen and not why, look, width)
    return [Segment(each.text, look.faint) for each in segments] if why else segments


def _line(
    name: str, shortcut: str, title: str, notes: Sequence[str], right: str, chosen: bool, look: Look, width: int
) -> Segments:
    name_width = max(12, min(26, width // 4))
    right = cut(right, max(0, width // 4))
    room = width - name_width - cells(right) - 3
    note = cut(" · ".join(notes), room // 2) if notes else ""
    left = room - (cells(note) + 2 if note else 0)
    shown = title + (f"  ;{line(shortcut, 30)}" if shortcut and shortcut != name else "")
    segments = [
        Segment(fit(name, name_width) + " ", look.strong if chosen else look.accent),
        Segment(fit(shown, max(0, left)), look.strong if chosen else look.text),
    ]
    if note:
        segments.append(Segment("  " + note, look.muted))
    return [*segments, Segment("  " + right, look.faint)]


def _uses(template: wire.ReplyTemplate) -> str:
    if template.scope != "all":
        return _("yours") if template.scope == "user" else line(template.team or "", 20)
    used = ngettext("used {n} time", "used {n} times", template.uses).format(n=number(template.uses))
    return used if template.uses else ""


def _channels(template: wire.ReplyTemplate) -> list[str]:
    """For which channels there is a text of its own, where there is none for any."""
    kinds = list(dict.fromkeys(variant.channel for variant in template.variants))
    return [] if not kinds or "" in kinds else [" ".join(words.channel(kind) for kind in kinds)]


# ---------------------------------------------------------------- fields


def fields_of(template: wire.ApprovedTemplate, first_name: str) -> list[wire.AskField]:
    """What has to be filled in to send an approved template: header, body, endings of links."""
    found = []
    for part, text, count in (
        ("header", template.header, template.header_parameters),
        ("body", template.body, template.parameters),
    ):
        for n in range(count):
            offset = n if part == "header" else template.header_parameters + n
            name = template.names[offset] if offset < len(template.names) else str(n + 1)
            label = _("Header {name}") if part == "header" else "{name}"
            found.append(
                wire.AskField(
                    name=f"{part}.{n}",
                    label=label.format(name=f"{{{{{line(name, 40)}}}}}") + _around(text, name),
                    default=first_name if part == "body" and n == 0 and _greets(text, name) else "",
                )
            )
    for at in template.links:
        found.append(wire.AskField(name=f"link.{at}", label=_("Ending of the link of button {n}").format(n=at + 1)))
    return found


def _greets(text: str, name: str) -> bool:
    hole = next((hole for hole in _HOLE.finditer(text) if hole[1] == name), None)
    return hole is not None and hole.start() < _GREETING


def _around(text: str, name: str) -> str:
    """The words before a hole, so that it is plain what goes there."""
    hole = next((hole for hole in _HOLE.finditer(text) if hole[1] == name), None)
    before = line(text[: hole.start()].rpartition("}}")[2], 2_000).split()[-2:] if hole is not None else []
    return f" … {' '.join(before)}" if before else ""


def template_of(template: wire.ApprovedTemplate, values: Mapping[str, str]) -> wire.Template:
    """An approved template filled in."""
    return wire.Template(
        name=template.name,
        language=template.language,
        header=[values.get(f"header.{n}", "") for n in range(template.header_parameters)],
        parameters=[values.get(f"body.{n}", "") for n in range(template.parameters)],
        names=list(template.names),
        links={at: values.get(f"link.{at}", "") for at in template.links},
    )


def said(template: wire.ApprovedTemplate, filled: wire.Template) -> str:
    """What the customer will read of an approved template; what is not filled in is marked."""
    names = template.names
    header = _filled(template.header, filled.header, names[: template.header_parameters])
    body = _filled(template.body, filled.parameters, names[template.header_parameters :])
    return "\n".join(part for part in (header, body, template.footer) if part)


def _filled(text: str, parameters: Sequence[str], names: Sequence[str]) -> str:
    given = dict(zip(names, parameters, strict=False)) or {str(n): each for n, each in enumerate(parameters, 1)}
    return _HOLE.sub(lambda hole: given.get(hole[1]) or f"⟨{hole[1]}⟩", text)


def answer(field: wire.AskField, typed: str, now: int) -> tuple[str, str]:
    """(what goes into the template, what is wrong with it) of what was typed into a field."""
    typed = " ".join(typed.split())
    if not typed:
        return "", _("{field} is needed.").format(field=label_of(field)) if field.required else ""
    match field.kind:
        case "choice":
            found = next((each for each in field.choices if each.casefold() == typed.casefold()), "")
            return found, "" if found else _("Choose one of them with ← →.")
        case "date":
            day = read_day(typed, now)
            return day, "" if day else _("No date: {text}. Say 30 nov, tomorrow, monday, 2026-11-30 …").format(
                text=typed
            )
        case "amount" | "number":
            found = read_number(typed)
            return found, "" if found else _("Not a number: {text}").format(text=line(typed, 40))
    return typed, ""


def label_of(field: wire.AskField) -> str:
    """What a field is called."""
    return line(field.label, 60) or line(field.name, 60)


def read_day(text: str, now: int) -> str:
    """The day that words say, as YYYY-MM-DD; empty if they say none."""
    here = dt.datetime.fromtimestamp(now / 1000, zone())
    if text.casefold() in ("hoy", "today"):
        return here.date().isoformat()
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        moment = moments.read(text, now, zone())
    return "" if moment is None else dt.datetime.fromtimestamp(moment / 1000, zone()).date().isoformat()


def read_number(text: str) -> str:
    """A number as people write it ($2,400.50, 2.400,50, 12), as a plain one; empty if it is none."""
    bare = re.sub(r"[\s$]", "", text)
    if not re.fullmatch(r"-?[\d.,]*\d[\d.,]*", bare):
        return ""
    point = max(bare.rfind("."), bare.rfind(","))
    tail = bare[point + 1 :] if point >= 0 else ""
    sign = bare[point] if point >= 0 else ""
    # one sign before exactly three digits, or several of them, divides thousands: 2,400 and 1,000,000
    if sign and (bare.count(sign) > 1 or (len(tail) == 3 and not ({".", ","} - {sign}) & set(bare) and sign == ",")):
        tail = ""
        whole = re.sub(r"[.,]", "", bare)
    else:
        whole = re.sub(r"[.,]", "", bare[:point]) if point >= 0 else bare
    try:
        value = float(f"{whole or '0'}.{tail or '0'}")
    except ValueError:
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".") if tail else f"{value:.0f}"


# ---------------------------------------------------------------- preview


def preview(text: str, look: Look, width: int, most: int) -> list[Segments]:
    """A text in lines, what nobody filled in standing out; what does not fit is only counted."""
    lines: list[Segments] = []
    wrapped = [part for each in block(text, 4_000).split("\n") for part in (wrap(each, max(8, width)) or ("",))]
    for part in wrapped[:most]:
        lines.append(marked(part, look))
    if len(wrapped) > most:
        left = len(wrapped) - most + 1
        lines[-1:] = [[Segment(ngettext("… {n} more line", "… {n} more lines", left).format(n=left), look.faint)]]
    return lines


def marked(text: str, look: Look) -> Segments:
    """A line of a text, its open marks in another style."""
    segments, at = [], 0
    for match in MARK.finditer(text):
        segments += [Segment(text[at : match.start()], look.text), Segment(match[0], look.warn)]
        at = match.end()
    return [*segments, Segment(text[at:], look.text)]
