"""What an advisor is told of while they look elsewhere, and when: pure rules, no clock and no terminal.

Told is only what concerns this advisor: a conversation given to them, a customer who wrote in one of theirs, a mention
of them, something in a conversation they follow, a clock of theirs that warns or ran out. Never twice for one event,
never more often than they wish (what comes in between is gathered), never in quiet hours, never for what they did
themselves and never for the conversation they are looking at.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec

from agent_console.i18n import N_, _, ngettext
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.backend.changes import Alert
    from server.wire import ConversationRow

About = Literal["assigned", "offered", "answered", "mentioned", "followed", "reminder", "sla"]
Desktop = Literal["", "osc9", "osc777", "osc99"]
Multiplexer = Literal["auto", "tmux", "screen", "none"]

ABOUT: Final[tuple[About, ...]] = get_args(About)
#: events remembered so that none is told of twice
KNOWN: Final = 2_000
#: events older than this (ms) when they come, after a lost connection, are told of without names, as a number
OLD: Final = 120_000
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS: Final = re.compile(r"([01]?\d|2[0-4])(?::([0-5]\d))?\s*[-–]\s*([01]?\d|2[0-4])(?::([0-5]\d))?")


class Quiet(msgspec.Struct, frozen=True):
    """Hours of every day, minutes since midnight (`start` after `end`: over midnight), or a whole `day` (0 Monday)."""

    start: int = 0
    end: int = 0
    day: int | None = None

    def holds(self, at: dt.datetime) -> bool:
        """Whether a local time lies in it."""
        if self.day is not None:
            return at.weekday() == self.day
        minute = at.hour * 60 + at.minute
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


class Wishes(msgspec.Struct, frozen=True):
    """How somebody wants to be told; by default not at all. `every`: seconds from one notification to the next."""

    bell: bool = False
    desktop: Desktop = ""
    title: bool = False
    about: tuple[About, ...] = ABOUT
    quiet: tuple[Quiet, ...] = ()
    every: int = 5
    multiplexer: Multiplexer = "auto"

    @property
    def any(self) -> bool:
        """Whether anything is told at all."""
        return self.bell or self.title or bool(self.desktop)


class News(msgspec.Struct, frozen=True):
    """One thing to tell: what about, of which conversation, from whom (already safe to show)."""

    about: About
    conversation: int
    name: str
    late: bool = False


class Context(msgspec.Struct, frozen=True):
    """What decides whom an event concerns. `row` answers a conversation's row, `followed` who is followed."""

    me: str
    row: Callable[[int], ConversationRow | None]
    followed: Callable[[int], bool]
    looking_at: int | None = None


_SENTENCES: Final[Mapping[About, str]] = {
    "assigned": N_("{name}: given to you"),
    "offered": N_("{name}: a colleague waits for your answer"),
    "answered": N_("{name} wrote"),
    "mentioned": N_("{name}: a note mentions you"),
    "followed": N_("{name}: news in a conversation you follow"),
    "reminder": N_("{name}: what was promised is due"),
    "sla": N_("{name}: the time is running out"),
}
#: what is told of a conversation that is followed
_FOLLOWED_KINDS: Final = frozenset(
    ("message.received", "note.added", "conversation.assigned", "conversation.resolved", "conversation.reopened")
)


def concerning(alert: Alert, context: Context) -> News | None:
    """What an event means to this advisor, None if it does not concern them."""
    id = alert.conversation
    row = context.row(id) if id is not None else None
    if id is None or row is None or alert.actor == f"user:{context.me}" or not context.me:
        return None
    name, mine = line(row.contact_name, 40) or _("No name"), row.assignee == context.me
    about: About | None = None
    if alert.kind == "conversation.assigned" and alert.data.get("user") == context.me:
        about = "assigned"
    elif alert.kind in ("conversation.transferred", "conversation.consulted"):
        about = "offered" if _offered(alert, context.me) else None
    elif alert.kind == "note.added" and context.me in _names(alert.data.get("mentions")):
        about = "mentioned"
    elif alert.kind in ("sla.warned", "sla.breached") and mine:
        return News("sla", id, name, late=alert.kind == "sla.breached")
    elif alert.kind == "reminder.due":
        from agent_console.presentation import reminders  # few are due

        due = reminders.told(alert.data)
        about = "reminder" if due is not None and (due.user == context.me or (due.user is None and mine)) else None
    elif id == context.looking_at:
        return None
    elif alert.kind == "message.received" and mine:
        about = "answered"
    elif alert.kind in _FOLLOWED_KINDS and context.followed(id):
        about = "followed"
    return News(about, id, name) if about is not None else None


def _offered(alert: Alert, me: str) -> bool:
    """Whether it is for them to answer: of a team, who answers for it is told."""
    transfer = alert.data.get("transfer")
    return isinstance(transfer, Mapping) and me in (transfer.get("to_user"), transfer.get("responsible"))


def _names(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def sentence(news: News) -> str:
    """One thing in words. Never what the customer wrote."""
    if news.late:
        return _("▲ {name}: the promised time has passed").format(name=news.name)
    return _(_SENTENCES[news.about]).format(name=news.name)


class Notifier:
    """Gathers what is to be told and says when. Times are UTC ms; `local` turns one into the advisor's wall clock."""

    def __init__(self, wishes: Wishes, local: Callable[[int], dt.datetime]) -> None:
        self.wishes = wishes
        self._local = local
        self._known: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._waiting: list[News] = []
        self._told_at: int | None = None
        self._old = 0

    def take(self, alert: Alert, context: Context, now: int) -> None:
        """An event came; by the feed, or once more after a lost connection."""
        if (alert.seq, alert.kind) in self._known:
            return
        self._known[alert.seq, alert.kind] = None
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)
        news = concerning(alert, context)
        if news is None or news.about not in self.wishes.about or self.quiet(now):
            return
        if now - alert.at > OLD:
            self._old += 1
        elif news not in self._waiting:
            self._waiting.append(news)

    def quiet(self, now: int) -> bool:
        """Whether these are quiet hours."""
        return any(each.holds(self._local(now)) for each in self.wishes.quiet)

    def due(self, now: int) -> str:
        """What to tell now, in words: one thing, or how many; empty while there is nothing or it is too early."""
        if not self._waiting and not self._old:
            return ""
        if self._told_at is not None and now - self._told_at < self.wishes.every * 1000:
            return ""
        told, old = self._waiting, self._old
        self._waiting, self._old, self._told_at = [], 0, now
        first = max(told, key=lambda news: (news.late, news.about == "sla")) if told else None
        more = len(told) + old - 1
        if first is None:
            return ngettext("{n} thing happened meanwhile", "{n} things happened meanwhile", old).format(n=old)
        if more > 0:
            return f"{sentence(first)} · {ngettext('and {n} more', 'and {n} more', more).format(n=more)}"
        return sentence(first)


def title(program: str, waiting: int, late: int) -> str:
    """The window's title: how many customers wait for an answer of mine, and how many of them too long."""
    counts = [f"({waiting})" if waiting else "", f"▲{late}" if late else "", program]
    return " ".join(each for each in counts if each)


# ---------------------------------------------------------------- the wishes, as they are written


def read_wishes(table: Mapping[str, object]) -> tuple[Wishes, list[str]]:
    """Wishes from the table `[notify]` of the settings, and what is wrong with it in words."""
    wrong: list[str] = []
    found: dict[str, object] = {}
    for name, value in table.items():
        match name, value:
            case "bell" | "title", bool():
                found[name] = value
            case "desktop", "off" | "osc9" | "osc777" | "osc99":
                found[name] = "" if value == "off" else value
            case "multiplexer", "auto" | "tmux" | "screen" | "none":
                found[name] = value
            case "every", int() if 0 <= value <= 3600 and not isinstance(value, bool):
                found[name] = value
            case "about", list() if all(each in ABOUT for each in value):
                found[name] = tuple(value)
            case "quiet", str() | list():
                found[name] = _read_quiet([value] if isinstance(value, str) else value, wrong)
            case _:
                wrong.append(_wrong(name))
    return msgspec.convert(found, Wishes), wrong


def _read_quiet(values: list[object], wrong: list[str]) -> tuple[Quiet, ...]:
    found: list[Quiet] = []
    for value in values:
        text = str(value).strip().lower()
        hours = _HOURS.fullmatch(text)
        if text in DAYS:
            found.append(Quiet(day=DAYS.index(text)))
        elif hours is not None:
            start, end = (int(hours[n]) * 60 + int(hours[n + 1] or 0) for n in (1, 3))
            found.append(Quiet(start, end))
        else:
            wrong.append(_wrong("quiet"))
    return tuple(found)


_WANTED: Final[Mapping[str, str]] = {
    "bell": "true, false",
    "title": "true, false",
    "desktop": '"off", "osc9", "osc777", "osc99"',
    "multiplexer": '"auto", "tmux", "screen", "none"',
    "every": "0 … 3600",
    "about": ", ".join(f'"{each}"' for each in ABOUT),
    "quiet": '"19:00-7:00", "saturday", "sunday"',
}


def _wrong(name: str) -> str:
    if name not in _WANTED:
        return _("There is no setting {name}.").format(name=repr(f"notify.{name}"))
    return _("{name} takes {wanted}.").format(name=f"notify.{name}", wanted=_WANTED[name])
