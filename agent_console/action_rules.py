"""Why an action of the inbox cannot be done now, in words; None where it can."""

from __future__ import annotations

from agent_console import keys
from agent_console.action_base import State
from agent_console.i18n import _


def needs_conversation(state: State) -> str | None:
    return None if state.conversation or state.marked else _("There is no conversation here.")


def can_claim(state: State) -> str | None:
    if state.marked or (reason := needs_conversation(state)):
        return None if state.marked else reason
    if state.state == "resolved":
        return _("It is resolved: {key} reopens it.").format(key=keys.first("reopen"))
    return _("It is yours already.") if state.mine else None


def can_resolve(state: State) -> str | None:
    if reason := needs_conversation(state):
        return reason
    if state.marked or state.state != "resolved":
        return None
    return _("It is resolved already: {key} reopens it.").format(key=keys.first("reopen"))


def can_transfer(state: State) -> str | None:
    if not state.conversation:
        return _("There is no conversation here.")
    if state.state != "resolved":
        return None
    return _("It is resolved: {key} reopens it.").format(key=keys.first("reopen"))


def can_answer(state: State) -> str | None:
    return None if state.offers else _("Nothing waits for your answer.")


def can_reopen(state: State) -> str | None:
    if reason := needs_conversation(state):
        return reason
    return None if state.marked or state.state == "resolved" else _("It is not resolved.")


def can_retry(state: State) -> str | None:
    if reason := needs_conversation(state):
        return reason
    return None if state.failed else _("No message failed here.")


def can_settle(state: State) -> str | None:
    if not state.opened:
        return _("Open the conversation first ({key}).").format(key=keys.first("open"))
    return None if state.unknown else _("There is no message of unknown fate here.")


def can_fold(state: State) -> str | None:
    return None if state.folded else _("No message here has quoted lines.")


def can_view(state: State) -> str | None:
    if not state.opened:
        return _("Open the conversation first ({key}).").format(key=keys.first("open"))
    return None if state.files else _("No message here has a file.")


def can_moderate(state: State) -> str | None:
    if not state.moderation:
        return _("Only public comments can be hidden or deleted.")
    if state.public:
        return None
    return _("Mark a comment of theirs first ({up}, {down}).").format(
        up=keys.first("mark_up"), down=keys.first("mark_down")
    )


def can_attach(state: State) -> str | None:
    if reason := needs_conversation(state):
        return reason
    return None if state.attachable else _("This channel takes no files.")


def can_address(state: State) -> str | None:
    return None if state.copies else _("This channel has no copies and no subject.")


def can_choose_audience(state: State) -> str | None:
    return None if state.audience else _("Here an answer has only one reader.")


def can_leave_list(state: State) -> str | None:
    return None if state.marked or state.searching else _("This is a view already.")


def can_save_view(state: State) -> str | None:
    if state.searching:
        return None
    return _("Search for something first ({key}); that can be saved.").format(key=keys.first("search"))


def can_unschedule(state: State) -> str | None:
    return None if state.scheduled else _("No message here waits for its time.")


def can_schedule(state: State) -> str | None:
    return _("A note is written at once.") if state.note else None


def can_flag(state: State) -> str | None:
    if not state.conversation:
        return _("There is no conversation here.")
    if state.state == "resolved":
        return _("It is resolved: {key} reopens it.").format(key=keys.first("reopen"))
    if state.assignee and not state.mine and not state.supervises:
        return _("Whoever has it asks for help with it.")
    return None


def can_remind(state: State) -> str | None:
    return None if state.conversation else _("There is no conversation here.")


def can_whisper(state: State) -> str | None:
    if reason := can_supervise(state):
        return reason
    if not state.assignee or state.mine:
        return _("There is no advisor here to whisper to.")
    return None


def can_take_over(state: State) -> str | None:
    if reason := can_supervise(state):
        return reason
    if state.state == "resolved":
        return _("It is resolved: {key} reopens it.").format(key=keys.first("reopen"))
    return _("It is yours already.") if state.mine else None


def can_supervise(state: State) -> str | None:
    if not state.supervises:
        return _("That is for supervisors.")
    return None if state.conversation else _("There is no conversation here.")


def can_undo(state: State) -> str | None:
    return None if state.undo else _("There is nothing to take back.")


def can_show_new(state: State) -> str | None:
    return None if state.fresh else _("There are no new conversations.")
