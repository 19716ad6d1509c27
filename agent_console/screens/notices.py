"""What the status line says: notices that pass, what can be taken back, whose promise is about to break. No widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from agent_console.i18n import _, ngettext
from agent_console.keys import first
from agent_console.presentation import sla
from agent_console.safetext import line
from server.wire import ConversationRow

Tone = Literal["text", "muted", "accent", "warn", "breach", "good"]

#: how long a notice stays, and how long one that explains why a key did nothing
NOTICE = 5_000
REASON = 2_000
LONG = 12_000
#: how long a change other than a reply can be taken back
UNDO = 15_000
#: changes that can be taken back one after the other
MOST = 20


@dataclass(frozen=True, slots=True)
class Undo:
    """What `z` takes back until `until` (the server's time, UTC ms). `held`: a reply that leaves then. `shown`: it
    is said until then only."""

    what: str
    until: int
    run: Callable[[], object]
    held: bool = False
    shown: int | None = None


class Notices:
    """The one thing worth saying now. Times are the server's, UTC ms."""

    def __init__(self) -> None:
        self._said: tuple[str, Tone, int] = ("", "text", 0)
        self._undos: list[Undo] = []

    def say(self, text: str, now: int, tone: Tone = "text", stay: int = NOTICE) -> None:
        """Say something for a while. An alert is not pushed aside by what is less than one."""
        _text, old_tone, until = self._said
        if old_tone == "breach" and tone in ("text", "muted") and now < until:
            return
        self._said = (text, tone, now + stay)

    def hush(self) -> None:
        """Stop saying it."""
        self._said = ("", "text", 0)

    def offer(self, undo: Undo) -> None:
        """What was done last can be taken back; an explanation or older notice makes room."""
        self._undos = [*self._undos[-MOST:], undo]
        self.hush()

    def undo(self, now: int) -> Undo | None:
        """What `z` would take back now."""
        self._undos = [undo for undo in self._undos if now < undo.until]
        return self._undos[-1] if self._undos else None

    def take_undo(self, now: int) -> Undo | None:
        """Hand out what is to be taken back; it is not offered again."""
        return self._undos.pop() if self.undo(now) is not None else None

    def drop(self, undo: Undo) -> None:
        """It cannot be taken back any more."""
        self._undos = [each for each in self._undos if each is not undo]

    def withdraw(self) -> None:
        """A reply that was refused cannot be taken back."""
        self._undos = [undo for undo in self._undos if not undo.held]

    def now_said(self, now: int, fresh: int, writing: bool = False, marked: str = "") -> tuple[str, Tone]:
        """What to show at `now`; `fresh`: conversations that came in out of sight; `marked`: what can be done with the
        marked ones. Keys that would only be typed by
        who is `writing` are not offered."""
        text, tone, until = self._said
        if text and now < until:
            return text, tone
        if marked and not writing:
            return marked, "accent"
        undo = self.undo(now)
        if undo is not None and not writing and (undo.shown is None or now < undo.shown):
            if undo.held:
                left = -(-(undo.until - now) // 1000)
                return _("{what} leaves in {n} s · {key} takes it back").format(
                    what=undo.what, n=left, key=first("undo")
                ), "accent"
            return _("{what} · {key} takes it back").format(what=undo.what, key=first("undo")), "muted"
        if fresh and not writing:
            text = ngettext("{n} new, press {key} to see it", "{n} new, press {key} to see them", fresh)
            return text.format(n=fresh, key=first("show_new")), "accent"
        return "", "text"


class Urgency:
    """The clocks of my conversations: how many are late or nearly so, and which one has just become late."""

    def __init__(self) -> None:
        self._rows: dict[int, ConversationRow] = {}
        self._late: set[int] = set()
        self._failed: set[int] = set()

    @property
    def failed(self) -> int:
        """In how many of my conversations a message failed, as far as they were seen."""
        return len(self._failed)

    @property
    def waiting(self) -> int:
        """In how many of my conversations a clock runs, as far as they were seen."""
        return len(self._rows)

    def take(self, rows: Iterable[ConversationRow], me: str) -> None:
        """These rows are as they are now."""
        for row in rows:
            (self._failed.add if row.failed and row.assignee == me else self._failed.discard)(row.id)
            if row.sla is not None and row.assignee == me:
                self._rows[row.id] = row
            else:
                self._rows.pop(row.id, None)
                self._late.discard(row.id)

    def clear(self) -> None:
        """Everything is loaded anew."""
        self._rows.clear()
        self._failed.clear()

    def counts(self, now: int) -> tuple[int, int]:
        """How many are late, and how many nearly so."""
        tones = [sla.tone_of(row.sla, now) for row in self._rows.values() if row.sla is not None]
        return tones.count("breach"), tones.count("warn")

    def newly_late(self, now: int) -> list[ConversationRow]:
        """Those that became late since this was asked last (a new promise to the same customer counts anew)."""
        late = {row.id for row in self._rows.values() if row.sla and sla.tone_of(row.sla, now) == "breach"}
        new = late - self._late
        self._late = late
        # What was late long ago, when the console starts, is no news.
        return [row for row in self._rows.values() if row.id in new and row.sla and now - row.sla.due_at < 60_000]


def late_text(rows: list[ConversationRow]) -> str:
    """The alert for promises that have just been broken."""
    if len(rows) == 1:
        return _("▲ {name}: the promised time has passed").format(name=line(rows[0].contact_name, 40))
    return ngettext("▲ {n} promise broken just now", "▲ {n} promises broken just now", len(rows)).format(n=len(rows))
