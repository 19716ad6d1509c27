"""What happens meanwhile, gathered until it can be said without disturbing anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from agent_console import words
from agent_console.backend.changes import Alert, Changes
from agent_console.i18n import _, ngettext
from agent_console.plain import team_news, wording
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.backend.session import Session
    from server.wire import ConversationRow, Message

#: when news are said: as soon as nobody types, before the next prompt, or only when an empty line asks for them
When = Literal["now", "prompt", "off"]

#: lines said at once; the rest is told as a number
MOST = 12
#: ms between two times that one hears, unasked, of conversations that nobody has
SPACING = 15_000


class News:
    """Takes the session's changes in and gives lines. `now`: the server's clock, UTC ms."""

    def __init__(self, session: Session, now: Callable[[], int]) -> None:
        self._session = session
        self._now = now
        self._here: int | None = None
        self._known: dict[int, tuple[object, ...]] = {}
        self._wrote: dict[int, int] = {}
        self._unassigned: set[int] = set()
        self._said: list[str] = []
        self._late: list[str] = []
        self._look = False
        self._link = ""
        self._mention = 0
        self._crowd_told = 0
        #: what was said last, for an empty line to repeat
        self.last: list[str] = []

    # ------------------------------------------------------------ what comes in

    def take(self, changes: Changes) -> None:
        """Something changed."""
        for alert in changes.alerts:
            self._alert(alert)
        if self._here is not None and self._here in changes.threads:
            self._look = True
        if changes.link:
            self._linked()

    def add(self, text: str) -> None:
        """Something else to be told in time."""
        self._late.append(text)

    def opened(self, conversation: int | None) -> None:
        """Its messages have been read out; what comes from now on is news."""
        self._here = conversation
        self._look = False
        self._known = {} if conversation is None else {each.id: _state(each) for each in self._messages()}
        self._wrote.pop(conversation or 0, None)
        self._unassigned.discard(conversation or 0)

    @property
    def any(self) -> bool:
        """Whether there is something to say."""
        return bool(
            self._late or self._said or self._wrote or self._unassigned or (self._look and self._new_messages())
        )

    @property
    def pressing(self) -> bool:
        """Whether there is something to say that is worth being spoken to: what goes on among conversations that nobody
        has is told now and then, or nobody who listens could work."""
        if self._unassigned and self._now() - self._crowd_told >= SPACING:
            return True
        return bool(self._late or self._said or self._wrote or (self._look and self._new_messages()))

    def lines(self) -> list[str]:
        """All there is to say; it is said now."""
        found = [*self._late, *self._said, *self._writers(), *self._here_lines()]
        if self._unassigned:
            count = len(self._unassigned)
            text = ngettext(
                "{n} conversation without anybody has news.", "{n} conversations without anybody have news.", count
            )
            found.append(text.format(n=count))
            self._crowd_told = self._now()
        self._late, self._said = [], []
        self._wrote.clear()
        self._unassigned.clear()
        if len(found) > MOST:
            left = len(found) - MOST
            more = ngettext("And {n} more.", "And {n} more.", left).format(n=left)
            found = [*found[:MOST], more]
        if found:
            self.last = found
        return found

    # ------------------------------------------------------------ inside

    def _alert(self, alert: Alert) -> None:
        me = self._session.mirror.name
        row = None if alert.conversation is None else self._session.mirror.row(alert.conversation)
        if alert.kind in ("channel.trouble", "channel.recovered"):
            self._channel(alert)
        if alert.kind == "reminder.due":
            self._due(alert)
        if self._session.mirror.me is not None and (told := team_news.said(alert, self._session.mirror.me)):
            self._late.append(told)
        if row is None or alert.actor == f"user:{me}" or (row.id == self._here and alert.kind.startswith("message.")):
            return
        mine, name = row.assignee == me, wording.name_of(row)
        if alert.kind == "note.added":
            self._mentioned(alert, row, me)
        if alert.kind == "message.received" and mine:
            self._wrote[row.id] = self._wrote.get(row.id, 0) + 1
        elif alert.kind == "message.received" and row.assignee is None:
            self._unassigned.add(row.id)
        elif alert.kind == "message.status" and mine and alert.data.get("status") == "failed":
            self._tell(_("{name}: an answer was not sent.").format(name=name), row)
        elif alert.kind == "conversation.assigned" and mine:
            by = line(words.actor(alert.actor), 40)
            self._tell(_("{name} is yours now: {by} gave it to you.").format(name=name, by=by), row)
        elif alert.kind in ("sla.warned", "sla.breached") and mine and row.sla is not None:
            self._tell(f"{name}: {wording.promise(row.sla, self._now())}.", row)

    def _due(self, alert: Alert) -> None:
        """Something that the reader promised, or wanted to be reminded of."""
        from agent_console.presentation import reminders  # few are due

        due = reminders.told(alert.data)
        if due is not None and reminders.is_of(due, self._session.mirror.me):
            name = line(due.contact_name, 80) or _("No name")
            self._late.append(_("Due now, {name}: {what}.").format(name=name, what=reminders.what(due)))

    def _mentioned(self, alert: Alert, row: ConversationRow, me: str) -> None:
        """A colleague's note calls the reader."""
        called = alert.data.get("mentions")
        if not isinstance(called, list) or me not in called or alert.seq == self._mention:
            return
        self._mention = alert.seq  # the session tells of it as a note, and as one that calls the reader
        by = line(words.actor(alert.actor), 40)
        self._tell(_("{name}: a note of {by} mentions you.").format(name=wording.name_of(row), by=by), row)

    def _channel(self, alert: Alert) -> None:
        name = line(str(alert.data.get("channel") or alert.data.get("name") or ""), 40)
        if alert.kind == "channel.recovered":
            self._said.append(_("The channel {name} works again.").format(name=name))
        else:
            self._said.append(_("The channel {name} is in trouble.").format(name=name))

    def _tell(self, said: str, row: ConversationRow) -> None:
        self._said.append(said if row.id == self._here else f"{said} {_reach(row.id)}")

    def _linked(self) -> None:
        """The connection was lost or is back; how it comes up first is nobody's news."""
        state = self._session.link.state
        before, self._link = self._link, state
        if state == "offline" and before != "offline":
            self._late.append(_("No connection. What you write is kept and goes out when it is back."))
        elif state == "refused":
            self._late.append(_("The session has ended. Leave and sign in again; drafts are kept."))
        elif state == "live" and before == "offline":
            self._late.append(_("The connection is back."))
        elif state == "connecting":
            self._link = before

    def _writers(self) -> list[str]:
        found = []
        for conversation, count in self._wrote.items():
            row = self._session.mirror.row(conversation)
            if row is not None:
                text = ngettext("{name} wrote: {text}", "{name} wrote {n} messages, at last: {text}", count)
                said = text.format(name=wording.name_of(row), n=count, text=wording.preview(row))
                found.append(f"{said} {_reach(conversation)}")
        return found

    def _messages(self) -> list[Message]:
        return [] if self._here is None else self._session.mirror.messages(self._here)

    def _new_messages(self) -> list[Message]:
        me = self._session.mirror.name
        found = []
        for message in self._messages():
            known = self._known.get(message.id)
            if known == _state(message):
                continue
            # What I wrote is no news to me; that it was not sent is.
            if known is None and message.direction != "in" and message.author == me and not _stuck(message):
                continue
            found.append(message)
        return found

    def _here_lines(self) -> list[str]:
        """The messages of the open conversation that nobody has told of yet."""
        row = None if self._here is None else self._session.mirror.row(self._here)
        if not self._look or row is None:
            return []
        lines: list[str] = []
        for message in self._new_messages():
            lines += wording.message_lines(message, row, self._session.mirror.name, self._now())
        self._known = {each.id: _state(each) for each in self._messages()}
        self._look = False
        if lines:
            self._session.seen(row.id)
        return lines


def _state(message: Message) -> tuple[object, ...]:
    """What makes a message worth telling of again."""
    return message.edited_at, message.revoked_at, _stuck(message)


def _stuck(message: Message) -> bool:
    return message.status in ("failed", "unknown")


def _reach(conversation: int) -> str:
    """How to get there."""
    return f"(#{conversation})"
