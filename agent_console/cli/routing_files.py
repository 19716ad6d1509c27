"""The routing table as a file: TOML that people edit, or JSON."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from typing import Any

import msgspec

from agent_console.cli.errors import Failure
from agent_console.i18n import _
from server import wire


def plain(routes: Sequence[wire.Route]) -> list[dict[str, Any]]:
    """The routes without what only the server knows, and without what says nothing."""
    usual = msgspec.to_builtins(wire.NewRoute(name=""))
    found = []
    for route in routes:
        fields = msgspec.to_builtins(route)
        fields["when"] = {name: values for name, values in fields["when"].items() if values}
        found.append({name: fields[name] for name in usual if fields[name] not in (usual[name], {})})
    return found


def to_json(routes: Sequence[wire.Route]) -> str:
    return json.dumps({"routes": plain(routes)}, ensure_ascii=False, indent=2)


def to_toml(routes: Sequence[wire.Route]) -> str:
    """A `[[routes]]` each. A JSON string is a TOML string too, once the delete character is written out."""
    lines: list[str] = []
    for route in plain(routes):
        when = route.pop("when", {})
        lines += ["[[routes]]", *(f"{name} = {_value(value)}" for name, value in route.items())]
        lines += [f"when.{name} = {_value(values)}" for name, values in when.items()]
        lines.append("")
    return "\n".join(lines)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read(text: str, name: str) -> wire.RouteTable:
    """A table as one of the two. Raises Failure that says where it is wrong."""
    try:
        content = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        return msgspec.convert(content, _Strict)
    except (ValueError, msgspec.ValidationError) as error:
        raise Failure(_("{file} is no routing table: {why}").format(file=name, why=error)) from None


class _StrictWhen(wire.RouteWhen, kw_only=True, forbid_unknown_fields=True):
    """A misspelt condition must not become a route that fits everything."""


class _StrictRoute(wire.NewRoute, kw_only=True, forbid_unknown_fields=True):
    when: _StrictWhen = msgspec.field(default_factory=_StrictWhen)


class _Strict(wire.RouteTable, kw_only=True, forbid_unknown_fields=True):
    routes: list[_StrictRoute]  # type: ignore[assignment]
