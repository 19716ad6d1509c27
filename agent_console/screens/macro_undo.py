"""Taking back a macro, or a template that was sent: the answer while it is held, and every act that has an opposite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from agent_console import words
from agent_console.backend.overlay import AssignTo, Change, ChangeTags, Macro, Reopen, SetPriority, Snooze
from agent_console.i18n import _
from agent_console.presentation import templates as painted
from agent_console.safetext import line
from agent_console.screens.notices import LONG, UNDO, Undo
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.unsent import Command
    from agent_console.screens.inbox import Inbox


def opposites(macro: Macro, before: wire.ConversationRow) -> list[tuple[wire.MacroAct, Change]]:
    """What undoes a macro's acts, the last one first; those without an opposite, and those that changed nothing, are
    left out. `before`: the conversation as it was."""
    id, found = before.id, []
    for act in reversed(macro.acts):
        undone: Change | None = None
        match act.do:
            case "tag" if act.value not in before.tags:
                undone = ChangeTags(id, remove=(act.value,))
            case "untag" if act.value in before.tags:
                undone = ChangeTags(id, add=(act.value,))
            case "assign" | "team":
                undone = AssignTo(id, user=before.assignee, team=None if before.assignee else before.team)
            case "priority" if act.value != before.priority:
                undone = SetPriority(id, priority=before.priority)
            case "snooze":
                undone = Snooze(id, until=before.snoozed_until if before.state == "snoozed" else None)
            case "resolve" if before.state != "resolved":
                undone = Reopen(id)
        if undone is not None:
            found.append((act, undone))
    return found


def offer_undo(inbox: Inbox, before: wire.ConversationRow, macro: Macro, command: Command) -> None:
    """`z` takes back what `command` did; what it undid is said."""
    session, id = inbox.session, before.id

    def take_back() -> None:
        waiting = session.outgoing.get(command.key)
        if waiting is not None and waiting.tried:
            inbox.say(_("It is on its way this moment; try again at once."), "warn")
            offer_undo(inbox, before, macro, command)
            return
        undone: list[tuple[wire.MacroAct, Change | None]] = [(act, None) for act in macro.acts]
        if waiting is None:
            undone = [*opposites(macro, before)]
        message = inbox.acts.sending.held(id)
        if waiting is not None:
            session.forget(waiting)
        elif message is not None:
            session.take_back(id, message.id)
        for _act, change in undone:
            if change is not None:
                session.do(change)
        reply = command.reply
        if reply is not None and (waiting is not None or message is not None):
            letter = reply.letter if waiting is not None else msgspec.structs.replace(reply.letter, files=())
            inbox.acts.sending.give_back(id, "" if reply.template is not None else reply.text, letter)
        left = message is None and waiting is None
        inbox.say(_said([act for act, _change in undone], reply is not None, left), "good", LONG)

    what = _("What the template {name} did").format(name=line(macro.name, 40))
    reply = command.reply
    held = reply is not None and not macro.acts
    until = reply.at + reply.hold_ms if reply is not None and held else inbox.now() + UNDO
    inbox.notices.offer(Undo(what, until, take_back, held=held))
    inbox.sync_bars()


def _said(undone: list[wire.MacroAct], answered: bool, left: bool) -> str:
    parts = []
    if answered:
        parts.append(words.problem("already_sent") if left else _("the answer was taken back"))
    if undone:
        parts.append(_("undone: {acts}").format(acts=painted.acts(undone)))
    return " · ".join(parts) or _("There was nothing to undo.")
