"""Rules of automation as TOML files, which can live in git.

name = "socios-primero"
title = "Members first"
on = ["created"]                       # any of these events starts it; see docs/automation.md
if = "profile:socio channel:whatsapp"  # in the inbox's query language; left out: always
then = [                               # all of it, or nothing
    { priority = "high" },
    { tag = "socio" },
]
place = 10                             # rules go in this order
stop = true                            # and no later one looks at the same event
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from agent_console.cli.errors import Failure
from agent_console.i18n import _
from server import wire

_DEFAULTS: dict[str, Any] = {"title": "", "place": 100, "stop": False, "chained": False, "per_hour": 5}


class _File(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    title: str = ""
    on: list[str]
    condition: str = msgspec.field(name="if", default="")
    then: list[dict[str, str]]
    place: int = 100
    active: bool | None = None
    stop: bool = False
    chained: bool = False
    per_hour: int = 5


def read(path: Path) -> tuple[wire.NewRule, bool | None]:
    """A rule's file, and whether it says that the rule is switched on. Raises Failure, with the file's name."""
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
        document = msgspec.structs.asdict(file)
        document["then"] = [_act(act) for act in file.then]
        document["active"] = bool(file.active)
        return msgspec.convert(document, wire.NewRule), file.active
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise Failure(_("{file}: {why}").format(file=path, why=error)) from None


def _act(act: dict[str, str]) -> dict[str, str]:
    if len(act) != 1:
        raise ValueError('each of `then` is one act, like { tag = "vip" }')
    return dict(zip(("do", "value"), next(iter(act.items())), strict=True))


def write(rule: wire.NewRule) -> str:
    """A rule as its file."""
    import tomli_w

    document: dict[str, Any] = {"name": rule.name}
    document |= {key: getattr(rule, key) for key in ("title",) if rule.title}
    document["on"] = rule.on
    if rule.condition:
        document["if"] = rule.condition
    document["then"] = [{act.do: act.value} for act in rule.then]
    document |= {
        key: getattr(rule, key) for key, usual in _DEFAULTS.items() if key != "title" and getattr(rule, key) != usual
    }
    document["active"] = rule.active
    return tomli_w.dumps(document)
