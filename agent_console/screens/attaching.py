"""What goes along with an answer: files that are uploaded as soon as they are chosen, copies, another subject."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from agent_console import words
from agent_console.backend import calls, files, mail
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.overlay import Letter
from agent_console.i18n import N_, _, number, size
from agent_console.presentation import media
from agent_console.safetext import line
from agent_console.screens.notices import LONG, REASON
from agent_console.widgets.attach_drawer import AttachDrawer, Shown
from agent_console.widgets.fields_drawer import Field, FieldsDrawer

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox
    from server.wire import Attachment, Capabilities

#: bytes of a file that the console reads at all (the server takes 100 MiB)
MOST = 100 * 1024 * 1024
_BAR = 8

_PROBLEMS: Final[Mapping[str, str]] = {
    "missing": N_("{name}: there is no such file."),
    "folder": N_("{name} is a folder; choose a file in it."),
    "empty": N_("{name} is empty."),
    "unreadable": N_("{name} cannot be read."),
    "elsewhere": N_("{name}: in a browser no file can be sent from here; use a console on your own computer."),
}


class Upload:
    """A file on its way to the server. `sent`: bytes so far."""

    def __init__(self, conversation: int, found: files.Found) -> None:
        self.conversation = conversation
        self.found = found
        self.sent = 0


class Attaching:
    """Files, copies and subject of the answers of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._drawer = AttachDrawer(self._listed, self._chosen, self._remove, id="attach")
        self._form = FieldsDrawer(id="recipients")
        self._uploads: list[Upload] = []
        #: conversations for which something was chosen and is looked at on the disk
        self._looked_at: list[int] = []

    # ------------------------------------------------------------ files

    def do_attach(self) -> None:
        inbox = self._inbox
        if not inbox.composer.writing or inbox.composer.note:
            inbox.writing.begin(note=False)
        can = inbox.composer.can
        if inbox.composer.conversation is None:
            return
        if not can.media:
            inbox.say(_("This channel takes no files."), "warn", REASON)
            return
        self._drawer.begin(_takes(can))
        inbox.over.raise_(self._drawer, before=inbox.composer.prepare())

    def drop(self, text: str) -> None:
        """What was pasted into an answer looks like paths: files are attached, anything else is text after all."""
        inbox = self._inbox

        async def look() -> None:
            paths = await asyncio.to_thread(files.paths_in, text)
            real = await asyncio.to_thread(lambda: bool(paths) and all(path.is_file() for path in paths))
            if not real or not inbox.composer.can.media or inbox.composer.note:
                inbox.composer.paste(text)
                return
            self.do_attach()
            self._chosen(text)

        inbox.first(look())

    def _chosen(self, text: str) -> None:
        conversation, can = self._inbox.composer.conversation, self._inbox.composer.can
        if conversation is not None:
            self._looked_at.append(conversation)  # from now on: what is written waits for it
            self._sync()
            self._inbox.background(self._look_and_attach(conversation, text, can))

    async def _look_and_attach(self, conversation: int, text: str, can: Capabilities) -> None:
        try:
            await self._attach(conversation, text, can)
        finally:
            self._looked_at.remove(conversation)
            self._sync()

    async def _attach(self, conversation: int, text: str, can: Capabilities) -> None:
        paths = await asyncio.to_thread(files.paths_in, text)
        for path in paths:
            room = can.files - len(self._letter(conversation).files) - len(self._on_the_way(conversation))
            if room <= 0:
                self._complain(words.problem("too_many_files", {"limit": can.files}))
                return
            found = await asyncio.to_thread(files.look_at, path, can)
            if found.problem:
                self._complain(_problem(found, can))
                if found.problem == "folder":
                    self._drawer.typed(str(path).rstrip("/") + "/")
                continue
            upload = Upload(conversation, found)
            self._uploads.append(upload)
            self._sync()
            self._inbox.background(self._upload(upload))

    async def _upload(self, upload: Upload) -> None:
        found = upload.found
        try:
            data = await asyncio.to_thread(_read, found.path)
            call = calls.upload(data, mime=found.mime, file_name=found.name)
            stored = await self._inbox.session.api.send(call, lambda sent: self._progress(upload, sent))
        except OSError:
            self._complain(_problem(found._replace(problem="unreadable"), None))
        except ApiError as error:
            problem = error.problem
            self._complain(f"{line(found.name, 60)}: {words.problem(problem.code, problem.params, problem.detail)}")
        except Unreachable:
            self._complain(_("{name} was not uploaded: there is no connection.").format(name=line(found.name, 60)))
        else:
            letter = self._letter(upload.conversation)
            self._keep(upload.conversation, msgspec.structs.replace(letter, files=(*letter.files, stored)))
        finally:
            self._uploads.remove(upload)
            self._sync()

    def _progress(self, upload: Upload, sent: int) -> None:
        upload.sent = sent
        self._sync()

    def _remove(self) -> None:
        conversation = self._inbox.composer.conversation
        if conversation is not None and (letter := self._letter(conversation)).files:
            self._keep(conversation, msgspec.structs.replace(letter, files=letter.files[:-1]))
        self._sync()

    def _listed(self) -> list[Shown]:
        conversation = self._inbox.composer.conversation
        if conversation is None:
            return []
        attached = [Shown(_attached(file), "text") for file in self._letter(conversation).files]
        return attached + [Shown(_on_its_way(each), "muted") for each in self._on_the_way(conversation)]

    def _on_the_way(self, conversation: int) -> list[Upload]:
        return [upload for upload in self._uploads if upload.conversation == conversation]

    def _letter(self, conversation: int) -> Letter:
        composer = self._inbox.composer
        if composer.conversation == conversation:
            return composer.letter
        return self._inbox.session.outgoing.letter(conversation)

    def _keep(self, conversation: int, letter: Letter) -> None:
        """Also for a conversation that was left meanwhile: its files are in its draft."""
        session, composer = self._inbox.session, self._inbox.composer
        if composer.conversation == conversation:
            composer.change(letter)
        else:
            session.draft(conversation, session.draft_of(conversation), letter)

    def _complain(self, text: str) -> None:
        self._drawer.wrong = text
        if self._drawer.display:
            self._drawer.settle()
        else:
            self._inbox.say(text, "warn", LONG)

    def _sync(self) -> None:
        composer = self._inbox.composer
        composer.uploading = {*(upload.conversation for upload in self._uploads), *self._looked_at}
        composer.sync()
        if self._drawer.display:
            self._drawer.settle()

    # ------------------------------------------------------------ copies and subject

    def do_recipients(self) -> None:
        inbox, composer = self._inbox, self._inbox.composer
        answer = composer.answer()
        fields = [
            Field("cc", _("Cc"), ", ".join(answer.cc)),
            Field("bcc", _("Bcc"), ", ".join(answer.bcc)),
            Field("subject", _("Subject"), answer.subject),
        ]

        def check(values: Mapping[str, str]) -> str:
            for name in ("cc", "bcc"):
                _good, bad = mail.parse(values[name])
                if bad:
                    return words.problem("bad_address", {"address": line(bad[0], 60)})
            return ""

        def then(values: Mapping[str, str]) -> None:
            cc, bcc = (tuple(mail.parse(values[name])[0]) for name in ("cc", "bcc"))
            subject = " ".join(values["subject"].split())
            letter = msgspec.structs.replace(composer.letter, cc=cc, bcc=bcc, subject=subject)
            if cc == answer.cc:  # as it was: an answer to another mail has that one's copies
                letter = msgspec.structs.replace(letter, cc=composer.letter.cc)
            composer.change(letter)

        self._form.ask(_("To {address}").format(address=line(answer.to, 60) or "—"), fields, check, then)
        inbox.over.raise_(self._form)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST + 1)


def _takes(can: Capabilities) -> str:
    """What a channel takes, in words: kinds and sizes."""
    kinds = ", ".join(f"{words.kind(kind)} {size(limit)}" for kind, limit in sorted(can.media.items()))
    said = _("Up to: {kinds}").format(kinds=kinds)
    return said if can.files == 1 else _("{n} files at most. {kinds}").format(n=number(can.files), kinds=said)


def _problem(found: files.Found, can: Capabilities | None) -> str:
    name = line(found.name, 60) or "?"
    if found.problem in _PROBLEMS:
        return _(_PROBLEMS[found.problem]).format(name=name)
    params = {"kind": found.kind, "takes": sorted(can.media) if can else [], "size": found.size, "limit": found.limit}
    return f"{name}: {words.problem(found.problem, params)}"


def _attached(file: Attachment) -> str:
    parts = [line(file.file_name, 80) or media.kind_of(file.kind).word, line(file.mime, 60)]
    if file.size:
        parts.append(size(file.size))
    return " · ".join(part for part in parts if part)


def _on_its_way(upload: Upload) -> str:
    total = max(1, upload.found.size)
    share = min(1.0, upload.sent / total)
    full = round(share * _BAR)
    return f"{line(upload.found.name, 60)} · {size(total)}  {'▰' * full}{'▱' * (_BAR - full)} {share:.0%}"
