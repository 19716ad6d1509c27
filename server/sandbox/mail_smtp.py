"""The mail world's SMTP server: takes mails from the channel (signed in) and from customers (to the mailbox only)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
from collections.abc import Awaitable, Callable

from server.sandbox.mail_state import TOKENS, Faults, State

#: called with sender, recipients and bytes of a mail that was taken
Take = Callable[[str, tuple[str, ...], bytes], Awaitable[None]]

_PATH = re.compile(r"(?:FROM|TO):\s*<([^<>]*)>(.*)", re.I)


class SmtpSession:
    """One connection."""

    def __init__(
        self, state: State, faults: Faults, take: Take, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._state = state
        self._faults = faults
        self._take = take
        self._reader = reader
        self._writer = writer
        self._signed_in = False
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._utf8 = False

    async def run(self) -> None:
        await self._say(220, "sandbox ESMTP")
        while line := await self._reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            handler = getattr(self, f"_do_{verb.lower()}", None)
            if handler is None:
                await self._say(502, "5.5.2 not known here")
                continue
            if await handler(rest) is False:
                return

    async def _say(self, code: int, *lines: str) -> None:
        for line in lines[:-1]:
            self._writer.write(f"{code}-{line}\r\n".encode())
        self._writer.write(f"{code} {lines[-1]}\r\n".encode())
        await self._writer.drain()

    async def _do_ehlo(self, rest: str) -> None:
        limit = self._state.settings.size_limit
        ways = " ".join(self._state.ways)
        utf8 = ["SMTPUTF8"] if self._state.settings.smtputf8 else []
        await self._say(250, "sandbox", f"AUTH {ways}", f"SIZE {limit}", "8BITMIME", *utf8, "ENHANCEDSTATUSCODES")

    async def _do_helo(self, rest: str) -> None:
        await self._say(250, "sandbox")

    async def _do_noop(self, rest: str) -> None:
        await self._say(250, "2.0.0 ok")

    async def _do_quit(self, rest: str) -> bool:
        await self._say(221, "2.0.0 bye")
        return False

    async def _do_rset(self, rest: str) -> None:
        self._sender, self._recipients = None, []
        await self._say(250, "2.0.0 ok")

    async def _do_auth(self, rest: str) -> None:
        how, _, first = rest.partition(" ")
        if how.upper() in TOKENS:
            await self._do_token(first)
            return
        if how.upper() == "PLAIN":
            given = await self._secret(first)
            user, password = [*given.split("\0"), "", "", ""][1:3]
        else:
            user = await self._secret(first, "VXNlcm5hbWU6")
            password = await self._secret("", "UGFzc3dvcmQ6")
        own = self._state.settings
        if self._state.takes or self._faults.take("login", "smtp") or (user, password) != (own.user, own.password):
            await self._say(535, "5.7.8 user or password is wrong")
            return
        self._signed_in = True
        await self._say(235, "2.7.0 welcome")

    async def _do_token(self, first: str) -> None:
        said = (await self._secret(first)).encode()
        if self._faults.take("login", "smtp") is None and self._state.bears(said):
            self._signed_in = True
            await self._say(235, "2.7.0 welcome")
            return
        await self._secret("", base64.b64encode(b'{"status":"401"}').decode())
        await self._say(535, "5.7.8 the token is refused")

    async def _secret(self, given: str, prompt: str = "") -> str:
        if not given:
            await self._say(334, prompt)
            given = (await self._reader.readline()).decode().strip()
        with contextlib.suppress(binascii.Error, ValueError):
            return base64.b64decode(given).decode("utf-8", "replace")
        return ""

    async def _do_mail(self, rest: str) -> None:
        found = _PATH.match(rest)
        if found is None:
            await self._say(501, "5.5.4 MAIL FROM:<address>")
            return
        size = re.search(r"SIZE=(\d+)", found[2], re.I)
        if size is not None and int(size[1]) > self._state.settings.size_limit:
            await self._say(552, "5.3.4 message too big")
            return
        if fault := self._faults.take("temporary", "smtp"):
            await self._say(fault.code or 451, fault.text or "4.3.0 try again later")
            return
        self._sender, self._recipients = found[1], []
        self._utf8 = self._state.settings.smtputf8 and "SMTPUTF8" in found[2].upper().split()
        await self._say(250, "2.1.0 ok")

    async def _do_rcpt(self, rest: str) -> None:
        found = _PATH.match(rest)
        if found is None or self._sender is None:
            await self._say(503, "5.5.1 MAIL first")
        elif not self._signed_in and not self._state.is_ours(found[1]):
            await self._say(530, "5.7.0 sign in first")
        elif not self._utf8 and not found[1].isascii():
            await self._say(553, "5.6.7 only ASCII in addresses")
        elif fault := self._faults.take("recipient", "smtp", found[1]):
            await self._say(fault.code or 550, fault.text or "5.1.1 no such user")
        else:
            self._recipients.append(found[1])
            await self._say(250, "2.1.5 ok")

    async def _do_data(self, rest: str) -> bool | None:
        if not self._recipients or self._sender is None:
            await self._say(503, "5.5.1 RCPT first")
            return None
        await self._say(354, "end with a dot")
        raw = await self._body()
        if raw is None:
            return False
        self._state.attempts += 1
        if fault := self._faults.take("permanent", "smtp"):
            await self._say(fault.code or 554, fault.text or "5.7.1 refused for policy reasons")
            return None
        await self._take(self._sender, tuple(self._recipients), raw)
        self._sender, self._recipients = None, []
        if self._faults.take("silent", "smtp"):
            return False
        if fault := self._faults.take("slow", "smtp"):
            await asyncio.sleep(fault.ms / 1000)
        await self._say(250, "2.0.0 taken")
        return None

    async def _body(self) -> bytes | None:
        """The mail up to the line with a dot; None if the line was cut before it."""
        lines: list[bytes] = []
        while line := await self._reader.readline():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        return None
