"""`agent-console hook`: other systems that are told of events by signed calls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _, moment

if TYPE_CHECKING:
    from server import wire

_SECRET = _(
    "The secret signs every call (Standard Webhooks). Without --secret-stdin one is made and shown once. While one "
    "replaces another, give both, the new one first, separated by a space."
)

app = grammar.app(_("Other systems that are told of events by signed calls."))

Name = Annotated[str, typer.Argument(metavar=_("NAME"), help=_("The event webhook's name."))]
Events = Annotated[
    list[str] | None,
    typer.Option("--event", metavar=_("KIND"), help=_("A kind of event, or message.* for all such; may be repeated.")),
]
SecretStdin = Annotated[bool, typer.Option("--secret-stdin", help=_("Read the secret from standard input."))]


@verb(app, "add", _("Tell a URL of events from now on."), epilog=_SECRET)
def add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help=_("Where each event is posted to."))],
    event: Events = None,
    secret_stdin: SecretStdin = False,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing
    from server import wire

    secret = _given() if secret_stdin else _made()
    new = wire.NewEventHook(name=name, url=url, secret=secret, events=_known(event or []))
    _print(calling.send(calls.add_event_hook(new)), output, secret="" if secret_stdin else secret)
    if output is Format.text and not secret_stdin:
        printing.out(_("Keep the secret now: it is not shown again."))


@verb(app, "list", _("List all event webhooks."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.EventHook]] = [
        Column("name", _("Name"), lambda h: h.name),
        Column("url", _("URL"), lambda h: h.url, grow=True),
        Column("events", _("Events"), lambda h: ", ".join(h.events) or _("all")),
        Column("active", _("Active"), lambda h: _("yes") if h.active else _("no"), lambda h: h.active),
        Column("behind", _("Behind"), lambda h: h.behind, right=True),
        Column("problem", _("Problem"), lambda h: h.problem),
    ]
    found = calling.send(calls.event_hooks()).items
    printing.rows(found, columns, output, empty=_("No event webhooks."), ids=(lambda h: h.name) if quiet else None)


@verb(app, "show", _("Show one event webhook."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    _print(calling.send(calls.event_hook(name)), output)


@verb(app, "set", _("Change an event webhook. What is not named stays as it is."), epilog=_SECRET)
def set_(
    name: Name,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help=_("Where each event is posted to."))] = None,
    event: Events = None,
    all_events: Annotated[bool, typer.Option("--all-events", help=_("It is told of every event."))] = False,
    secret_stdin: SecretStdin = False,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help=_("Whether it is told."))] = None,
    skip: Annotated[bool, typer.Option("--skip", help=_("Leave out what has happened until now."))] = False,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    if event and all_events:
        raise WrongUsage(_("Give either --event or --all-events."))
    change = wire.ChangeEventHook(
        url=UNSET if url is None else url,
        events=[] if all_events else _known(event) if event else UNSET,
        secret=_given() if secret_stdin else UNSET,
        active=UNSET if active is None else active,
        skip=skip,
    )
    _print(calling.send(calls.change_event_hook(name, change)), output)


@verb(app, "test", _("Call it once with a test event; exit 1 if it does not take it."))
def test(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling
    from agent_console.cli.checks import print_checks

    checks = calling.send(calls.test_event_hook(name)).items
    print_checks(checks, output)
    if not all(check.ok for check in checks):
        raise Failure(_("The event webhook {name} does not work yet.").format(name=name))


@verb(app, "remove", _("Remove an event webhook: it is told nothing any more."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the event webhook {name}?").format(name=name), yes)
    calling.send(calls.remove_event_hook(name))
    printing.out(_("{name} was removed.").format(name=name))


def _made() -> str:
    """A fresh secret, made here: the server never has to show it."""
    import base64
    import os

    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def _given() -> str:
    found = " ".join(asking.stdin_text().split())
    if not found:
        raise WrongUsage(_("Standard input holds no secret."))
    return found


def _known(events: list[str]) -> list[str]:
    """The kinds as given, if there are such events; a misspelt one would never come."""
    from agent_console.word_tables import EVENTS

    groups = {f"{kind.partition('.')[0]}.*" for kind in EVENTS}
    for event in events:
        if event not in EVENTS and event not in groups:
            from difflib import get_close_matches

            close = get_close_matches(event, [*EVENTS, *sorted(groups)], 1)
            hint = _("Did you mean {close}?").format(close=close[0]) if close else ""
            raise WrongUsage(f"{_('There is no kind of event {kind}.').format(kind=event)} {hint}".strip())
    return events


def _print(hook: wire.EventHook, output: Format, secret: str = "") -> None:
    from agent_console.cli import printing

    now = time.time_ns() // 1_000_000
    people = output is Format.text

    def when(at: int | None) -> object:
        return (moment(at, now) if at else "") if people else at

    item: object = hook
    if secret:
        import msgspec

        item = {**msgspec.to_builtins(hook), "secret": secret}
    printing.one(
        item,
        [
            ("name", _("Name"), hook.name),
            ("url", _("URL"), hook.url),
            ("events", _("Events"), ", ".join(hook.events) or (_("all") if people else "")),
            ("active", _("Active"), (_("yes") if hook.active else _("no")) if people else hook.active),
            ("behind", _("Behind"), hook.behind),
            ("problem", _("Problem"), hook.problem),
            ("failing_since", _("Failing since"), when(hook.failing_since)),
            ("next_at", _("Tried again"), when(hook.next_at)),
            ("last_ok_at", _("Last taken"), when(hook.last_ok_at)),
            ("secret", _("Secret"), secret),
        ],
        output,
    )
