"""A stand-in for a mail provider and the people who write to one of its mailboxes: for the demo, tests and load runs.

In the process::

    world = MailWorld(Settings())
    async with serve(world) as ports:                    # real IMAP and SMTP servers on free ports
        world.write("ana@mail.example", name="Ana", subject="Saldo", text="¿Cuál es mi saldo?")
        sent = await world.next_delivered()              # what the channel answered
        world.reply(sent[-1], "Gracias")
        world.faults.add(Fault(kind="silent", times=1))

As a program: `python -m server.sandbox.mail --imap-port 1143 --smtp-port 1587`. Whoever sends mail to the mailbox's
address on the SMTP port is a customer; nobody has to sign in for that.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import NamedTuple

from server.sandbox.mail_imap import ImapSession
from server.sandbox.mail_smtp import SmtpSession
from server.sandbox.mail_state import Delivered, Fault, Faults, Settings, State, now_ms

__all__ = ["Delivered", "Fault", "MailWorld", "Ports", "Settings", "serve"]

#: called with each mail as it reaches the people outside
Listener = Callable[[Delivered], None]
#: a file: name, type, bytes
File = tuple[str, str, bytes]

#: bytes of one line that a client may send; a mail's lines are at most this long
_LINE = 2**20


class Ports(NamedTuple):
    """Where the servers listen, on 127.0.0.1."""

    imap: int
    smtp: int


#: any free ports
ANY = Ports(0, 0)


class MailWorld:
    """The stand-in's controls. `state` holds what it knows, `faults` what goes wrong."""

    def __init__(self, settings: Settings | None = None, *, clock: Callable[[], int] = now_ms, seed: int = 0) -> None:
        self.state = State(settings or Settings(), clock)
        self.faults = Faults(seed)
        self.listeners: list[Listener] = []
        self.ports = Ports(0, 0)
        self._numbers = itertools.count(1)
        self._news = asyncio.Condition()
        self._servers: list[asyncio.Server] = []
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def settings(self) -> Settings:
        return self.state.settings

    # ---------------------------------------------------------------- people write

    def write(
        self,
        sender: str,
        *,
        name: str = "",
        subject: str = "",
        text: str = "",
        to: str = "",
        cc: Sequence[str] = (),
        files: Sequence[File] = (),
        headers: dict[str, str] | None = None,
        message_id: str = "",
        at: int | None = None,
    ) -> bytes:
        """Somebody writes to the mailbox; the mail as it came in. `headers` are set last and so win."""
        when = self.state.clock() if at is None else at
        mail = EmailMessage(policy=policy.SMTP if sender.isascii() else policy.SMTPUTF8)
        mail["From"] = formataddr((name, sender)) if sender.isascii() else f'"{name}" <{sender}>'
        mail["To"] = to or self.settings.address
        if cc:
            mail["Cc"] = ", ".join(cc)
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(when / 1000, UTC))
        mail["Message-ID"] = f"<{message_id or f'sandbox.{next(self._numbers)}.{when}@mail.example'}>"
        mail.set_content(text)
        for file_name, mime, data in files:
            kind, _, sub = mime.partition("/")
            mail.add_attachment(data, maintype=kind, subtype=sub, filename=file_name)
        for key, value in (headers or {}).items():
            del mail[key]
            mail[key] = value
        return self.put(mail.as_bytes())

    def reply(self, answered: Delivered, text: str, **about: object) -> bytes:
        """The first recipient of a mail answers it, as mail programs do: In-Reply-To, References, Re:, and a quote."""
        before = message_from_bytes(answered.raw, policy=policy.default)
        subject = str(before["Subject"] or "")
        chain = " ".join(filter(None, (str(before["References"] or ""), str(before["Message-ID"] or ""))))
        body = before.get_body(("plain",))
        quoted = "".join(f"> {row}\n" for row in str(body.get_content() if body else "").splitlines())
        about.setdefault("to", str(before["Reply-To"] or before["From"]))
        headers = {"In-Reply-To": str(before["Message-ID"]), "References": chain}
        given = about.pop("headers", None)
        headers |= given if isinstance(given, dict) else {}
        return self.write(
            answered.recipients[0],
            subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
            text=f"{text}\n\nOn {before['Date']}, {before['From']} wrote:\n{quoted}",
            headers=headers,
            **about,  # type: ignore[arg-type]
        )

    def absence(self, answered: Delivered, text: str = "I am away until Monday.") -> bytes:
        """The recipient's program answers by itself."""
        return self.reply(answered, text, headers={"Auto-Submitted": "auto-replied", "Precedence": "bulk"})

    def bounce(
        self, failed: Delivered, *, status: str = "5.1.1", action: str = "failed", words: str = "no such user"
    ) -> bytes:
        """A mail server reports that a mail did not arrive (RFC 3464)."""
        to = failed.recipients[0]
        head = failed.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        code = 550 if status.startswith("5") else 450
        edge = f"report-{next(self._numbers)}"
        report = (
            f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n"
            f"To: {self.settings.address}\r\nSubject: Delivery Status Notification ({action.title()})\r\n"
            f"Date: {format_datetime(datetime.fromtimestamp(self.state.clock() / 1000, UTC))}\r\n"
            f"Message-ID: <{edge}@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="{edge}"\r\n\r\n'
            f"--{edge}\r\nContent-Type: text/plain\r\n\r\nYour mail to {to}: {words}.\r\n"
            f"--{edge}\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            f"Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; {code} {status} {words}\r\n\r\n"
            f"--{edge}\r\nContent-Type: message/rfc822\r\n\r\n{head}\r\n\r\n--{edge}--\r\n"
        )
        return self.put(report.encode())

    def put(self, raw: bytes, at: int | None = None) -> bytes:
        """A mail comes into the mailbox (twice, if told to)."""
        when = self.state.clock() if at is None else at
        for _ in range(2 if self.faults.take("duplicate", "box") else 1):
            self.state.box.put(raw, when)
        return raw

    # ---------------------------------------------------------------- the channel writes

    async def take(self, sender: str, recipients: tuple[str, ...], raw: bytes) -> None:
        """A mail was handed in: into the mailbox, if it is for it, and out to everybody else."""
        if self.settings.keeps_sent and self.state.is_ours(sender):
            self.state.sent.put(raw, self.state.clock())
        if any(self.state.is_ours(one) for one in recipients):
            self.put(raw)
        outside = tuple(one for one in recipients if not self.state.is_ours(one))
        if not outside:
            return
        delivered = Delivered(
            n=len(self.state.delivered) + 1, at=self.state.clock(), sender=sender, recipients=outside, raw=raw
        )
        self.state.delivered.append(delivered)
        async with self._news:
            self._news.notify_all()
        for listener in self.listeners:
            listener(delivered)

    async def next_delivered(self, after: int = 0, wait: float = 10.0) -> list[Delivered]:
        """What went out after the `after`-th mail; waits up to `wait` seconds for the first."""
        async with self._news:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait_for(lambda: self.state.delivered[after:])
        return self.state.delivered[after:]

    # ---------------------------------------------------------------- running

    async def go_online(self, ports: Ports = ANY, host: str = "127.0.0.1") -> Ports:
        """Listen; 0 is any free port."""
        for port, session in ((ports.imap, self._imap), (ports.smtp, self._smtp)):
            self._servers.append(await asyncio.start_server(self._session(session), host, port, limit=_LINE))
        imap, smtp = (server.sockets[0].getsockname()[1] for server in self._servers)
        self.ports = Ports(imap, smtp)
        return self.ports

    async def go_offline(self) -> None:
        """Refuse connections and cut those that are open, until `go_online(world.ports)`."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        self.cut()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def cut(self) -> None:
        """End every connection there is."""
        for session in self._sessions:
            session.cancel()

    async def _imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ImapSession(self.state, self.faults, reader, writer).run()

    async def _smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await SmtpSession(self.state, self.faults, self.take, reader, writer).run()

    def _session(
        self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(reader, writer)
            except (OSError, ValueError, asyncio.IncompleteReadError):
                pass  # the other side left, or spoke no protocol
            finally:
                writer.close()

        def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(run(reader, writer))
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)

        return begin


@contextlib.asynccontextmanager
async def serve(world: MailWorld, ports: Ports = ANY, host: str = "127.0.0.1") -> AsyncIterator[Ports]:
    """Serve the stand-in on real sockets while the block runs; gives its ports."""
    try:
        yield await world.go_online(ports, host)
    finally:
        await world.go_offline()


async def _run(world: MailWorld, ports: Ports, host: str) -> None:
    async with serve(world, ports, host) as found:
        print(f"imap {host}:{found.imap} smtp {host}:{found.smtp}", flush=True)  # noqa: T201 - the program's answer
        await asyncio.Event().wait()


def main() -> None:
    """`python -m server.sandbox.mail`: run until interrupted."""
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="python -m server.sandbox.mail", description="A stand-in for a mail provider")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--imap-port", type=int, default=1143, help="0: any free one; printed at the start")
    parser.add_argument("--smtp-port", type=int, default=1587, help="0: any free one; printed at the start")
    parser.add_argument("--address", default=defaults.address)
    parser.add_argument("--user", default=defaults.user)
    parser.add_argument("--password", default=defaults.password)
    given = parser.parse_args()
    world = MailWorld(Settings(address=given.address, user=given.user, password=given.password))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(world, Ports(given.imap_port, given.smtp_port), given.host))


if __name__ == "__main__":
    main()
