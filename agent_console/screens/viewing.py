"""Looking at the files of a message: shown in the terminal, saved, or opened in the system's viewer."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend import calls, computer, keeping
from agent_console.i18n import _, size
from agent_console.presentation import graphics, media
from agent_console.presentation import picture as pictures
from agent_console.presentation.drawers import Question
from agent_console.presentation.picture import Picture
from agent_console.safetext import line
from agent_console.screens.notices import LONG
from agent_console.widgets import picture_drawer
from agent_console.widgets.picture_drawer import PictureDrawer

if TYPE_CHECKING:
    from agent_console.backend.keeping import Danger
    from agent_console.screens.inbox import Inbox
    from server.wire import Attachment

#: bytes of a file that is fetched just to be looked at, and seconds that making a picture of it may take
MOST = 30_000_000
SECONDS = 12.0


class Viewing:
    """The files an inbox looks at; the bytes of the one shown are kept until another is."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._drawer = PictureDrawer(self._do, self._again, id="picture")
        self._files: list[Attachment] = []
        self._at = 0
        self._data = b""
        self._danger: Danger = "unknown"
        self._mime = ""
        self._graphics: graphics.Graphics | None = None

    @property
    def _file(self) -> Attachment:
        return self._files[self._at]

    def do_view(self) -> None:
        thread = self._inbox.thread
        message = thread.target(lambda each: any(file.state == "stored" for file in each.attachments))
        message = message or thread.target(lambda each: bool(each.attachments))
        if message is None:
            return
        self._files, self._at = list(message.attachments), 0
        self._show()
        self._inbox.over.raise_(self._drawer)

    def _do(self, asked: str) -> None:
        if asked in ("next", "previous"):
            step = 1 if asked == "next" else -1
            self._at = (self._at + step) % len(self._files)
            if len(self._files) > 1:
                self._show()
        elif not self._data:
            self._inbox.say(_("The file is not here."), "warn")
        elif asked == "save":
            self._inbox.background(self._save())
        else:
            self._open()

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        file, self._data = self._file, b""
        self._danger, self._mime = "unknown", file.mime
        if file.state != "stored":
            why = words.attachment(file.state) + (f": {line(file.error, 120)}" if file.error else "")
            self._paint(None, why, "warn")
        elif (file.size or 0) > MOST:
            self._paint(None, _("too large to be shown here; s saves it"), "muted")
            self._inbox.background(self._load(file, picture=False))
        else:
            self._paint(None, _("loading…"), "faint")
            self._inbox.background(self._load(file, picture=True))

    async def _load(self, file: Attachment, picture: bool) -> None:
        data = await self._inbox.session.api.send(calls.attachment(file.id))
        if file is not self._file:
            return
        self._data = data
        self._danger, self._mime = await asyncio.to_thread(keeping.danger, file.file_name, data)
        if picture:
            await self._picture(file)

    async def _picture(self, file: Attachment) -> None:
        if not self._mime.startswith("image/") or self._danger == "dangerous":
            self._paint(None)
            return
        if self._graphics is None:
            self._graphics = await asyncio.to_thread(graphics.detect, os.environ)
        made = await make(self._data, self._graphics, self._drawer.room())
        if file is self._file:
            self._paint(made, "" if made or self._graphics.way == "off" else _("this picture cannot be shown"), "muted")

    def _again(self) -> None:
        if self._data and self._files:
            self._inbox.background(self._picture(self._file))

    def _paint(self, picture: Picture | None, more: str = "", tone: str = "muted") -> None:
        file = self._file
        name = line(file.file_name, 120) or media.kind_of(file.kind).word
        facts = [line(self._mime, 60), size(len(self._data) or file.size or 0)]
        if picture is not None:
            facts.append(f"{picture.width}×{picture.height}")
        said = [(" · ".join(fact for fact in facts if fact), "muted")]
        if more:
            said.append((more, tone))
        if self._danger == "dangerous":
            said.append((_("▲ This kind of file can do harm; it is not opened from here."), "breach"))
        several = len(self._files) > 1
        title = f"{name} ({self._at + 1}/{len(self._files)})" if several else name
        self._drawer.take(title, said, picture_drawer.foot(several, self._openable()), picture)

    def _openable(self) -> bool:
        return self._danger == "safe" and bool(keeping.opener(os.environ))

    # ------------------------------------------------------------ saving, opening

    async def _save(self) -> None:
        file, folder = self._file, keeping.downloads(os.environ)
        name = keeping.safe_name(file.file_name, f"{file.kind}-{file.id}")
        if not computer.is_the_readers():
            # Never shown by the browser itself: it is from outside, and would be shown as ours.
            self._inbox.app.deliver_binary(
                io.BytesIO(self._data), save_filename=name, open_method="download", mime_type="application/octet-stream"
            )
            return
        try:
            path: Path = await asyncio.to_thread(keeping.save, self._data, folder, name)
        except OSError as error:
            self._inbox.say(_("Not saved: {why}").format(why=line(error.strerror or str(error), 120)), "warn", LONG)
            return
        said = _("Saved: {path}").format(path=line(str(path), 300))
        if self._danger == "dangerous":
            said = _("Saved, take care, it can do harm: {path}").format(path=line(str(path), 300))
        self._inbox.say(said, "warn" if self._danger == "dangerous" else "good", LONG)

    def _open(self) -> None:
        inbox, file, data = self._inbox, self._file, self._data
        program = keeping.opener(os.environ)
        if self._danger == "dangerous":
            inbox.say(_("This kind of file can do harm; it is not opened from here."), "warn")
            return
        if self._danger != "safe" or not program:
            inbox.say(_("Files of this kind are not opened from here: s saves it.") if program else
                      _("There is no viewer in front of you here (SSH): s saves it."), "warn")  # fmt: skip
            return
        name = keeping.safe_name(file.file_name, f"{file.kind}-{file.id}")
        question = Question(
            _("Open this file in the system's viewer?"),
            (
                f"{line(name, 80)} · {line(self._mime, 60)} · {size(len(data))}",
                _("It comes from outside. Open it only if you expected such a file."),
            ),
            (("o", _("open it")), ("escape", _("leave it"))),
        )

        def then(answer: str) -> None:
            inbox.over.raise_(self._drawer)
            if answer == "o":
                try:
                    keeping.open_copy(data, name, program)
                except OSError as error:
                    inbox.say(_("Not opened: {why}").format(why=line(error.strerror or str(error), 120)), "warn", LONG)

        inbox.ask(question, then)


async def make(data: bytes, how: graphics.Graphics, room: tuple[int, int]) -> Picture | None:
    """A picture for `room` columns and lines of cells, made by a process of its own; None if there is none to show."""
    if how.way == "off":
        return None
    cell = graphics.cell_size() if how.way == "sixel" else graphics.CELL
    size = (room[0], min(room[1], pictures.TALLEST), *cell)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agent_console.presentation.picture_child",
        how.way,
        *map(str, size),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _errors = await process.communicate(data)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        return None
    try:
        return pictures.read(output, how)
    except (ValueError, KeyError, TypeError):
        return None
