"""What an advisor can do. Each act is painted at once, kept on disk, and sent as soon as the network lets it.

Nothing here waits and nothing raises for a refusal: the server's answer confirms what was painted or takes it back,
and a refusal comes to the listener as a `Trouble`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from agent_console.backend.bulk import Bulk
from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.mirror import Mirror
from agent_console.backend.outgoing import Outgoing
from agent_console.backend.overlay import (
    AssignTo,
    Change,
    Claim,
    Letter,
    Macro,
    Moderate,
    Note,
    React,
    Reopen,
    Reply,
    Resolve,
    RunMacro,
    Seen,
    SetStatus,
    Ticket,
)
from agent_console.backend.sender import Sender
from agent_console.backend.unsent import Command, TransferDraft
from server import wire

#: How long (ms) a reply can be taken back before it leaves.
HOLD_MS = 5_000
#: Refusals of these stop what was done after them; of the others only the act itself is over.
_STOPPING = (Claim, AssignTo, Resolve, Reopen, Reply, Note, RunMacro)


class Acts:
    """The acts of one advisor. `tell(changes)` paints."""

    mirror: Mirror

    def __init__(self, mirror: Mirror, now: Callable[[], int], tell: Callable[[Changes], None]) -> None:
        self.mirror = mirror
        #: what waits to be sent, and drafts; replaced by one that is kept on disk when it is known who is signed in
        self.outgoing = Outgoing()
        self._now = now
        self._tell = tell
        self._sender: Sender | None = None
        self._tickets: dict[str, Ticket] = {}
        self._bulks: list[Bulk] = []
        self._unsaved = False

    # ------------------------------------------------------------ conversations

    def claim(self, conversation: int) -> Command:
        """Take it."""
        return self._act(Claim(conversation))

    def assign(self, conversation: int, *, user: str | None = None, team: str | None = None) -> Command:
        """Give it to a user, a team, or (neither) back to the queue."""
        return self._act(AssignTo(conversation, user=user, team=team))

    def resolve(self, conversation: int, outcome: str = "") -> Command:
        """It is done."""
        return self._act(Resolve(conversation, outcome=outcome))

    def reopen(self, conversation: int) -> Command:
        """It is not done after all."""
        return self._act(Reopen(conversation))

    def do(self, change: Change) -> Command:
        """Tags, priority, putting aside, following; or what undoes a change."""
        return self._act(change)

    def do_all(self, changes: Sequence[Change]) -> Bulk:
        """Change many conversations at once; refusals are gathered, not told one by one."""
        commands = self.outgoing.add_all(changes, self._now())
        bulk = Bulk({command.key: command.conversation for command in commands})
        self._bulks.append(bulk)
        told = Changes(waiting=True)
        for command in commands:
            told.merge(self._pretend(command))
        self._check_saved(told)
        self._tell(told)
        self._wake()
        return bulk

    # ------------------------------------------------------------ messages

    def reply(
        self,
        conversation: int,
        text: str = "",
        *,
        seen_seq: int | None = None,
        confirm: bool = False,
        hold_ms: int = HOLD_MS,
        send_at: int | None = None,
        reply_to: int | None = None,
        files: Sequence[wire.Attachment] = (),
        template: wire.Template | None = None,
        private: bool = False,
        cc: Sequence[str] = (),
        bcc: Sequence[str] = (),
        subject: str = "",
        snippet: int | None = None,
        macro: Macro | None = None,
    ) -> Command:
        """Answer the customer, and do what else its template does. `take_back` works until `hold_ms` have passed, or
        until `send_at` (UTC ms).

        `seen_seq`: `mirror.seq` when the writer began (now, if not given): if a colleague answered after it, the
        server refuses with `conversation_moved`. `confirm` sends it whatever anybody answered.
        """
        seen = self.mirror.seq if seen_seq is None else seen_seq
        change = Reply(
            conversation,
            text=text,
            at=self.mirror.server_now(self._now()),
            hold_ms=hold_ms,
            send_at=send_at,
            seen_seq=None if confirm else seen,
            reply_to=reply_to,
            files=tuple(files),
            template=template,
            private=private,
            cc=tuple(cc),
            bcc=tuple(bcc),
            subject=subject,
            snippet=snippet,
        )
        self._forget_draft(conversation, on_server=self._drop_draft(conversation))
        return self._act(change if macro is None else RunMacro(conversation, macro=macro, reply=change, at=change.at))

    def run_macro(self, conversation: int, macro: Macro) -> Command:
        """Do what a template does that says nothing."""
        return self._act(RunMacro(conversation, macro=macro, at=self.mirror.server_now(self._now())))

    def note(self, conversation: int, text: str) -> Command:
        """A note for colleagues."""
        return self._act(Note(conversation, text=text, at=self.mirror.server_now(self._now())))

    def react(self, conversation: int, message: int, emoji: str) -> Command:
        """React to a customer's message; an empty `emoji` takes it back."""
        return self._act(React(conversation, message=message, emoji=emoji))

    def moderate(self, conversation: int, message: int, act: Literal["hide", "unhide", "delete"]) -> Command:
        """Hide a public message from others, show it again, or delete it for good."""
        return self._act(Moderate(conversation, message=message, act=act))

    def forget(self, command: Command) -> None:
        """Take back what the server has not heard of yet."""
        self._drop(command)

    def take_back(self, conversation: int, message: int) -> str:
        """Take a reply back that is still held; also one that waits for the network (its id is negative).

        Returns its text, to go on with; `answering.letter_of` says what went along.
        """
        command = self._behind(message) if message < 0 else None
        if command is not None:
            text = command.text
            if command.tried:
                # It may have arrived: only its answer will tell under which id to cancel it.
                self.outgoing.unwant(command)
                self._shadow(command, "cancelled")
            else:
                self._drop(command)
            return text
        thread = self.mirror.thread(conversation)
        held = thread.get(message) if thread else None
        self._act(SetStatus(conversation, message=message, status="cancelled"))
        return held.text if held else ""

    def resend(self, conversation: int, message: int) -> Command:
        """Send a failed message again."""
        return self._act(SetStatus(conversation, message=message, status="queued"))

    def settle(self, conversation: int, message: int, decision: Literal["sent", "resend"]) -> Command:
        """Decide about a message of which nobody knows whether it was sent."""
        status: Literal["sent", "queued"] = "sent" if decision == "sent" else "queued"
        return self._act(SetStatus(conversation, message=message, status=status, settle=True))

    # ------------------------------------------------------------ what was stopped

    def go_on(self, conversation: int, confirm: bool = False, anyway: bool = False) -> None:
        """Send what was refused once more, and what was done after it. `confirm`: whatever a colleague answered;
        `anyway`: whatever is missing before it is resolved."""
        self.outgoing.go_on(conversation, self._now(), confirm, anyway)
        self._pretend_again(conversation)
        self._wake()

    def give_up(self, conversation: int) -> str:
        """Forget what was refused and what was done after it. Its words go back to the draft, and are returned."""
        words = [command.text for command in self.outgoing.of(conversation) if command.text]
        replies = [each.reply for each in self.outgoing.of(conversation) if each.reply is not None]
        letter = self.outgoing.letter(conversation)
        if letter == Letter() and replies:
            letter = replies[-1].letter
        self._take_back_all(conversation)
        self.outgoing.give_up(conversation)
        draft = "\n\n".join([*([held] if (held := self.outgoing.draft(conversation)) else []), *words])
        self.outgoing.set_draft(conversation, draft, self._now(), letter)
        self._tell(Changes(waiting=True, threads={conversation}))
        return draft

    # ------------------------------------------------------------ inside

    def _drop_draft(self, conversation: int) -> bool:
        thread = self.mirror.thread(conversation)
        return thread is not None and thread.drop_draft()

    def _forget_draft(self, conversation: int, on_server: bool) -> None:
        """What was a draft is a reply now; `on_server`: the server still holds it as a draft."""

    def _act(self, change: Change) -> Command:
        command = self.outgoing.add(change, self._now())
        changes = self._pretend(command)
        changes.waiting = True
        self._check_saved(changes)
        self._tell(changes)
        self._wake()
        return command

    def _pretend(self, command: Command) -> Changes:
        ticket = self._tickets[command.key] = self.mirror.pretend(command.change)
        return self.mirror.dirty(ticket)

    def _pretend_again(self, conversation: int) -> None:
        """Paint a conversation's commands anew (their keys may have changed)."""
        changes = Changes(waiting=True)
        for command in self.outgoing.of(conversation):
            if command.key not in self._tickets:
                changes.merge(self._pretend(command))
        self._tell(changes)

    def _take_back_all(self, conversation: int) -> None:
        changes = Changes(waiting=True)
        for command in self.outgoing.of(conversation):
            ticket = self._tickets.pop(command.key, None)
            if ticket is not None:
                changes.merge(self.mirror.take_back(ticket))
        self._tell(changes)

    def _drop(self, command: Command) -> None:
        self.outgoing.done(command)
        ticket = self._tickets.pop(command.key, None)
        changes = self.mirror.take_back(ticket) if ticket is not None else Changes()
        changes.waiting = True
        self._tell(changes)

    def _behind(self, shadow: int) -> Command | None:
        """The command whose message is shown under a negative id."""
        for key, ticket in self._tickets.items():
            if ticket.number == -shadow:
                return self.outgoing.get(key)
        return None

    def _shadow(self, command: Command, status: Literal["cancelled"]) -> None:
        ticket = self._tickets.get(command.key)
        if ticket is not None and ticket.shadow is not None:
            ticket.shadow = msgspec.structs.replace(ticket.shadow, status=status)
            self._tell(self.mirror.dirty(ticket))

    def _wake(self) -> None:
        if self._sender is not None:
            self._sender.wake()

    def keep_transfer(self, conversation: int, draft: TransferDraft | None) -> None:
        """Keep on disk what is being written to hand a conversation on; None forgets it."""
        self.outgoing.set_transfer(conversation, draft, self._now())
        changes = Changes()
        self._check_saved(changes)
        if changes:
            self._tell(changes)

    def _check_saved(self, changes: Changes) -> None:
        """Say it once when what is written can't be kept on disk (full, read-only)."""
        if self.outgoing.unsafe and not self._unsaved:
            problem = wire.Problem(code="unsafe", detail=self.outgoing.unsafe, status=0)
            changes.troubles.append(Trouble(problem))
        self._unsaved = bool(self.outgoing.unsafe)

    # ------------------------------------------------------------ the server's answers

    def _done(self, command: Command, answer: Any) -> None:
        ticket = self._tickets.pop(command.key, None)
        changes = Changes(waiting=True)
        self._bulk_ended(command)
        if isinstance(answer, wire.Message) and isinstance(command.change, React | Moderate):
            answer = None  # the message that carries it; what it did to its target comes by the feed
        if ticket is not None:
            changes.merge(self.mirror.confirm(ticket, answer))
        self._tell(changes)
        if command.unwanted and isinstance(answer, wire.Message):
            self._act(SetStatus(command.conversation, message=answer.id, status="cancelled"))

    def _refused(self, command: Command, problem: wire.Problem) -> None:
        conversation = command.conversation
        stopping = isinstance(command.change, _STOPPING)
        behind = self.outgoing.of(conversation)
        stopped = stopping and not command.unwanted and any(each.precious for each in (command, *behind))
        changes = Changes(waiting=True)
        if stopped:
            self._take_back_all(conversation)
        elif stopping and not command.unwanted:
            self._take_back_all(conversation)
            self.outgoing.give_up(conversation)
        else:
            self._drop(command)
        if not self._bulk_ended(command, problem) or stopped:
            changes.troubles.append(Trouble(problem, conversation, command.change, stopped))
        self._tell(changes)
        self._wake()

    def _bulk_ended(self, command: Command, problem: wire.Problem | None = None) -> bool:
        """A command has ended: whether it was one of many."""
        if not self._bulks:
            return False
        ended = [bulk.ended(command.key, problem) for bulk in self._bulks]
        keys = {each.key for each in self.outgoing.commands}
        for bulk in self._bulks:
            bulk.only(keys)
        self._bulks = [bulk for bulk in self._bulks if bulk.left]
        return any(ended)

    def _unread(self, conversation: int) -> int:
        """The number of the customer's messages, if some of them have not been seen; else 0."""
        row = self.mirror.row(conversation)
        if row is None or (row.seen is not UNSET and row.seen >= row.inbound):
            return 0
        return row.inbound

    def _mark_seen(self, conversation: int, inbound: int) -> None:
        """Seen is seen: it is never taken back, whatever the server answers."""
        ticket = self.mirror.pretend(Seen(conversation, inbound=inbound))
        self._tell(self.mirror.confirm(ticket))
