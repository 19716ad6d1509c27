"""Writing in the inbox: opening and leaving the composer, drafts, and telling the others that one types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from agent_console.backend.answering import can_be_answered

if TYPE_CHECKING:
    from agent_console.backend.overlay import Letter
    from agent_console.screens.inbox import Inbox

#: how often colleagues are told again that one types, and after what rest that one stopped, ms
SAY_AGAIN = 2_000
REST = 4_000


class Writing:
    """What goes on around the composer of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        #: the newest event the writer had seen when they began to write; a colleague's answer after it is asked about
        self.seen_seq: int | None = None
        #: when the last key was typed, the server's time
        self.typed_at = 0
        self._said_at = 0

    def begin(self, note: bool) -> None:
        """Open the composer for the conversation one is at."""
        inbox = self._inbox
        here = inbox.here
        if here is None:
            return
        if inbox.opened != here:
            inbox.open(here, focus=False)
        inbox.remove_class("who")
        if self.seen_seq is None:
            self.seen_seq = inbox.session.mirror.seq
        if not note:
            self._answer_marked()
        inbox.composer.write(note)
        inbox.sync_bars()

    def _answer_marked(self) -> None:
        """A reply names the message that is marked, where its channel has such a thing."""
        composer, marked = self._inbox.composer, self._inbox.thread.marked
        named = marked is not None and can_be_answered(marked, composer.can)
        composer.change(msgspec.structs.replace(composer.letter, reply_to=marked.id if marked and named else None))

    def leave(self) -> None:
        """Back to reading; what is written stays as a draft."""
        inbox = self._inbox
        self._stop_typing()
        inbox.composer.close()
        if inbox.composer.empty:
            self.seen_seq = None
        inbox.thread.focus()
        inbox.sync_bars()

    def sent(self) -> None:
        """The text was handed over."""
        self.seen_seq = None
        self.leave()
        self._inbox.thread.nothing_new()
        self._inbox.thread.mark(None)
        self._inbox.thread.sync()
        self._inbox.thread.move("end")

    def opened_another(self) -> None:
        """Another conversation is open: nothing was begun there."""
        self.seen_seq = None

    def edited(self, conversation: int, text: str, letter: Letter) -> None:
        """Keep the draft and tell the others that one writes."""
        session, now = self._inbox.session, self._inbox.now()
        if self.seen_seq is None:
            self.seen_seq = session.mirror.seq
        session.draft(conversation, text, letter)
        if not self._inbox.composer.note:
            self.typed_at = now
            if now - self._said_at > SAY_AGAIN:
                self._said_at = now
                session.viewing(conversation, typing=True)

    def tick(self) -> None:
        """Who has not typed for a while has stopped."""
        if self._said_at and self._inbox.now() - self.typed_at > REST:
            self._stop_typing()

    def _stop_typing(self) -> None:
        if self._said_at:
            self._said_at = 0
            self._inbox.session.viewing(self._inbox.opened)
