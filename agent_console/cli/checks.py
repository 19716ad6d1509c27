"""Printing findings: what is right, what is wrong, and what to do about it (`doctor`, `channel test`)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent_console import words
from agent_console.cli.grammar import Format
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire


def print_checks(checks: Sequence[wire.Check], output: Format) -> None:
    """One line a finding; a wrong one says what to do."""
    from agent_console import safetext
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    if output is not Format.text:
        columns: list[Column[wire.Check]] = [
            Column("name", _("Check"), lambda c: c.name),
            Column("ok", _("Right"), lambda c: c.ok),
            Column("detail", _("Detail"), lambda c: c.detail),
            Column("why", _("Why"), lambda c: c.why),
        ]
        printing.rows(checks, columns, output, empty="")
        return
    colours = sys.stdout.isatty()
    names = [safetext.line(words.check(check.name)) for check in checks]
    width = max((safetext.cells(name) for name in names), default=0)
    for name, check in zip(names, checks, strict=True):
        sign, colour = ("✓", "32") if check.ok else ("✗", "31")
        sign = f"\x1b[{colour}m{sign}\x1b[0m" if colours else sign
        finding = safetext.line(words.finding(check.name, check.ok, check.detail, check.why), 2000)
        printing.out(f"{sign} {safetext.fit(name, width)}  {finding}".rstrip())
