"""Handing a mail to an SMTP server, once, and what its answers mean.

Until the server answered to the end of the mail, a refusal or a lost line says for certain that nothing was sent; after
the mail left and before that answer, nobody knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPStatus,
)

from server.channels.base import Refused, SendError, TryAgain, Uncertain
from server.channels.email_out import Letter
from server.channels.email_reasons import failure, reason
from server.channels.email_sasl import Bearer
from server.channels.email_server import MailServer

#: seconds for one answer, for the answer to a whole mail, and for everything; all less than the outbox's lease (120 s)
COMMAND_SECONDS, DATA_SECONDS, ALL_SECONDS = 20.0, 75.0, 105.0
#: bytes of a command without its line end (RFC 5321)
LINE_BYTES = 510
#: seconds to say goodbye
QUIT_SECONDS = 2.0


async def deliver(server: MailServer, context: ssl.SSLContext | None, letter: Letter) -> None:
    """Send a mail to all its recipients or to none. Raises Refused, TryAgain or Uncertain."""
    left = taken = False
    try:
        async with asyncio.timeout(ALL_SECONDS), session(server, context) as client:
            await _envelope(client, letter)
            left = True
            await client.data(letter.content, timeout=DATA_SECONDS)
            taken = True
    except SendError:
        raise
    except (SMTPException, OSError) as error:
        if taken:  # only the goodbye went wrong
            return
        if isinstance(error, SMTPResponseException):
            raise _answered(error, left) from error
        raise _lost(error, left) from error


async def enter(server: MailServer, context: ssl.SSLContext | None) -> None:
    """Sign in, and leave. Raises Refused or TryAgain."""
    try:
        async with asyncio.timeout(COMMAND_SECONDS + QUIT_SECONDS), session(server, context):
            pass
    except SMTPResponseException as error:
        raise _answered(error, left=False) from error
    except (SMTPException, OSError) as error:
        raise _lost(error, left=False) from error


@contextlib.asynccontextmanager
async def session(server: MailServer, context: ssl.SSLContext | None) -> AsyncIterator[SMTP]:
    """A connection, encrypted as the settings want it and signed in if the server knows users at all."""
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls == "yes",
        start_tls=server.tls == "starttls",
        tls_context=context,
        local_hostname="localhost",  # what machines are called inside is nobody's business, and some servers refuse it
        timeout=COMMAND_SECONDS,
    )
    try:
        await client.connect()
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()
        if client.supports_extension("auth"):
            await _sign_in(client, server)
        yield client
    finally:
        await _leave(client)


async def _sign_in(client: SMTP, server: MailServer) -> None:
    if not server.bearer:
        await client.login(server.user, server.password)
        return
    bearer = Bearer(server, client.server_auth_methods)
    command = [b"AUTH", bearer.mechanism.encode()]
    # a longer one waits until it is asked for (RFC 4954, section 4)
    if len(b" ".join([*command, b64encode(bearer.first)])) <= LINE_BYTES:
        command.append(b64encode(bearer.answer(b"")))
    answer = await client.execute_command(*command)
    while answer.code == SMTPStatus.auth_continue:
        if bearer.error:
            raise SMTPAuthenticationError(answer.code, "the server does not end signing in")
        answer = await client.execute_command(b64encode(bearer.answer(answer.message.encode())))
    if answer.code != SMTPStatus.auth_successful:
        raise SMTPAuthenticationError(answer.code, answer.message)


async def _leave(client: SMTP) -> None:
    if client.is_connected:
        with contextlib.suppress(SMTPException, OSError, TimeoutError):
            await client.quit(timeout=QUIT_SECONDS)
    client.close()


async def _envelope(client: SMTP, letter: Letter) -> None:
    """Say who writes to whom. One recipient refused, and nobody gets it: whoever sent it learns which one it is."""
    size = client.esmtp_extensions.get("size", "")
    if size.isdigit() and 0 < int(size) < len(letter.content):
        raise Refused(failure("too_long", words=f"the mail has {len(letter.content)} bytes, the server takes {size}"))
    options = [f"SIZE={len(letter.content)}"] if client.supports_extension("size") else []
    if letter.utf8:
        if not client.supports_extension("smtputf8"):
            named = next(address for address in letter.recipients if not address.isascii())
            raise Refused(failure("other_letters", words=f"{named}: the mail server does not offer SMTPUTF8"))
        options += ["BODY=8BITMIME", "SMTPUTF8"]  # whoever offers the one has the other (RFC 6531, 3.1)
    encoding = "utf-8" if letter.utf8 else "ascii"
    await client.mail(letter.sender, options=options, encoding=encoding)
    for recipient in letter.recipients:
        await client.rcpt(recipient, encoding=encoding)


# ---------------------------------------------------------------- what answers mean


def _answered(error: SMTPResponseException, left: bool) -> SendError:
    """A server's refusal: for good (5xx) or for now (4xx)."""
    words = _words(error)
    if not 400 <= error.code < 600:  # no answer of SMTP's
        found = failure("provider_down", error.code, words)
        return Uncertain(found) if left else TryAgain(found)
    if error.code < 500 or isinstance(error, SMTPConnectResponseError):
        busy = re.search(r"\b4\.7\.|\brate\b|too many|throttl", words, re.I) is not None
        return TryAgain(failure("rate" if busy else "provider_down", error.code, words))
    if isinstance(error, SMTPAuthenticationError):
        return Refused(failure("token", error.code, words))
    why = reason(error.code, words)
    if isinstance(error, SMTPSenderRefused) and why != "too_long":
        why = "permission"
    return Refused(failure(why, error.code, words))


def _words(error: SMTPResponseException) -> str:
    if isinstance(error, SMTPRecipientRefused):
        return f"{error.recipient}: {error.message}"
    return error.message


def _lost(error: Exception, left: bool) -> SendError:
    """No answer at all."""
    cause = type(error.__cause__).__name__ if error.__cause__ is not None else ""
    found = failure("provider_down", words=f"{type(error).__name__}: {error} {cause}")
    if left:
        return Uncertain(found)
    if isinstance(error, SMTPException) and not isinstance(error, OSError):
        return Refused(failure("permission", words=str(error)))  # no STARTTLS, no way to sign in: the settings
    return TryAgain(found)
