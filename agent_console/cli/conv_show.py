"""How `agent-console conv ID` shows a conversation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from agent_console import words
from agent_console.backend import calls
from agent_console.cli import calling, contact_show, convs, printing
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import Format
from agent_console.cli.printing import Column
from agent_console.cli.start import complain
from agent_console.i18n import _, clock, day, duration, moment, size
from server import wire

#: How many messages the server is asked for at once.
PAGE = 100

#: The signs of SCREENS: what became of what we wrote.
_SIGNS = {"queued": "⏱", "sending": "…", "sent": "✓", "delivered": "✓✓", "read": "✓✓", "failed": "✗", "unknown": "?"}


def show(ids: Sequence[int], limit: int, output: Format, quiet: bool) -> None:
    """Print the conversations with their newest messages. Raises Failure if one can't be had."""
    shown: list[Any] = []
    failed = 0
    for id in ids:
        try:
            conversation, messages = calling.send(calls.conversation(id)), _messages(id, limit)
        except Failure as failure:
            if len(ids) == 1:
                raise
            complain(f"#{id}: {failure}")
            failed += 1
            continue
        if quiet:
            for message in messages:
                printing.out(str(message.id))
        elif output is Format.text:
            if shown:
                printing.out("")
            _print(conversation, messages)
        shown.append((conversation, messages))
    if not quiet and output is Format.json:
        documents = [{**msgspec.to_builtins(c), "messages": messages} for c, messages in shown]
        printing.out(printing.to_json(documents[0] if len(ids) == 1 and documents else documents))
    elif not quiet and output is Format.csv:
        everything = [message for _conversation, messages in shown for message in messages]
        printing.rows(everything, _columns(), output, empty="")
    if failed:
        raise Failure(_("Refused: {refused} of {all}").format(refused=failed, all=len(ids)))


def _messages(id: int, limit: int) -> list[wire.Message]:
    """The newest messages, oldest first."""
    found: list[wire.Message] = []
    before: str | None = None
    while True:
        want = min(PAGE, limit - len(found)) if limit else PAGE
        page = calling.send(calls.messages(id, before=before, limit=want))
        found = [*page.items, *found]
        before = page.next
        if before is None or (limit and len(found) >= limit):
            return found


def _columns() -> list[Column[wire.Message]]:
    return [
        Column("id", "id", lambda m: m.id),
        Column("conversation", "conversation", lambda m: m.conversation),
        Column("at", "at", lambda m: m.at),
        Column("direction", "direction", lambda m: m.direction),
        Column("author", "author", lambda m: m.author),
        Column("kind", "kind", lambda m: m.kind),
        Column("text", "text", lambda m: m.text),
        Column("status", "status", lambda m: m.status),
        Column("external_id", "external_id", lambda m: m.external_id),
    ]


def _print(conversation: wire.Conversation, messages: Sequence[wire.Message]) -> None:
    now = time.time_ns() // 1_000_000
    row, contact = conversation.row, conversation.contact
    printing.out(printing.safe(f"#{row.id} {row.contact_name} · {row.channel} ({words.channel(row.channel_kind)})"))
    facts = [words.state(row.state)]
    if row.assignee:
        facts.append(_("assigned to {name}").format(name=row.assignee))
    if row.team:
        facts.append(_("team {name}").format(name=row.team))
    if row.sla is not None:
        facts.append(f"{words.target(row.sla.target)} {convs.sla(row, now)}")
    if row.window_until is not None:
        left = row.window_until - now
        facts.append(_("window {time}").format(time=duration(left)) if left > 0 else _("window closed"))
    if conversation.outcome:
        facts.append(words.outcome(conversation.outcome))
    if row.merged_into is not None:
        facts.append(_("part of conversation {id}").format(id=row.merged_into))
    printing.out(printing.safe(" · ".join(facts)))
    for identity in contact.identities:
        printing.out(
            printing.safe(f"  {identity.channel}: {contact_show.address(identity)} ({words.address(identity.kind)})")
        )
    for likely in conversation.suggestions:
        what = f"{words.likeness(likely.reason)} {likely.value}"
        said = _("likely also contact {id}, {name}: {what}").format(id=likely.contact, name=likely.name, what=what)
        printing.out(printing.safe(f"  {said}"))
    before = ""
    for message in messages:
        today = day(message.at, now)
        if today != before:
            printing.out(f"  ─ {today} ─")
            before = today
        _print_message(message, row)
    if not messages:
        printing.out("  " + _("No messages."))
    if conversation.draft:
        printing.out(printing.safe(_("Draft: {text}").format(text=conversation.draft)))
    if conversation.resolved_at:
        printing.out(_("Resolved: {when}").format(when=moment(conversation.resolved_at, now)))


def _print_message(message: wire.Message, row: wire.ConversationRow) -> None:
    from agent_console import safetext

    who = row.contact_name if message.direction == "in" else (message.author_name or message.author or message.via)
    if message.direction == "note":
        who = _("note ({name})").format(name=who)
    head = f"{clock(message.at):>5}  {printing.safe(who)}: "
    parts = [message.text] if message.text else []
    parts += [f"[{_file(file)}]" for file in message.attachments]
    if not parts:
        parts.append(f"[{words.kind(message.kind)}]")
    lines = safetext.block("\n".join(parts)).split("\n")
    printing.out(head + lines[0] + _signs(message, row))
    for line in lines[1:]:
        printing.out(" " * 9 + line)
    if message.failure:
        printing.out(" " * 9 + printing.safe(words.reason(message.failure, row.channel_kind)))


def _signs(message: wire.Message, row: wire.ConversationRow) -> str:
    signs = []
    if message.direction == "out":
        signs.append(f"{_SIGNS.get(message.status, '')} {words.status(message.status)}".strip())
    if message.edited_at:
        signs.append(_("edited"))
    if message.revoked_at:
        signs.append(_("deleted by its sender"))
    signs += sorted(set(message.reactions.values()))
    # The number is needed to act on it.
    signs.append(str(message.id))
    return "  · " + printing.safe(" · ".join(signs))


def _file(file: wire.Attachment) -> str:
    facts = [file.file_name or words.kind(file.kind)]
    if file.size is not None:
        facts.append(size(file.size))
    if file.state != "stored":
        facts.append(words.attachment(file.state))
    return " · ".join(facts)
