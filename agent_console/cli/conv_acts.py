"""What the verbs of `agent-console conv` share: doing something for each id, finding a message, uploading a file."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from agent_console import words
from agent_console.backend import calls
from agent_console.cli import asking, calling, printing
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format
from agent_console.cli.start import complain
from agent_console.i18n import _, clock
from server import wire

T = TypeVar("T", wire.ConversationRow, wire.Message, wire.Reminder, wire.Transfer)

#: How many messages are looked through for `last`.
RECENT = 100


def each(ids: Sequence[int], act: Callable[[int], T], say: Callable[[T], str], output: Format, quiet: bool) -> None:
    """Act on each conversation and print what came of it. Raises Failure at the end if any was refused."""
    done: list[T] = []
    refused = 0
    for id in ids:
        try:
            answer = act(id)
        except Failure as failure:
            if len(ids) == 1:
                raise
            complain(f"#{id}: {failure}")
            refused += 1
            continue
        done.append(answer)
        if quiet:
            printing.out(str(answer.id))
        elif output is Format.text:
            printing.out(say(answer))
    if not quiet and output is Format.json:
        printing.out(printing.to_json(done[0] if len(ids) == 1 else done))
    elif not quiet and output is Format.csv:
        printing.out(_csv(done))
    if refused:
        raise Failure(_("Refused: {refused} of {all}").format(refused=refused, all=len(ids)))


def _csv(done: Sequence[T]) -> str:
    names = ("id", "conversation", "kind", "text", "status", "state", "assignee", "team")
    columns = [printing.Column[T](name, name, attrgetter(name)) for name in names if done and hasattr(done[0], name)]
    return printing.to_csv(done, columns).rstrip("\n")


def say_row(row: wire.ConversationRow) -> str:
    """What became of a conversation, in a line."""
    text = f"#{row.id} {row.contact_name}: {words.state(row.state)}"
    if row.assignee:
        text += " · " + _("assigned to {name}").format(name=row.assignee)
    elif row.team:
        text += " · " + _("team {name}").format(name=row.team)
    return printing.safe(text)


def say_message(message: wire.Message) -> str:
    """What became of a message, in a line."""
    text = _("message {id}: {status}").format(id=message.id, status=words.status(message.status))
    if message.status == "queued" and message.send_at and message.send_at > message.received_at:
        text += " · " + _("leaves at {time}").format(time=clock(message.send_at))
    if message.failure:
        text += " · " + words.reason(message.failure)
    return printing.safe(f"#{message.conversation} {text}")


def message(conversation: int, given: str, directions: set[str], statuses: set[str] | None = None) -> int:
    """A message's id: the number given, or for `last` the newest of these directions (with one of `statuses`)."""
    if given.isdecimal():
        return int(given)
    if given != "last":
        raise WrongUsage(_("{given} is no message: give its number, or last.").format(given=repr(given)))
    page = calling.send(calls.messages(conversation, limit=RECENT))
    for found in reversed(page.items):
        if found.direction in directions and (statuses is None or found.status in statuses):
            return found.id
    raise Failure(_("There is no such message in conversation {id}.").format(id=conversation))


def template(given: str, parameters: list[str]) -> wire.Template:
    """`NAME:LANGUAGE` with its parameters."""
    name, colon, language = given.rpartition(":")
    if not colon or not name or not language:
        raise WrongUsage(_("--template takes NAME:LANGUAGE, for example estado_cuenta:es"))
    return wire.Template(name=name, language=language, parameters=parameters)


def upload(name: str) -> int:
    """Upload a file; the id to send it by."""
    data = asking.file(name)
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return calling.send(calls.upload(data, mime=mime, file_name=Path(name).name)).id
