"""`agent-console status`: who is there, and saying that of oneself. `user status` says it of others."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server import wire

app = grammar.app(_("Who is there, and what they carry."))


class Said(StrEnum):
    """What can be said."""

    online = "online"
    busy = "busy"
    away = "away"
    offline = "offline"


State = Annotated[
    Said | None, typer.Argument(metavar=_("STATE"), help=_("How one is from now on; busy gets nothing new."))
]
Back = Annotated[
    str, typer.Option("--back", metavar=_("MOMENT"), help=_('When one is back, in words: 13:00, 20m, "monday 8:00".'))
]
Reason = Annotated[str, typer.Option("--reason", metavar=_("TEXT"), help=_("Why, for the journal."))]


@verb(
    app,
    "status",
    _("Say whether you are there; without a state, who is."),
    epilog=_('For example: status away --back 13:00. A moment alone means away: status --back "20m".')
    + "\n\n"
    + _(
        "The load is what somebody carries of what they can; 100 % is full. Each conversation weighs by its channel and"
        " complexity, and less while it waits for the customer (see service show, user set --capacity)."
    ),
)
def status(
    state: State = None, back: Back = "", reason: Reason = "", output: Output = Format.text, quiet: Quiet = False
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    if state is None and not back:
        if reason:
            raise WrongUsage(_("Say a state: online, busy, away or offline."))
        show(everybody(), output, quiet)
        return
    say(calling.send(calls.me()).name, state, back, reason, output)


def everybody() -> list[wire.Availability]:
    """How all who work here stand."""
    from agent_console.backend import calls_service
    from agent_console.cli import calling

    return calling.send(calls_service.availability()).items


def say(name: str, state: Said | None, back: str, reason: str, output: Format) -> None:
    """Set somebody's state, and print it."""
    from agent_console.backend import calls_service
    from agent_console.cli import calling

    if back and state not in (None, Said.away):
        raise WrongUsage(_("--back goes with away."))
    at = asking.moment(back) if back else None
    code: wire.AvailabilityState = state.value if state is not None else "away"
    show([calling.send(calls_service.set_availability(name, code, at, reason))], output)


def show(people: Sequence[wire.Availability], output: Format, quiet: bool = False) -> None:
    """Print how people stand."""
    import time

    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    now = time.time_ns() // 1_000_000
    columns: list[Column[wire.Availability]] = [
        Column("user", _("Name"), lambda each: each.user),
        Column("state", _("Status"), lambda each: words.availability(each.state), lambda each: each.state),
        Column("since", _("Since"), lambda each: _at(each.since, now), lambda each: each.since),
        Column("back_at", _("Back"), lambda each: _at(each.back_at, now), lambda each: each.back_at),
        Column("load", _("Load"), _load, lambda each: each.load, right=True),
        Column("open", _("Open"), lambda each: each.open, right=True),
        Column("waiting", _("Waiting"), lambda each: each.waiting, right=True),
        Column("teams", _("Teams"), lambda each: ", ".join(each.teams), grow=True),
        Column("skills", _("Skills"), lambda each: each.skills),
    ]
    ids = (lambda each: each.user) if quiet else None
    printing.rows(list(people), columns, output, empty=_("No users."), ids=ids)


def _load(one: wire.Availability) -> str:
    """What somebody carries as a share of what they can, and both: `205 % (10.25/5)`."""
    from agent_console.presentation.availability import burden

    share = f"{one.load * 100 // one.capacity} % " if one.capacity else ""
    return f"{share}({burden(one)})" if share else burden(one)


def _at(when: int | None, now: int) -> str:
    return moment(when, now) if when is not None else ""
