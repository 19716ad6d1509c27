"""Reply templates as TOML files, which can live in git: read, written, checked and tried out without a server.

name = "cred.cuota"
title = "Cuota estimada"
shortcut = "cuota"
for = "all"                      # user, all, or team:NAME
files = ["requisitos.pdf"]       # beside this file

[[text]]                         # one for each kind of channel and language it differs for
text = "{{ cliente.primer_nombre }}: {{ dato.monto|dinero }}"

[[ask]]                          # what the advisor is asked for
name = "monto"
kind = "amount"

[[do]]                           # what happens once it is sent
tag = "credito"

[[test]]                         # what `template test` tries
customer = { name = "María Ramos" }
answers = { monto = "2400" }
says = "María: $2,400.00"
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from agent_console.cli.errors import Failure
from agent_console.i18n import _
from server import wire

_ACTS = ("tag", "untag", "assign", "team", "priority", "snooze", "resolve", "note")


class Trial(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One `[[test]]`: for this customer, with these answers, the template must say `says` (or hold `holds`)."""

    customer: dict[str, str | int | float | bool] = {}
    answers: dict[str, str] = {}
    channel: str = ""
    language: str = ""
    says: str | None = None
    holds: str | None = None


class _Ask(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    label: str = ""
    kind: str = "text"
    choices: list[str] = []
    default: str = ""
    required: bool = True


class _Text(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    text: str
    channel: str = ""
    language: str = ""


class _File(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    title: str = ""
    shortcut: str = ""
    whose: str = msgspec.field(name="for", default="user")
    files: list[str] = []
    text: list[_Text] = []
    ask: list[_Ask] = []
    do: list[dict[str, str]] = []
    test: list[Trial] = []


class Source(msgspec.Struct, kw_only=True):
    """A template's file, read: what to keep, the files that go with it, and what it must say."""

    path: Path
    template: wire.NewTemplate
    files: list[Path] = []
    trials: list[Trial] = []


def found(paths: list[str]) -> list[Path]:
    """The files named, and all *.toml of the folders named, in order."""
    files: list[Path] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            files += sorted(path.rglob("*.toml"))
        elif path.exists():
            files.append(path)
        else:
            raise Failure(_("There is no file {name}.").format(name=name))
    return files


def read(path: Path) -> Source:
    """A template's file. Raises Failure, with the file's name, for one that cannot be read."""
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
        whose, _colon, team = file.whose.partition(":")
        template = msgspec.convert(
            {
                "name": file.name,
                "title": file.title,
                "shortcut": file.shortcut,
                "scope": whose,
                "team": team or None,
                "variants": msgspec.to_builtins(file.text),
                "fields": msgspec.to_builtins(file.ask),
                "acts": [_act(act) for act in file.do],
            },
            wire.NewTemplate,
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise Failure(_("{file}: {why}").format(file=path, why=error)) from None
    return Source(path=path, template=template, files=[path.parent / name for name in file.files], trials=file.test)


def _act(act: dict[str, str]) -> dict[str, str]:
    if len(act) != 1 or next(iter(act)) not in _ACTS:
        raise ValueError(f"[[do]] has one of {', '.join(_ACTS)}")
    return dict(zip(("do", "value"), next(iter(act.items())), strict=True))


def write(template: wire.ReplyTemplate) -> str:
    """A template as its file; files that go with it are named, not written."""
    import tomli_w

    document: dict[str, Any] = {"name": template.name}
    for key in ("title", "shortcut"):
        if getattr(template, key):
            document[key] = getattr(template, key)
    document["for"] = f"team:{template.team}" if template.scope == "team" else template.scope
    if template.files:
        document["files"] = [file.file_name for file in template.files]
    document["text"] = [
        _without(msgspec.to_builtins(one), {"channel": "", "language": ""}) for one in template.variants
    ]
    defaults = {"label": "", "kind": "text", "choices": [], "default": "", "required": True}
    document["ask"] = [_without(msgspec.to_builtins(one), defaults) for one in template.fields]
    document["do"] = [{act.do: act.value} for act in template.acts]
    return tomli_w.dumps({key: value for key, value in document.items() if value}, multiline_strings=True)


def _without(fields: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key not in defaults or value != defaults[key]}


def faults(source: Source) -> list[str]:
    """Everything that is wrong with a template's file, a line each."""
    from agent_console import words
    from server.commands.templates import faults_of

    told = [
        words.problem("bad_template", {"why": fault.code, "what": fault.what, "line": fault.line})
        for fault in faults_of(source.template)
    ]
    told += [_("There is no file {name}.").format(name=file.name) for file in source.files if not file.is_file()]
    return told


def failures(source: Source, now: dt.datetime) -> list[str]:
    """What its own tests expect and it does not say, a line each."""
    from server.desk import templates

    told = []
    template = source.template
    advisor = {"name": "Ana Morales", "first_name": "Ana"}
    for n, trial in enumerate(source.trials, 1):
        places = [(variant.channel, variant.language) for variant in template.variants]
        chosen = templates.choose(places, trial.channel, trial.language)
        answers = {f.name: trial.answers.get(f.name) or f.default for f in template.fields}
        customer: dict[str, Any] = dict(trial.customer)
        customer.setdefault("first_name", templates.first_name(customer.get("name", "")))
        values: dict[str, dict[str, Any]] = {"customer": customer, "advisor": advisor, "ask": answers}
        try:
            text = "" if chosen is None else templates.render(template.variants[chosen].text, values, now).text
        except templates.CannotRender as error:
            text = f"! {error}"
        if trial.says is not None and text != trial.says.strip():
            told.append(
                _("test {n}: it says {text}, not {wanted}").format(n=n, text=repr(text), wanted=repr(trial.says))
            )
        if trial.holds is not None and trial.holds not in text:
            wanted = repr(trial.holds)
            told.append(_("test {n}: {wanted} is not in {text}").format(n=n, text=repr(text), wanted=wanted))
    return told
