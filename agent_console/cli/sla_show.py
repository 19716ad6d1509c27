"""How `agent-console sla`, `calendar` and `after-hours` print what they were told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from agent_console import i18n, words, words_routing
from agent_console.cli import printing, week
from agent_console.cli.grammar import Format
from agent_console.cli.printing import Column
from agent_console.cli.spans import span
from agent_console.i18n import _, clock, day, pgettext
from server import wire

_TARGETS: tuple[wire.Target, ...] = ("first_response", "next_response", "resolution", "transfer")


def _length(ms: int | None) -> str:
    return "" if ms is None else span(ms)


def _conditions(policy: wire.Policy) -> str:
    if policy.default:
        return _("everything else")
    return words_routing.conditions(msgspec.to_builtins(policy.when))


def policies(items: Sequence[wire.Policy], output: Format, quiet: bool = False) -> None:
    columns: list[Column[wire.Policy]] = [
        Column("name", _("Policy"), lambda p: p.name),
        Column("when", _("When"), _conditions, grow=True),
        Column("first_response_ms", _("First"), lambda p: _length(p.first_response_ms), lambda p: p.first_response_ms),
        Column("next_response_ms", _("Next"), lambda p: _length(p.next_response_ms), lambda p: p.next_response_ms),
        Column("resolution_ms", _("End"), lambda p: _length(p.resolution_ms), lambda p: p.resolution_ms),
        Column("transfer_ms", _("Transfer"), lambda p: _length(p.transfer_ms), lambda p: p.transfer_ms),
        Column("calendar", _("Calendar"), lambda p: p.calendar or ""),
    ]
    printing.rows(items, columns, output, empty=_("No policies."), ids=(lambda p: p.name) if quiet else None)


def policy(found: wire.Policy, output: Format) -> None:
    pairs: list[tuple[str, str, object]] = [
        ("name", _("Policy"), found.name),
        ("when", _("When"), _conditions(found)),
        *(
            (f"{target}_ms", words.target(target), _length(getattr(found, f"{target}_ms")) or _("not promised"))
            for target in _TARGETS
        ),
        ("warn_percent", _("Warns after"), f"{found.warn_percent} %"),
        ("calendar", _("Calendar"), found.calendar or _("day and night")),
        ("pause", _("Stands still while we wait for the customer"), _("yes") if found.pause else _("no")),
    ]
    printing.one(found, pairs, output)


def tested(found: wire.PolicyTested, output: Format) -> None:
    """Which policy holds, what was looked at, and when each promise is due, on the clock on the wall."""
    why = {
        "prescribed": _("its campaign says so"),
        "conditions": _("its conditions hold"),
        "default": _("no other fits"),
    }[found.why]
    known = " · ".join(f"{words_routing.condition(name)}: {value}" for name, value in found.facts.items())
    pairs: list[tuple[str, str, object]] = [
        ("policy", _("Policy"), f"{found.policy} ({why})"),
        ("facts", _("Known"), known),
        ("at", pgettext("calendar", "At"), _wall(found.at)),
        ("calendar", _("Calendar"), _hours(found)),
    ]
    for promise in found.promises:
        told = _("due {due} · warns {warn} · {span} of business time").format(
            due=_wall(promise.due_at), warn=_wall(promise.warn_at), span=span(promise.span_ms)
        )
        pairs.append((promise.target, words.target(promise.target), told))
    for each in found.considered:
        if each.failed:
            told = _("does not fit: it wants {condition} {wants}").format(
                condition=words_routing.condition(each.failed), wants=words_routing.values(each.failed, each.wants)
            )
            pairs.append((each.policy, each.policy, told))
    printing.one(found, pairs, output)


def _hours(found: wire.PolicyTested) -> str:
    if found.calendar is None:
        return _("day and night")
    if found.open:
        return _("{calendar}: open then").format(calendar=found.calendar)
    opening = _wall(found.next_opening) if found.next_opening is not None else "—"
    return _("{calendar}: closed then, opens {opening}").format(calendar=found.calendar, opening=opening)


def _wall(at: int) -> str:
    """A moment with its day, even if that is today."""
    import time

    return f"{day(at, time.time_ns() // 1_000_000)} {clock(at)}"


# ---------------------------------------------------------------- calendars


def _holidays(found: wire.Calendar) -> str:
    return "-".join(filter(None, (found.country, found.subdivision))) or pgettext("holidays", "none")


def calendars(items: Sequence[wire.Calendar], output: Format, quiet: bool = False) -> None:
    columns: list[Column[wire.Calendar]] = [
        Column("name", _("Calendar"), lambda c: c.name),
        Column("week", _("Hours"), lambda c: week.week(c.week), grow=True),
        Column("zone", _("Time zone"), lambda c: c.zone),
        Column("country", _("Holidays"), _holidays),
        Column("usual", _("Usual"), lambda c: _("yes") if c.usual else "", lambda c: c.usual),
    ]
    printing.rows(items, columns, output, empty=_("No calendars."), ids=(lambda c: c.name) if quiet else None)


def calendar(found: wire.Calendar, output: Format) -> None:
    import datetime

    today = datetime.date.today().isoformat()
    coming = [f"{date} {name}" for date, name in sorted(found.holidays.items()) if date >= today][:8]
    own = [f"{date} {' '.join(periods) or _('closed')}" for date, periods in sorted(found.days.items())]
    pairs: list[tuple[str, str, object]] = [
        ("name", _("Calendar"), found.name),
        ("zone", _("Time zone"), found.zone),
        ("week", _("Hours"), week.week(found.week)),
        ("country", _("Holidays"), _holidays(found)),
        ("holidays", _("The next ones"), " · ".join(coming)),
        ("days", _("Days of its own"), " · ".join(own)),
        ("usual", _("Usual"), _("yes") if found.usual else _("no")),
    ]
    printing.one(found, pairs, output)


def looked(found: wire.CalendarAt, output: Format) -> None:
    i18n.set_zone(found.zone)
    pairs: list[tuple[str, str, object]] = [
        ("at", pgettext("calendar", "At"), f"{_wall(found.at)} ({found.zone})"),
        ("open", pgettext("calendar", "Open"), _("yes") if found.open else _("no")),
    ]
    if not found.open:
        opening = _wall(found.next_opening) if found.next_opening is not None else _("never")
        pairs.append(("next_opening", _("Opens"), opening))
    closing = _wall(found.next_closing) if found.next_closing is not None else _("never")
    pairs.append(("next_closing", _("Closes"), closing))
    for each in found.days:
        why = each.holiday or (_("day of its own") if each.own else "")
        told = " ".join(each.periods) or _("closed")
        pairs.append((each.date, each.date, f"{told} · {why}" if why else told))
    printing.one(found, pairs, output)


# ---------------------------------------------------------------- the message after hours


def messages(items: Sequence[wire.AfterHours], output: Format) -> None:
    columns: list[Column[wire.AfterHours]] = [
        Column("channel", _("Channel"), lambda m: m.channel or _("all others"), lambda m: m.channel),
        Column("calendar", _("Calendar"), lambda m: m.calendar),
        Column(
            "texts",
            _("Text"),
            lambda m: " · ".join(f"{code}: {text}" for code, text in m.texts.items()) or _("nothing is said"),
            grow=True,
        ),
    ]
    printing.rows(items, columns, output, empty=_("Nothing is said after hours."))
