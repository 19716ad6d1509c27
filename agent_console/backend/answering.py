"""An answer made complete: to whom it goes, who gets a copy, which message it answers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from agent_console.backend import mail
from agent_console.backend.overlay import Letter
from server.wire import Attachment, Capabilities, Message


class Answer(NamedTuple):
    """A letter filled in. `to` is the mail address it goes to, empty where that goes without saying; `answered`: the
    message it answers, if one was chosen or a mail has to be."""

    to: str
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    private: bool
    files: tuple[Attachment, ...]
    answered: Message | None
    reply_to: int | None


def fill_in(letter: Letter, can: Capabilities, messages: Sequence[Message], own: Collection[str]) -> Answer:
    """The letter as it would leave now. `messages`: of the conversation, oldest first; `own`: our mail addresses."""
    chosen = next((each for each in messages if each.id == letter.reply_to), None) if names_message(can) else None
    answered = chosen or (mail.newest_mail(messages) if can.copies or can.public else None)
    cc: tuple[str, ...] = ()
    if can.copies:
        everybody = tuple(mail.others(answered, own)) if answered is not None and letter.everybody else ()
        cc = everybody if letter.cc is None else letter.cc
    return Answer(
        to=_to(answered, messages) if can.copies and answered is not None else "",
        cc=cc,
        bcc=letter.bcc if can.copies else (),
        subject=letter.subject if can.subject else "",
        private=letter.private and can.private_once_ms is not None,
        files=letter.files,
        answered=answered,
        reply_to=chosen.id if chosen is not None else None,
    )


def _to(answered: Message, messages: Sequence[Message]) -> str:
    """The address of who is answered; if that was a machine, of the person who wrote last."""
    people = (mail.reply_to(each) for each in reversed(messages) if each.direction == "in")
    return mail.reply_to(answered) or next((found for found in people if found), "")


def names_message(can: Capabilities) -> bool:
    """Whether an answer can say which message it answers."""
    return can.quotes or can.public or can.subject


def can_be_answered(message: Message, can: Capabilities) -> bool:
    """Whether an answer may name this message as the one it answers."""
    if message.external_id is None or message.direction == "note" or not names_message(can):
        return False
    return message.direction == "in" or can.quotes


def private_problem(asked: Message | None, can: Capabilities, messages: Sequence[Message], now: int) -> str:
    """Why a public message can't be answered in private (the code of `wire.Problem`), empty if it can."""
    if can.private_once_ms is None or asked is None:
        return "invalid"
    if now > asked.at + can.private_once_ms:
        return "private_late"
    for message in messages:
        if message.direction == "out" and message.status not in ("failed", "cancelled"):
            used = mail.options(message).get("private")
            if used is True or (used and used == asked.external_id):
                return "private_used"
    return ""


def letter_of(message: Message) -> Letter:
    """What went along with a message of ours that was taken back."""
    chosen = mail.options(message)
    return Letter(
        reply_to=message.reply_to,
        files=tuple(message.attachments),
        private=bool(chosen.get("private")),
        cc=tuple(box.address for box in mail.boxes(chosen.get("cc"))),
        bcc=tuple(box.address for box in mail.boxes(chosen.get("bcc"))),
        subject=str(chosen.get("subject") or ""),
    )
