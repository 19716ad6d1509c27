"""One connection to an IMAP server: opened, signed in, and what can go wrong on it. All but `in_thread` blocks."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxUnencrypted

from server.channels.base import Refused, SendError, TryAgain
from server.channels.email_reasons import failure
from server.channels.email_sasl import Bearer
from server.channels.email_server import MailServer

T = TypeVar("T")

#: seconds one answer may take
ANSWER_SECONDS = 30.0

#: a refusal that is about now, not about who asks (RFC 5530)
_FOR_NOW = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\b|too many|temporar|try again|\brate", re.I
)


def connect(server: MailServer) -> BaseMailBox:
    """A connection, signed in. Raises Refused or TryAgain. Blocks."""
    with failures():
        box = _open(server)
        try:
            if server.tls == "starttls":
                box.client.starttls(server.context())
            _sign_in(box, server)
            box.client.capabilities = _capabilities(box)
        except BaseException:
            hang_up(box)
            raise
        return box


def _sign_in(box: BaseMailBox, server: MailServer) -> None:
    if server.bearer:
        _sign_in_with_token(box, server)
        return
    if server.user.isascii() and server.password.isascii():
        box.login(server.user, server.password, None)
        return
    try:
        box.login_utf8(server.user, server.password, None)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from error


def _sign_in_with_token(box: BaseMailBox, server: MailServer) -> None:
    offered = [name.removeprefix("AUTH=") for name in box.client.capabilities if name.startswith("AUTH=")]
    bearer = Bearer(server, offered)
    try:
        box.client.authenticate(bearer.mechanism, bearer.answer)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = f"{error} {bearer.error.decode('utf-8', 'replace')}"
        raise MailboxLoginError(("NO", [said.encode()]), "OK") from error


def hang_up(box: BaseMailBox) -> None:
    """Close a connection without a word: whoever reads on it wakes up."""
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        box.client.shutdown()


def examine(box: BaseMailBox, folder: str) -> tuple[int, int, int]:
    """Open the folder read-only: (UIDVALIDITY, UIDNEXT, number of mails); what the server does not say is 0."""
    with failures():
        box.folder.set(folder, readonly=True)
        return number(box, "UIDVALIDITY"), number(box, "UIDNEXT"), number(box, "EXISTS")


def holds(server: MailServer, message_id: str) -> bool:
    """Whether a mail of ours lies in the mailbox's folder for sent mail (RFC 6154), where many providers put a copy of
    what their SMTP server took. Raises Refused or TryAgain. Blocks."""
    box = connect(server)
    try:
        with failures():
            sent = [folder.name for folder in box.folder.list() if "\\sent" in map(str.lower, folder.flags)]
            for folder in sent:
                box.folder.set(folder, readonly=True)
                if box.uids(f'HEADER Message-ID "<{message_id}>"', charset=None):
                    return True
        return False
    finally:
        hang_up(box)


def _open(server: MailServer) -> BaseMailBox:
    if server.tls == "yes":
        return MailBox(server.host, server.port, timeout=ANSWER_SECONDS, ssl_context=server.context())
    return MailBoxUnencrypted(server.host, server.port, timeout=ANSWER_SECONDS)


def _capabilities(box: BaseMailBox) -> tuple[str, ...]:
    """What the server can do now that we are signed in; before, many tell only half of it."""
    status, answer = box.client.capability()
    words = b" ".join(line for line in answer if isinstance(line, bytes)) if status == "OK" else b""
    return tuple(words.decode("ascii", "replace").upper().split())


def number(box: BaseMailBox, name: str) -> int:
    """The last number that the server told under this name; 0 if it told none."""
    _, answer = box.client.response(name)
    digits = re.search(rb"\d+", (answer or [None])[-1] or b"")
    return int(digits[0]) if digits else 0


def has_read_ahead(box: BaseMailBox) -> bool:
    """Whether more than the last answer was read already: news that came along with it, for which `idle.poll`, which
    looks at the socket, would wait in vain."""
    client = box.client
    reader: Any = getattr(client, "_file", None) or client.file  # Python 3.14 gave it the first of these names
    before = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(reader.peek(1))
    except OSError:  # nothing there, as TLS says it
        return False
    finally:
        client.sock.settimeout(before)


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Turns what can go wrong on the way into Refused or TryAgain."""
    try:
        yield
    except SendError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Refused(failure("provider_down", words=f"certificate: {error.verify_message}")) from error
    except (MailboxLoginError, MailboxFolderSelectError) as error:
        words = said(error.command_result)
        if _FOR_NOW.search(words):
            raise TryAgain(failure("provider_down", words=words)) from error
        raise Refused(
            failure("token" if isinstance(error, MailboxLoginError) else "permission", words=words)
        ) from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError) as error:
        raise TryAgain(failure("provider_down", words=f"{type(error).__name__}: {error}")) from error


def said(result: tuple[str, Sequence[bytes | None]]) -> str:
    words = b" ".join(line for line in result[1] if isinstance(line, bytes))
    return words.decode("utf-8", "replace")


async def in_thread(work: Callable[[], T]) -> T:
    """Run in a thread that nobody waits for at the end: a server that does not answer shall not hold up ours."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name="imap", daemon=True).start()
    return await done
