"""`agent-console service`: what the rules of service go by."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, verb
from agent_console.cli.spans import read_span, span
from agent_console.i18n import _

app = grammar.app(_("What the rules of service go by: capacity, absences, alerts …"))


@verb(app, "show", _("Show the settings."))
def show(output: Output = Format.text) -> None:
    from agent_console.backend import calls_service
    from agent_console.cli import calling

    _print(calling.send(calls_service.settings()), output)


@verb(
    app,
    "set",
    _("Change settings. What is not named stays as it is; an empty value puts one back."),
    epilog=_("For example: agent-console service set away=10m capacity=6 weights.email=50"),
)
def set_(
    pairs: Annotated[
        list[str], typer.Argument(metavar=_("NAME=VALUE…"), help=_("Lengths of time like 90s, 10m, 24h."))
    ],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_service
    from agent_console.cli import calling

    now = _plain(calling.send(calls_service.settings()))
    change: dict[str, Any] = {}
    for name, value in asking.settings(pairs).items():
        _take(now, change, name, value)
    _print(calling.send(calls_service.change_settings(change)), output)


def _take(now: dict[str, Any], change: dict[str, Any], name: str, value: str) -> None:
    """One pair, by the kind of what it changes: a length of time, a number, a number in a table, or a text."""
    table, dot, key = name.partition(".")
    if dot and isinstance(now.get(table), dict):
        changed = change.setdefault(table, dict(now[table]))
        changed.pop(key, None)
        if value:
            texts = any(isinstance(each, str) for each in now[table].values())
            changed[key] = value if texts else int(value) if value.isdecimal() else read_span(value)
    elif f"{name}_ms" in now:
        change[f"{name}_ms"] = read_span(value) if value else None
    elif name not in now or isinstance(now[name], dict):
        known = ", ".join(_shown(name, value) for name, value in now.items())
        raise WrongUsage(_("{name} is no setting; there are: {known}").format(name=name, known=known))
    else:
        change[name] = None if not value else _number(name, value) if isinstance(now[name], int) else value


def _shown(name: str, value: object) -> str:
    return f"{name}.…" if isinstance(value, dict) else name.removesuffix("_ms")


def _number(name: str, value: str) -> int:
    if not value.isdecimal():
        raise WrongUsage(_("{name} takes a whole number, not {value}.").format(name=name, value=value))
    return int(value)


def _plain(settings: object) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(settings)
    return plain


def _print(settings: object, output: Format) -> None:
    from agent_console.cli import printing

    pairs: list[tuple[str, str, object]] = []
    for name, value in _plain(settings).items():
        if isinstance(value, dict):
            for key, n in sorted(value.items()):
                pairs.append((f"{name}.{key}", f"{name}.{key}", span(n) if key.startswith("oldest") else n))
        elif name.endswith("_ms"):
            pairs.append((name, name.removesuffix("_ms"), span(value)))
        else:
            pairs.append((name, name, value))
    printing.one(settings, pairs, output)
