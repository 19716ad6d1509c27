"""The inbox's query language, text to tree. Pure: the server, the console (completion, errors) and the CLI share it.

    channel:whatsapp sla<10m -assigned region:oriente "tarjeta retenida" from:maria after:2026-11-01 is:unread

Terms stand side by side and must all hold; `OR` (in capitals, or `|`) between two of them asks for either, `-` before
one for its opposite, parentheses group. A bare word or a phrase in quotation marks is searched for in the messages and
the customer's name; a mark that is not closed yet closes at the end. A field takes several values, divided by commas:
any of them. The words of the language are known in English and in Spanish; `or`, `o`, `not` and `no` in small letters
are words like any other, because customers write them. Accents may be left out in the words of the language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

Kind = Literal["text", "name", "choice", "duration", "date", "number"]
Operator = Literal[":", "<", ">", "<=", ">="]

#: terms a query has at most: nobody types more, and each one costs the server time
MOST_TERMS = 50
#: parentheses in one another at most
DEEPEST = 20


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the language. `kind` says what its values are; `choices` lists them if they are fixed, each with
    its other spellings. Of other names and spellings the first is the Spanish one. Only durations and numbers, and
    choices that are `ordered`, compare with < and >."""

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = {}
    ordered: bool = False

    @property
    def compares(self) -> bool:
        return self.ordered or self.kind in ("duration", "number")

    def said(self, language: str) -> str:
        """Its name in a language."""
        return _own(self.name, self.aliases, language)

    def choices_in(self, language: str) -> list[str]:
        """Its choices in a language."""
        return [_own(choice, others, language) for choice, others in self.choices.items()]


def _own(name: str, others: Sequence[str], language: str) -> str:
    return others[0] if language == "es" and others else name


def _flat(word: str) -> str:
    """A word as it is compared: without capitals and accents."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def _choices(*rows: str) -> dict[str, tuple[str, ...]]:
    """ "name other-spelling …" per choice."""
    return {row.split()[0]: tuple(row.split()[1:]) for row in rows}


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field(name="text", kind="text", aliases=("texto",)),
        Field(name="from", kind="text", aliases=("de", "customer", "cliente")),
        Field(name="subject", kind="text", aliases=("asunto",)),
        Field(name="region", kind="text", aliases=("región",)),
        Field(name="campaign", kind="text", aliases=("campaña",)),
        Field(name="outcome", kind="text", aliases=("resultado",)),
        Field(name="tag", kind="name", aliases=("etiqueta",)),
        Field(name="channel", kind="name", aliases=("canal",)),
        Field(name="assignee", kind="name", aliases=("asesor", "advisor")),
        Field(name="team", kind="name", aliases=("equipo",)),
        Field(name="topic", kind="name", aliases=("tema",)),
        Field(name="profile", kind="name", aliases=("perfil",)),
        Field(name="language", kind="name", aliases=("idioma", "lang")),
        Field(
            name="state",
            kind="choice",
            aliases=("estado",),
            choices=_choices(
                "bot", "queued en-cola", "open abierta", "waiting esperando", "snoozed pospuesta", "resolved resuelta"
            ),
        ),
        Field(
            name="is",
            kind="choice",
            aliases=("es", "está"),
            choices=_choices(
                "unread no-leída sin-leer",
                "assigned asignada",
                "unassigned sin-asignar",
                "mine mía",
                "open abierta",
                "waiting esperando",
                "resolved resuelta",
                "failed fallida",
                "breached vencida",
                "warned por-vencer",
                "public pública",
                "snoozed pospuesta",
                "followed seguida",
                "mentioned mencionada",
                "flagged con-bandera",
                "transferred derivada",
                "offered ofrecida",
                "due pendiente",
                "reviewing en-revisión",
            ),
        ),
        Field(
            name="has",
            kind="choice",
            aliases=("tiene",),
            choices=_choices("attachment adjunto archivo", "note nota", "draft borrador", "campaign campaña"),
        ),
        Field(
            name="priority",
            kind="choice",
            aliases=("prioridad",),
            choices=_choices("low baja", "normal", "high alta", "urgent urgente"),
            ordered=True,
        ),
        Field(
            name="stage",
            kind="choice",
            aliases=("etapa",),
            choices=_choices(
                "welcome bienvenida",
                "diagnosis diagnóstico",
                "resolution resolución",
                "follow_up seguimiento",
                "closure cierre",
            ),
        ),
        Field(
            name="complexity",
            kind="choice",
            aliases=("complejidad",),
            choices=_choices("simple", "medium media", "complex compleja"),
            ordered=True,
        ),
        Field(name="sla", kind="duration"),
        Field(name="wait", kind="duration", aliases=("espera",)),
        Field(name="age", kind="duration", aliases=("antigüedad",)),
        Field(name="after", kind="date", aliases=("desde", "since")),
        Field(name="before", kind="date", aliases=("hasta", "until", "antes")),
        Field(name="contact", kind="number", aliases=("contacto",)),
        Field(name="id", kind="number"),
    )
}

#: words that need no field before them: (field, value)
FLAGS: dict[str, tuple[str, str]] = {
    word: ("is", value)
    for value in ("assigned", "unassigned", "unread")
    for word in (value, *FIELDS["is"].choices[value])
}

_BY_NAME = {_flat(name): field for field in FIELDS.values() for name in (field.name, *field.aliases)}
_BY_FLAG = {_flat(word): meant for word, meant in FLAGS.items()}
_OR = frozenset({"OR", "O", "|"})

#: ms in each unit of a duration
UNITS = {"s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = re.compile(r"(?:\d+(?:s|min|m|h|d|w))+")
_PART = re.compile(r"(\d+)(s|min|m|h|d|w)")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
#: days that have a name: how many days they lie back
DAYS = {"today": 0, "hoy": 0, "yesterday": 1, "ayer": 1}


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """`field` compared with any of `values`, in the language's own spelling; it stood at `start` to `end`.

    A value of kind text is one word or one phrase; durations are ms, numbers decimal digits; dates are YYYY-MM-DD, a
    name of `DAYS` in English, or a duration back from now in ms with `-` before it.
    """

    field: str
    operator: Operator
    values: tuple[str, ...]
    start: int
    end: int
    phrase: bool = False


class Not(msgspec.Struct, frozen=True):
    """The opposite of `item`."""

    item: Node


class Every(msgspec.Struct, frozen=True):
    """All of `items`; without any, everything."""

    items: tuple[Node, ...]


class Either(msgspec.Struct, frozen=True):
    """At least one of `items`."""

    items: tuple[Node, ...]


Node: TypeAlias = Term | Not | Every | Either


class QueryError(Exception):
    """A query that cannot be read: what is wrong (`code`, with `params`) and where (`start` to `end` in the text).

    Names of fields and choices in `params` are the language's own, `in_words` says them in the reader's.
    Codes: unknown_field (field, known), unknown_value (field, value, known), no_value (field), bad_duration (value),
    bad_date (value), bad_number (value), no_order (field), open_parenthesis, lone_parenthesis,
    nothing_after (word), too_many, too_deep.
    """

    def __init__(self, code: str, start: int, end: int, **params: object) -> None:
        super().__init__(f"{code} at {start}")
        self.code, self.start, self.end, self.params = code, start, end, params


# ---------------------------------------------------------------- reading

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<open>\() | (?P<close>\))
  | (?P<minus>-(?=[^\s)]))
  | (?P<link>\w+://[^\s()"]*)
  | (?P<phrase>"[^"]*(?:"|$))
  | (?P<field>[^\W\d]\w*) (?P<operator><=|>=|:|<|>|=) (?P<values>(?:"[^"]*(?:"|$)|[^\s()"])*)
  | (?P<word>[^\s()"]+)
    """,
    re.VERBOSE,
)


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    start: int
    end: int
    match: re.Match[str]


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        kind = "field" if match["field"] else (match.lastgroup or "").replace("link", "word")
        if kind != "space":
            found.append(_Token(kind, match[0], match.start(), match.end(), match))
    if len(found) > MOST_TERMS * 3:
        raise QueryError("too_many", found[MOST_TERMS].start, len(text), most=MOST_TERMS)
    return found


class _Reader:
    """Recursive descent over the tokens: alternatives of sequences of (perhaps negated) terms and groups."""

    def __init__(self, text: str) -> None:
        self._left = _tokens(text)[::-1]
        self._size = len(text)
        self._terms = 0

    def whole(self) -> Node:
        node = self._either(0)
        if self._left:
            token = self._left[-1]
            raise QueryError("lone_parenthesis", token.start, token.end)
        return node

    def _either(self, depth: int) -> Node:
        ways = [self._every(depth)]
        while self._left and self._left[-1].text in _OR:
            token = self._left.pop()
            way = self._every(depth)
            if way == Every(()) or ways[-1] == Every(()):
                raise QueryError("nothing_after", token.start, token.end, word=token.text)
            ways.append(way)
        return ways[0] if len(ways) == 1 else Either(tuple(ways))

    def _every(self, depth: int) -> Node:
        items: list[Node] = []
        while self._left and self._left[-1].kind != "close" and self._left[-1].text not in _OR:
            items.append(self._item(depth))
        return items[0] if len(items) == 1 else Every(tuple(items))

    def _item(self, depth: int) -> Node:
        token = self._left.pop()
        if token.kind == "minus":
            if not self._left or self._left[-1].kind == "close" or self._left[-1].text in _OR:
                raise QueryError("nothing_after", token.start, token.end, word=token.text)
            if depth >= DEEPEST:
                raise QueryError("too_deep", token.start, token.end)
            return Not(self._item(depth + 1))
        if token.kind == "open":
            return self._group(token, depth + 1)
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise QueryError("too_many", token.start, self._size, most=MOST_TERMS)
        return _term(token)

    def _group(self, opening: _Token, depth: int) -> Node:
        if depth > DEEPEST:
            raise QueryError("too_deep", opening.start, opening.end)
        node = self._either(depth)
        if not self._left:
            raise QueryError("open_parenthesis", opening.start, self._size)
        self._left.pop()
        return node


def parse(text: str) -> Node:
    """The tree of a query; an empty text asks for everything. Raises QueryError."""
    return _Reader(text).whole()


def _term(token: _Token) -> Term:
    start, end = token.start, token.end
    if token.kind == "phrase":
        return Term(field="text", operator=":", values=(token.text.strip('"'),), phrase=True, start=start, end=end)
    if token.kind == "word":
        name, value = _BY_FLAG.get(_flat(token.text), ("text", token.text))
        return Term(field=name, operator=":", values=(value,), start=start, end=end)
    field = _BY_NAME.get(_flat(token.match["field"]))
    if field is None:
        name, known = token.match["field"], [field for field in FIELDS if field != "text"]
        raise QueryError("unknown_field", start, start + len(name), field=name, known=known)
    operator = ":" if token.match["operator"] == "=" else token.match["operator"]
    if operator != ":" and not field.compares:
        raise QueryError("no_order", start, end, field=field.name)
    values = tuple(_values(token, field))
    if not values:
        raise QueryError("no_value", start, end, field=field.name)
    phrase = token.match["values"].startswith('"')
    return Term(field=field.name, operator=operator, values=values, start=start, end=end, phrase=phrase)  # type: ignore[arg-type]


_VALUE = re.compile(r'"([^"]*)(?:"|$)|([^,"]+)')


def _values(token: _Token, field: Field) -> Iterator[str]:
    offset = token.match.start("values")
    for match in _VALUE.finditer(token.match["values"]):
        text = match[1] if match[1] is not None else match[2]
        if text.strip():
            yield _value(field, text.strip(), offset + match.start(), offset + match.end())


def _value(field: Field, text: str, start: int, end: int) -> str:
    """A value in the language's own spelling."""
    if field.kind == "choice":
        for choice, others in field.choices.items():
            if _flat(text) in map(_flat, (choice, *others)):
                return choice
        raise QueryError("unknown_value", start, end, field=field.name, value=text, known=list(field.choices))
    if field.kind == "duration":
        return str(_duration(text, start, end))
    if field.kind == "number":
        if not re.fullmatch(r"#?[0-9]{1,15}", text):
            raise QueryError("bad_number", start, end, value=text)
        return text.lstrip("#")
    if field.kind == "date":
        return _date(text, start, end)
    return text


def _duration(text: str, start: int, end: int) -> int:
    sign = -1 if text.startswith("-") else 1
    if not _DURATION.fullmatch(text.lstrip("-").casefold()):
        raise QueryError("bad_duration", start, end, value=text)
    return sign * sum(int(n) * UNITS[unit] for n, unit in _PART.findall(text.casefold()))


def _date(text: str, start: int, end: int) -> str:
    word = text.casefold()
    if word in DAYS:
        return "today" if DAYS[word] == 0 else "yesterday"
    if _DURATION.fullmatch(word.lstrip("-")):
        return f"-{abs(_duration(word, start, end))}"
    match = _DATE.fullmatch(text)
    if match is None or not _is_day(*(int(part) for part in match.groups())):
        raise QueryError("bad_date", start, end, value=text)
    return text


def _is_day(year: int, month: int, day: int) -> bool:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (
        year > 0 and 1 <= month <= 12 and 1 <= day <= (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    )


def terms(node: Node) -> Iterator[Term]:
    """All terms of a tree, from left to right."""
    match node:
        case Term():
            yield node
        case Not():
            yield from terms(node.item)
        case Every() | Either():
            for item in node.items:
                yield from terms(item)


def in_words(params: Mapping[str, object], language: str) -> dict[str, object]:
    """What a QueryError names (`field`, `known`) in a reader's language ("en", "es")."""
    said = dict(params)
    field = FIELDS.get(str(params.get("field")))
    known = params.get("known")
    if isinstance(known, list | tuple):
        if field is None:
            said["known"] = [FIELDS[name].said(language) if name in FIELDS else name for name in known]
        else:
            said["known"] = [_own(str(name), field.choices.get(str(name), ()), language) for name in known]
    if field is not None:
        said["field"] = field.said(language)
    return said


# ---------------------------------------------------------------- completion


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """`text` can stand in place of what is at `start` to `end`. `kind`: field, value or flag."""

    text: str
    start: int
    end: int
    kind: str


def complete(text: str, cursor: int, names: Mapping[str, Sequence[str]], language: str = "en") -> list[Completion]:
    """What may be written at `cursor`, in the reader's language ("en", "es"); the other one is known where nothing of
    theirs begins so. `names`: values that only the organisation knows, by field (channel, team …)."""
    start = max(text.rfind(mark, 0, cursor) for mark in " (\t") + 1
    word = text[start:cursor]
    if word.startswith("-"):
        start, word = start + 1, word[1:]
    match = re.match(r"([^\W\d]\w*)(<=|>=|:|<|>|=)", word)
    if match is None:
        flags = sorted(_own(value, FIELDS[name].choices[value], language) for name, value in set(FLAGS.values()))
        own = _begun(word, (*(f"{field.said(language)}:" for field in FIELDS.values() if field.name != "text"), *flags))
        every = (*(f"{name}:" for field in FIELDS.values() for name in (field.name, *field.aliases)), *sorted(FLAGS))
        return _of(own or _begun(word, every), word, start, cursor)
    field = _BY_NAME.get(_flat(match[1]))
    if field is None:
        return []
    begun = word[match.end() :]
    last = begun.rfind(",") + 1
    known = names.get(field.name, ()) if field.kind != "choice" else tuple(field.choices_in(language))
    if field.kind == "choice" and not _begun(begun[last:], known):
        known = tuple(name for choice, others in field.choices.items() for name in (choice, *others))
    if field.kind == "date":
        days = ("hoy", "ayer") if language == "es" else ("today", "yesterday")
        known = (*days, "7d", "30d")
    return _of(known, begun[last:].lstrip('"'), start + match.end() + last, cursor, value=True)


def _begun(begun: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if _flat(word).startswith(_flat(begun))]


def _of(words: Iterable[str], begun: str, start: int, end: int, value: bool = False) -> list[Completion]:
    found = []
    for word in _begun(begun, words):
        if word != begun:
            kind = "value" if value else "field" if word.endswith(":") else "flag"
            found.append(Completion(text=f'"{word}"' if " " in word else word, start=start, end=end, kind=kind))
    return found
