"""Calls of the HTTP API about reminders, and about help and supervision; see `agent_console.backend.calls`."""

from __future__ import annotations

from agent_console.backend.calls import Call, get, send
from server import wire


def reminders(
    whose: str = "mine", state: str = "open", after: str | None = None, limit: int = 50
) -> Call[wire.Page[wire.Reminder]]:
    return get("/reminders", wire.Page[wire.Reminder], whose=whose, state=state, after=after, limit=limit)


def reminders_of(conversation: int, after: str | None = None, limit: int = 50) -> Call[wire.Page[wire.Reminder]]:
    path = f"/conversations/{conversation}/reminders"
    return get(path, wire.Page[wire.Reminder], after=after, limit=limit)


def reminder(id: int) -> Call[wire.Reminder]:
    return get(f"/reminders/{id}", wire.Reminder)


def remind(conversation: int, new: wire.NewReminder, key: str = "") -> Call[wire.Reminder]:
    return send("POST", f"/conversations/{conversation}/reminders", wire.Reminder, new, key)


def change_reminder(id: int, change: wire.ChangeReminder, key: str = "") -> Call[wire.Reminder]:
    return send("PATCH", f"/reminders/{id}", wire.Reminder, change, key)


# ---------------------------------------------------------------- help and supervision


def flag(conversation: int, reason: str = "", on: bool = True) -> Call[wire.ConversationRow]:
    body = wire.Flag(on=on, reason=reason)
    return send("POST", f"/conversations/{conversation}/flag", wire.ConversationRow, body)


def whisper(conversation: int, text: str) -> Call[wire.Message]:
    return send("POST", f"/conversations/{conversation}/whisper", wire.Message, wire.Whisper(text=text))


def observe(conversation: int) -> Call[None]:
    return send("POST", f"/conversations/{conversation}/observe", type(None))


def take_over(conversation: int, reason: str) -> Call[wire.ConversationRow]:
    body = wire.TakeOver(reason=reason)
    return send("POST", f"/conversations/{conversation}/take-over", wire.ConversationRow, body)
