"""Names of things (a team, a tag) inside what people wrote: searches and acts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from server import query
from server.desk.words import plain

#: words that mean nobody where a name could stand (`team:none`)
NOBODY = frozenset({"none", "nobody", "nadie", "ninguno"})
#: fields of searches in which those words have that meaning
_CAN_BE_NOBODY = frozenset({"team", "topic", "assignee"})
#: a value that needs no quotation marks in a search
_BARE = re.compile(r"\w[\w./@+-]*")
_FIELD = re.compile(r"[^\W\d]\w*(?:<=|>=|:|<|>|=)")

Meant = Callable[[str], bool]


class Act(Protocol):
    """What a rule or a template does: `do` to the thing of the name `value`."""

    @property
    def do(self) -> str: ...

    value: str


class Unwritable(Exception):
    """A name that cannot stand in a search, or would mean something else there."""


def meant(field: str, name: str) -> Meant:
    """Whether a value of a search's field means the thing of this name."""
    wanted = same(field, name)
    return lambda value: not (field in _CAN_BE_NOBODY and value.casefold() in NOBODY) and same(field, value) == wanted


def same(field: str, name: str) -> str:
    """A name as searches compare it in a field."""
    match field:
        case "tag":
            return name.strip().lstrip("#").casefold()
        case "assignee":
            return name.strip().casefold()
    return plain(name)


def asks(text: str, field: str, name: str) -> bool:
    """Whether a search asks for the thing of this name. One that cannot be read asks for nothing."""
    return any(map(meant(field, name), _values(text, field)))


def _values(text: str, field: str) -> list[str]:
    try:
        tree = query.parse(text)
    except query.QueryError:
        return []
    return [value for term in query.terms(tree) if term.field == field for value in term.values]


def renamed(text: str, field: str, was: str, name: str, *, beside: bool = False) -> str:
    """A search that asks for `was` asks for `name`; the rest of it stays as it was written.

    `beside`: another thing is meant by the old name as well, so that stays there, too. Raises Unwritable.
    """
    if not asks(text, field, was):
        return text
    means = meant(field, was)
    for term in sorted(query.terms(query.parse(text)), key=lambda each: each.start, reverse=True):
        if term.field != field or not any(map(means, term.values)):
            continue
        if '"' in name or (field in _CAN_BE_NOBODY and name.casefold() in NOBODY):
            raise Unwritable(name)
        kept = [value for value in term.values if beside or not means(value)]
        written = ",".join(map(_written, dict.fromkeys([*kept, name])))
        typed = text[term.start : term.end]
        operator = _FIELD.match(typed)
        assert operator is not None, "only a term with a field has one of these names"
        text = text[: term.start] + operator[0] + written + text[term.end :]
    return text


def _written(value: str) -> str:
    return value if _BARE.fullmatch(value) else f'"{value}"'


def names(acts: Iterable[Act], does: Collection[str], field: str, name: str) -> bool:
    """Whether one of these acts names the thing."""
    return any(_does(act, does, field, name) for act in acts)


def rename_acts(acts: Iterable[Act], does: Collection[str], field: str, was: str, name: str) -> bool:
    """Let the acts that name a thing name it anew; whether there were any."""
    found = [act for act in acts if _does(act, does, field, was)]
    for act in found:
        act.value = name
    return bool(found)


def _does(act: Act, does: Collection[str], field: str, name: str) -> bool:
    """Acts name a tag, a topic and a person as searches do, anything else exactly."""
    if act.do not in does:
        return False
    loose = field in ("tag", "topic", "assignee")
    return same(field, act.value) == same(field, name) if loose else act.value.strip() == name
