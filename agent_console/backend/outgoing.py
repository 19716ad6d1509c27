"""What the advisor wrote and the server does not have yet: drafts and commands, on disk, so that nothing is lost.

Commands go out in the order they were given, conversation by conversation, each with the Idempotency-Key it was born
with: sent twice, it is done once. A refusal stops its conversation, and the advisor decides how to go on. The file
holds customers' words, so only its owner may read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from agent_console.backend import calls, calls_protocol, calls_work, links
from agent_console.backend.calls import Call
from agent_console.backend.overlay import (
    AssignTo,
    Change,
    ChangeTags,
    Claim,
    Classify,
    Follow,
    Letter,
    Moderate,
    Note,
    React,
    Reopen,
    Reply,
    Resolve,
    RunMacro,
    Seen,
    SetPriority,
    SetStage,
    SetStatus,
    Snooze,
)
from agent_console.backend.shelf import Shelf
from agent_console.backend.unsent import Command, Draft, Saved, SentLink, TransferDraft
from server import wire

#: A command older than this (ms) is not sent by itself: the customer would get yesterday's answer.
STALE_AFTER = 12 * 3600 * 1000
#: Links remembered, and how many conversations one must have gone to before it is offered in others: one that went to a
#: single customer may be about them alone.
LINKS, OFTEN = 100, 2
#: The code under which such a command is stopped.
TOO_OLD = "too_old"


class Outgoing:
    """Drafts and commands. Every change is written to `shelf` before the method returns (some 0.2 ms)."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf
        self._drafts: dict[int, Draft] = {}
        self._transfers: dict[int, TransferDraft] = {}
        self._links: dict[str, SentLink] = {}
        self._commands: list[Command] = []
        #: why the file can't be written, empty when it can; everything is still kept in memory
        self.unsafe = ""
        if shelf is not None:
            for data in shelf.read():
                self._adopt(data)
            if self._drafts or self._commands or self._transfers or self._links:
                self._save()
            if not self.unsafe:
                shelf.tidy()

    def _adopt(self, data: bytes) -> None:
        try:
            saved = msgspec.json.decode(data, type=Saved)
        except msgspec.DecodeError:
            if self._shelf is not None:
                self._shelf.put_aside(data)
            return
        known = {command.key for command in self._commands}
        self._commands += [command for command in saved.commands if command.key not in known]
        _take_newer(self._drafts, saved.drafts)
        _take_newer(self._transfers, saved.transfers)
        _take_newer(self._links, saved.links)

    def _save(self) -> None:
        if self._shelf is None:
            return
        saved = Saved(drafts=self._drafts, commands=self._commands, transfers=self._transfers, links=self._links)
        try:
            self._shelf.write(msgspec.json.encode(saved))
            self.unsafe = ""
        except OSError as error:
            self.unsafe = error.strerror or str(error)

    def close(self) -> None:
        """Let the file go (what is in it stays)."""
        if self._shelf is not None:
            self._shelf.close()

    # ------------------------------------------------------------ drafts

    def draft(self, conversation: int) -> str:
        """The text being written in a conversation."""
        held = self._drafts.get(conversation)
        return held.text if held else ""

    def letter(self, conversation: int) -> Letter:
        """What shall go along with the text being written."""
        held = self._drafts.get(conversation)
        return held.letter if held else Letter()

    def drafts(self) -> dict[int, str]:
        """All of them, by conversation."""
        return {conversation: draft.text for conversation, draft in self._drafts.items()}

    def set_draft(self, conversation: int, text: str, now: int, letter: Letter | None = None) -> bool:
        """Keep what is being written; nothing at all forgets it. `letter`: as it was, if not given. False if nothing
        changed."""
        letter = self.letter(conversation) if letter is None else letter
        if text == self.draft(conversation) and letter == self.letter(conversation):
            return False
        if text or letter.files:
            self._drafts[conversation] = Draft(text=text, at=now, letter=letter)
        else:
            self._drafts.pop(conversation, None)
        self._save()
        return True

    # ------------------------------------------------------------ transfers being written

    def transfer(self, conversation: int) -> TransferDraft | None:
        """What was being written to hand a conversation on."""
        return self._transfers.get(conversation)

    def transfers(self) -> list[int]:
        """The conversations that somebody was about to hand on."""
        return list(self._transfers)

    def set_transfer(self, conversation: int, draft: TransferDraft | None, now: int) -> None:
        """Keep what is being written; None, or nothing that would be missed, forgets it."""
        draft = None if draft is None or draft.empty else msgspec.structs.replace(draft, at=now)
        if draft is None and conversation not in self._transfers:
            return
        if draft is None:
            del self._transfers[conversation]
        else:
            self._transfers[conversation] = draft
        self._save()

    # ------------------------------------------------------------ links

    def links(self) -> list[tuple[str, int]]:
        """The links this advisor sends to one customer and another, and how often, the most frequent first."""
        often = [(link, sent.times) for link, sent in self._links.items() if len(sent.to) >= OFTEN]
        return sorted(often, key=lambda each: -each[1])

    def _remember_links(self, conversation: int, text: str, now: int) -> None:
        for link in {span.link for span in links.spans(text)}:
            sent = self._links.setdefault(link, SentLink())
            sent.times, sent.at = sent.times + 1, now
            sent.to = [conversation, *(each for each in sent.to if each != conversation)][:OFTEN]
        while len(self._links) > LINKS:
            del self._links[min(self._links, key=lambda link: self._links[link].at)]

    # ------------------------------------------------------------ commands

    @property
    def commands(self) -> list[Command]:
        """All that the server has not confirmed, in the order given."""
        return list(self._commands)

    @property
    def waiting(self) -> int:
        """How many commands wait to be sent (stopped ones not counted)."""
        stopped = self._stopped_conversations()
        return sum(1 for command in self._commands if command.conversation not in stopped)

    @property
    def waiting_replies(self) -> int:
        """How many of them are words: replies and notes."""
        stopped = self._stopped_conversations()
        return sum(1 for each in self._commands if each.precious and each.conversation not in stopped)

    def of(self, conversation: int) -> list[Command]:
        """The commands of one conversation, in order."""
        return [command for command in self._commands if command.conversation == conversation]

    def get(self, key: str) -> Command | None:
        """A command by its key."""
        return next((command for command in self._commands if command.key == key), None)

    def add(self, change: Change, now: int) -> Command:
        """Put a change in the queue. What it was drafted from is not a draft any more."""
        return self.add_all([change], now)[0]

    def add_all(self, changes: Sequence[Change], now: int) -> list[Command]:
        """The same for many at once."""
        commands = [Command(key=calls.new_key(), change=change, at=now) for change in changes]
        self._commands += commands
        for command in commands:
            if command.reply is not None:
                self._drafts.pop(command.conversation, None)
                self._remember_links(command.conversation, command.reply.text, now)
        self._save()
        return commands

    def ready(self, busy: Iterable[int]) -> list[Command]:
        """What can be sent now: the first of each conversation that is neither `busy` nor stopped."""
        held = set(busy) | self._stopped_conversations()
        found: list[Command] = []
        for command in self._commands:
            if command.conversation not in held:
                held.add(command.conversation)
                found.append(command)
        return found

    def expire(self, now: int) -> list[Command]:
        """Stop conversations whose first command has waited too long, as if refused with `TOO_OLD`. Returns them."""
        expired = [command for command in self.ready(()) if now - command.at > STALE_AFTER]
        for command in expired:
            command.refused = wire.Problem(status=0, code=TOO_OLD, params={"at": command.at})
        if expired:
            self._save()
        return expired

    def begin(self, command: Command, now: int) -> Call[Any]:
        """The call to make for a command; from here on the server may have it.

        A reply that has waited longer than it could be taken back leaves at once, unless it was tried before: then it
        must be the very same request.
        """
        reply = command.reply
        if reply is not None and not command.tried and now - reply.at >= reply.hold_ms > 0:
            reply = command.change_reply(hold_ms=0)
        if reply is not None and not command.tried and reply.send_at is not None and reply.send_at <= now:
            command.change_reply(send_at=None)
        if not command.tried:
            command.tried = True
            self._save()
        return call_of(command)

    def not_sent(self, command: Command) -> None:
        """The command did certainly not reach the server."""
        command.tried = False
        self._save()

    def done(self, command: Command) -> None:
        """The server has it, or the advisor does not want it any more."""
        self._commands = [each for each in self._commands if each.key != command.key]
        self._save()

    def unwant(self, command: Command) -> None:
        """The reply on its way is to be cancelled when it has arrived."""
        command.unwanted = True
        self._save()

    def refuse(self, command: Command, problem: wire.Problem) -> None:
        """The server said no: its conversation stops."""
        command.refused = problem
        self._save()

    def stopped(self) -> list[Command]:
        """The refused commands, each the first of a stopped conversation."""
        return [command for command in self._commands if command.refused is not None]

    def go_on(self, conversation: int, now: int, confirm: bool = False, anyway: bool = False) -> None:
        """Send what was stopped once more; `confirm`: whatever a colleague may have answered meanwhile; `anyway`:
        whatever is missing before it is resolved."""
        for command in self.of(conversation):
            command.at = now
            if command.refused is not None and command.refused.code != TOO_OLD:
                # What was refused was not done, so a fresh key can't double it.
                command.key, command.tried = calls.new_key(), False
            command.refused = None
            # One that the server may have must stay the same request, or its key would not find it again.
            if anyway and not command.tried and isinstance(command.change, RunMacro | Resolve):
                command.change = msgspec.structs.replace(command.change, anyway=True)
            if confirm and not command.tried and command.reply is not None:
                command.change_reply(seen_seq=None)
        self._save()

    def give_up(self, conversation: int) -> list[Command]:
        """Forget a conversation's commands. Returns them, so that their words can be kept."""
        dropped = self.of(conversation)
        self._commands = [command for command in self._commands if command.conversation != conversation]
        self._save()
        return dropped

    def _stopped_conversations(self) -> set[int]:
        return {command.conversation for command in self._commands if command.refused is not None}


_Key = TypeVar("_Key", int, str)
_Kept = TypeVar("_Kept", Draft, TransferDraft, SentLink)


def _take_newer(held: dict[_Key, _Kept], saved: dict[_Key, _Kept]) -> None:
    """Of what two consoles kept of the same, the one that was changed last."""
    for key, kept in saved.items():
        if key not in held or held[key].at < kept.at:
            held[key] = kept


def _reply(change: Reply) -> wire.Reply:
    return wire.Reply(
        text="" if change.template is not None else change.text,
        seen_seq=change.seen_seq,
        hold_ms=change.hold_ms,
        send_at=change.send_at,
        reply_to=change.reply_to,
        attachments=[file.id for file in change.files],
        template=change.template,
        snippet=change.snippet,
        private=change.private,
        cc=list(change.cc),
        bcc=list(change.bcc),
        subject=change.subject,
    )


def call_of(command: Command) -> Call[Any]:
    """The call that carries a command out."""
    change, key = command.change, command.key
    match change:
        case Claim():
            return calls.claim(change.conversation, key)
        case AssignTo():
            return calls.assign(change.conversation, user=change.user, team=change.team, key=key)
        case Resolve():
            ended = wire.Resolve(
                outcome=change.outcome,
                amount=change.amount,
                currency=change.currency,
                reason=change.reason,
                anyway=change.anyway,
            )
            return calls_protocol.resolve(change.conversation, ended, key)
        case Reopen():
            return calls.reopen(change.conversation, key, undo=change.was is not None)
        case Reply():
            return calls.reply(change.conversation, _reply(change), key)
        case RunMacro():
            run = wire.RunMacro(
                template=change.macro.template,
                text="",
                reply=None if change.reply is None else _reply(change.reply),
                moments=list(change.macro.moments),
                anyway=change.anyway,
            )
            return calls_work.run_macro(change.conversation, run, key)
        case Note():
            return calls.note(change.conversation, change.text, key)
        case Seen():
            return calls.seen(change.conversation, change.inbound, key)
        case React():
            return calls.react(change.conversation, change.message, change.emoji, key)
        case Moderate():
            return calls.moderate(change.conversation, change.message, change.act, key)
        case SetStatus(status="cancelled"):
            return calls.take_back(change.message, key)
        case SetStatus(settle=True):
            return calls.settle(change.message, "sent" if change.status == "sent" else "resend", key)
        case SetStatus():
            return calls.resend(change.message, key)
        case ChangeTags():
            return calls_work.tag(change.conversation, list(change.add), list(change.remove), key)
        case SetPriority():
            return calls_work.priority(change.conversation, change.priority, key)
        case Classify():
            named = {name: getattr(change, name) for name in ("topic", "complexity", "priority")}
            said = wire.Classify(**{name: value for name, value in named.items() if value is not None})
            return calls_protocol.classify(change.conversation, said, key)
        case SetStage():
            return calls_protocol.stage(change.conversation, change.stage, key)
        case Snooze():
            return calls_work.snooze(change.conversation, change.until, key)
        case Follow():
            return calls_work.follow(change.conversation, change.on, key)
