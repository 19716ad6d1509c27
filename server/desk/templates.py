"""Reply templates: what may stand in one, and what it says for a customer. Pure.

The language is a part of Jinja2's, in its sandbox: values, filters, conditions and simple arithmetic. Loops, calls,
macros and includes are not in it, so that rendering costs no more than the template is long. Foreign text (a
customer's name) is only ever a value. A value that is not known shows as ⟨its name⟩ and is reported, so that nothing
half-filled is sent by accident.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from jinja2 import TemplateError, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: characters of a template's text, and of what it may say
SOURCE_LIMIT, RESULT_LIMIT = 20_000, 50_000

#: what a template can speak of, with the Spanish name of each; attributes of the customer come on top of `customer`
NAMES: dict[str, tuple[str, dict[str, str]]] = {
    "customer": (
        "cliente",
        {
            "name": "nombre",
            "first_name": "primer_nombre",
            "region": "región",
            "language": "idioma",
            "phone": "teléfono",
            "email": "correo",
        },
    ),
    "advisor": ("asesor", {"name": "nombre", "first_name": "primer_nombre"}),
    "organisation": ("organización", {"name": "nombre"}),
    "conversation": ("conversación", {"number": "número", "channel": "canal", "subject": "asunto"}),
    "ask": ("dato", {}),
}
#: roots whose members are free: the customer's attributes, and what the advisor is asked for
_OPEN = frozenset({"customer", "cliente", "ask", "dato"})
#: roots that are a moment: now, as the organisation's clock shows it
_NOW = frozenset({"now", "ahora", "today", "hoy"})

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const,
    nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter,
    nodes.Keyword, nodes.Test, nodes.Concat, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.List,
    nodes.Tuple,
)  # fmt: skip
_TESTS = frozenset({"defined", "undefined", "none", "in", "eq", "ne", "lt", "le", "gt", "ge", "==", "!=", ">", "<"})


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a template. `code`: syntax, too_long, not_allowed, unknown_name, unknown_filter,
    unknown_field (it asks for something it does not declare); `what`: the word; `line` from 1."""

    code: str
    what: str = ""
    line: int = 1


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says. `missing`: names it had no value for, in order, each once."""

    text: str
    missing: tuple[str, ...] = ()


class CannotRender(Exception):
    """The values and the template do not go together, and `what` it is. `why`: a fault's code, or no_value, no_number,
    no_day, no_time, no_sum, other (then `what` is the template engine's own words); `line` of a fault."""

    def __init__(self, why: str, what: str, line: int = 1) -> None:
        super().__init__(f"{why}: {what}")
        self.why, self.what, self.line = why, what, line


# ---------------------------------------------------------------- filters


def _number(value: Any, written: str | None = None) -> float:
    """The value as a number, `written` like that. Raises CannotRender."""
    _need(value)
    try:
        return float(value if written is None else written)
    except (TypeError, ValueError):
        raise CannotRender("no_number", str(value)) from None


def _need(value: Any) -> None:
    """Something is known. Raises CannotRender."""
    if isinstance(value, _Unknown):
        raise CannotRender("no_value", value._called())


def _money(value: Any, symbol: str = "$") -> str:
    """$1,234.50, as El Salvador writes it (CLDR es_419)."""
    amount = _number(value, str(value).replace(",", "").replace("$", "").strip())
    return f"{'-' if amount < 0 else ''}{symbol}{abs(amount):,.2f}"


# fmt: off
_MONTHS = {
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio",
        "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}
# fmt: on


def _date(value: Any, language: str = "es") -> str:
    """18 de noviembre de 2026, or November 18, 2026."""
    _need(value)
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise CannotRender("no_day", str(value)) from None
    month = _MONTHS["en" if language == "en" else "es"][day.month - 1]
    return f"{month} {day.day}, {day.year}" if language == "en" else f"{day.day} de {month} de {day.year}"


def _time(value: Any) -> str:
    _need(value)
    try:
        moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise CannotRender("no_time", str(value)) from None
    return f"{moment.hour}:{moment.minute:02}"


def first_name(value: Any) -> str:
    """The first of somebody's names, written as names are: "MARÍA RAMOS" is María."""
    words = str(value).split()
    if not words or words[0][0] in "+#@":
        return ""
    return words[0].capitalize() if words[0].isupper() or words[0].islower() else words[0]


def _default(value: Any, other: Any = "") -> Any:
    return other if isinstance(value, Undefined) or value in (None, "") else value


def _round(value: Any, digits: int = 0) -> float:
    return round(_number(value), max(0, min(int(digits), 6)))


_FILTERS: dict[str, Callable[..., Any]] = {
    "upper": lambda value: str(value).upper(),
    "lower": lambda value: str(value).lower(),
    "capitalize": lambda value: str(value)[:1].upper() + str(value)[1:],
    "trim": lambda value: str(value).strip(),
    "default": _default,
    "round": _round,
    "number": lambda value: f"{_number(value):,.15g}",
    "money": _money,
    "date": _date,
    "time": _time,
    "first_name": first_name,
}
_SPANISH = {
    "mayúsculas": "upper",
    "minúsculas": "lower",
    "o_bien": "default",
    "redondear": "round",
    "número": "number",
    "dinero": "money",
    "fecha": "date",
    "hora": "time",
    "primer_nombre": "first_name",
}


# ---------------------------------------------------------------- values


class _Values:
    """The values under one name, by their English and Spanish names; what was asked for in vain is noted.

    Its own attributes begin with an underscore, which the sandbox lets no template reach.
    """

    __slots__ = ("_aliases", "_missing", "_root", "_values")

    def __init__(self, root: str, values: Mapping[str, Any], aliases: Mapping[str, str], missing: list[str]) -> None:
        self._root, self._values, self._aliases, self._missing = root, values, aliases, missing

    def __getitem__(self, name: str) -> Any:
        value = self._values.get(self._aliases.get(name, name))
        if value is None or value == "":
            raise KeyError(name)
        return value


class _Unknown(Undefined):
    """A value nobody knows: false in conditions; shown by its name and noted when it is written."""

    def __str__(self) -> str:
        owner = self._undefined_obj
        if not isinstance(owner, _Values):
            return ""
        name = self._called()
        if name not in owner._missing:
            owner._missing.append(name)
        return f"⟨{name}⟩"

    @property
    def _undefined_message(self) -> str:
        """What jinja2 says of it where it cannot go on without."""
        return self._called()

    def _called(self) -> str:
        """What the template calls it."""
        owner = self._undefined_obj
        return f"{owner._root}.{self._undefined_name}" if isinstance(owner, _Values) else str(self._undefined_name)


class _Environment(ImmutableSandboxedEnvironment):
    """Strings are never repeated, so that no template can say more than a few times its own length."""

    intercepted_binops = frozenset({"*", "+", "-", "/"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        _need(left)
        _need(right)
        try:
            a, b = float(left), float(right)
        except (TypeError, ValueError):
            raise CannotRender("no_sum", f"{left} {operator} {right}") from None
        if operator == "/" and b == 0:
            raise CannotRender("no_sum", f"{left} / 0")
        return {"*": a * b, "+": a + b, "-": a - b, "/": a / b if b else 0.0}[operator]


def _environment() -> _Environment:
    environment = _Environment(undefined=_Unknown, autoescape=False, keep_trailing_newline=False, trim_blocks=True)
    environment.filters = dict(_FILTERS) | {name: _FILTERS[known] for name, known in _SPANISH.items()}
    environment.globals = {}
    return environment


_ENVIRONMENT = _environment()


# ---------------------------------------------------------------- checking


def check(source: str, fields: Iterable[str] = ()) -> list[Fault]:
    """Everything that is wrong with a template's text; `fields`: names it may ask the advisor for."""
    if len(source) > SOURCE_LIMIT:
        return [Fault(code="too_long", what=str(SOURCE_LIMIT))]
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        return [Fault(code="syntax", what=error.message or "", line=error.lineno)]
    except RecursionError:
        return [Fault(code="syntax", what="too deep")]
    return list(dict.fromkeys(_faults(tree, frozenset(fields))))


def _faults(tree: nodes.Template, fields: frozenset[str]) -> Iterator[Fault]:
    for node in _walk(tree):
        line = getattr(node, "lineno", 1)
        if not isinstance(node, _ALLOWED):
            yield Fault(code="not_allowed", what=type(node).__name__.lower(), line=line)
        elif _unknown_word(node):
            yield Fault(code="unknown_filter", what=str(getattr(node, "name", "")), line=line)
        elif isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
            yield Fault(code="not_allowed", what="getitem", line=line)
        elif isinstance(node, nodes.Name) and node.name not in _ROOTS:
            yield Fault(code="unknown_name", what=node.name, line=line)
    for root, member, line in _members(tree):
        if root in ("ask", "dato") and member not in fields:
            yield Fault(code="unknown_field", what=member, line=line)
        elif root not in _OPEN | _NOW and _ROOTS.get(root) and member not in _known(root):
            yield Fault(code="unknown_name", what=f"{root}.{member}", line=line)


def _unknown_word(node: nodes.Node) -> bool:
    """Whether this is a filter or a test that there is not."""
    if isinstance(node, nodes.Filter):
        return node.name not in _ENVIRONMENT.filters
    return isinstance(node, nodes.Test) and node.name not in _TESTS


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(one.iter_child_nodes())


def _members(tree: nodes.Template) -> Iterator[tuple[str, str, int]]:
    """(root, member, line) of each value a template speaks of."""
    for node in _walk(tree):
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            yield node.node.name, node.attr, node.lineno
        elif (
            isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Name) and isinstance(node.arg, nodes.Const)
        ):
            yield node.node.name, str(node.arg.value), node.lineno


_ROOTS = {root: english for english, (spanish, _) in NAMES.items() for root in (english, spanish)} | dict.fromkeys(
    _NOW, "now"
)


def _known(root: str) -> frozenset[str]:
    members = NAMES[_ROOTS[root]][1]
    return frozenset(members) | frozenset(members.values())


def asked(source: str) -> tuple[str, ...]:
    """The fields a template asks for, in the order they stand in it; a text that cannot be read asks for none."""
    try:
        tree = _ENVIRONMENT.parse(source)
    except (TemplateSyntaxError, RecursionError):
        return ()
    found = [(line, member) for root, member, line in _members(tree) if root in ("ask", "dato")]
    return tuple(dict.fromkeys(member for _, member in sorted(found, key=lambda pair: pair[0])))


# ---------------------------------------------------------------- rendering


@functools.lru_cache(maxsize=256)
def _compiled(source: str) -> Any:
    return _ENVIRONMENT.from_string(source)


def render(source: str, values: Mapping[str, Mapping[str, Any]], now: dt.datetime) -> Rendered:
    """What a template says. `values`: by English root name and member; `now` in the organisation's zone.

    Raises CannotRender for a template with faults, and for values that do not go with what it does with them.
    """
    for fault in check(source):
        if fault.code != "unknown_field":
            raise CannotRender(fault.code, fault.what, fault.line)
    missing: list[str] = []
    context: dict[str, Any] = dict.fromkeys(_NOW, now)
    for english, (spanish, members) in NAMES.items():
        aliases = {alias: name for name, alias in members.items()}
        for root in (english, spanish):
            context[root] = _Values(root, values.get(english, {}), aliases, missing)
    try:
        text = str(_compiled(source).render(context))
    except CannotRender:
        raise
    except UndefinedError as error:
        raise CannotRender("no_value", str(error)) from None
    except (TemplateError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise CannotRender("other", str(error)) from None
    if len(text) > RESULT_LIMIT:
        raise CannotRender("too_long", str(RESULT_LIMIT))
    return Rendered(text=text.strip(), missing=tuple(missing))


def choose(places: Sequence[tuple[str, str]], channel: str, language: str) -> int | None:
    """Which variant fits best: the (kind of channel, language) it is for, either empty for any.

    The channel weighs more than the language; where none fits, the first one.
    """
    if not places:
        return None
    fitting = [
        (2 * (place[0] == channel) + (place[1] == language), -n)
        for n, place in enumerate(places)
        if place[0] in ("", channel) and place[1] in ("", language)
    ]
    return -max(fitting)[1] if fitting else 0
