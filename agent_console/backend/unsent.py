"""What is kept on disk of an advisor's work: what is being written, and commands that the server does not have."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from agent_console.backend.overlay import Change, Letter, Note, Reply, RunMacro
from server import wire


class Command(msgspec.Struct, kw_only=True):
    """A change on its way. `at`: UTC ms when it was made; `tried`: the server may have it already.

    `refused`: why the server said no; the command and those behind it wait for the advisor. `unwanted`: a reply that
    was taken back while on its way; it is cancelled as soon as it has arrived.
    """

    key: str
    change: Change
    at: int
    tried: bool = False
    refused: wire.Problem | None = None
    unwanted: bool = False

    @property
    def conversation(self) -> int:
        """The conversation it changes."""
        return self.change.conversation

    @property
    def text(self) -> str:
        """The words in it that must not be lost, empty for a command without any."""
        if isinstance(self.change, Note):
            return self.change.text
        return self.reply.text if self.reply is not None and self.reply.template is None else ""

    @property
    def reply(self) -> Reply | None:
        """The answer in it."""
        change = self.change
        return change.reply if isinstance(change, RunMacro) else change if isinstance(change, Reply) else None

    @property
    def precious(self) -> bool:
        """Whether there is something in it that somebody made: words, files."""
        return bool(self.text) or (self.reply is not None and bool(self.reply.files))

    def change_reply(self, **fields: Any) -> Reply:
        """The answer in it is another one now."""
        assert self.reply is not None
        reply = msgspec.structs.replace(self.reply, **fields)
        change = self.change
        self.change = msgspec.structs.replace(change, reply=reply) if isinstance(change, RunMacro) else reply
        return reply


class Draft(msgspec.Struct, kw_only=True):
    """An answer being written, and what shall go along with it. `at`: UTC ms of the last change."""

    text: str
    at: int
    letter: Letter = Letter()


class TransferDraft(msgspec.Struct, kw_only=True):
    """What stands in the drawer that hands a conversation on, or asks a colleague about it. `at`: UTC ms of the last
    change. `proposed`, `proposed_promise`: the summary and the promise as they were proposed."""

    kind: Literal["transfer", "consult"] = "transfer"
    to: str = ""
    reason: str = ""
    summary: str = ""
    promised: str = ""
    tell: bool = False
    absent: bool = False
    proposed: str = ""
    proposed_promise: str = ""
    at: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing was typed that would be missed."""
        ours = self.summary in ("", self.proposed) and self.promised in ("", self.proposed_promise)
        return ours and not (self.to or self.reason or self.tell)


class SentLink(msgspec.Struct, kw_only=True):
    """A link in answers of this advisor: how often, to which conversations (a few of them), when last (UTC ms)."""

    times: int = 0
    to: list[int] = []
    at: int = 0


class Saved(msgspec.Struct, kw_only=True):
    """The file's content."""

    version: int = 1
    drafts: dict[int, Draft] = {}
    commands: list[Command] = []
    transfers: dict[int, TransferDraft] = {}
    links: dict[str, SentLink] = {}
