"""`agent-console channel`: the accounts through which customers write."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import asking, channel_health, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server import wire

KINDS = ("whatsapp", "messenger", "instagram", "telegram", "sms", "email", "webchat", "webhook")

_SECRETS = _(
    "A secret need not stand on the command line: --set access_token=@FILE reads it from a file, "
    "--set access_token=- from standard input."
)

app = grammar.app(_("The accounts through which customers write."))

Name = Annotated[str, typer.Argument(metavar=_("NAME"), help=_("The channel's name, also in its web address."))]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar=_("KEY=VALUE"), help=_("A setting of the channel; may be repeated.")),
]
Team = Annotated[
    str | None, typer.Option("--team", metavar=_("TEAM"), help=_("The team that new conversations go to."))
]


@verb(app, "add", _("Set a channel up."), epilog=_SECRETS)
def add(
    kind: Annotated[str, typer.Argument(metavar=_("KIND"), help=", ".join(KINDS))],
    name: Name,
    set_: Settings = None,
    team: Team = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    if kind not in KINDS:
        raise WrongUsage(
            _("There is no kind of channel {kind}; there are {kinds}").format(kind=kind, kinds=", ".join(KINDS))
        )
    new = wire.NewChannel(kind=kind, name=name, settings=asking.settings(set_ or []), team=team)
    channel = calling.send(calls.add_channel(new))
    _print(channel, output)
    if output is Format.text:
        _next_step(channel)


@verb(app, "list", _("List all channels, how each is, and what to do about those that do not work."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    now = time.time_ns() // 1_000_000
    columns: list[Column[wire.Channel]] = [
        Column("name", _("Name"), lambda c: c.name),
        Column("kind", _("Kind"), lambda c: words.channel(c.kind), lambda c: c.kind),
        Column("team", _("Team"), lambda c: c.team or ""),
        Column("active", _("Active"), lambda c: _("yes") if c.active else _("no"), lambda c: c.active),
        Column("state", _("State"), channel_health.sign, lambda c: c.health.state),
        Column("waiting", _("Waiting"), lambda c: c.health.waiting or "", lambda c: c.health.waiting, right=True),
        Column("unknown", _("Unknown"), lambda c: c.health.unknown or "", lambda c: c.health.unknown, right=True),
        Column("last_in_at", _("Last received"), lambda c: _when(c.last_in_at, now), lambda c: c.last_in_at),
        Column("last_out_at", _("Last sent"), lambda c: _when(c.last_out_at, now), lambda c: c.last_out_at),
    ]
    channels = calling.send(calls.channels()).items
    printing.rows(
        channels,
        columns,
        output,
        empty=_("No channels yet. Add one: agent-console channel add whatsapp NAME --set …"),
        ids=(lambda c: c.name) if quiet else None,
    )
    if output is Format.text and not quiet:
        for line in channel_health.advice(channels):
            printing.out(printing.safe(line))


@verb(app, "show", _("Show one channel; secrets only as set or missing."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    _print(calling.send(calls.channel(name)), output)


@verb(app, "set", _("Change a channel. What is not named stays as it is."), epilog=_SECRETS)
def change(
    name: Name,
    set_: Settings = None,
    team: Team = None,
    no_team: Annotated[bool, typer.Option("--no-team", help=_("New conversations go to no team."))] = False,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help=_("Whether it takes and sends messages."))
    ] = None,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    new = wire.ChangeChannel(
        settings=asking.settings(set_) if set_ else UNSET,
        active=UNSET if active is None else active,
        team=None if no_team else (team or UNSET),
    )
    calling.something(new, _("Say what to change, for example --set access_token=@FILE."))
    _print(calling.send(calls.change_channel(name, new)), output)


@verb(app, "test", _("Try a channel's settings against its provider; exit 1 if something is wrong."))
def test(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling
    from agent_console.cli.checks import print_checks

    checks = calling.send(calls.test_channel(name)).items
    print_checks(checks, output)
    if not all(check.ok for check in checks):
        raise Failure(_("The channel {name} does not work yet.").format(name=name))


@verb(
    app,
    "authorize",
    _("Sign in with a browser to a mailbox that takes no passwords (OAuth 2)."),
)
def authorize(name: Name) -> None:
    from agent_console.cli import channel_sign_in

    channel_sign_in.sign_in(name)
    test(name)


@verb(app, "remove", _("Remove a channel. Its conversations stay."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the channel {name}? Its settings cannot be brought back.").format(name=name), yes)
    calling.send(calls.remove_channel(name))
    printing.out(_("{name} was removed.").format(name=name))


def _next_step(channel: wire.Channel) -> None:
    """What is left to do after `add`, in the provider's own place."""
    from agent_console.cli import calling, printing

    printing.out("")
    if channel.kind == "whatsapp":
        printing.out(_("Next, in your app at developers.facebook.com, under WhatsApp › Configuration:"))
        hook = calling.address(channel.hook)
        printing.out("  " + _("Callback URL: {url}").format(url=hook))
        if not hook.startswith("https://"):
            printing.out("  " + _("(Meta calls only https addresses: run the server with --public-url https://…)"))
        printing.out("  " + _("Verify token: the verify_token you gave here"))
        printing.out("  " + _("Webhook field to subscribe to: messages"))
        printing.out(_("Then: {command}").format(command=f"agent-console channel test {channel.name}"))
    elif channel.kind == "webchat":
        url = calling.address(f"/chat/{channel.name}/widget.js")
        printing.out(_("Put this line into your pages:"))
        printing.out(f'  <script src="{url}" async></script>')
        printing.out(_("See it at {url}").format(url=calling.address(f"/chat/{channel.name}/demo")))
    else:
        if channel.kind == "webhook":
            printing.out(_("The other system writes to {url}").format(url=calling.address(channel.hook)))
        if _wants_browser(channel):
            printing.out(_("Next: {command}").format(command=f"agent-console channel authorize {channel.name}"))
            return
        printing.out(_("Then: {command}").format(command=f"agent-console channel test {channel.name}"))


def _wants_browser(channel: wire.Channel) -> bool:
    """Whether somebody has to sign in with a browser before it works."""
    given = channel.settings
    by_token = given.get("sign_in", "password") != "password" and given.get("grant") != "client_credentials"
    return by_token and given.get("refresh_token") != "set"


def _has_hook(channel: wire.Channel) -> bool:
    """Whether a provider calls: the web chat has a socket of its own."""
    return bool(channel.hook) and channel.kind != "webchat"


def _when(at: int | None, now: int) -> str:
    return moment(at, now) if at else ""


def _print(channel: wire.Channel, output: Format) -> None:
    from agent_console.cli import calling, printing

    now = time.time_ns() // 1_000_000
    people = output is Format.text
    settings: Sequence[tuple[str, str, object]] = [
        (f"settings.{key}", f"  {key}", _shown(value) if people else value)
        for key, value in sorted(channel.settings.items())
    ]
    printing.one(
        channel,
        [
            ("name", _("Name"), channel.name),
            ("kind", _("Kind"), words.channel(channel.kind) if people else channel.kind),
            ("active", _("Active"), (_("yes") if channel.active else _("no")) if people else channel.active),
            ("team", _("Team"), channel.team),
            ("hook", _("Webhook"), calling.address(channel.hook) if _has_hook(channel) else ""),
            ("last_in_at", _("Last received"), _when(channel.last_in_at, now) if people else channel.last_in_at),
            ("last_out_at", _("Last sent"), _when(channel.last_out_at, now) if people else channel.last_out_at),
            *channel_health.pairs(channel, now, people),
            *settings,
        ],
        output,
    )


def _shown(value: str) -> str:
    return {"set": _("set"), "missing": _("missing")}.get(value, value)
