"""`agent-console calendar`: opening hours, holidays, days of one's own."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent_console.cli import asking, following, grammar, week
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _

app = grammar.app(_("Opening hours: business time is counted by them."))

Values = list[str] | None


def _many(name: str, metavar: str, help: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help)


Name = Annotated[str, typer.Argument(metavar=_("CALENDAR"), help=_("The calendar's name."))]
Hours = Annotated[
    Values,
    _many("--hours", _("HOURS"), _('Days and periods, "mon-fri 8:00-12:00 13:00-17:00"; may be repeated.')),
]
Zone = Annotated[
    str | None, typer.Option("--zone", metavar=_("ZONE"), help=_("Its time zone, like America/El_Salvador."))
]
Holidays = Annotated[
    str | None,
    typer.Option(
        "--holidays",
        metavar=_("COUNTRY"),
        help=_("Whose holidays are closed: a country (SV), a part of it (SV-SS), or none."),
    ),
]
Close = Annotated[Values, _many("--close", _("YYYY-MM-DD"), _("A day on which it is closed; may be repeated."))]
Open = Annotated[
    Values, _many("--open", _("DAY"), _('A day with its own hours, "2026-12-24 8:00-12:00"; may be repeated.'))
]


@verb(
    app,
    "add",
    _("Add a calendar. The first one is the usual one. Holidays are the organisation's country's, unless you say."),
    epilog=_('For example: agent-console calendar add office --hours "mon-fri 8-12 13-17; sat 8-12" --holidays SV'),
)
def add(
    name: Annotated[str, typer.Argument(metavar=_("CALENDAR"), help=_("What to call it: one word."))],
    hours: Hours = None,
    zone: Zone = None,
    holidays: Holidays = None,
    close: Close = None,
    open_: Open = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show
    from server import wire

    if not hours:
        raise WrongUsage(_('Say when it is open: --hours "mon-fri 8:00-12:00 13:00-17:00"'))
    new = wire.NewCalendar(name=name, week=week.read_week(hours), days=_days({}, close, open_, None))
    if zone is not None:
        new.zone = zone
    if holidays is not None:
        new.country, new.subdivision = _place(holidays)
    sla_show.calendar(calling.send(calls_sla.add_calendar(new)), output)


@verb(app, "list", _("List all calendars."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show

    sla_show.calendars(calling.send(calls_sla.calendars()).items, output, quiet)


@verb(app, "show", _("Show one calendar."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show

    sla_show.calendar(calling.send(calls_sla.calendar(name)), output)


@verb(app, "set", _("Change a calendar; clocks that run follow. What is not named stays as it is."))
def set_(
    name: Name,
    new_name: Annotated[
        str | None, typer.Option("--name", metavar=_("CALENDAR"), help=_("Its name from now on."))
    ] = None,
    hours: Hours = None,
    zone: Zone = None,
    holidays: Holidays = None,
    close: Close = None,
    open_: Open = None,
    forget: Annotated[
        Values, _many("--forget", _("YYYY-MM-DD"), _("A day that is like its weekday again; may be repeated."))
    ] = None,
    usual: Annotated[bool, typer.Option("--usual", help=_("It counts where no calendar is named."))] = False,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show
    from server import wire

    change = wire.ChangeCalendar()
    if new_name is not None:
        change.name = new_name
    if hours:
        change.week = week.read_week(hours)
    if zone is not None:
        change.zone = zone
    if holidays is not None:
        change.country, change.subdivision = _place(holidays)
    if close or open_ or forget:
        change.days = _days(calling.send(calls_sla.calendar(name)).days, close, open_, forget)
    if usual:
        change.usual = True
    calendar = calling.send(calls_sla.change_calendar(name, change))
    sla_show.calendar(calendar, output)
    following.tell(calendar.followed, output)


@verb(app, "remove", _("Remove a calendar that nothing counts by."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the calendar {name}?").format(name=name), yes)
    calling.send(calls_sla.remove_calendar(name))
    printing.out(_("{name} was removed.").format(name=name))


@verb(app, "test", _("Say whether it is open at some moment, when it opens and closes next, and the two weeks ahead."))
def test(
    name: Name,
    at: Annotated[str, _many("--at", _("MOMENT"), _("When, in its own time zone; now without it."))] = "",
    output: Output = Format.text,
) -> None:
    from agent_console import i18n
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, dates, sla_show

    if at:
        i18n.set_zone(calling.send(calls_sla.calendar(name)).zone)
    moment = dates.read_date(at) if at else None
    sla_show.looked(calling.send(calls_sla.calendar_at(name, moment)), output)


def _place(text: str) -> tuple[str, str]:
    """A country and its part: SV, SV-SS; none."""
    if text.strip().lower() in ("", "none", "no", "ninguno"):
        return "", ""
    country, _dash, part = text.strip().upper().partition("-")
    return country, part


def _days(days: dict[str, list[str]], close: Values, open_: Values, forget: Values) -> dict[str, list[str]]:
    changed = {**days, **{date: [] for date in close or []}, **week.read_own(open_ or [])}
    for date in forget or []:
        changed.pop(date, None)
    return changed
