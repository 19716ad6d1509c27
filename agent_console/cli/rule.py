"""`agent-console rule`: automation – when something happens, and it is so, then this."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _, moment, ngettext

if TYPE_CHECKING:
    from server import wire

_HOW = _(
    "Events and acts are in docs/automation.md. A new rule is switched off: try it with rule test NAME --days 7, then "
    "rule on NAME."
)

app = grammar.app(_("Automation: when something happens, and it is so, then this. See docs/automation.md"))

Name = Annotated[str, typer.Argument(metavar=_("RULE"), help=_("The rule's name."))]
When = Annotated[
    list[str] | None,
    typer.Option("--when", metavar=_("EVENT"), help=_("What starts it, like received or waits>2h; may be repeated.")),
]
If = Annotated[str | None, typer.Option("--if", metavar=_("QUERY"), help=_("Only where a search would find it."))]
Then = Annotated[
    list[str] | None,
    typer.Option("--then", metavar=_("ACT=VALUE"), help=_("What it does, like tag=vip; may be repeated.")),
]
Title = Annotated[str | None, typer.Option("--title", metavar=_("TEXT"), help=_("What it is for."))]
Place = Annotated[int | None, typer.Option("--place", metavar="N", help=_("Rules go in this order; usually 100."))]
Stop = Annotated[bool | None, typer.Option("--stop/--go-on", help=_("Whether later rules leave the same event alone."))]
Chained = Annotated[bool | None, typer.Option("--chained/--alone", help=_("Whether other rules can start it too."))]
PerHour = Annotated[
    int | None, typer.Option("--per-hour", metavar="N", help=_("How often in one conversation and hour; usually 5."))
]
Days = Annotated[int, typer.Option("--days", metavar="N", min=1, max=92, help=_("How many days back."))]


@verb(app, "add", _("Add a rule, switched off until it is tried."), epilog=_HOW)
def add(
    name: Name,
    when: When = None,
    condition: If = None,
    then: Then = None,
    title: Title = None,
    place: Place = None,
    stop: Stop = None,
    chained: Chained = None,
    per_hour: PerHour = None,
    active: Annotated[bool, typer.Option("--active", help=_("Switch it on at once."))] = False,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling
    from server import wire

    if not when or not then:
        raise WrongUsage(_("A rule needs --when and --then, like --when received --then tag=vip"))
    given = _given(title=title, place=place, stop=stop, chained=chained, per_hour=per_hour)
    _readable(condition or "")
    rule = wire.NewRule(name=name, on=when, condition=condition or "", then=_acts(then), active=active, **given)
    _print(calling.send(calls_rules.add_rule(rule)), output)


@verb(app, "list", _("List the rules, in the order in which they go."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.Rule]] = [
        Column("name", _("Rule"), lambda r: r.name),
        Column("active", _("On"), lambda r: _("yes") if r.active else _("no"), lambda r: r.active),
        Column("on", _("When"), lambda r: ", ".join(r.on)),
        Column("condition", _("If"), lambda r: r.condition, grow=True),
        Column("then", _("Then"), _then),
        Column("fired", _("Fired"), lambda r: r.fired or "", lambda r: r.fired, right=True),
        Column("refused", _("Failed"), lambda r: r.refused or "", lambda r: r.refused, right=True),
    ]
    found = calling.send(calls_rules.rules()).items
    printing.rows(found, columns, output, empty=_("No rules."), ids=(lambda r: r.name) if quiet else None)


@verb(app, "show", _("Show a rule as its file."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling

    _print(calling.send(calls_rules.rule(name)), output)


@verb(app, "set", _("Change a rule. What is not named stays as it is."), epilog=_HOW)
def set_(
    name: Name,
    when: When = None,
    condition: If = None,
    then: Then = None,
    title: Title = None,
    place: Place = None,
    stop: Stop = None,
    chained: Chained = None,
    per_hour: PerHour = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling
    from server import wire

    given = _given(
        on=when or None, condition=condition, title=title, place=place, stop=stop, chained=chained, per_hour=per_hour
    )
    if then:
        given["then"] = _acts(then)
    _readable(condition or "")
    change = wire.ChangeRule(**given)
    calling.something(change, _("Say what to change, like --if QUERY"))
    _print(calling.send(calls_rules.change_rule(name, change)), output)


@verb(app, "on", _("Switch rules on: they mind what happens from now on."))
def on(names: Annotated[list[str], typer.Argument(metavar=_("RULE…"))]) -> None:
    _switch(names, True)


@verb(app, "off", _("Switch rules off."))
def off(names: Annotated[list[str], typer.Argument(metavar=_("RULE…"))]) -> None:
    _switch(names, False)


def _switch(names: list[str], active: bool) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling, printing
    from server import wire

    for name in names:
        calling.send(calls_rules.change_rule(name, wire.ChangeRule(active=active)))
        said = _("{name} is on.") if active else _("{name} is off.")
        printing.out(said.format(name=printing.safe(name)))


@verb(app, "remove", _("Remove a rule and its statistics."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the rule {name}?").format(name=name), yes)
    calling.send(calls_rules.remove_rule(name))
    printing.out(_("{name} was removed.").format(name=printing.safe(name)))


@verb(app, "test", _("Try a rule on the past days: what it would have done. Nothing is changed."))
def test(
    names: Annotated[str, typer.Argument(metavar=_("RULE|FILE"), help=_("The rule's name, or a file with one."))],
    days: Days = 7,
    output: Output = Format.text,
) -> None:
    from agent_console import words
    from agent_console.backend import calls_rules
    from agent_console.cli import calling, printing, rule_files
    from agent_console.cli.printing import Column
    from server import wire

    if names.endswith(".toml"):
        wanted = wire.TryRule(rule=rule_files.read(Path(names))[0], days=days)
        _readable(wanted.rule.condition if wanted.rule else "")
    else:
        wanted = wire.TryRule(name=names, days=days)
    trial = calling.send(calls_rules.try_rule(wanted))
    if output is Format.json:
        printing.out(printing.to_json(trial))
        return
    now = time.time_ns() // 1_000_000
    columns: list[Column[wire.RuleMatch]] = [
        Column("at", _("At"), lambda m: moment(m.at, now), lambda m: m.at),
        Column("on", _("When"), lambda m: words.trigger(m.on), lambda m: m.on),
        Column("conversation", _("Conversation"), lambda m: m.conversation, right=True),
        Column("contact_name", _("Customer"), lambda m: m.contact_name),
        Column("preview", _("Message"), lambda m: m.preview, grow=True),
    ]
    if output is Format.text:
        _tell(trial)
    if trial.sample or output is Format.csv:
        printing.rows(trial.sample, columns, output, empty="")


def _tell(trial: wire.RuleTrial) -> None:
    from agent_console.cli import printing

    now = time.time_ns() // 1_000_000
    printing.out(
        ngettext(
            "It would have fired {n} time since {since}, in {where}.",
            "It would have fired {n} times since {since}, in {where}.",
            trial.fired,
        ).format(
            n=trial.fired,
            since=moment(trial.since, now),
            where=ngettext("{n} conversation", "{n} conversations", trial.conversations).format(n=trial.conversations),
        )
    )
    if trial.limited:
        printing.out(
            ngettext(
                "{n} more time it would have been held back: too often in an hour.",
                "{n} more times it would have been held back: too often in an hour.",
                trial.limited,
            ).format(n=trial.limited)
        )
    if trial.until is not None:
        printing.out(
            _("There is more than one trial looks at: this is up to {until}.").format(until=moment(trial.until, now))
        )
    printing.out(_("The conversations were asked as they are now, not as they were then. Nothing was changed."))


@verb(app, "stats", _("How often rules fired, by day."))
def stats(name: Name, days: Days = 31, output: Output = Format.text) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    found = calling.send(calls_rules.rule_stats(name, days))
    if output is Format.json:
        printing.out(printing.to_json(found))
        return
    columns: list[Column[wire.RuleDay]] = [
        Column("day", _("Day"), lambda d: d.day),
        Column("fired", _("Fired"), lambda d: d.fired, right=True),
        Column("refused", _("Failed"), lambda d: d.refused, right=True),
        Column("limited", _("Held back"), lambda d: d.limited, right=True),
    ]
    printing.rows(found.days, columns, output, empty=_("It has not fired yet."))


@verb(app, "import", _("Keep rules of files on the server; those of the same name are written anew."))
def import_(
    files: Annotated[list[str], typer.Argument(metavar=_("FILE…"), help=_("Files, or folders of them (*.toml)."))],
) -> None:
    import msgspec

    from agent_console.backend import calls_rules
    from agent_console.cli import calling, printing, rule_files, template_files
    from server import wire

    sources = [rule_files.read(path) for path in template_files.found(files)]
    for rule, _active in sources:
        _readable(rule.condition)
    kept = {rule.name for rule in calling.send(calls_rules.rules()).items}
    for rule, active in sources:
        if rule.name in kept:
            given = msgspec.structs.asdict(rule)
            del given["name"]
            if active is None:  # a file that does not say leaves it as it is
                del given["active"]
            calling.send(calls_rules.change_rule(rule.name, wire.ChangeRule(**given)))
        else:
            calling.send(calls_rules.add_rule(rule))
        done = _("written anew") if rule.name in kept else _("added")
        printing.out(f"{printing.safe(rule.name)}: {done}")


@verb(app, "export", _("Write rules into a folder, a file each."))
def export(
    folder: Annotated[str, typer.Argument(metavar=_("FOLDER"), help=_("Made if it is not there."))],
    names: Annotated[list[str] | None, typer.Argument(metavar=_("RULE…"), help=_("All, if none is named."))] = None,
) -> None:
    from agent_console.backend import calls_rules
    from agent_console.cli import calling, printing, rule_files

    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    rules = calling.send(calls_rules.rules()).items
    missing = sorted(set(names or ()) - {rule.name for rule in rules})
    if missing:
        raise Failure(_("There is no rule {id}.").format(id=missing[0]))
    for rule in rules:
        if not names or rule.name in names:
            path = home / f"{rule.name}.toml"
            path.write_text(rule_files.write(rule), encoding="utf-8")
            printing.out(str(path))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _acts(texts: Sequence[str]) -> list[wire.RuleAct]:
    import msgspec

    from server import wire

    acts = []
    for text in texts:
        do, _equals, value = text.partition("=")
        try:
            acts.append(msgspec.convert({"do": do.strip(), "value": value.strip()}, wire.RuleAct))
        except msgspec.ValidationError:
            known = ", ".join(wire.RULE_ACTS)
            raise WrongUsage(_("There is no act {act}. There are: {known}.").format(act=do, known=known)) from None
    return acts


def _readable(condition: str) -> None:
    """Raise Failure, pointing at the word, for a condition that cannot be read."""
    from agent_console import words
    from server import query

    try:
        query.parse(condition)
    except query.QueryError as error:
        why = words.problem("bad_query", {"why": error.code, **error.params})
        start, end = error.start, error.end
        marked = f"{why} ({condition[:start]}»{condition[start:end]}«{condition[end:]})"
        raise Failure(marked) from None


def _then(rule: wire.Rule) -> str:
    return ", ".join(f"{act.do}={act.value}" if act.value else act.do for act in rule.then)


def _print(rule: wire.Rule, output: Format) -> None:
    from agent_console.cli import printing, rule_files

    if output is Format.json:
        printing.out(printing.to_json(rule))
        return
    if output is Format.text:
        printing.out("\n".join(printing.safe(line) for line in rule_files.write(rule).rstrip().splitlines()))
        return
    printing.one(
        rule,
        [
            ("name", _("Rule"), rule.name),
            ("active", _("On"), rule.active),
            ("on", _("When"), ", ".join(rule.on)),
            ("condition", _("If"), rule.condition),
            ("then", _("Then"), _then(rule)),
            ("fired", _("Fired"), rule.fired),
            ("refused", _("Failed"), rule.refused),
        ],
        output,
    )
