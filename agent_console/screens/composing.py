"""Around the text of an answer: quoting, large pastes, another editor, and what helps while one types."""

from __future__ import annotations

import asyncio
import atexit
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agent_console.i18n import _, number
from agent_console.presentation.drawers import Question
from agent_console.safetext import block, line
from agent_console.screens.attaching import Attaching
from agent_console.screens.completing import Completing
from agent_console.screens.emoji import EmojiEntry
from agent_console.screens.linking import Links
from agent_console.screens.notices import LONG, REASON
from agent_console.screens.templating import Templating
from agent_console.widgets.write_box import LONG as LONG_PASTE

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox

#: characters quoted of a message, and taken from an editor or a paste
QUOTED, MOST = 2_000, 100_000


class Composing:
    """What an inbox's composer can do besides typing."""

    def __init__(self, inbox: Inbox, attaching: Attaching, templating: Templating, links: Links) -> None:
        self._inbox = inbox
        self._attaching = attaching
        box = inbox.composer.prepare()
        box.helper = Completing((templating, EmojiEntry(inbox), links))

    # ------------------------------------------------------------ pasting

    def drop(self, text: str) -> None:
        """What was pasted may be paths of files, or more than one wants to have in the text."""
        if len(text) <= LONG_PASTE:
            self._attaching.drop(text)
            return
        inbox = self._inbox
        can = "document" in inbox.composer.can.media and not inbox.composer.note
        said = [_("It begins: «{text}»").format(text=line(text[:400], 120))]
        if len(text) > MOST:
            said.append(_("Only the first {n} characters fit.").format(n=number(MOST)))
        choices = [
            ("enter", _("paste it")),
            *([("a", _("attach it as a file"))] if can else []),
            ("escape", _("leave it")),
        ]

        def then(answer: str) -> None:
            if answer == "enter":
                inbox.composer.paste(text[:MOST])
            elif answer == "a":
                inbox.first(self._as_file(text))

        inbox.ask(Question(_("Paste {n} characters?").format(n=number(len(text))), said, choices), then)

    async def _as_file(self, text: str) -> None:
        path = await asyncio.to_thread(_written, text, _("pasted text"))
        self._attaching.drop(shlex.quote(str(path)))

    # ------------------------------------------------------------ quoting

    def do_quote(self) -> None:
        """Begin with the words of the message that is marked, else of the customer's newest."""
        inbox = self._inbox
        if inbox.opened != inbox.here and inbox.here is not None:
            inbox.open(inbox.here)
        thread = inbox.thread
        found = thread.marked or thread.newest(lambda message: message.direction == "in" and bool(message.text))
        if found is None or not found.text:
            inbox.say(_("There is nothing to quote here."), "warn", REASON)
            return
        words = block(found.text, QUOTED).strip().split("\n")
        inbox.writing.begin(note=False)
        box = inbox.composer.prepare()
        lead = "" if not box.before else "\n"
        box.put(lead + "".join(f"> {each}\n" for each in words))

    # ------------------------------------------------------------ another editor

    def do_editor(self) -> None:
        """Write in the editor of one's own; what it leaves is the text."""
        program = _editor()
        if not program:
            self._inbox.say(_("There is no editor: set EDITOR."), "warn", LONG)
            return
        self._inbox.background(self._edit(program))

    async def _edit(self, program: list[str]) -> None:
        from textual.app import SuspendNotSupported

        inbox, composer = self._inbox, self._inbox.composer
        conversation, note = composer.conversation, composer.note
        path = await asyncio.to_thread(_written, composer.text)
        try:
            with inbox.app.batch_update(), inbox.app.suspend():
                code = await asyncio.to_thread(_run, [*program, str(path)])
            text = await asyncio.to_thread(_read, path)
        except SuspendNotSupported:
            inbox.say(_("This terminal cannot be lent to an editor."), "warn", LONG)
            return
        except OSError as error:
            inbox.say(_("The editor did not start: {why}").format(why=line(str(error), 120)), "warn", LONG)
            return
        finally:
            inbox.app.refresh(layout=True)
            await asyncio.to_thread(path.unlink, missing_ok=True)
        if code != 0:
            inbox.say(_("The editor ended with an error; the text is as it was."), "warn", LONG)
        elif composer.conversation == conversation:
            composer.write_anew(text, note)


_folder: Path | None = None


def _written(text: str, name: str = "") -> Path:
    """A file of this console's own with the text in it; it goes when the console does. `name`: how whoever gets it
    reads it, without its ending. Raises OSError."""
    global _folder
    if _folder is None:
        _folder = Path(tempfile.mkdtemp(prefix="agent-console-"))
        atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    path = Path(tempfile.mkdtemp(dir=_folder)) / f"{name or 'text'}.txt"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(MOST + 1).rstrip("\n")


def _editor() -> list[str]:
    """The editor that the person set, else one that is there."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if named:
        return shlex.split(named)
    found = next((path for each in ("nano", "vim", "vi") if (path := shutil.which(each))), "")
    return [found] if found else []


def _run(command: list[str]) -> int:
    return subprocess.run(command, check=False).returncode
