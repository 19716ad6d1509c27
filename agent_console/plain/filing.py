"""Files line by line: along with the answer, and those of the conversation: heard, saved, opened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from agent_console.backend import calls, files, keeping
from agent_console.i18n import _, size
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused, numbered
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk
    from server import wire

_NO: Final[dict[str, tuple[str, ...]]] = {"no": ("no", "nada", "nothing")}
_OPEN: Final[dict[str, tuple[str, ...]]] = {"open": ("abrir", "open")}
_YES: Final[dict[str, tuple[str, ...]]] = {"yes": ("sí", "yes")}


class Filing:
    """Files that go out and come in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------ along with the answer

    async def do_attach(self, rest: str) -> None:
        """Upload a file to go along with the answer; alone, hear what goes along; -1 leaves the first out, no all."""
        desk, row = self._desk, self._desk.row_here()
        said, letter = rest.strip(), desk.sending.letter(row.id)
        if not said:
            desk.say(*(self._along(letter.files) or [_("No file goes along.")]))
        elif vocabulary.pick(said, _NO) and len(said) > 1:
            desk.sending.keep(row.id, msgspec.structs.replace(letter, files=()))
            desk.say(_("No file goes along."))
        elif said.startswith("-") and said[1:].isdecimal():
            left = [*letter.files]
            gone = left.pop(numbered(said[1:], len(left), "attach"))
            desk.sending.keep(row.id, msgspec.structs.replace(letter, files=tuple(left)))
            desk.say(_("Left out: {file}").format(file=line(gone.file_name, 80)), *self._along(left))
        else:
            await self._attach(row, said)

    @staticmethod
    def _along(held: Sequence[wire.Attachment]) -> list[str]:
        return [f"{at}. {line(each.file_name, 80)}, {size(each.size or 0)}" for at, each in enumerate(held, 1)]

    async def _attach(self, row: wire.ConversationRow, path: str) -> None:
        desk, about = self._desk, self._desk.about_here()
        if about is None:
            raise Refused(_("what is known of the customer has not come yet; try again."))
        letter = desk.sending.letter(row.id)
        if len(letter.files) >= max(1, about.capabilities.files):
            raise Refused(_("no more files go along with one message here."))
        found = await asyncio.to_thread(files.look_at, files.home(path), about.capabilities)
        if found.problem:
            raise Refused(_file_problem(found))
        try:
            data = await asyncio.to_thread(found.path.read_bytes)
        except OSError:
            raise Refused(_file_problem(found._replace(problem="unreadable"))) from None
        sent = await desk.send(calls.upload(data, mime=found.mime, file_name=found.name))
        desk.sending.keep(row.id, msgspec.structs.replace(letter, files=(*letter.files, sent)))
        desk.say(
            _("{file}, {size}, goes along with the answer: {reply} writes one.").format(
                file=line(found.name, 80), size=size(found.size), reply=vocabulary.BY_ID["reply"].name
            )
        )

    # ------------------------------------------------------------ of the conversation

    async def do_file(self, rest: str) -> None:
        """The files of the conversation; NUMBER saves one, NUMBER open opens it in this computer's viewer."""
        desk, row = self._desk, self._desk.row_here()
        held = [(each, file) for each in reversed(desk.session.mirror.messages(row.id)) for file in each.attachments]
        if not held:
            raise Refused(_("no message here has a file."))
        number, _space, said = rest.strip().partition(" ")
        if not number:
            now = desk.now()
            desk.say(*(wording.file_line(at, file, each, now) for at, (each, file) in enumerate(held, 1)))
            return
        file = held[numbered(number, len(held), "file")][1]
        if vocabulary.pick(said.strip(), _OPEN):
            await self._open(file)
        else:
            await self._save(file)

    async def _save(self, file: wire.Attachment) -> None:
        data = await self._desk.send(calls.attachment(file.id))
        name = keeping.safe_name(file.file_name, f"{file.kind}-{file.id}")
        danger, _mime = keeping.danger(file.file_name, data)
        try:
            path = await asyncio.to_thread(keeping.save, data, keeping.downloads(os.environ), name)
        except OSError as error:
            raise Refused(_("the file cannot be saved: {why}").format(why=error.strerror or str(error))) from None
        self._desk.say(_("Saved: {path}").format(path=line(str(path), 300)))
        if danger == "dangerous":
            self._desk.say(_("Careful: this file can do harm when it is opened."))

    async def _open(self, file: wire.Attachment) -> None:
        """A copy, in the viewer of this computer, once that is confirmed: it comes from outside."""
        desk, program = self._desk, keeping.opener(os.environ)
        if not program:
            raise Refused(_("there is no viewer in front of you here; with its number alone it is saved."))
        data = await desk.send(calls.attachment(file.id))
        danger, mime = keeping.danger(file.file_name, data)
        if danger != "safe":
            raise Refused(_("files of this kind are not opened from here; with its number alone it is saved."))
        name = keeping.safe_name(file.file_name, f"{file.kind}-{file.id}")
        question = _("{file}, {kind}, {size}, comes from outside. Open it? Yes or no")
        sure = await desk.ask(question.format(file=line(name, 80), kind=line(mime, 60), size=size(len(data))))
        if vocabulary.pick(sure.strip(), _YES) is None:
            raise Refused(_("nothing was done."))
        try:
            await asyncio.to_thread(keeping.open_copy, data, name, program)
        except OSError as error:
            raise Refused(_("not opened: {why}").format(why=line(error.strerror or str(error), 120))) from None
        desk.say(_("Opened: {link}").format(link=line(name, 80)))


def _file_problem(found: files.Found) -> str:
    said = {
        "missing": _("there is no such file."),
        "folder": _("that is a folder."),
        "empty": _("the file is empty."),
        "unreadable": _("the file cannot be read."),
        "file_kind": _("this channel takes no files of that kind."),
        "file_too_large": _("the file is too large; this channel takes {size} at most.").format(size=size(found.limit)),
    }
    return said[found.problem]
