"""Composing answers and notes: typed line by line, in one's own editor, with files; kept line by line as drafts."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agent_console.backend import keeping
from agent_console.backend.overlay import Letter
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.lines import Interrupted
from agent_console.plain.refusals import Refused
from agent_console.safetext import block, line

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

#: what ends a text of several lines; a line that shall read so is typed with one more
END, ESCAPED = ".", ".."
#: characters of a message that are quoted
QUOTED = 2_000


class Writing:
    """What one writes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------ typing

    async def do_reply(self, rest: str) -> None:
        """Answer: the text after the word, or line by line."""
        await self._reply(rest, private=False)

    async def do_private(self, rest: str) -> None:
        """Answer a public comment so that only its writer reads it."""
        await self._reply(rest, private=True)

    async def _reply(self, rest: str, private: bool) -> None:
        desk, row = self._desk, self._desk.row_here()
        # What is said in one breath goes alone; a draft that was there stays one.
        kept = desk.session.draft_of(row.id) if rest.strip() else ""
        text = rest if rest.strip() else await self._compose(row.id)
        letter = msgspec.structs.replace(desk.sending.letter(row.id), private=private)
        if kept:  # what a template does goes with its own words
            letter = msgspec.structs.replace(letter, snippet=None, macro=None)
        await desk.sending.send(row.id, text, letter, kept)

    async def _compose(self, conversation: int) -> str:
        """A text of several lines, kept as a draft from the first one on. Raises Refused when it was broken off."""
        desk = self._desk
        begun = desk.session.draft_of(conversation)
        said = [begun] if begun else []
        if begun:
            desk.say(_("So far: {text}").format(text=line(begun, 400)))
        if desk.lines.live:
            desk.say(_("Write; a line with only . sends it, ctrl+c keeps it as a draft."))
        try:
            await self._lines(said, lambda: desk.session.draft(conversation, "\n".join(said)))
        except Interrupted as stop:
            said += [stop.typed] if stop.typed.strip() else []
            desk.session.draft(conversation, "\n".join(said))
            raise Refused(_("broken off; what you wrote is kept as a draft.") if said else _("broken off.")) from None
        desk.session.viewing(conversation)
        return "\n".join(said)

    async def _lines(self, said: list[str], kept: Callable[[], None] | None = None) -> None:
        """Add lines to `said` until the end is typed; `kept()` after each."""
        desk = self._desk
        while True:
            typed = await desk.lines.read(_("Text") + ": ")
            if typed is None and not desk.lines.live:
                raise Refused(_("the text has no end (a line with only .); it is kept as a draft."))
            if typed is None or typed == END:
                return
            said.append(END if typed == ESCAPED else typed)
            if kept is not None:
                kept()
            if desk.here is not None:
                desk.session.viewing(desk.here, typing=True)

    async def do_note(self, rest: str) -> None:
        """A note for colleagues."""
        desk, row = self._desk, self._desk.row_here()
        said = [rest] if rest.strip() else []
        if not said:
            if desk.lines.live:
                desk.say(_("Write the note; a line with only . ends it."))
            try:
                await self._lines(said)
            except Interrupted as stop:
                said += [stop.typed] if stop.typed.strip() else []
                raise Refused(self._keep_note(row.id, said)) from None
        text = "\n".join(said).strip()
        if not text:
            raise Refused(_("nothing was written."))
        desk.session.note(row.id, text)
        desk.say(desk.later(await desk.settle(row.id), _("Note written; only colleagues see it.")))

    def _keep_note(self, conversation: int, said: list[str]) -> str:
        """A note broken off is kept where it cannot be sent to the customer by mistake: in a file."""
        if not said:
            return _("broken off.")
        path = keeping.save("\n".join(said).encode(), keeping.downloads(os.environ), f"nota-{conversation}.txt")
        return _("broken off; what you wrote is in {path}").format(path=line(str(path), 300))

    async def do_quote(self, rest: str) -> None:
        """Begin the answer with words of the customer's: those of their newest message, or of the one before it."""
        desk, row = self._desk, self._desk.row_here()
        number = int(rest) if rest.strip().isdecimal() else 1
        theirs = [
            each
            for each in reversed(desk.session.mirror.messages(row.id))
            if each.direction == "in" and block(each.text).strip()
        ]
        if not 0 < number <= len(theirs):
            raise Refused(_("There is nothing to quote here."))
        quoted = "".join(f"> {each}\n" for each in str(block(theirs[number - 1].text, QUOTED)).strip().split("\n"))
        kept = desk.session.draft_of(row.id)
        desk.session.draft(row.id, f"{kept}\n{quoted}" if kept.strip() else quoted)
        desk.say(*self.text_lines(_("Draft"), desk.session.draft_of(row.id).rstrip()))
        desk.say(_("{reply} goes on with it.").format(reply=vocabulary.BY_ID["reply"].name))

    def keep_typed(self, typed: str) -> str:
        """ctrl+c on a line that was an answer being written: keep it as a draft. What to say, if anything."""
        first, rest = vocabulary.split(typed)
        if self._desk.here is None or not rest.strip():
            return ""
        try:
            word = vocabulary.find(first)
        except vocabulary.NotUnderstood:
            return ""
        if word.id not in ("reply", "private", "note"):
            return ""
        if word.id == "note":
            return self._keep_note(self._desk.here, [rest])
        self._desk.session.draft(self._desk.here, rest)
        return _("Not sent; what you wrote is kept as a draft.")

    # ------------------------------------------------------------ drafts

    async def do_draft(self, rest: str) -> None:
        """Read the draft, or drop it; what had to wait becomes one again."""
        desk, row = self._desk, self._desk.row_here()
        if any(command.refused for command in desk.session.outgoing.of(row.id)):
            desk.session.give_up(row.id)
        draft, letter = desk.session.draft_of(row.id), desk.sending.letter(row.id)
        if vocabulary.pick(rest, {"drop": ("drop", "borrar", "delete", "tirar")}):
            desk.sending.keep(row.id, Letter())
            desk.session.draft(row.id, "")
            desk.say(_("The draft is gone."))
            return
        if not draft and not letter.files:
            raise Refused(_("there is no draft here."))
        desk.say(*self.text_lines(_("Draft"), draft), *self._attached(letter))

    def text_lines(self, title: str, text: str) -> list[str]:
        """A text of ours, read out: its lines are set in."""
        said = block(text).split("\n")
        return [f"{title}: {said[0]}", *(wording.INDENT + each for each in said[1:])]

    def _attached(self, letter: Letter) -> list[str]:
        return [_("With it goes {file}.").format(file=line(each.file_name, 80)) for each in letter.files]

    # ------------------------------------------------------------ the editor

    async def do_editor(self, rest: str) -> None:
        """Write in $EDITOR; what comes back is the draft."""
        desk, row = self._desk, self._desk.row_here()
        text = await self.edit(desk.session.draft_of(row.id))
        desk.session.draft(row.id, text)
        if not text.strip():
            raise Refused(_("the file came back empty; nothing is sent."))
        send = vocabulary.BY_ID["send"].name
        desk.say(*self.text_lines(_("Draft"), text), _("{send} sends it.").format(send=send))

    async def edit(self, text: str) -> str:
        """A text as it comes back from the reader's own editor. Raises Refused without one."""
        program = editor()
        if not program or not self._desk.lines.live:
            raise Refused(_("no editor is set; say which in EDITOR, for example EDITOR=nano."))
        folder = Path(tempfile.mkdtemp(prefix="agent-console-"))
        path = folder / "texto.txt"
        path.write_text(text, encoding="utf-8")
        self._desk.lines.suspend()
        try:
            process = await asyncio.create_subprocess_exec(*shlex.split(program), str(path))
            await process.wait()
            return path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
        except OSError as error:
            raise Refused(_("{program} cannot be started: {why}").format(program=program, why=error.strerror)) from None
        finally:
            self._desk.lines.resume()
            shutil.rmtree(folder, ignore_errors=True)


def editor() -> str:
    """The reader's own editor, as the environment names it."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
