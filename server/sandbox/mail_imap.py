"""The mail world's IMAP server (RFC 3501 with IDLE): as much of it as mail programs need to read a mailbox."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
from datetime import UTC, datetime

from server.sandbox.mail_state import Box, Faults, State, Stored

_WORDS = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s"()]+|\([^)]*\))')
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")
_SECTION = re.compile(r"BODY(?:\.PEEK)?\[(|HEADER)\](?:<(\d+)\.(\d+)>)?", re.I)


class Cut(Exception):
    """The connection ends here, on purpose."""


class ImapSession:
    """One connection."""

    def __init__(
        self, state: State, faults: Faults, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._state = state
        self._faults = faults
        self._reader = reader
        self._writer = writer
        self._user = ""
        self._box: Box | None = None
        self._seen = 0  # mails the client was told of

    async def run(self) -> None:
        self._line("* OK sandbox ready")
        await self._writer.drain()
        with contextlib.suppress(Cut):
            while words := await self._command():
                await self._answer(words)
                await self._writer.drain()

    # ---------------------------------------------------------------- lines

    def _line(self, text: str) -> None:
        self._writer.write(text.encode("utf-8") + b"\r\n")

    async def _command(self) -> list[bytes]:
        """The words of the next command: tag, name, arguments; empty at the end."""
        words: list[bytes] = []
        while line := await self._reader.readline():
            literal = _LITERAL.search(line)
            words += _words(line[: literal.start()] if literal else line)
            if literal is None:
                return words
            if not literal[2]:
                self._line("+ go on")
                await self._writer.drain()
            words.append(await self._reader.readexactly(int(literal[1])))
        return []

    async def _answer(self, words: list[bytes]) -> None:
        tag, name = words[0].decode("ascii", "replace"), words[1].decode("ascii", "replace") if words[1:] else ""
        arguments = words[2:]
        if name.upper() == "UID" and arguments:
            name = f"uid_{arguments.pop(0).decode('ascii', 'replace')}"
        handler = getattr(self, f"_do_{name.lower()}", None)
        if handler is None:
            self._line(f"{tag} BAD {name} is not known here")
            return
        if not self._user and name.upper() not in ("CAPABILITY", "NOOP", "LOGOUT", "LOGIN", "AUTHENTICATE"):
            self._line(f"{tag} NO sign in first")
            return
        done = await handler(arguments)
        self._line(f"{tag} {done or 'OK done'}")

    # ---------------------------------------------------------------- who

    async def _do_capability(self, given: list[bytes]) -> None:
        idle = " IDLE" if self._state.settings.idle else ""
        ways = " ".join(f"AUTH={way}" for way in self._state.ways if way != "LOGIN")
        self._line(f"* CAPABILITY IMAP4rev1{idle} {ways} LITERAL+")

    async def _do_login(self, given: list[bytes]) -> str:
        user, password = [*given, b"", b""][:2]
        return self._enter(user.decode("utf-8", "replace"), password.decode("utf-8", "replace"))

    async def _do_authenticate(self, given: list[bytes]) -> str:
        said = await self._asked("")
        if given[0].upper() != b"PLAIN":
            if self._faults.take("login", "imap") is None and (user := self._state.bears(said)):
                self._user = user
                return "OK welcome"
            await self._asked(base64.b64encode(b'{"status":"401"}').decode())
            return "NO [AUTHENTICATIONFAILED] the token is refused"
        _, user, password = [*said.decode("utf-8", "replace").split("\0"), "", ""][:3]
        return self._enter(user, password)

    async def _asked(self, challenge: str) -> bytes:
        self._line(f"+ {challenge}")
        await self._writer.drain()
        with contextlib.suppress(binascii.Error):
            return base64.b64decode(await self._reader.readline())
        return b""

    def _enter(self, user: str, password: str) -> str:
        own = self._state.settings
        if self._state.takes or self._faults.take("login", "imap") or (user, password) != (own.user, own.password):
            return "NO [AUTHENTICATIONFAILED] user or password is wrong"
        self._user = user
        return "OK welcome"

    async def _do_logout(self, given: list[bytes]) -> None:
        self._line("* BYE see you")
        raise Cut

    # ---------------------------------------------------------------- folders

    async def _do_examine(self, given: list[bytes]) -> str:
        return self._open(given, "READ-ONLY")

    async def _do_select(self, given: list[bytes]) -> str:
        return self._open(given, "READ-WRITE")

    def _open(self, given: list[bytes], how: str) -> str:
        self._box = self._folder(given)
        box = self._box
        if box is None:
            return "NO [NONEXISTENT] no such folder"
        self._seen = len(box.mails)
        self._line("* FLAGS (\\Seen \\Answered \\Deleted)")
        self._line(f"* {self._seen} EXISTS")
        self._line("* 0 RECENT")
        if box.validity:
            self._line(f"* OK [UIDVALIDITY {box.validity}] ok")
        self._line(f"* OK [UIDNEXT {box.following}] ok")
        return f"OK [{how}] open"

    def _folder(self, given: list[bytes]) -> Box | None:
        name = b"".join(given[:1]).upper()
        if name == b"SENT" and self._state.settings.keeps_sent:
            return self._state.sent
        return self._state.box if name == b"INBOX" else None

    async def _do_status(self, given: list[bytes]) -> str | None:
        box = self._state.box
        self._line(
            f"* STATUS INBOX (MESSAGES {len(box.mails)} UIDNEXT {box.following} UIDVALIDITY {box.validity} UNSEEN 0)"
        )
        return None

    async def _do_list(self, given: list[bytes]) -> None:
        self._line('* LIST (\\HasNoChildren) "/" INBOX')
        if self._state.settings.keeps_sent:
            self._line('* LIST (\\HasNoChildren \\Sent) "/" "Sent"')

    async def _do_append(self, given: list[bytes]) -> None:
        self._state.box.put(given[-1], self._state.clock())

    async def _do_noop(self, given: list[bytes]) -> None:
        self._tell()

    async def _do_close(self, given: list[bytes]) -> None:
        self._box = None

    def _tell(self) -> None:
        """New mails are told of once."""
        if self._box is not None and len(self._box.mails) != self._seen:
            self._seen = len(self._box.mails)
            self._line(f"* {self._seen} EXISTS")

    async def _do_idle(self, given: list[bytes]) -> str:
        if self._box is None:
            return "BAD open a folder first"
        news = asyncio.Event()
        self._box.watch(news)
        done = asyncio.create_task(self._reader.readline())
        waiting = asyncio.create_task(news.wait())
        try:
            self._line("+ idling")
            while not done.done():
                self._tell()
                await self._writer.drain()
                if waiting.done():
                    news.clear()
                    waiting = asyncio.create_task(news.wait())
                await asyncio.wait((done, waiting), return_when=asyncio.FIRST_COMPLETED)
            return "OK done" if done.result().strip().upper() == b"DONE" else "BAD DONE was expected"
        finally:
            self._box.unwatch(news)
            for task in (done, waiting):
                task.cancel()
            await asyncio.gather(done, waiting, return_exceptions=True)

    # ---------------------------------------------------------------- mails

    async def _do_uid_search(self, given: list[bytes]) -> str | None:
        words = [word.decode("utf-8", "replace") for word in given]
        if words[:1] and words[0].upper() == "CHARSET":
            words = words[2:]
        found = self._mails()
        while words:
            name = words.pop(0).upper()
            if name == "UID" and words:
                found = self._in(found, words.pop(0))
            elif name == "HEADER" and len(words) > 1:
                key, value = words.pop(0).lower(), words.pop(0)
                found = [mail for mail in found if value in _header(mail.raw, key)]
            elif name != "ALL":
                return f"BAD {name} is not known here"
        self._line("* SEARCH" + "".join(f" {mail.uid}" for mail in found))
        return None

    def _mails(self) -> list[Stored]:
        return [] if self._box is None else self._box.mails

    def _in(self, mails: list[Stored], ranges: str) -> list[Stored]:
        """The mails whose UIDs a set names; `*` is the last mail's, so that "n:*" always has one."""
        last = max((mail.uid for mail in self._mails()), default=0)
        wanted: list[tuple[int, int]] = []
        for each in ranges.split(","):
            ends = sorted(last if end == "*" else int(end) for end in each.split(":"))
            wanted.append((ends[0], ends[-1]))
        return [mail for mail in mails if any(low <= mail.uid <= high for low, high in wanted)]

    async def _do_uid_fetch(self, given: list[bytes]) -> str | None:
        ranges, what = [*given, b"", b""][:2]
        items = what.decode("ascii", "replace").strip("()")
        wanted = {mail.uid for mail in self._in(self._mails(), ranges.decode("ascii", "replace"))}
        for number, mail in enumerate(list(self._mails()), 1):
            if mail.uid not in wanted:
                continue
            if "[]" in items and self._faults.take("broken", "imap"):
                return "NO this mail cannot be read"
            await self._send(number, mail, items)
        return None

    async def _send(self, number: int, mail: Stored, items: str) -> None:
        parts = [f"UID {mail.uid}"]
        if "RFC822.SIZE" in items.upper():
            parts.append(f"RFC822.SIZE {len(mail.raw)}")
        if "FLAGS" in items.upper():
            parts.append(f"FLAGS ({' '.join(sorted(mail.flags))})")
        if "INTERNALDATE" in items.upper():
            moment = datetime.fromtimestamp(mail.at / 1000, UTC)
            parts.append(f'INTERNALDATE "{moment.strftime("%d-%b-%Y %H:%M:%S +0000")}"')
        section = _SECTION.search(items)
        if section is None:
            self._line(f"* {number} FETCH ({' '.join(parts)})")
            return
        if ".PEEK" not in section[0].upper():
            mail.flags.add("\\Seen")
        content = mail.raw if not section[1] else mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        origin = ""
        if section[2] is not None:
            begin, length = int(section[2]), int(section[3])
            content, origin = content[begin : begin + length], f"<{begin}>"
        head = f"* {number} FETCH ({' '.join(parts)} BODY[{section[1].upper()}]{origin} {{{len(content)}}}\r\n"
        self._writer.write(head.encode())
        if self._faults.take("cut", "imap"):
            self._writer.write(content[: len(content) // 2])
            raise Cut
        self._writer.write(content + b")\r\n")
        await self._writer.drain()


def _words(line: bytes) -> list[bytes]:
    return [
        re.sub(rb"\\(.)", rb"\1", quoted) if quoted or not plain else plain for quoted, plain in _WORDS.findall(line)
    ]


def _header(raw: bytes, name: str) -> str:
    """A header's value, unfolded; empty if the mail has none of this name."""
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").decode("utf-8", "replace")
    rows = (row.partition(":") for row in head.split("\r\n"))
    return next((value for key, _, value in rows if key.lower() == name), "")
