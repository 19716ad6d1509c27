"""`agent-console template`: reply templates, kept on the server and in files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import NC_, _, ngettext, pgettext

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Reply templates: texts with variables, fields and acts. See docs/templates.md"))

Name = Annotated[str, typer.Argument(metavar=_("TEMPLATE"), help=_("Its name, its shortcut or its number."))]
Files = Annotated[list[str], typer.Argument(metavar=_("FILE…"), help=_("Files, or folders of them (*.toml)."))]

_SCOPES = {"user": NC_("template", "mine"), "team": NC_("template", "team"), "all": NC_("template", "everybody")}


@verb(app, "list", _("List the templates you have."))
def list_(
    approved: Annotated[
        bool, typer.Option("--approved", help=_("Those that providers approve, for closed reply windows."))
    ] = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    if approved:
        _list_approved(output, quiet)
        return
    columns: list[Column[wire.ReplyTemplate]] = [
        Column("id", "#", lambda t: t.id, right=True),
        Column("name", _("Template"), lambda t: t.name),
        Column("shortcut", _("Shortcut"), lambda t: f";{t.shortcut}" if t.shortcut else "", lambda t: t.shortcut),
        Column("title", _("Title"), lambda t: t.title, grow=True),
        Column("scope", _("Whose"), lambda t: t.team or pgettext("template", _SCOPES[t.scope]), lambda t: t.scope),
        Column("uses", _("Used"), lambda t: t.uses or "", lambda t: t.uses, right=True),
    ]
    printing.rows(_all(), columns, output, empty=_("No templates."), ids=(lambda t: t.id) if quiet else None)


def _list_approved(output: Format, quiet: bool) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.ApprovedTemplate]] = [
        Column("channel", _("Channel"), lambda t: t.channel),
        Column("name", _("Template"), lambda t: t.name),
        Column("language", _("Language"), lambda t: t.language),
        Column("status", _("State"), lambda t: t.status),
        Column("body", _("Text"), lambda t: t.body, grow=True),
    ]
    found = calling.send(calls_work.approved_templates()).items
    ids = (lambda t: f"{t.name}:{t.language}") if quiet else None
    printing.rows(found, columns, output, empty=_("No templates."), ids=ids)


@verb(app, "show", _("Show a template as its file."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.cli import printing, template_files

    template = _find(name)
    printing.out(template_files.write(template).rstrip() if output is Format.text else printing.to_json(template))


@verb(app, "test", _("Try template files as they say themselves, or show what a template says in a conversation."))
def test(
    names: Annotated[
        list[str], typer.Argument(metavar=_("FILE…|TEMPLATE"), help=_("Files, folders, or one template's name."))
    ],
    conversation: Annotated[
        int | None, typer.Option("--conversation", metavar="ID", help=_("Show it for this conversation."))
    ] = None,
    answer: Annotated[
        list[str] | None, typer.Option("--answer", metavar=_("NAME=VALUE"), help=_("Answer a field; may be repeated."))
    ] = None,
    output: Output = Format.text,
) -> None:
    import datetime as dt

    from agent_console.cli import printing, template_files

    if conversation is not None:
        _show_for(names[0], conversation, answer or [], output)
        return
    wrong = trials = 0
    for path in template_files.found(names):
        source = template_files.read(path)
        trials += len(source.trials)
        for line in [*template_files.faults(source), *template_files.failures(source, dt.datetime.now())]:
            printing.out(f"{path}: {printing.safe(line)}")
            wrong += 1
    if wrong:
        raise Failure(ngettext("{n} thing is wrong.", "{n} things are wrong.", wrong).format(n=wrong))
    printing.out(ngettext("{n} test, all is well.", "{n} tests, all is well.", trials).format(n=trials))


def _show_for(name: str, conversation: int, answers: list[str], output: Format) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling, printing
    from server import wire

    given = dict(answer.partition("=")[::2] for answer in answers)
    body = wire.RenderTemplate(conversation=conversation, answers=given)
    said = calling.send(calls_work.render_template(_find(name).id, body))
    if output is not Format.text:
        printing.out(printing.to_json(said))
        return
    printing.out("\n".join(printing.safe(line) for line in said.text.splitlines()))
    if said.missing:
        raise Failure(_("Nothing is known for: {names}").format(names=", ".join(said.missing)))
    if said.limit:
        raise Failure(_("It is longer than the {limit} characters that the channel takes.").format(limit=said.limit))


@verb(app, "lint", _("Check template files without a server."))
def lint(files: Files) -> None:
    from agent_console.cli import printing, template_files

    wrong = 0
    paths = template_files.found(files)
    for path in paths:
        for line in template_files.faults(template_files.read(path)):
            printing.out(f"{path}: {printing.safe(line)}")
            wrong += 1
    if wrong:
        raise Failure(ngettext("{n} thing is wrong.", "{n} things are wrong.", wrong).format(n=wrong))
    printing.out(ngettext("{n} file, nothing wrong.", "{n} files, nothing wrong.", len(paths)).format(n=len(paths)))


@verb(app, "import", _("Keep templates of files on the server; those of the same name are written anew."))
def import_(files: Files, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling, conv_acts, printing, template_files

    sources = [template_files.read(path) for path in template_files.found(files)]
    for source in sources:
        for line in template_files.faults(source):
            raise Failure(_("{file}: {why}").format(file=source.path, why=line))
    kept = {(t.scope, t.team, t.name): t for t in _all()}
    for source in sources:
        new = source.template
        before = kept.get((new.scope, new.team, new.name))
        call = calls_work.add_template(new) if before is None else calls_work.replace_template(before.id, new)
        after = calling.send(call)
        if source.files or after.files:
            ids = [conv_acts.upload(str(path)) for path in source.files]
            after = calling.send(calls_work.set_template_files(after.id, ids))
        done = _("added") if before is None else _("written anew")
        printing.out(str(after.id) if quiet else f"{printing.safe(after.name)}: {done}")


@verb(app, "export", _("Write templates into a folder, a file each."))
def export(
    folder: Annotated[str, typer.Argument(metavar=_("FOLDER"), help=_("Made if it is not there."))],
    names: Annotated[list[str] | None, typer.Argument(metavar=_("TEMPLATE…"), help=_("All, if none is named."))] = None,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing, template_files

    home = Path(folder)
    templates = [_find(name) for name in names] if names else _all()
    for template in templates:
        owner = template.team or template.scope
        place = home / owner.replace("/", "-").lstrip(".") if owner != "all" else home
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{template.name}.toml"
        path.write_text(template_files.write(template), encoding="utf-8")
        for file in template.files:
            (place / Path(file.file_name).name).write_bytes(calling.send(calls.attachment(file.id)))
        printing.out(str(path))


@verb(app, "remove", _("Remove a template."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling, printing

    template = _find(name)
    asking.sure(_("Remove the template {name}?").format(name=template.name), yes)
    calling.send(calls_work.remove_template(template.id))
    printing.out(_("{name} was removed.").format(name=printing.safe(template.name)))


def _all() -> list[wire.ReplyTemplate]:
    from agent_console.backend import calls_work
    from agent_console.cli import calling

    return calling.send(calls_work.templates()).items


def _find(name: str) -> wire.ReplyTemplate:
    """By name, shortcut or number; one's own before a shared one."""
    wanted = name.lstrip(";")
    found = [t for t in _all() if wanted in (t.name, t.shortcut, str(t.id))]
    if not found:
        raise Failure(_("There is no template {name}. agent-console template list shows them.").format(name=repr(name)))
    return min(found, key=lambda t: (t.name != wanted, t.scope != "user"))
