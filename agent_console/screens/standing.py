"""How things stand in an inbox: which actions can be done now, and what of the news is worth a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.actions import State
from agent_console.i18n import _
from agent_console.keys import first
from agent_console.presentation import letters
from agent_console.safetext import line
from agent_console.screens.notices import LONG, Tone
from server.wire import Capabilities

if TYPE_CHECKING:
    from agent_console.backend.changes import Alert
    from agent_console.backend.mirror import Mirror
    from agent_console.screens.inbox import Inbox


def state_of(inbox: Inbox) -> State:
    """What decides which actions can be done now."""
    mirror, here, thread = inbox.session.mirror, inbox.here, inbox.thread
    found = mirror.line(here) if here is not None else None
    undo = inbox.notices.undo(inbox.now())
    stopped = any(command.conversation == here for command in inbox.session.outgoing.stopped())
    opened = inbox.opened is not None and inbox.opened == here
    can = inbox.composer.can if opened else Capabilities()
    return State(
        place=inbox.place,
        conversation=found is not None,
        opened=opened,
        state=found.row.state if found else "open",
        mine=found is not None and found.row.assignee == mirror.name,
        failed=found is not None and (found.row.failed or stopped),
        unknown=inbox.opened is not None and thread.newest(lambda m: m.status == "unknown") is not None,
        undo=undo.what if undo else "",
        fresh=inbox.thelist.hidden_fresh(),
        folded=opened and thread.target(lambda m: bool(letters.folded(m))) is not None,
        files=opened and thread.target(lambda m: bool(m.attachments)) is not None,
        moderation=can.moderation,
        public=can.moderation and thread.target(letters.can_be_moderated) is not None,
        copies=can.copies,
        attachable=bool(can.media) or not opened,
        audience=can.private_once_ms is not None or can.copies,
        marked=len(inbox.thelist.marked) if inbox.place == "list" else 0,
        searching=bool(mirror.window.spec.q) or (inbox.acts.prepared and inbox.searching.search.asking),
        scheduled=opened and thread.target(lambda m: letters.withdrawable(m, inbox.now())) is not None,
        note=inbox.composer.note,
        supervises=mirror.me is not None and mirror.me.role != "advisor",
        assignee=(found.row.assignee or "") if found is not None else "",
        offers=inbox.edges.offers,
    )


def told(alert: Alert, mirror: Mirror) -> tuple[str, Tone, int] | None:
    """What the status line says of an alert (text, tone, for how long), if anything."""
    if alert.kind == "message.status" and alert.data.get("status") == "failed":
        row = mirror.row(alert.conversation) if alert.conversation is not None else None
        if row is not None and row.assignee == mirror.name:
            text = _("✗ A message to {name} was not delivered · {key} try again").format(
                name=line(row.contact_name, 40), key=first("retry")
            )
            return text, "breach", LONG
    called = alert.data.get("mentions")
    calls_me = isinstance(called, list) and mirror.name in called and alert.actor != f"user:{mirror.name}"
    if alert.kind == "note.added" and calls_me:
        who = line(alert.actor.removeprefix("user:"), 40)
        where = name_of(mirror, alert.conversation)
        return _("@ {who} calls you in a note: {name}").format(who=who, name=where), "accent", LONG
    if alert.kind == "reminder.due":
        from agent_console.presentation import reminders  # few are due

        due = reminders.told(alert.data)
        if due is not None and reminders.is_of(due, mirror.me):
            said = f"{reminders.due_notice(due)} · {first('reminders')}"
            return said, "warn", LONG
    if alert.kind == "channel.recovered":
        return _("{channel} works again").format(channel=line(str(alert.data.get("channel", "")), 40)), "good", LONG
    return None


def name_of(mirror: Mirror, conversation: int | None) -> str:
    """The customer of a conversation, in a few words."""
    row = None if conversation is None else mirror.row(conversation)
    return (line(row.contact_name, 30) if row else "") or _("No name")
