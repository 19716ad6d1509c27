"""`agent-console wallboard`: the supervisor's wallboard as tables, for a glance or a script."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, verb
from agent_console.i18n import _, pgettext

if TYPE_CHECKING:
    from agent_console.cli.printing import Column
    from server import wire

app = grammar.app(_("Who waits, who works, how the day goes."))


class Section(StrEnum):
    """A part of the wallboard."""

    teams = "teams"
    channels = "channels"
    campaigns = "campaigns"
    advisors = "advisors"


@verb(
    app,
    "wallboard",
    _("Show the wallboard as it is now: teams, channels, campaigns, advisors, or one of them."),
    epilog=_("For example: agent-console wallboard advisors -o csv"),
)
def wallboard(
    section: Annotated[Section | None, typer.Argument(metavar=_("PART"), help=_("Only this part."))] = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_service
    from agent_console.cli import calling, printing

    if output is Format.csv and section is None:
        raise WrongUsage(_("CSV is one table: say which part, for example advisors."))
    board = calling.send(calls_service.wallboard())
    if output is Format.json and section is None:
        printing.out(printing.to_json(board))
        return
    if section is None:
        _print_day(board)
    for part in [section] if section is not None else list(Section):
        if section is None:
            if not getattr(board, part.value):
                continue
            printing.out("")
        if part is Section.advisors:
            printing.rows(board.advisors, _advisor_columns(), output, empty=_("No advisors."))
        else:
            lines: list[wire.BoardLine] = getattr(board, part.value)
            printing.rows(lines, _columns(part, board.at), output, empty=_("None."))


def _print_day(board: wire.Board) -> None:
    from agent_console.cli import printing
    from agent_console.presentation.board import figure, kept_percent, percent

    today = board.today
    pairs: list[tuple[str, str, object]] = [
        ("waiting", pgettext("board", "Waiting"), board.now.waiting),
        ("oldest", _("Longest wait"), _since(board.now.oldest, board.at)),
        ("breached", _("Promises broken"), board.now.breached),
        ("open", _("Open"), board.now.open),
        ("sla", "SLA", percent(kept_percent(board.now, today))),
        ("first_p50", _("First response, median"), figure(today.first_p50)),
        ("first_p90", _("First response, 90 of 100"), figure(today.first_p90)),
        ("answered", _("Answered today"), today.answered),
    ]
    printing.one(board, pairs, Format.text)


def _columns(part: Section, at: int) -> list[Column[wire.BoardLine]]:
    from agent_console.cli.printing import Column
    from agent_console.presentation.board import kept_percent, percent

    titles = {Section.teams: _("Team"), Section.channels: _("Channel"), Section.campaigns: _("Campaign")}
    return [
        Column("name", titles[part], lambda each: each.title or each.name or "–", lambda each: each.name, grow=True),
        Column("waiting", pgettext("board", "waiting"), lambda each: each.now.waiting, right=True),
        Column(
            "oldest", _("oldest"), lambda each: _since(each.now.oldest, at), lambda each: each.now.oldest, right=True
        ),
        Column("open", pgettext("board", "open"), lambda each: each.now.open, right=True),
        Column("breached", pgettext("board", "late"), lambda each: each.now.breached, right=True),
        Column("hour", _("in/h"), lambda each: each.hour, right=True),
        Column("answered", _("today"), lambda each: each.today.answered, right=True),
        Column("sla", "SLA", lambda each: percent(kept_percent(each.now, each.today)), right=True),
    ]


def _advisor_columns() -> list[Column[wire.BoardAdvisor]]:
    from agent_console.cli.printing import Column
    from agent_console.presentation.board import figure, kept_percent, percent

    return [
        Column("name", _("Advisor"), lambda each: each.display_name or each.name, lambda each: each.name, grow=True),
        Column("state", _("state"), lambda each: words.availability(each.state), lambda each: each.state),
        Column(
            "load", _("load"), lambda each: f"{round(each.load / 100, 1):g}/{each.capacity / 100:g}",
            lambda each: each.load, right=True,
        ),
        Column("open", pgettext("board", "open"), lambda each: each.now.open, right=True),
        Column("breached", pgettext("board", "late"), lambda each: each.now.breached, right=True),
        Column("answered", _("today"), lambda each: each.today.answered, right=True),
        Column(
            "first_p50", pgettext("board", "1st reply"), lambda each: figure(each.today.first_p50),
            lambda each: each.today.first_p50, right=True,
        ),
        Column("sla", "SLA", lambda each: percent(kept_percent(each.now, each.today)), right=True),
    ]  # fmt: skip


def _since(moment: int | None, now: int) -> str:
    from agent_console.presentation.board import figure

    return "" if moment is None else figure(now - moment)
